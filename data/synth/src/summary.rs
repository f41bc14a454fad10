//! What a generation reports: progress while it runs, and sizes and truth at the end.

use crate::Truth;

/// How far a generation has come; reported after each day that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Days written so far.
    pub days_done: u32,
    /// Days to write.
    pub days: u32,
    /// Access-log rows written so far.
    pub log_rows: u64,
}

/// What was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// One entry a table, by name.
    pub tables: Vec<TableSummary>,
    /// How the access log is made up.
    pub log: LogCounts,
    /// What is true of the community by construction.
    pub truth: Truth,
}

/// The size of one table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableSummary {
    /// The table's folder.
    pub name: &'static str,
    /// Rows in all its files.
    pub rows: u64,
    /// Parquet files.
    pub files: u64,
    /// Bytes of these files.
    pub bytes: u64,
}

/// How the access log is made up; the kinds overlap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogCounts {
    /// All rows.
    pub rows: u64,
    /// Rows with a `user_id`.
    pub member_rows: u64,
    /// Rows without a `user_id` by people who look around.
    pub guest_rows: u64,
    /// Rows by crawlers.
    pub crawler_rows: u64,
    /// Rows by monitors: `/health` and `HEAD /`.
    pub probe_rows: u64,
    /// Rows of static assets.
    pub asset_rows: u64,
    /// Rows that repeat another row in every column.
    pub duplicate_rows: u64,
    /// Rows whose local day is one or two days before that of their partition.
    pub late_rows: u64,
}

impl std::ops::AddAssign for LogCounts {
    fn add_assign(&mut self, other: Self) {
        self.rows += other.rows;
        self.member_rows += other.member_rows;
        self.guest_rows += other.guest_rows;
        self.crawler_rows += other.crawler_rows;
        self.probe_rows += other.probe_rows;
        self.asset_rows += other.asset_rows;
        self.duplicate_rows += other.duplicate_rows;
        self.late_rows += other.late_rows;
    }
}
