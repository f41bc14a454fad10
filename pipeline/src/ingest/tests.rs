//! The room as a whole: from files on disk to Parquet and quarantine, hostile inputs included.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{Int64Type, TimestampMicrosecondType};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use tempfile::TempDir;

use crate::domain::mapping::ColumnRule;
use crate::domain::raw_tables::{COLUMNS_CANONICAL, COLUMNS_KEY, RawTable};
use crate::domain::timestamps::TimeFormat;
use crate::ingest::{Delimiter, FileReport, Format, IngestError, IngestJob, IngestReport, Input, ingest};

const LINE: &str = r#"83.149.9.216 - - [17/May/2015:10:05:03 +0000] "GET /a HTTP/1.1" 200 5 "-" "Mozilla/5.0""#;
const HEADER: &str = "user_id,course_id,rating,ts\n";

/// A site's files and the raw folder beside them.
struct Site {
    folder: TempDir,
    job: IngestJob,
}

impl Site {
    fn new(table: RawTable, format: Format) -> Site {
        let folder = tempfile::tempdir().expect("a folder");
        let job = IngestJob {
            table,
            inputs: Vec::new(),
            format,
            rules: BTreeMap::new(),
            zone: chrono_tz::Europe::Berlin,
            output: folder.path().join("raw").join(table.name()),
            quarantine: folder.path().join("raw/quarantine"),
        };
        Site { folder, job }
    }

    fn file(mut self, name: &str, content: impl AsRef<[u8]>) -> Site {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, content).expect("a file");
        self.job.inputs.push(Input::File(path));
        self
    }

    fn rule(mut self, column: &str, name: &str, format: Option<TimeFormat>, scale: Option<f64>) -> Site {
        let rule = ColumnRule::From { name: name.to_owned(), format, scale };
        self.job.rules.insert(column.to_owned(), rule);
        self
    }

    fn ingest(&self) -> Result<IngestReport, IngestError> {
        ingest(&self.job, &|_| {})
    }

    /// The only input's report.
    fn report(&self) -> FileReport {
        let mut report = self.ingest().expect("an ingest");
        assert_eq!(report.files.len(), 1);
        report.files.remove(0)
    }

    fn counts(&self) -> (u64, u64) {
        let report = self.report();
        assert_eq!(report.rows, report.kept + report.quarantined);
        (report.kept, report.quarantined)
    }

    fn output_files(&self) -> Vec<String> {
        let mut files = below(&self.job.output);
        files.sort();
        files.iter().map(|path| path.strip_prefix(&self.job.output).expect("below").display().to_string()).collect()
    }

    fn rows(&self) -> usize {
        below(&self.job.output).iter().map(|path| read(path).num_rows()).sum()
    }

    /// Line and reason of what was quarantined.
    fn quarantined(&self) -> Vec<(i64, String)> {
        let mut rows = Vec::new();
        for path in below(&self.job.quarantine) {
            let batch = read(&path);
            let lines = batch.column_by_name("source_row").expect("a column").as_primitive::<Int64Type>().clone();
            let reasons = batch.column_by_name("reason").expect("a column").as_string::<i32>().clone();
            rows.extend(lines.values().iter().zip(reasons.iter()).map(|(line, reason)| (*line, reason.unwrap_or("").to_owned())));
        }
        rows
    }
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.flat_map(|path| if path.is_dir() { below(&path) } else { vec![path] }).collect()
}

fn read(path: &Path) -> RecordBatch {
    let file = File::open(path).expect("a file");
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet").build().expect("Parquet");
    let batches: Vec<_> = reader.map(|batch| batch.expect("rows")).collect();
    arrow::compute::concat_batches(&batches[0].schema(), &batches).expect("one schema")
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text).expect("into memory");
    encoder.finish().expect("into memory")
}

#[test]
fn access_logs_are_partitioned_by_local_day() {
    let late = LINE.replace("10:05:03", "22:30:00");
    let site = Site::new(RawTable::AccessLog, Format::Auto).file("access.log", format!("{LINE}\n\n{late}\r\n"));
    let report = site.report();
    assert_eq!((report.lines, report.rows, report.kept, report.days), (3, 2, 2, 2));
    let files = site.output_files();
    assert!(files[0].starts_with("event_date=2015-05-17/access-") && files[0].ends_with("-00000.parquet"), "{files:?}");
    assert!(files[1].starts_with("event_date=2015-05-18/access-"), "{files:?}");
    let batch = read(&site.job.output.join(&files[0]));
    assert_eq!(batch.schema().fields(), RawTable::AccessLog.schema().fields());
    assert_eq!(batch.column(0).as_primitive::<TimestampMicrosecondType>().value(0), 1_431_857_103_000_000);
}

#[test]
fn the_same_input_gives_the_same_bytes_and_no_duplicates() {
    let site = Site::new(RawTable::AccessLog, Format::Combined).file("access.log", format!("{LINE}\nbroken\n"));
    let contents = |site: &Site| {
        let paths = [below(&site.job.output), below(&site.job.quarantine)].concat();
        paths.iter().map(|path| (path.clone(), fs::read(path).expect("a file"))).collect::<Vec<_>>()
    };
    site.ingest().expect("an ingest");
    let first = contents(&site);
    site.ingest().expect("an ingest");
    assert_eq!(contents(&site), first);
    assert_eq!(first.len(), 2);
}

#[test]
fn a_changed_dump_replaces_its_earlier_rows_only() {
    let rows = format!("{HEADER}u,c,4,2024-05-01\n");
    let mut site = Site::new(RawTable::Ratings, Format::Auto).file("a/ratings.csv", &rows).file("b/other.csv", &rows);
    site.ingest().expect("an ingest");
    fs::write(site.folder.path().join("a/ratings.csv"), rows.replace("05-01", "05-03")).expect("a file");
    site.job.inputs.truncate(1);
    site.ingest().expect("an ingest");
    let days: Vec<_> = site.output_files().iter().map(|file| file[..27].to_owned()).collect();
    assert_eq!(days, ["event_date=2024-05-01/other", "event_date=2024-05-03/ratin"]);
}

/// Rows kept of a log of two lines, and then of `later` under `name`.
fn kept_after(name: &str, later: impl AsRef<[u8]>) -> usize {
    let mut site = Site::new(RawTable::AccessLog, Format::Combined).file("access.log", format!("{LINE}\n{LINE}\n"));
    site.ingest().expect("an ingest");
    site.job.inputs.clear();
    let site = site.file(name, later);
    site.ingest().expect("an ingest");
    site.rows()
}

#[test]
fn a_log_that_has_grown_or_rotated_replaces_its_earlier_rows() {
    let grown = format!("{LINE}\n{LINE}\n{LINE}\n");
    assert_eq!(kept_after("access.log", &grown), 3);
    assert_eq!(kept_after("access.log.1", &grown), 3);
    assert_eq!(kept_after("access.log.2.gz", gzip(grown.as_bytes())), 3);
}

#[test]
fn another_days_log_under_the_same_name_adds_rows() {
    let tomorrow = LINE.replace("17/May", "18/May");
    assert_eq!(kept_after("access.log", format!("{tomorrow}\n{tomorrow}\n")), 4);
    assert_eq!(kept_after("access.log", tomorrow), 3);
}

#[test]
fn two_dumps_of_one_name_are_refused() {
    let rows = format!("{HEADER}u,c,4,2024-05-01\n");
    let site = Site::new(RawTable::Ratings, Format::Auto).file("a/x.csv", &rows).file("b/x.csv", &rows);
    assert!(matches!(site.ingest(), Err(IngestError::SameName { .. })));
    let folder = Site { job: IngestJob { inputs: vec![Input::Folder(site.folder.path().to_owned())], ..site.job }, folder: site.folder };
    assert_eq!(folder.ingest().expect("an ingest").kept(), 2);
}

#[test]
fn one_log_given_twice_is_refused() {
    let site = Site::new(RawTable::AccessLog, Format::Combined).file("access.log", LINE).file("access.log.1", LINE);
    let error = site.ingest().expect_err("one log twice").to_string();
    assert!(error.contains("/access.log` and `") && error.contains("/access.log.1` begin with the same lines"), "{error}");
    assert_eq!(site.rows(), 0);
    let site = Site::new(RawTable::AccessLog, Format::Combined).file("web1/access.log", LINE).file("web2/access.log", LINE);
    let folder = Site { job: IngestJob { inputs: vec![Input::Folder(site.folder.path().to_owned())], ..site.job }, folder: site.folder };
    assert_eq!(folder.ingest().expect("an ingest").kept(), 2);
}

#[test]
fn logs_without_rows_may_be_alike() {
    let site = Site::new(RawTable::AccessLog, Format::Auto).file("access.log", "").file("access.log.1", "").file("access.log.2", LINE);
    assert_eq!(site.ingest().expect("an ingest").kept(), 1);
}

#[test]
fn raw_files_say_that_their_columns_are_canonical() {
    let site = Site::new(RawTable::Ratings, Format::Auto).file("r.csv", format!("{HEADER}u,c,4,2024-05-01\n"));
    site.ingest().expect("an ingest");
    let file = File::open(&below(&site.job.output)[0]).expect("a file");
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet");
    let entries = reader.metadata().file_metadata().key_value_metadata().expect("entries");
    let mark = entries.iter().find(|entry| entry.key == COLUMNS_KEY).and_then(|entry| entry.value.as_deref());
    assert_eq!(mark, Some(COLUMNS_CANONICAL));
}

#[test]
fn quoted_fields_may_span_lines() {
    let text = format!("{HEADER}u1,c1,4,\"2024-05-01\"\n\"u\n2\",\"c,2\",5,2024-05-01T10:00:00Z\n");
    let site = Site::new(RawTable::Ratings, Format::Auto).file("r.csv", text);
    assert_eq!(site.counts(), (2, 0));
    let batch = read(&site.job.output.join(&site.output_files()[0]));
    assert_eq!(batch.column(0).as_string::<i32>().value(1), "u\n2");
}

#[test]
fn a_quote_that_never_closes_costs_one_row() {
    let text = format!("{HEADER}u1,\"c1,4,2024-05-01\nu2,c2,5,2024-05-01\nu3,c3,5,2024-05-01\n");
    let site = Site::new(RawTable::Ratings, Format::Auto).file("r.csv", text);
    assert_eq!(site.counts(), (2, 1));
    assert_eq!(site.quarantined()[0].0, 2);
}

#[test]
fn quoted_fields_hold_delimiters_line_breaks_and_quotes() {
    let text = "\"user_id\",\"course_id\",\"rating\",\"ts\",\"review\"\r\n\
        u1,c1,4,2024-05-01,\"good, but \"\"long\"\"\r\n\r\nreally\"\r\n\
        u2,c1,5,2024-05-01,5\" too wide\r\n";
    let site = Site::new(RawTable::Ratings, Format::Auto).file("r.csv", text);
    assert_eq!(site.counts(), (2, 0));
    let batch = read(&site.job.output.join(&site.output_files()[0]));
    let reviews = batch.column_by_name("review").expect("a column").as_string::<i32>();
    assert_eq!((reviews.value(0), reviews.value(1)), ("good, but \"long\"\n\nreally", "5\" too wide"));
}

#[test]
fn text_after_a_closing_quote_is_no_field() {
    let rows = "\"u\"1,c1,4,2024-05-01\nu2,\"say \\\"c2\\\"\",4,2024-05-01\nu3,\"c\n3\"c,4,2024-05-01\nu4,c4,4,2024-05-01\n";
    let site = Site::new(RawTable::Ratings, Format::Auto).file("r.csv", format!("{HEADER}{rows}"));
    assert_eq!(site.counts(), (1, 4));
    let inside = "a quote closes in the middle of a field, expected it doubled";
    let open = "a quote is opened and not closed, expected `\"` at the end of the field, doubled within it";
    let expected = [(2, inside), (3, inside), (4, open), (5, "the row has `3 fields`, expected 4")];
    assert_eq!(site.quarantined(), expected.map(|(line, reason)| (line, reason.to_owned())));
}

#[test]
fn a_quote_may_be_open_at_the_end_or_for_too_long() {
    let rows = "u,c,4,2024-05-01\n".repeat(1_500);
    let site = Site::new(RawTable::Ratings, Format::Auto).file("r.csv", format!("{HEADER}\"u,c,4,2024-05-01\n{rows}u,c,4,\"2024-05-01"));
    assert_eq!(site.counts(), (1_500, 2));
    assert_eq!(site.quarantined().iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 1_503]);
}

#[test]
fn very_wide_rows() {
    let wide = ",x".repeat(100_000);
    let rows = format!("u,c,4,2024-05-01\nu,c,4,2024-05-01{wide}\nu,c,4,2024-05-01\n");
    let site = Site::new(RawTable::Ratings, Format::Auto).file("r.csv", format!("{HEADER}{rows}"));
    assert_eq!(site.counts(), (2, 1));
    assert_eq!(site.quarantined(), [(3, "the row has `100004 fields`, expected 4".to_owned())]);
    let names: String = (0..100_000).map(|number| format!(",f{number}")).collect();
    let text = format!("{}{names}\nu,c,4,2024-05-01{wide}\n", HEADER.trim_end());
    let site = Site::new(RawTable::Ratings, Format::Auto).file("w.csv", text);
    assert_eq!(site.counts(), (1, 0));
}

#[test]
fn rows_that_can_not_be_used_say_why() {
    let rows = "u1,c1,four,2024-05-01\n,c1,4,2024-05-01\nu1,c1,NaN,2024-05-01\nu1,c1,4,soon\nu1,c1,4\nu1,c1,4,2024-05-01\n";
    let site = Site::new(RawTable::Ratings, Format::Auto).file("r.csv", format!("{HEADER}{rows}"));
    assert_eq!(site.counts(), (1, 5));
    let expected = [
        (2, "`rating` is `four`, expected a number"),
        (3, "`user_id` is missing"),
        (4, "`rating` is `NaN`, expected a finite number"),
        (5, "`ts` is `soon`, expected a time such as `2024-05-01T12:00:00Z`"),
        (6, "the row has `3 fields`, expected 4"),
    ];
    assert_eq!(site.quarantined(), expected.map(|(line, reason)| (line, reason.to_owned())));
}

#[test]
fn json_types_are_taken_at_their_word() {
    let rows = [
        r#"{"author": 7, "course": "c", "rating": 4, "created": 1446786964000}"#,
        r#"{"author": "a", "course": "c", "rating": "4", "created": 1446786964000}"#,
        r#"{"author": "a", "course": "c", "rating": "4"}"#,
        r#"{"author": "a", "course""#,
    ];
    let site = Site::new(RawTable::Ratings, Format::Auto)
        .file("reviews.jsonl", rows.join("\n"))
        .rule("user_id", "author", None, None)
        .rule("course_id", "course", None, None)
        .rule("ts", "created", Some(TimeFormat::EpochMillis), None);
    assert_eq!(site.counts(), (1, 3));
    let reasons = site.quarantined();
    assert_eq!(reasons[0].1, "`rating` is the text `4`, expected a number; write it without quotes");
    assert!(reasons[1].1.ends_with("; also `ts` is missing (read from `created`)"), "{reasons:?}");
    assert_eq!(site.report().top_reasons(1), [("`rating` is the text `…`, expected a number; write it without quotes", 2)]);
}

#[test]
fn nginx_json_is_read_without_rules() {
    let line = r#"{"time_iso8601": "2024-05-01T12:00:00+00:00", "remote_addr": "::1", "request": "GET /a\x22b HTTP/1.1", "status": "200",
        "request_time": "0.125", "http_user_agent": "-"}"#;
    let site = Site::new(RawTable::AccessLog, Format::Auto).file("access.json", line.replace('\n', " "));
    assert_eq!(site.counts(), (1, 0));
    let batch = read(&site.job.output.join(&site.output_files()[0]));
    let text = |name: &str| batch.column_by_name(name).expect("a column").as_string::<i32>().value(0).to_owned();
    assert_eq!((text("path"), text("method"), text("ip")), ("/a\"b".to_owned(), "GET".to_owned(), "::1".to_owned()));
    assert_eq!(batch.column_by_name("duration_ms").expect("a column").as_primitive::<Int64Type>().value(0), 125);
    assert_eq!(batch.column_by_name("user_agent").expect("a column").null_count(), 1);
}

#[test]
fn given_names_and_long_delimiters() {
    let names = ["user_id", "course_id", "rating", "at"].map(str::to_owned).to_vec();
    let format = Format::Delimited { delimiter: Delimiter::Text("::".to_owned()), names: Some(names) };
    let site = Site::new(RawTable::Ratings, format).file("ratings.dat", "1::1074638::7::1365029107\n").rule(
        "ts",
        "at",
        Some(TimeFormat::EpochSeconds),
        None,
    );
    assert_eq!(site.counts(), (1, 0));
}

#[test]
fn tables_without_a_time_column_are_not_partitioned() {
    let site = Site::new(RawTable::Members, Format::Auto).file("members.csv", "user_id,joined_at,is_staff\nu,2024-05-01,yes\n");
    assert_eq!((site.counts(), site.report().days), ((1, 0), 0));
    assert!(site.output_files()[0].starts_with("members-"));
}

#[test]
fn compressed_inputs_are_read() {
    let two = [gzip(format!("{LINE}\n").as_bytes()), gzip(LINE.as_bytes())].concat();
    let zstd = zstd::encode_all(LINE.as_bytes(), 1).expect("into memory");
    let site = Site::new(RawTable::AccessLog, Format::Auto).file("a.gz", two).file("b.zst", zstd);
    assert_eq!((site.ingest().expect("an ingest").kept(), site.rows()), (3, 3));
}

#[test]
fn a_truncated_gzip_changes_nothing() {
    let site = Site::new(RawTable::AccessLog, Format::Combined).file("a.log", LINE);
    site.ingest().expect("an ingest");
    let lines: String = (0..2_000).map(|number| format!("{LINE}{number}\"\n").replace("5.0\"", "5.0 \\\"")).collect();
    let whole = gzip(lines.as_bytes());
    let site = site.file("b.log.gz", &whole[..whole.len() / 2]);
    assert!(matches!(site.ingest(), Err(IngestError::Read { .. })));
    assert_eq!(site.rows(), 1);
}

#[test]
fn hostile_lines_go_to_the_quarantine() {
    let long = "x".repeat(2 * 1024 * 1024);
    let text = [LINE.as_bytes(), b"\n", long.as_bytes(), b"\n\0\0\0\n\xff\xfe\n", LINE.as_bytes()].concat();
    let site = Site::new(RawTable::AccessLog, Format::Combined).file("access.log", text);
    assert_eq!(site.counts(), (2, 3));
    let expected = [(2, "the line is longer than 1048576 bytes"), (3, "the line holds a NUL byte"), (4, "the line is not valid UTF-8")];
    assert_eq!(site.quarantined(), expected.map(|(line, reason)| (line, reason.to_owned())));
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_header() {
    let site = Site::new(RawTable::Ratings, Format::Auto).file("r.csv", format!("\u{feff}{HEADER}u,c,4,2024-05-01\r\n"));
    assert_eq!(site.counts(), (1, 0));
}

#[test]
fn an_empty_file_is_an_error_unless_others_have_rows() {
    for content in ["", "\n\n", HEADER] {
        let site = Site::new(RawTable::Ratings, Format::Auto).file("empty.csv", content);
        let error = site.ingest().expect_err("no rows");
        assert!(error.to_string().starts_with("`empty.csv` has no rows"), "{error}");
        let site = site.file("full.csv", format!("{HEADER}u,c,4,2024-05-01\n"));
        assert_eq!(site.ingest().expect("an ingest").empty_files().collect::<Vec<_>>(), ["empty.csv"]);
    }
}

#[test]
fn nothing_kept_replaces_nothing() {
    let good = format!("{HEADER}u,c,4,2024-05-01\n");
    let bad = format!("{HEADER}u,c,four,2024-05-01\nu,c,five,2024-05-01\nu,c,,2024-05-01\n");
    let site = Site::new(RawTable::Ratings, Format::Auto).file("r.csv", &good);
    site.ingest().expect("an ingest").check_kept().expect("a row");
    fs::write(site.folder.path().join("r.csv"), bad).expect("a file");
    let error = site.ingest().expect("an ingest").check_kept().expect_err("no row").to_string();
    assert!(error.starts_with("none of 3 rows could be kept, 2 of them because `rating` is `…`, expected a number; check"), "{error}");
    assert_eq!((site.rows(), site.quarantined().len()), (1, 3));
    let site = site.file("other.csv", &good);
    let report = site.ingest().expect("an ingest");
    assert_eq!(report.refused_files().map(|file| file.file.as_str()).collect::<Vec<_>>(), ["r.csv"]);
    report.check_kept().expect("a row of the other file");
    assert_eq!((site.rows(), site.quarantined().len()), (2, 3));
    fs::write(site.folder.path().join("r.csv"), good).expect("a file");
    site.ingest().expect("an ingest");
    assert_eq!((site.rows(), site.quarantined().len()), (2, 0));
}

#[test]
fn an_empty_file_replaces_nothing() {
    let good = format!("{HEADER}u,c,4,2024-05-01\n");
    let site = Site::new(RawTable::Ratings, Format::Auto).file("a.csv", &good).file("b.csv", &good);
    site.ingest().expect("an ingest");
    fs::write(site.folder.path().join("a.csv"), HEADER).expect("a file");
    assert_eq!(site.ingest().expect("an ingest").empty_files().collect::<Vec<_>>(), ["a.csv"]);
    assert_eq!(site.rows(), 2);
}

#[test]
fn a_broken_header_names_the_nearest_column() {
    let site = Site::new(RawTable::Ratings, Format::Auto).file("r.csv", "user,course_id,rating,ts\nu,c,4,2024-05-01\n");
    let error = site.ingest().expect_err("no `user_id`").to_string();
    assert!(error.contains("it has `user`, `course_id`, `rating`, `ts`; did you mean `user`?"), "{error}");
    assert_eq!(site.rows(), 0);
}

#[test]
fn hundreds_of_days_in_any_order() {
    let rows: String = (0..400).map(|row| format!("u,c,4,{}\n", (row * 7_919) % 400 * 86_400)).collect();
    let site = Site::new(RawTable::Ratings, Format::Auto).file("r.csv", format!("{HEADER}{rows}")).rule(
        "ts",
        "ts",
        Some(TimeFormat::EpochSeconds),
        None,
    );
    let report = site.report();
    assert_eq!((report.kept, report.days), (400, 400));
}
