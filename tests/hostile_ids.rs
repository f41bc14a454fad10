//! Ids as nobody would choose them: they go in as they are, come out as pseudonyms, and break nothing on the way.

use serde_json::{Value, json};

use crate::rows::{RATINGS, assert_rows, ingest, run};
use crate::site::Site;

/// Ids that a path, a query, a file or a C program might choke on.
pub fn ids() -> Vec<String> {
    let odd = [
        "a/b",
        "../../etc/x",
        "..",
        ".",
        "\"; drop table events; --",
        "' or 1=1 --",
        "团队/李 雷",
        "🦀",
        "e\u{301}",
        "é",
        "\u{202e}reversed",
        "a\u{0}b",
        "line\nbreak",
        "tab\tbed",
        "%2F",
        "a+b c",
        "$as_of",
        "{course_id}",
        "NULL",
        "-",
        "0",
        "NaN",
    ];
    odd.iter().map(|id| (*id).to_owned()).chain(["x".repeat(10_000)]).collect()
}

fn rating(user: &str, course: &str) -> Value {
    json!({"user_id": user, "course_id": course, "rating": 4, "ts": "2026-03-01T12:00:00Z"})
}

/// A site on which everybody in [`ids`] rated a course, and as many courses of those names were rated.
fn site() -> (Site, usize) {
    let site = Site::new(RATINGS);
    let by_member = ids().into_iter().map(|id| rating(&id, "c1"));
    let by_course = ids().into_iter().flat_map(|id| (0..6).map(move |member| rating(&format!("m{member}"), &id)).collect::<Vec<_>>());
    let lines: Vec<String> = by_member.chain(by_course).map(|line| line.to_string()).collect();
    let report = ingest(&site, "ratings", "ratings.jsonl", lines.join("\n"));
    assert_eq!(report["kept"], lines.len(), "{report}");
    run(&site);
    (site, lines.len())
}

#[test]
fn they_are_kept_and_told_apart() {
    let (site, rows) = site();
    assert_rows(&site, "ratings", rows as u64, rows as u64);
    let members = site.column("select distinct user_id from events");
    assert_eq!(members.len(), ids().len() + 6);
    assert!(members.iter().all(|id| id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit())), "{members:?}");
    let courses = site.column("select distinct course_id from events");
    for id in ids() {
        assert!(courses.contains(&id), "the course `{id}` is not among {courses:?}");
    }
}

#[test]
fn they_make_no_files_of_their_own() {
    let (site, _) = site();
    let expected = ["hachi.toml", "home", "lake", "ratings.jsonl", "raw"];
    let mut found: Vec<_> = std::fs::read_dir(site.path("")).expect("the site").flatten().map(|e| e.file_name().into_string()).collect();
    found.sort();
    assert_eq!(found.into_iter().flatten().collect::<Vec<_>>(), expected);
}

#[test]
fn in_a_log_they_are_quoted_and_escaped() {
    let site = Site::new(
        "[sources.access_log]\npath = \"raw/access_log\"\n[sources.access_log.routes]\n\"/courses/{course_id}\" = \"course_view\"\n",
    );
    let line =
        |path: &str| format!(r#"192.0.2.7 - a/b [01/Mar/2026:12:00:00 +0000] "GET {path} HTTP/1.1" 200 5 "-" "Mozilla/5.0 \"\x22 x""#);
    let paths = ["/courses/a%2Fb", "/courses/%E5%9B%A2", "/courses/..%2F..%2Fetc", "/courses/%00", "/courses/%FF", "/courses/a?x=%22;drop"];
    let log: Vec<String> = paths.iter().map(|path| line(path)).collect();
    ingest(&site, "access_log", "access.log", log.join("\n"));
    run(&site);
    assert_rows(&site, "access_log", 6, 6);
    let courses = site.column("select distinct course_id from events where course_id is not null order by course_id");
    assert!(courses.contains(&"a/b".to_owned()) && courses.contains(&"团".to_owned()), "{courses:?}");
}
