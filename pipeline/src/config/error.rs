//! What can be wrong with a configuration, and what to do about it.

use std::path::PathBuf;

use thiserror::Error;

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
    #[error("`{}` is not a valid configuration: {message}{}", path.display(), nearest.as_ref().map(|n| format!("did you mean `{n}`?")).unwrap_or_default())]
    Parse {
        /// The file.
        path: PathBuf,
        /// The parser's words, with line and column.
        message: String,
        /// The known key that is most like the unknown one.
        nearest: Option<String>,
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
    #[error("`{key}` names the unknown {what} `{name}`; did you mean `{nearest}`?")]
    Unknown {
        /// Path of the key.
        key: String,
        /// `table` or `column`.
        what: &'static str,
        /// What was written.
        name: String,
        /// The known name that is most like it.
        nearest: String,
    },
    /// Nothing to work on.
    #[error("no `[sources.…]` is configured; name at least one raw table, e.g. `[sources.access_log]` with `path = \"raw/access_log\"`")]
    NoSources,
}

impl ConfigError {
    /// From TOML's error, with the nearest known key where a key is unknown.
    pub(super) fn parse(path: PathBuf, error: &toml::de::Error) -> Self {
        let nearest = nearest_key(error.message());
        Self::Parse { path, message: error.to_string(), nearest }
    }
}

/// The known key most like the unknown one, read from serde's "unknown field `x`, expected one of `a`, `b`".
fn nearest_key(message: &str) -> Option<String> {
    let rest = message.strip_prefix("unknown field ")?;
    let mut quoted = rest.split('`').skip(1).step_by(2);
    let unknown = quoted.next()?;
    nearest(unknown, quoted)
}

/// The candidate most like `name`.
pub(super) fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<String> {
    candidates
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate.to_owned())
}

#[cfg(test)]
mod tests {
    use super::nearest_key;

    #[test]
    fn names_the_nearest_known_key() {
        let message = "unknown field `timezon`, expected one of `timezone`, `week_start`, `watermark`";
        assert_eq!(nearest_key(message).as_deref(), Some("timezone"));
        assert_eq!(nearest_key("invalid type: string"), None);
    }
}
