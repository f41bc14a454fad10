//! What can be wrong with a configuration, and what to do about it.

use std::path::PathBuf;

use hachi_snapshot::KeyError;
use thiserror::Error;

use crate::domain::nearest::did_you_mean;

/// A configuration that can't be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file can't be read.
    #[error("failed to read `{}`: {source}; write one with `hachi init`, or name one with `--config`", path.display())]
    Read {
        /// The file asked for.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Not TOML, or a key or type that the schema lacks.
    #[error("`{}` is not a valid configuration: {message}{hint}", path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// The parser's words, with line and column.
        message: String,
        /// The known key that is most like the unknown one.
        hint: String,
    },
    /// A value that is out of its range.
    #[error("`{key}` is `{value}`, expected {expected}")]
    Value {
        /// Path of the key, e.g. `site.timezone`.
        key: String,
        /// What was written.
        value: String,
        /// What may be written.
        expected: String,
    },
    /// A table or column that hachi does not know.
    #[error("`{key}` names the unknown {what} `{name}`{hint}")]
    Unknown {
        /// Path of the key.
        key: String,
        /// `table` or `column`.
        what: &'static str,
        /// What was written.
        name: String,
        /// The known name that is most like it.
        hint: String,
    },
    /// The file of a key of encrypted files.
    #[error("the key `{id}` of `[encryption]` can't be used")]
    Key {
        /// Its name.
        id: String,
        /// Why.
        #[source]
        source: KeyError,
    },
    /// Nothing to work on.
    #[error("no `[sources.…]` is configured; name at least one raw table, e.g. `[sources.access_log]` with `path = \"raw/access_log\"`")]
    NoSources,
    /// Nothing to run by itself.
    #[error("no `[schedule.jobs.…]` is configured; name at least one job, e.g. `[schedule.jobs.nightly]` with `cron = \"30 3 * * *\"`")]
    NoJobs,
    /// A raw table that is asked for but has no place.
    #[error("`[sources.{table}]` is not configured; add it with the `path` that raw Parquet goes to")]
    NoSource {
        /// Canonical table name.
        table: &'static str,
    },
}

impl ConfigError {
    /// From TOML's error, with the nearest known key where a key is unknown.
    pub(super) fn parse(path: PathBuf, error: &toml::de::Error) -> Self {
        Self::Parse { path, message: error.to_string().trim_end().to_owned(), hint: key_hint(error.message()) }
    }
}

/// The known key most like the unknown one, read from serde's "unknown field `x`, expected one of `a`, `b`".
fn key_hint(message: &str) -> String {
    let mut quoted = message.strip_prefix("unknown field ").unwrap_or_default().split('`').skip(1).step_by(2);
    quoted.next().map(|unknown| did_you_mean(unknown, quoted)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::key_hint;

    #[test]
    fn names_the_nearest_known_key() {
        let message = "unknown field `timezon`, expected one of `timezone`, `week_start`, `watermark`";
        assert_eq!(key_hint(message), "; did you mean `timezone`?");
        assert_eq!(key_hint("invalid type: string"), "");
    }
}
