//! Rows that can't be used: each is rejected with a reason, and all others are kept.

use std::sync::Arc;

use arrow::array::{Float64Array, Int64Array, TimestampMicrosecondArray};

use crate::programs::assert_holds;
use crate::rows::{NOON_US, RATINGS, assert_rows, ingest, parquet, reasons, run, texts, times};
use crate::site::Site;

const ACCESS_LOG: &str = "[sources.access_log]\npath = \"raw/access_log\"\n";
const GOOD: &str = r#"192.0.2.7 - ana [01/Mar/2026:12:00:00 +0000] "GET /courses/c1 HTTP/1.1" 200 512 "-" "Mozilla/5.0""#;

/// Ratings as Parquet with these values, all else being fine.
fn rated(values: Vec<f64>) -> Site {
    let site = Site::new(RATINGS);
    let count = values.len();
    let users: arrow::array::StringArray = (0..count).map(|row| Some(format!("m{row}"))).collect();
    let courses: arrow::array::StringArray = (0..count).map(|_| Some("c1")).collect();
    let columns: Vec<(&str, arrow::array::ArrayRef)> = vec![
        ("user_id", Arc::new(users)),
        ("course_id", Arc::new(courses)),
        ("rating", Arc::new(Float64Array::from(values))),
        ("ts", times(i64::try_from(count).expect("few rows"))),
    ];
    parquet(&site, "raw/ratings/part-0.parquet", columns);
    site
}

#[test]
fn a_malformed_log_line_is_quarantined_with_its_place() {
    let site = Site::new(ACCESS_LOG);
    let log = format!("{GOOD}\nnot a line of a log\n{}\n", GOOD.replace("12:00:00", "12:00:09"));
    let report = ingest(&site, "access_log", "access.log", log);
    assert_eq!((&report["rows"], &report["quarantined"]), (&3.into(), &1.into()));
    run(&site);
    assert_rows(&site, "access_log", 3, 2);
    let rejected = site.query("select source, source_file, source_row from rejects");
    assert_eq!(rejected, [serde_json::json!({"source": "access_log", "source_file": "access.log", "source_row": 2})]);
    assert_holds(&reasons(&site)[0], &["expected"]);
}

#[test]
fn text_where_a_number_belongs_is_rejected_with_its_value() {
    let site = Site::new(RATINGS);
    let columns = vec![
        ("user_id", texts([Some("ana"), Some("bo"), Some("cy")])),
        ("course_id", texts([Some("c1"), Some("c1"), Some("c1")])),
        ("rating", texts([Some("4.5"), Some("abc"), None])),
        ("ts", times(3)),
    ];
    parquet(&site, "raw/ratings/part-0.parquet", columns);
    run(&site);
    assert_rows(&site, "ratings", 3, 1);
    assert_eq!(reasons(&site), ["`rating` is `abc`, expected a number", "`rating` is missing"]);
}

#[test]
fn ratings_that_are_no_numbers_are_rejected() {
    let site = rated(vec![4.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY]);
    run(&site);
    assert_rows(&site, "ratings", 4, 1);
    assert_eq!(reasons(&site), ["`rating` is outside the scale"; 3]);
}

#[test]
fn ratings_outside_the_scale_are_rejected() {
    let site = rated(vec![1.0, 5.0, -1.0, 0.0, 5.5]);
    run(&site);
    assert_rows(&site, "ratings", 5, 2);
    assert_eq!(reasons(&site), ["`rating` is outside the scale"; 3]);
}

#[test]
fn nan_in_a_text_file_is_quarantined() {
    let site = Site::new(RATINGS);
    let csv = "user_id,course_id,rating,ts\nana,c1,4,2026-03-01T12:00:00Z\nbo,c1,NaN,2026-03-01T12:00:00Z\n";
    ingest(&site, "ratings", "ratings.csv", csv);
    run(&site);
    assert_rows(&site, "ratings", 2, 1);
    assert_holds(&reasons(&site)[0], &["`rating`", "NaN", "expected a finite number"]);
}

#[test]
fn times_before_1970_and_after_as_of_are_rejected() {
    let site = Site::new(RATINGS);
    let far = i64::MAX / 4;
    let moments = TimestampMicrosecondArray::from(vec![NOON_US, -1, i64::MIN / 4, NOON_US + 30 * 86_400_000_000, far]).with_timezone("UTC");
    let columns: Vec<(&str, arrow::array::ArrayRef)> = vec![
        ("user_id", texts([Some("ana"); 5])),
        ("course_id", texts([Some("c1"), Some("c2"), Some("c3"), Some("c4"), Some("c5")])),
        ("rating", Arc::new(Int64Array::from(vec![4; 5]))),
        ("ts", Arc::new(moments)),
    ];
    parquet(&site, "raw/ratings/part-0.parquet", columns);
    run(&site);
    assert_rows(&site, "ratings", 5, 1);
    let expected = [["`ts` is before 1970-01-01"; 2], ["`ts` is after as_of"; 2]].concat();
    assert_eq!(reasons(&site), expected);
}

#[test]
fn negative_numbers_are_rejected_where_there_are_none() {
    let config = format!("{RATINGS}[sources.courses]\npath = \"raw/courses\"\n");
    let site = Site::new(&config);
    let courses = "course_id,title,tags,author_id,published_at,lessons,price_cents\n\
        c1,One,rust,ann,2026-01-01T00:00:00Z,3,900\n\
        c2,Two,rust,ann,2026-01-01T00:00:00Z,-3,900\n\
        c3,Three,rust,ann,2026-01-01T00:00:00Z,3,-900\n";
    ingest(&site, "courses", "courses.csv", courses);
    ingest(&site, "ratings", "ratings.csv", "user_id,course_id,rating,ts\nana,c1,-4,2026-03-01T12:00:00Z\nbo,c1,4,2026-03-01T12:00:00Z\n");
    run(&site);
    assert_rows(&site, "courses", 3, 1);
    assert_rows(&site, "ratings", 2, 1);
    assert_eq!(reasons(&site), ["`lessons` is below 0", "`price_cents` is below 0", "`rating` is outside the scale"]);
}

#[test]
fn what_is_not_utf8_is_quarantined() {
    let site = Site::new(RATINGS);
    let csv = b"user_id,course_id,rating,ts\nana,c1,4,2026-03-01T12:00:00Z\nb\xff\xfe,c1,4,2026-03-01T12:00:00Z\n";
    ingest(&site, "ratings", "ratings.csv", csv);
    run(&site);
    assert_rows(&site, "ratings", 2, 1);
    assert_holds(&reasons(&site)[0], &["UTF-8"]);
}

#[test]
fn json_types_are_taken_at_their_word() {
    let site = Site::new(RATINGS);
    let lines = [
        r#"{"user_id": "ana", "course_id": "c1", "rating": 4, "ts": "2026-03-01T12:00:00Z"}"#,
        r#"{"user_id": 7, "course_id": "c1", "rating": 4.5, "ts": "2026-03-01T12:00:00Z"}"#,
        r#"{"user_id": "bo", "course_id": "c1", "rating": "4", "ts": "2026-03-01T12:00:00Z"}"#,
        r#"{"user_id": ["cy"], "course_id": "c1", "rating": 4, "ts": "2026-03-01T12:00:00Z"}"#,
        r#"{"user_id": "di", "course_id": "c1", "rating": true, "ts": "2026-03-01T12:00:00Z"}"#,
        r#"{"user_id": "ed", "course_id": "c1", "rating": 4, "ts": 5}"#,
        r#"["no object"]"#,
        "{",
    ];
    let report = ingest(&site, "ratings", "ratings.jsonl", lines.join("\n"));
    assert_eq!((&report["rows"], &report["kept"]), (&8.into(), &2.into()));
    run(&site);
    assert_rows(&site, "ratings", 8, 2);
    assert_holds(&reasons(&site)[0], &["`rating` is the text `4`, expected a number; write it without quotes"]);
}

#[test]
fn rows_with_too_few_or_too_many_fields_are_quarantined() {
    let site = Site::new(RATINGS);
    let csv = "user_id,course_id,rating,ts\nana,c1,4,2026-03-01T12:00:00Z\nbo,c1\ncy,c1,4,2026-03-01T12:00:00Z,more\n\"di,c1,4,2026-03-01T12:00:00Z\n";
    let report = ingest(&site, "ratings", "ratings.csv", csv);
    assert_eq!((&report["rows"], &report["kept"]), (&4.into(), &1.into()), "{report}");
    run(&site);
    assert_rows(&site, "ratings", 4, 1);
}

#[test]
fn requests_without_anybody_behind_them_are_rejected() {
    let site = Site::new(ACCESS_LOG);
    let columns =
        vec![("ts", times(3)), ("path", texts([Some("/"), None, Some("/")])), ("user_id", texts([Some("ana"), Some("ana"), None]))];
    parquet(&site, "raw/access_log/part-0.parquet", columns);
    run(&site);
    assert_rows(&site, "access_log", 3, 1);
    assert_eq!(reasons(&site), ["`path` is missing", "no `user_id`, `visitor_id` or `ip`"]);
}
