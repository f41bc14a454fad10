//! Whatever bytes come in, ingest ends well or says why not, and no row is lost.

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::test_runner::Config;

use crate::site::Site;

/// Each case starts a program.
const CASES: u32 = 48;

static SITE: LazyLock<String> = LazyLock::new(|| {
    let tables = ["access_log", "ratings", "courses"];
    tables.map(|table| format!("[sources.{table}]\npath = \"raw/{table}\"\n")).concat()
});

/// Pieces of which inputs in any of the formats are made, and some that belong nowhere.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let known: &[&[u8]] = &[
        b"user_id,course_id,rating,ts\n",
        b"ana,c1,4,2026-03-01T12:00:00Z\n",
        b"192.0.2.7 - ana [01/Mar/2026:12:00:00 +0000] \"GET / HTTP/1.1\" 200 5 \"-\" \"x\"\n",
        b"{\"user_id\": 1, \"course_id\": \"c\", \"rating\": 4, \"ts\": \"2026-03-01\"}\n",
        b"2026-13-45T99:00:00Z",
        b"[01/Mar/2026:12:00:00 +9999]",
        b"\"",
        b"\\",
        b"\\x4",
        b",",
        b";",
        b"::",
        b"\t",
        b"\n",
        b"\r",
        b"\r\n",
        b"\0",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"{",
        b"}",
        b"[",
        b"1e999",
        b"-0",
        b"99999999999999999999999999",
        b"\xf0\x9f\xa6\x80",
    ];
    let known = prop::sample::select(known).prop_map(<[u8]>::to_vec);
    prop_oneof![4 => known, 1 => prop::collection::vec(any::<u8>(), 0..40)]
}

proptest! {
    #![proptest_config(Config { cases: CASES, failure_persistence: None, ..Config::default() })]

    #[test]
    fn rows_in_are_rows_kept_and_quarantined(
        pieces in prop::collection::vec(piece(), 0..30),
        format in prop::sample::select(&["auto", "combined", "common", "nginx_json", "csv", "tsv", "jsonl"][..]),
        table in prop::sample::select(&["access_log", "ratings", "courses"][..]),
    ) {
        let site = Site::new(&SITE);
        let said = site.hachi_reading(&pieces.concat(), &["ingest", table, "-", "--format", format, "--json"]);
        prop_assert!(!said.stderr.contains("panicked"), "{}", said.stderr);
        prop_assert!(matches!(said.code, Some(0 | 4)), "{:?}: {}", said.code, said.stderr);
        if said.code == Some(0) {
            let report = said.json();
            let count = |field: &str| report[field].as_u64();
            prop_assert_eq!(count("rows"), Some(count("kept").unwrap_or(0) + count("quarantined").unwrap_or(0)));
        }
    }
}
