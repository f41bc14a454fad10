//! What a published snapshot says of itself: its tables, files and hashes. Pure data: reading and writing it is `lake` and `commit`.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use object_store::path::Path;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The version this program writes, `major.minor`: readers tolerate newer minors and refuse newer majors.
pub const FORMAT_VERSION: &str = "1.4";

const SUPPORTED_MAJOR: u32 = 1;

/// One snapshot. Once committed, neither it nor any file it names is ever modified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of this format, `major.minor`.
    pub format_version: String,
    /// Place in the lake's history, from 1; assigned by the commit.
    pub number: u64,
    /// Names the run that wrote the files, and decides whether a manifest read back is one's own.
    pub run_id: String,
    /// The moment the snapshot describes.
    pub as_of: DateTime<Utc>,
    /// Last local day that landed whole; none without any data.
    pub watermark: Option<NaiveDate>,
    /// Program and version that committed it.
    pub committed_by: String,
    /// Number of the snapshot before it, on top of which alone it is committed.
    pub parent: Option<u64>,
    /// Number of the snapshot whose files it names again, where it takes readers back to that one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rolled_back_to: Option<u64>,
    /// What was read.
    pub inputs: Vec<Input>,
    /// What decides the content besides the inputs.
    pub hashes: Hashes,
    /// What was published for analysts.
    pub tables: Vec<Table>,
    /// What is kept for the next run and for nobody else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub state: Vec<Table>,
    /// Which raw files were read, and what each of their days held: what the next run compares with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sources: Option<FileEntry>,
    /// The sidecar's files.
    pub serve: Vec<FileEntry>,
    /// What was checked before publication.
    pub checks: Vec<Check>,
    /// Hash of the last entry of the audit log before the commit, by which a log that was cut off is noticed; filled in by the commit,
    /// none where nothing was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<String>,
    /// The oldest number that a collection after this snapshot may keep; filled in by the commit, in lakes with a home alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keeps_from: Option<u64>,
    /// SHA-256 (hex) over the tables' content hashes; filled in by the commit. Equal for equal content, whatever the run id.
    pub content_hash: String,
    /// SHA-256 (hex) of the manifest's own JSON with this field empty; filled in by the commit.
    pub manifest_hash: String,
}

/// One source that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// Name of the raw table.
    pub source: String,
    /// Files read.
    pub files: u64,
    /// Rows read.
    pub rows: u64,
}

/// SHA-256 hashes (hex) of what, besides the inputs, decides the content.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hashes {
    /// The program.
    pub code: String,
    /// The SQL models.
    pub sql: String,
    /// The configuration.
    pub config: String,
    /// Fingerprint of the pseudonym key; empty where no pseudonyms are published.
    #[serde(default)]
    pub key: String,
    /// Fingerprint of the list of erased members; empty in snapshots that do not say.
    #[serde(default)]
    pub erased: String,
}

impl Hashes {
    /// Whether pseudonyms made with a key of this fingerprint name the same members.
    pub fn fits_key(&self, fingerprint: &str) -> bool {
        self.key.is_empty() || self.key == fingerprint
    }
}

/// One published table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Its name, which is its model's file name.
    pub name: String,
    /// One sentence.
    pub description: String,
    /// Columns that identify a row; empty for a bag.
    pub grain: Vec<String>,
    /// All columns, in order.
    pub columns: Vec<Column>,
    /// Rows over all files.
    pub rows: u64,
    /// SHA-256 (hex) of the logical content, which doesn't depend on the file encoding.
    pub content_hash: String,
    /// SHA-256 (hex) of what it was made from and how: equal means that making it again gives the same. Empty: not known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub made_from: String,
    /// Its Parquet files; of a table that is built by day, in the order of their days.
    pub files: Vec<FileEntry>,
}

/// One column of a published table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its logical type, as written by the engine.
    #[serde(rename = "type")]
    pub data_type: String,
    /// Meaning and unit.
    pub description: String,
}

/// One immutable file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Place in the lake: relative, separated by `/`, without `.` or `..`.
    pub path: String,
    /// Rows, where the file is a table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 (hex) of the bytes.
    pub sha256: String,
    /// The days of its rows, where the file is a part of a table that is built by day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<Part>,
    /// Id of the key without which nobody reads it; none where it lies there as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// What a file holds of a table that is built by day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// First local day of its rows; none for the file of the rows without a day.
    pub first: Option<NaiveDate>,
    /// Last local day of its rows.
    pub last: Option<NaiveDate>,
    /// Sum of the rows' hashes (hex), which the table's content hash is made of.
    pub row_sum: String,
}

impl FileEntry {
    /// The same file, known to hold `rows` rows.
    pub fn with_rows(self, rows: u64) -> Self {
        Self { rows: Some(rows), ..self }
    }
}

/// The outcome of one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The table checked.
    pub model: String,
    /// What was checked.
    pub check: String,
    /// Whether it held.
    pub passed: bool,
    /// What it means that it didn't hold.
    #[serde(default)]
    pub severity: Severity,
    /// Rows that break it; 0 where it held or is not about rows.
    #[serde(default)]
    pub failing_rows: u64,
    /// What was found, for a person.
    pub detail: String,
}

/// What a check that doesn't hold means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing is published.
    #[default]
    Error,
    /// It is told.
    Warn,
}

/// Why bytes are not a manifest that this program can trust.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// Not JSON of this shape: usually torn by a crash.
    #[error("not a complete manifest: {0}")]
    Malformed(String),
    /// Written by a newer program.
    #[error("`format_version` is `{found}`, but this program reads up to `{FORMAT_VERSION}`; upgrade hachi")]
    NewerFormat {
        /// The version found.
        found: String,
    },
    /// The bytes were changed after they were written.
    #[error("the manifest's own hash is `{stated}`, but its bytes hash to `{computed}`")]
    Hash {
        /// What the manifest says.
        stated: String,
        /// What its bytes say.
        computed: String,
    },
    /// A manifest under another's name.
    #[error("the manifest says it is number {stated}, but its file is number {file}")]
    Number {
        /// What the manifest says.
        stated: u64,
        /// What the file name says.
        file: u64,
    },
    /// A file outside the lake.
    #[error("`{path}` is not a path inside the lake: it must be relative, without `.`, `..` or empty parts")]
    Path {
        /// The path found.
        path: String,
    },
}

impl Manifest {
    /// A draft without tables; the commit fills in the number and the hashes.
    pub fn draft(run_id: impl Into<String>, as_of: DateTime<Utc>, committed_by: impl Into<String>) -> Self {
        Self {
            format_version: FORMAT_VERSION.to_owned(),
            number: 0,
            run_id: run_id.into(),
            as_of,
            watermark: None,
            committed_by: committed_by.into(),
            parent: None,
            rolled_back_to: None,
            inputs: Vec::new(),
            hashes: Hashes::default(),
            tables: Vec::new(),
            state: Vec::new(),
            sources: None,
            serve: Vec::new(),
            checks: Vec::new(),
            audit: None,
            keeps_from: None,
            content_hash: String::new(),
            manifest_hash: String::new(),
        }
    }

    /// A draft that names the files of this snapshot again, on top of the snapshot `parent`.
    pub fn again(self, run_id: impl Into<String>, parent: u64, committed_by: impl Into<String>) -> Self {
        Self {
            format_version: FORMAT_VERSION.to_owned(),
            run_id: run_id.into(),
            committed_by: committed_by.into(),
            parent: Some(parent),
            rolled_back_to: Some(self.number),
            ..self
        }
    }

    /// Every file the snapshot names: the tables' in order, then what is kept for the next run, then the sidecar's.
    pub fn files(&self) -> impl Iterator<Item = &FileEntry> {
        self.tables.iter().chain(&self.state).flat_map(|table| &table.files).chain(&self.sources).chain(&self.serve)
    }

    /// Ids of the keys without which not all of its files can be read.
    pub fn keys(&self) -> BTreeSet<&str> {
        self.files().filter_map(|file| file.key.as_deref()).collect()
    }

    /// A table by its name, published or kept.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().chain(&self.state).find(|table| table.name == name)
    }

    /// Reads a manifest and checks its version, its own hash and its paths.
    pub fn from_json(json: &[u8]) -> Result<Self, ManifestError> {
        check_version(json)?;
        let manifest: Self = serde_json::from_slice(json).map_err(malformed)?;
        let computed = own_hash(json, &manifest.manifest_hash);
        if computed != manifest.manifest_hash {
            return Err(ManifestError::Hash { stated: manifest.manifest_hash, computed });
        }
        manifest.check_paths()?;
        Ok(manifest)
    }

    /// Fills in both hashes and returns the manifest with its bytes.
    pub(crate) fn sealed(mut self) -> Result<(Self, Vec<u8>), ManifestError> {
        self.check_paths()?;
        self.content_hash = content_hash_of_tables(&self.tables);
        self.manifest_hash = String::new();
        self.manifest_hash = hex_sha256(&self.to_json()?);
        let json = self.to_json()?;
        Ok((self, json))
    }

    fn to_json(&self) -> Result<Vec<u8>, ManifestError> {
        let mut json = serde_json::to_vec_pretty(self).map_err(malformed)?;
        json.push(b'\n');
        Ok(json)
    }

    fn check_paths(&self) -> Result<(), ManifestError> {
        self.files().try_for_each(|file| lake_path(&file.path).map(|_| ()))
    }
}

/// SHA-256 (hex) over the sorted lines `table\0content_hash`: equal for equal logical content.
pub fn content_hash_of_tables(tables: &[Table]) -> String {
    let mut lines: Vec<String> = tables.iter().map(|table| format!("{}\0{}\n", table.name, table.content_hash)).collect();
    lines.sort_unstable();
    hex_sha256(lines.concat().as_bytes())
}

/// The store's form of a manifest's path, which can't lead outside the lake.
pub(crate) fn lake_path(path: &str) -> Result<Path, ManifestError> {
    let outside = || ManifestError::Path { path: path.to_owned() };
    let parsed = Path::parse(path).map_err(|_| outside())?;
    // `parse` strips leading and trailing slashes; a path written with them isn't ours.
    let ours = !path.is_empty() && parsed.as_ref() == path && !path.contains('\\');
    ours.then_some(parsed).ok_or_else(outside)
}

pub(crate) fn hex_sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn malformed(error: serde_json::Error) -> ManifestError {
    ManifestError::Malformed(error.to_string())
}

/// Only the version, so that a newer format is told apart from a torn file.
#[derive(Deserialize)]
struct Version {
    format_version: String,
}

fn check_version(json: &[u8]) -> Result<(), ManifestError> {
    let found = serde_json::from_slice::<Version>(json).map_err(malformed)?.format_version;
    let major = found.split_once('.').and_then(|(major, _)| major.parse::<u32>().ok());
    match major {
        Some(major) if major <= SUPPORTED_MAJOR => Ok(()),
        Some(_) => Err(ManifestError::NewerFormat { found }),
        None => Err(ManifestError::Malformed(format!("`format_version` is `{found}`, expected `major.minor`"))),
    }
}

/// The hash of the bytes with the stated hash cut out. Working on the bytes keeps fields of newer minors in the hash.
fn own_hash(json: &[u8], stated: &str) -> String {
    let quoted = format!("\"{stated}\"");
    let text = String::from_utf8_lossy(json);
    // The last one: `manifest_hash` is the last field.
    match text.rfind(&quoted) {
        Some(at) => {
            let rest = text.get(at + quoted.len()..).unwrap_or_default();
            hex_sha256([text.get(..at).unwrap_or_default(), "\"\"", rest].concat().as_bytes())
        }
        None => hex_sha256(json),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> Manifest {
        Manifest::draft("run-1", DateTime::UNIX_EPOCH, "hachi 0.1.0")
    }

    fn table(name: &str, content_hash: &str) -> Table {
        Table {
            name: name.to_owned(),
            description: "a table".to_owned(),
            grain: Vec::new(),
            columns: Vec::new(),
            rows: 0,
            content_hash: content_hash.to_owned(),
            made_from: String::new(),
            files: Vec::new(),
        }
    }

    #[test]
    fn reads_what_it_wrote() {
        let (sealed, json) = draft().sealed().unwrap();
        assert_eq!(Manifest::from_json(&json).unwrap(), sealed);
    }

    #[test]
    fn any_changed_byte_is_noticed() {
        let (_, json) = draft().sealed().unwrap();
        for at in 0..json.len() {
            let mut changed = json.clone();
            changed[at] ^= 0x01;
            assert!(Manifest::from_json(&changed).is_err(), "byte {at} changed unnoticed");
        }
    }

    #[test]
    fn tolerates_fields_of_a_newer_minor() {
        let (sealed, json) = draft().sealed().unwrap();
        let text = String::from_utf8(json).unwrap();
        let newer = text.replace(&sealed.manifest_hash, "").replace(&format!("\"{FORMAT_VERSION}\""), "\"1.7\",\n  \"mood\": \"good\"");
        let hash = hex_sha256(newer.as_bytes());
        let newer = newer.replace("\"manifest_hash\": \"\"", &format!("\"manifest_hash\": \"{hash}\""));
        assert_eq!(Manifest::from_json(newer.as_bytes()).unwrap().format_version, "1.7");
    }

    #[test]
    fn refuses_a_newer_major() {
        let error = Manifest::from_json(br#"{"format_version": "2.0"}"#).unwrap_err();
        assert_eq!(error, ManifestError::NewerFormat { found: "2.0".to_owned() });
    }

    #[test]
    fn content_hash_ignores_order_and_run() {
        let (a, b) = (table("a", "1"), table("b", "2"));
        assert_eq!(content_hash_of_tables(&[a.clone(), b.clone()]), content_hash_of_tables(&[b, a]));
        assert_ne!(content_hash_of_tables(&[table("a", "1")]), content_hash_of_tables(&[table("a", "2")]));
    }

    #[test]
    fn refuses_paths_that_lead_outside() {
        for path in ["/etc/passwd", "../x", "a/../../x", "a//b", "", "a/", "./a", "a\\b"] {
            assert!(lake_path(path).is_err(), "`{path}` was accepted");
        }
        assert!(lake_path("data/run-1/events/part-0.parquet").is_ok());
    }
}
