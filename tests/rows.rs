//! What became of rows: a small site is filled, run, and asked what it kept, what it rejected and why.

use std::fs::File;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray};
use parquet::arrow::ArrowWriter;

use crate::site::Site;

/// The moment of a small site's runs; its rows are of the days before.
pub const AS_OF: &str = "2026-03-03";

/// A site that has ratings only.
pub const RATINGS: &str = "[sources.ratings]\npath = \"raw/ratings\"\n";

/// Noon of 1 March 2026, in microseconds.
pub const NOON_US: i64 = 1_772_366_400_000_000;

/// Ingests `content` as a file of that name; the report.
pub fn ingest(site: &Site, table: &str, name: &str, content: impl AsRef<[u8]>) -> serde_json::Value {
    site.write(name, content);
    let report = site.hachi(&["ingest", table, name, "--json"]).ok().json();
    let count = |field: &str| report[field].as_u64().expect("a count");
    assert_eq!(count("rows"), count("kept") + count("quarantined"), "{report}");
    report
}

/// Runs the site and asserts that every row of every source is kept or rejected, and every rejected one has a reason.
pub fn run(site: &Site) {
    site.hachi(&["run", "--as-of", AS_OF]).ok();
    let sources = site.query("select * from source_rows");
    let of = |source: &serde_json::Value, field: &str| source[field].as_u64().expect("a number of rows");
    for source in &sources {
        assert_eq!(of(source, "rows_read"), of(source, "rows_kept") + of(source, "rows_rejected"), "{source}");
    }
    let rejected: u64 = sources.iter().map(|source| of(source, "rows_rejected")).sum();
    assert_eq!(site.column("select count(*) from rejects where reason is not null"), [rejected.to_string()]);
}

/// Rows of a source: read, kept.
#[track_caller]
pub fn assert_rows(site: &Site, source: &str, read: u64, kept: u64) {
    let rows = site.query(&format!("select rows_read, rows_kept from source_rows where source = '{source}'"));
    assert_eq!(rows, [serde_json::json!({"rows_read": read, "rows_kept": kept})], "{:?}", reasons(site));
}

/// Why rows were rejected, in the order of the rows.
pub fn reasons(site: &Site) -> Vec<String> {
    site.column("select reason from rejects order by source, source_file, source_row")
}

/// A column of text.
pub fn texts<const N: usize>(values: [Option<&str>; N]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

/// A column of times, seconds after [`NOON_US`].
pub fn times(count: i64) -> ArrayRef {
    let times: TimestampMicrosecondArray = (0..count).map(|second| Some(NOON_US + second * 1_000_000)).collect();
    Arc::new(times.with_timezone("UTC"))
}

/// Writes a Parquet file of these columns.
pub fn parquet(site: &Site, path: &str, columns: Vec<(&str, ArrayRef)>) {
    site.write(path, "");
    let batch = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)))
        .expect("columns of one length");
    let file = File::create(site.path(path)).expect("a writable file");
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).expect("a Parquet writer");
    writer.write(&batch).expect("writable rows");
    writer.close().expect("a writable file");
}
