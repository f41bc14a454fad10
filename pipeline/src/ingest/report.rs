//! What an ingest did, per input, and how far it is. Showing it to people is not here.

use std::collections::BTreeMap;

use crate::ingest::error::IngestError;

/// What an ingest did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IngestReport {
    /// One for each input, in the order they were read.
    pub files: Vec<FileReport>,
}

/// What became of one input. Rows = kept + quarantined.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileReport {
    /// Its name, as in the quarantine.
    pub file: String,
    /// Lines read, blank ones and headers included.
    pub lines: u64,
    /// Rows read: neither blank lines nor headers.
    pub rows: u64,
    /// Rows written to raw Parquet.
    pub kept: u64,
    /// Rows written to the quarantine.
    pub quarantined: u64,
    /// Bytes read, as stored (compressed if it is).
    pub bytes: u64,
    /// Local days that received rows; 0 for tables that are not partitioned by day.
    pub days: u64,
    /// Kind of problem → how many rows have it. A row with two problems counts for both.
    pub reasons: BTreeMap<String, u64>,
}

/// How far an ingest is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress<'a> {
    /// The input being read.
    pub file: &'a str,
    /// Its bytes read so far, as stored.
    pub bytes: u64,
    /// Its size, where known.
    pub bytes_total: Option<u64>,
    /// Its rows so far.
    pub rows: u64,
}

impl IngestReport {
    /// Rows of all inputs.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.files.iter().map(|file| file.rows).sum()
    }

    /// Rows written to raw Parquet.
    #[must_use]
    pub fn kept(&self) -> u64 {
        self.files.iter().map(|file| file.kept).sum()
    }

    /// Rows written to the quarantine.
    #[must_use]
    pub fn quarantined(&self) -> u64 {
        self.files.iter().map(|file| file.quarantined).sum()
    }

    /// Inputs without a row, which deserve a warning. What was kept of them before is left in place.
    pub fn empty_files(&self) -> impl Iterator<Item = &str> {
        self.files.iter().filter(|file| file.rows == 0).map(|file| file.file.as_str())
    }

    /// Inputs with rows of which none could be kept, which deserve a warning. What was kept of them before is left in place.
    pub fn refused_files(&self) -> impl Iterator<Item = &FileReport> {
        self.files.iter().filter(|file| file.rows > 0 && file.kept == 0)
    }

    /// Whether, if there are rows, any was kept.
    ///
    /// # Errors
    /// When none was, with the most frequent reason.
    pub fn check_kept(&self) -> Result<(), IngestError> {
        match self.top_reason() {
            Some((reason, count)) if self.kept() == 0 => {
                Err(IngestError::NothingKept { rows: self.rows(), count, reason: reason.to_owned() })
            }
            _ => Ok(()),
        }
    }

    /// The most frequent kind of problem in all inputs.
    fn top_reason(&self) -> Option<(&str, u64)> {
        let mut reasons = BTreeMap::<&str, u64>::new();
        for (reason, rows) in self.files.iter().flat_map(|file| &file.reasons) {
            *reasons.entry(reason).or_default() += rows;
        }
        // Of equally frequent ones the first.
        reasons.into_iter().rev().max_by_key(|(_, rows)| *rows)
    }
}

impl FileReport {
    /// The most frequent kinds of problems, most frequent first, at most `count`.
    #[must_use]
    pub fn top_reasons(&self, count: usize) -> Vec<(&str, u64)> {
        let mut reasons: Vec<_> = self.reasons.iter().map(|(reason, rows)| (reason.as_str(), *rows)).collect();
        reasons.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
        reasons.truncate(count);
        reasons
    }
}
