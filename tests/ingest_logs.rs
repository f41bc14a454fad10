//! Access logs as web servers write them, through `hachi ingest`, `hachi run` and `hachi sql`.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use crate::files;
use crate::rows::{assert_rows, ingest, run};
use crate::site::Site;

const CONFIG: &str = r#"
[sources.access_log]
path = "raw/access_log"

[sources.access_log.routes]
"/courses/{course_id}" = "course_view"
"/courses/{course_id}/lessons/{lesson_id}" = "lesson_view"
"#;

const COMBINED: &str = r#"192.0.2.7 - ana [01/Mar/2026:12:00:00 +0000] "GET /courses/c1 HTTP/1.1" 200 512 "https://example.org/x" "Mozilla/5.0 (X11; Linux)"
192.0.2.7 - ana [01/Mar/2026:12:05:00 +0000] "GET /courses/c1/lessons/l1?page=2 HTTP/1.1" 200 512 "-" "Mozilla/5.0 (X11; Linux)"
192.0.2.8 - - [01/Mar/2026:13:00:00 +0100] "GET /courses/c1 HTTP/1.1" 200 512 "-" "Mozilla/5.0 (Macintosh)"
192.0.2.9 - - [02/Mar/2026:12:00:00 +0000] "GET /robots.txt HTTP/1.1" 200 9 "-" "Googlebot/2.1 (+http://www.google.com/bot.html)"
"#;

const VIEWS: &str = "select kind, course_id, lesson_id from events order by ts";

fn read(format: &str, name: &str, log: impl AsRef<[u8]>) -> Site {
    let config = format!("{CONFIG}\n").replace("routes]", "routes]\n").replacen("path =", &format!("format = \"{format}\"\npath ="), 1);
    let site = Site::new(&config);
    ingest(&site, "access_log", name, log);
    run(&site);
    site
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).expect("into memory");
    encoder.finish().expect("into memory")
}

#[test]
fn the_combined_format() {
    let site = read("combined", "access.log", COMBINED);
    assert_rows(&site, "access_log", 4, 4);
    let expected = [
        json!({"kind": "course_view", "course_id": "c1", "lesson_id": null}),
        json!({"kind": "lesson_view", "course_id": "c1", "lesson_id": "l1"}),
    ];
    assert_eq!(site.query(VIEWS), expected);
    let visits =
        site.query("select user_id is null as guest, page_views, duration_s, entry_event, exit_event from sessions order by guest");
    let expected = [
        json!({"guest": false, "page_views": 2, "duration_s": 300, "entry_event": "course_view", "exit_event": "lesson_view"}),
        json!({"guest": true, "page_views": 1, "duration_s": 0, "entry_event": "course_view", "exit_event": "course_view"}),
    ];
    assert_eq!(visits, expected);
}

#[test]
fn the_common_format() {
    let common: Vec<_> = COMBINED.lines().filter_map(|line| Some(line.split_once(" \"https")?.0.to_owned())).collect();
    let site = read("common", "access.log", common.join("\n"));
    assert_rows(&site, "access_log", 1, 1);
    assert_eq!(site.query(VIEWS), [json!({"kind": "course_view", "course_id": "c1", "lesson_id": null})]);
}

#[test]
fn json_lines_of_nginx() {
    let line = |time: &str, uri: &str, user: &str| {
        json!({
            "time_iso8601": time, "remote_addr": "192.0.2.7", "remote_user": user, "request_method": "GET", "request_uri": uri,
            "status": "200", "body_bytes_sent": "512", "http_referer": "", "http_user_agent": "Mozilla/5.0", "request_time": "0.012",
        })
    };
    let log = [line("2026-03-01T12:00:00+00:00", "/courses/c1", "ana"), line("2026-03-01T14:05:00+02:00", "/courses/c1/lessons/l1", "ana")];
    let site = read("nginx_json", "access.json", log.map(|line| line.to_string()).join("\n"));
    assert_rows(&site, "access_log", 2, 2);
    let expected = [
        json!({"kind": "course_view", "course_id": "c1", "lesson_id": null, "duration_ms": 12}),
        json!({"kind": "lesson_view", "course_id": "c1", "lesson_id": "l1", "duration_ms": 12}),
    ];
    assert_eq!(site.query("select kind, course_id, lesson_id, duration_ms from events order by ts"), expected);
    assert_eq!(site.column("select duration_s from sessions"), ["300"]);
}

#[test]
fn formats_are_told_from_the_content() {
    let site = read("auto", "access.log", COMBINED);
    assert_rows(&site, "access_log", 4, 4);
}

#[test]
fn compressed_logs_are_read_as_what_they_hold() {
    let zstd = zstd::encode_all(COMBINED.as_bytes(), 1).expect("into memory");
    let plain = read("auto", "access.log", COMBINED);
    for (name, log) in [("access.log.gz", gzip(COMBINED)), ("access.log.zst", zstd)] {
        let site = read("auto", name, log);
        assert_rows(&site, "access_log", 4, 4);
        assert_eq!(site.query(VIEWS), plain.query(VIEWS), "{name}");
    }
}

#[test]
fn standard_input_is_a_file_too() {
    let site = Site::new(CONFIG);
    let report = site.hachi_reading(COMBINED.as_bytes(), &["ingest", "access_log", "-", "--json"]).ok().json();
    assert_eq!((&report["kept"], &report["files"][0]["file"]), (&4.into(), &"stdin".into()));
    run(&site);
    assert_rows(&site, "access_log", 4, 4);
}

#[test]
fn a_folder_is_read_in_order_and_a_second_time_replaces_the_first() {
    let site = Site::new(CONFIG);
    let lines: Vec<_> = COMBINED.lines().collect();
    site.write("logs/2026/a.log", lines[..2].join("\n"));
    site.write("logs/b.log", lines[2..].join("\n"));
    let read = || site.hachi(&["ingest", "access_log", "logs", "--json"]).ok().json();
    let report = read();
    let names: Vec<_> = report["files"].as_array().expect("files").iter().map(|file| file["file"].as_str().expect("a name")).collect();
    assert_eq!(names, ["2026/a.log", "b.log"]);
    let once = files::tree(&site.path("raw"));
    assert_eq!(read(), report);
    assert_eq!(files::tree(&site.path("raw")), once);
    let days: Vec<_> = once.keys().filter(|path| path.extension().is_some_and(|e| e == "parquet")).collect();
    assert!(days.iter().all(|path| path.to_string_lossy().starts_with("access_log/event_date=2026-03-0")), "{days:?}");
    run(&site);
    assert_rows(&site, "access_log", 4, 4);
}

/// Rows that staging reads and keeps of a day's log, and then of `later` under `name`.
#[track_caller]
fn check_second(name: &str, later: impl AsRef<[u8]>, read: u64, kept: u64) {
    let site = Site::new(CONFIG);
    ingest(&site, "access_log", "access.log", COMBINED.lines().take(2).map(|line| format!("{line}\n")).collect::<String>());
    ingest(&site, "access_log", name, later);
    run(&site);
    assert_rows(&site, "access_log", read, kept);
}

#[test]
fn a_log_that_has_grown_replaces_its_earlier_rows() {
    check_second("access.log", COMBINED, 4, 4);
}

#[test]
fn a_log_that_was_rotated_replaces_its_earlier_rows() {
    check_second("access.log.1", COMBINED, 4, 4);
    check_second("access.log-20260303", COMBINED, 4, 4);
    check_second("access.log.2.gz", gzip(COMBINED), 4, 4);
}

#[test]
fn another_days_log_under_the_same_name_adds_rows() {
    check_second("access.log", COMBINED.replace("Mar/2026", "Feb/2026"), 6, 6);
}

#[test]
fn one_log_under_two_names_at_once_is_refused() {
    let site = Site::new(CONFIG);
    site.write("access.log", COMBINED);
    site.write("access.log.1", COMBINED);
    let said = site.hachi(&["ingest", "access_log", "access.log", "access.log.1"]);
    assert_eq!(said.code, Some(4), "{}", said.stderr);
    assert!(said.stderr.contains("`access.log` and `access.log.1` begin with the same lines"), "{}", said.stderr);
    assert!(!site.path("raw/access_log").exists());
}

#[test]
fn lines_that_repeat_count_once() {
    let site = read("combined", "access.log", COMBINED.repeat(3));
    assert_rows(&site, "access_log", 12, 4);
    assert_eq!(site.column("select distinct reason from rejects"), ["duplicate of an earlier row"]);
}

#[test]
fn days_are_the_communitys_own() {
    let site = Site::new(&format!("[site]\ntimezone = \"Asia/Shanghai\"\n{CONFIG}"));
    let line = |time: &str| format!("192.0.2.7 - ana [{time}] \"GET /courses/c1 HTTP/1.1\" 200 5 \"-\" \"Mozilla/5.0\"\n");
    let log = [line("01/Mar/2026:15:59:59 +0000"), line("01/Mar/2026:16:00:00 +0000")].concat();
    ingest(&site, "access_log", "access.log", log);
    run(&site);
    assert_eq!(site.column("select cast(event_date as varchar) from events order by ts"), ["2026-03-01", "2026-03-02"]);
}
