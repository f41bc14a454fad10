//! Files that can't be used: exit code 4, a message with the file and a remedy, and nothing half done.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::programs::assert_holds;
use crate::rows::{AS_OF, RATINGS, assert_rows, ingest, parquet, run, texts, times};
use crate::site::Site;

const HEADER: &str = "user_id,course_id,rating,ts\n";
const ROW: &str = "ana,c1,4,2026-03-01T12:00:00Z\n";

fn csv() -> String {
    format!("{HEADER}{ROW}")
}

/// What `hachi ingest ratings FILE` says when it refuses, leaving nothing behind.
fn refused(site: &Site, file: &str) -> String {
    let message = site.hachi(&["ingest", "ratings", file]).failed(4);
    let raw = site.path("raw/ratings");
    let left: Vec<_> = if raw.is_dir() { crate::files::below(&raw) } else { Vec::new() };
    assert!(left.iter().all(|path| path.extension().is_none_or(|extension| extension != "parquet")), "{left:?}");
    message
}

/// What `hachi run` says when it refuses.
fn not_run(site: &Site) -> String {
    let message = site.hachi(&["run", "--as-of", AS_OF]).failed(4);
    assert!(!site.lake().join("manifests").exists(), "something was published");
    message
}

#[test]
fn a_missing_file() {
    let site = Site::new(RATINGS);
    assert_holds(&refused(&site, "none.csv"), &["failed to open `none.csv`", "No such file"]);
}

#[test]
fn an_empty_file() {
    let site = Site::new(RATINGS);
    for (name, content) in [("empty.csv", ""), ("blank.csv", "\n\n"), ("header.csv", HEADER)] {
        site.write(name, content);
        assert_holds(&refused(&site, name), &[name, "has no rows; check that it is the right file"]);
    }
}

#[test]
fn an_empty_folder() {
    let site = Site::new(RATINGS);
    std::fs::create_dir_all(site.path("exports")).expect("a writable folder");
    assert_holds(&refused(&site, "exports"), &["there is nothing to read in `exports`", "name a file"]);
}

#[test]
fn a_truncated_gzip() {
    let site = Site::new(RATINGS);
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(HEADER.as_bytes()).expect("into memory");
    (0..500).for_each(|row| encoder.write_all(format!("m{row},c1,4,2026-03-01T12:00:00Z\n").as_bytes()).expect("into memory"));
    let whole = encoder.finish().expect("into memory");
    site.write("ratings.csv.gz", &whole[..whole.len() / 2]);
    assert_holds(&refused(&site, "ratings.csv.gz"), &["failed to read `ratings.csv.gz`", "it may be cut short"]);
}

#[test]
fn a_truncated_zstd() {
    let site = Site::new(RATINGS);
    let whole = zstd::encode_all(csv().repeat(500).as_bytes(), 1).expect("into memory");
    site.write("ratings.csv.zst", &whole[..whole.len() / 2]);
    assert_holds(&refused(&site, "ratings.csv.zst"), &["failed to read `ratings.csv.zst`", "it may be cut short"]);
}

#[test]
fn a_header_without_a_column_that_is_mapped() {
    let site = Site::new(&format!("{RATINGS}[sources.ratings.columns]\nuser_id = \"uid\"\n"));
    site.write("ratings.csv", csv().replace("user_id", "user"));
    assert_holds(&refused(&site, "ratings.csv"), &["`ratings.csv` has no column `uid` for `user_id`", "it has", "`course_id`"]);
}

#[test]
fn a_header_without_a_column_that_is_needed() {
    let site = Site::new(RATINGS);
    site.write("ratings.csv", "user_id,course_id,raitng,ts\nana,c1,4,2026-03-01T12:00:00Z\n");
    assert_holds(&refused(&site, "ratings.csv"), &["no column `rating`", "`raitng`", "columns.rating"]);
}

#[test]
fn words_that_are_no_table() {
    let site = Site::new(RATINGS);
    site.write("LICENSE", "Permission is hereby granted\nto nobody\n");
    assert_holds(&refused(&site, "LICENSE"), &["the format of `LICENSE` can't be told", "`combined`"]);
    site.write("ratings.json", "[\n{}\n]\n");
    assert_holds(&refused(&site, "ratings.json"), &["`ratings.json` is a JSON array", "jq -c"]);
}

#[test]
fn a_failed_ingest_keeps_what_was_there() {
    let site = Site::new(RATINGS);
    ingest(&site, "ratings", "good.csv", csv());
    let before = crate::files::tree(&site.path("raw"));
    site.write("bad.csv", "user_id,course_id\nana,c1\n");
    site.hachi(&["ingest", "ratings", "bad.csv"]).failed(4);
    let mut after = crate::files::tree(&site.path("raw"));
    after.retain(|path, _| before.contains_key(path) || path.extension().is_some_and(|extension| extension == "parquet"));
    assert_eq!(after, before);
    run(&site);
    assert_rows(&site, "ratings", 1, 1);
}

#[test]
fn a_source_that_is_not_there() {
    let site = Site::new(RATINGS);
    assert_holds(&not_run(&site), &["`sources.ratings.path`", "which does not exist", "`hachi ingest ratings FILE…`"]);
}

#[test]
fn a_source_without_files() {
    let site = Site::new(RATINGS);
    site.write("raw/ratings/readme.txt", "nothing yet");
    assert_holds(&not_run(&site), &["`sources.ratings.path`", "holds no `.parquet` file", "`hachi ingest ratings FILE…`"]);
}

#[test]
fn parquet_of_no_bytes() {
    let site = Site::new(RATINGS);
    site.write("raw/ratings/part-0.parquet", "");
    assert_holds(&not_run(&site), &["part-0.parquet", "it is empty (0 bytes)", "move it out of the folder"]);
}

#[test]
fn parquet_that_is_none() {
    let site = Site::new(RATINGS);
    site.write("raw/ratings/part-0.parquet", csv().repeat(50));
    assert_holds(&not_run(&site), &["part-0.parquet", "is not a complete Parquet file"]);
}

#[test]
fn parquet_that_is_cut_short() {
    let site = Site::new(RATINGS);
    parquet(&site, "raw/ratings/part-0.parquet", vec![("user_id", texts([Some("ana")])), ("ts", times(1))]);
    let whole = std::fs::read(site.path("raw/ratings/part-0.parquet")).expect("just written");
    for length in [3, 4, 8, whole.len() / 2, whole.len() - 1] {
        site.write("raw/ratings/part-0.parquet", &whole[..length]);
        assert_holds(&not_run(&site), &["part-0.parquet", "is not a complete Parquet file"]);
    }
}

#[test]
fn parquet_with_any_bytes_changed() {
    let site = Site::new(RATINGS);
    let columns = || {
        let text = |value| texts([Some(value)]);
        vec![("user_id", text("ana")), ("course_id", text("c1")), ("rating", text("4")), ("ts", times(1))]
    };
    parquet(&site, "raw/ratings/part-0.parquet", columns());
    let whole = std::fs::read(site.path("raw/ratings/part-0.parquet")).expect("just written");
    for position in (0..whole.len()).step_by(whole.len() / 16) {
        let mut bytes = whole.clone();
        bytes[position..].iter_mut().take(8).for_each(|byte| *byte ^= 0xa5);
        site.write("raw/ratings/part-0.parquet", bytes);
        let said = site.hachi(&["run", "--as-of", AS_OF]);
        assert!(matches!(said.code, Some(0 | 4)) && !said.stderr.contains("panicked"), "byte {position}: {said:?}");
    }
}

#[test]
fn parquet_without_a_column_that_is_needed() {
    let site = Site::new(RATINGS);
    let columns = vec![("user_id", texts([Some("ana")])), ("course_id", texts([Some("c1")])), ("ts", times(1))];
    parquet(&site, "raw/ratings/part-0.parquet", columns);
    let message = not_run(&site);
    assert_holds(&message, &["part-0.parquet", "has no column `rating`, which `ratings` needs", "it has `user_id`, `course_id`, `ts`"]);
    assert_holds(&message, &["map it with `sources.ratings.columns.rating = \"…\"`"]);
}

#[test]
fn parquet_with_a_column_of_a_wrong_type() {
    let site = Site::new(RATINGS);
    let columns = vec![("user_id", texts([Some("ana")])), ("course_id", texts([Some("c1")])), ("rating", times(1)), ("ts", times(1))];
    parquet(&site, "raw/ratings/part-0.parquet", columns);
    assert_holds(&not_run(&site), &["column `rating` of", "part-0.parquet", "is Timestamp", "expected a number"]);
}

#[test]
fn no_row_with_a_usable_time() {
    let site = Site::new(RATINGS);
    ingest(&site, "ratings", "ratings.csv", csv().replace("2026", "2036"));
    assert_holds(&not_run(&site), &["no row with a time up to `as_of`", "[sources]"]);
}
