//! Where a run tells how it went, besides its lake. It is known even where the rest of the configuration is wrong, so that such a run
//! is told too.

use std::path::{Path, PathBuf};

use chrono_tz::Tz;
use serde::de::DeserializeOwned;

use super::ConfigError;
use super::file;
use super::resolve::{lake, timezone, value};
use crate::observability::LineageTarget;

/// The ending of files that the node exporter reads.
const METRICS_ENDING: &str = "prom";

/// Where a run tells how it went, besides its lake.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Observability {
    /// File for the textfile collector of Prometheus' node exporter.
    pub metrics_file: Option<PathBuf>,
    /// Where OpenLineage events go.
    pub lineage: Option<LineageTarget>,
}

/// What `written` means; relative paths start at `base`.
///
/// # Errors
/// When a file or address is none that can be written to.
pub fn observability(written: &file::Observability, base: &Path) -> Result<Observability, ConfigError> {
    let metrics_file = written.metrics_file.as_ref().map(|path| base.join(path));
    if let Some(path) = metrics_file.as_ref().filter(|path| path.extension().is_none_or(|ending| ending != METRICS_ENDING)) {
        let expected = format!("a file that ends in `.{METRICS_ENDING}`, as the node exporter reads no others");
        return Err(value("observability.metrics_file", path.display(), expected));
    }
    let lineage = written.openlineage.as_deref().map(|text| LineageTarget::parse(text).map_err(|expected| (text, expected)));
    // A secret in it is not repeated.
    let shown = |text: &str| text.rsplit_once('@').map_or_else(|| text.to_owned(), |(_, host)| format!("…@{host}"));
    let lineage = lineage.transpose().map_err(|(text, expected)| value("observability.openlineage", shown(text), expected))?;
    Ok(Observability { metrics_file, lineage })
}

/// What is needed to tell of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// Folder of the lake.
    pub lake: PathBuf,
    /// Time zone whose local days are counted.
    pub timezone: Tz,
    /// Where else.
    pub observability: Observability,
}

impl Places {
    /// Reads what can be read of the configuration in `path`: a section that is wrong is as if it were empty. None where nothing can.
    #[must_use]
    pub fn read(path: &Path) -> Option<Self> {
        let written: toml::Table = std::fs::read_to_string(path).ok()?.parse().ok()?;
        let base = super::resolve::base(path);
        let site: file::Site = section(&written, "site");
        Some(Self {
            lake: lake(&section(&written, "lake"), base),
            timezone: timezone("site.timezone", site.timezone.as_deref().unwrap_or("UTC")).unwrap_or_default(),
            observability: observability(&section(&written, "observability"), base).unwrap_or_default(),
        })
    }
}

fn section<T: DeserializeOwned + Default>(written: &toml::Table, name: &str) -> T {
    written.get(name).and_then(|section| section.clone().try_into().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(written: file::Observability) -> String {
        observability(&written, Path::new("site")).expect_err("refused").to_string()
    }

    #[test]
    fn places_are_checked_and_secrets_not_repeated() {
        let metrics = file::Observability { metrics_file: Some("m.txt".into()), openlineage: None };
        assert!(refused(metrics).contains("`observability.metrics_file` is `site/m.txt`, expected a file that ends in `.prom`"));
        let with = |url: &str| file::Observability { metrics_file: None, openlineage: Some(url.to_owned()) };
        let message = refused(with("http://me:secret@example.com"));
        assert!(message.contains("`…@example.com`") && !message.contains("secret"), "{message}");
        let found = observability(&with("file:///var/l.jsonl"), Path::new("site")).expect("fine");
        assert_eq!(found.lineage, Some(LineageTarget::File("/var/l.jsonl".into())));
    }

    #[test]
    fn places_are_known_where_the_rest_is_wrong() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("hachi.toml");
        let places = |text: &str| {
            std::fs::write(&path, text).expect("a writable file");
            Places::read(&path)
        };
        let found = places("[lake]\npath = \"mine\"\n[site]\ntimezone = 5\n[observability]\nmetrics_file = \"m.prom\"\n[typo]\n");
        let found = found.expect("readable");
        assert_eq!((found.lake, found.timezone), (folder.path().join("mine"), Tz::UTC));
        assert_eq!(found.observability.metrics_file, Some(folder.path().join("m.prom")));
        assert_eq!(places("[lake").map(|places| places.lake), None);
    }
}
