//! Ratings and other tables as sites export them, through `hachi ingest`, `hachi run` and `hachi sql`.

use serde_json::json;

use crate::rows::{AS_OF, assert_rows, ingest, run};
use crate::site::Site;

const RATED: &str = "select course_id, rating, cast(event_date as varchar) as day from events order by course_id";

/// Two ratings read with `rules` under `[sources.ratings]`; whatever the format, the same comes out.
fn same_ratings(rules: &str, name: &str, content: &str) {
    let site = Site::new(&format!("[sources.ratings]\npath = \"raw/ratings\"\n{rules}\n"));
    ingest(&site, "ratings", name, content);
    run(&site);
    assert_rows(&site, "ratings", 2, 2);
    let expected =
        [json!({"course_id": "c1", "rating": 4.5, "day": "2026-03-01"}), json!({"course_id": "c2", "rating": 3.0, "day": "2026-03-02"})];
    assert_eq!(site.query(RATED), expected);
}

#[test]
fn csv_with_commas_and_quotes() {
    let csv = "\u{feff}rating,user_id,course_id,ts,review\r\n4.5,ana,c1,2026-03-01T12:00:00Z,\"good, \"\"very\"\"\ngood\"\r\n3,bo,c2,2026-03-02 00:00:00Z,\r\n";
    same_ratings("", "ratings.csv", csv);
}

#[test]
fn csv_with_semicolons_and_the_sites_own_names() {
    let rules =
        "[sources.ratings.columns]\nuser_id = \"uid\"\ncourse_id = \"kurs\"\nts = \"zeit\"\nrating = { from = \"note\", scale = 0.5 }";
    same_ratings(rules, "export.csv", "uid;kurs;note;zeit\nana;c1;9;2026-03-01T12:00:00Z\nbo;c2;6;2026-03-02T00:00:00Z\n");
}

#[test]
fn rules_under_canonical_names_are_applied_once() {
    let rules = "[sources.ratings.columns]\nrating = { from = \"rating\", scale = 0.5 }\n\
        user_id = \"course_id\"\ncourse_id = \"user_id\"\nreview = { value = \"none\" }";
    same_ratings(rules, "export.csv", "course_id,user_id,rating,ts\nana,c1,9,2026-03-01T12:00:00Z\nbo,c2,6,2026-03-02T00:00:00Z\n");
}

#[test]
fn a_delimiter_of_two_characters_without_a_header() {
    let rules = "delimiter = \"::\"\nheader = [\"user_id\", \"course_id\", \"rating\", \"ts\"]\n\
        [sources.ratings.columns]\nts = { from = \"ts\", format = \"epoch_s\" }";
    same_ratings(rules, "ratings.dat", "1::c1::4.5::1772366400\n2::c2::3::1772409600\n");
}

#[test]
fn blanks_between_columns() {
    let rules = "delimiter = \"whitespace\"\n[sources.ratings.columns]\nts = { from = \"ms\", format = \"epoch_ms\" }";
    same_ratings(rules, "ratings.txt", "user_id course_id   rating ms\nana  c1 4.5\t1772366400000\n  bo c2 3 1772409600000\n");
}

#[test]
fn tabs_between_columns() {
    same_ratings("", "ratings.tsv", "user_id\tcourse_id\trating\tts\nana\tc1\t4.5\t2026-03-01\nbo\tc2\t3\t2026-03-02\n");
}

#[test]
fn json_lines() {
    let lines = "{\"user_id\": 1, \"course_id\": \"c1\", \"rating\": 4.5, \"ts\": \"2026-03-01T12:00:00Z\", \"more\": {\"x\": [1]}}\n\
        {\"ts\": \"2026-03-02T01:00:00+01:00\", \"rating\": 3, \"course_id\": \"c2\", \"user_id\": \"2\"}\n";
    same_ratings("", "ratings.jsonl", lines);
}

#[test]
fn a_pattern_for_times_and_a_fixed_value() {
    let config = "[sources.payments]\npath = \"raw/payments\"\n[sources.payments.columns]\nkind = { value = \"purchase\" }\n\
        ts = { from = \"day\", format = \"%d.%m.%Y\" }\namount_cents = { from = \"euros\", scale = 100.0 }\n";
    let site = Site::new(config);
    ingest(&site, "payments", "payments.csv", "user_id,day,euros,currency\nana,01.03.2026,11.77,eur\nbo,02.03.2026,5,eur\n");
    run(&site);
    assert_rows(&site, "payments", 2, 2);
    assert_eq!(site.column("select kind from events"), ["purchase", "purchase"]);
}

#[test]
fn all_tables_together() {
    let tables = ["ratings", "members", "courses", "interactions", "payments", "exposures", "moderation", "impressions"];
    let config: String = tables.map(|table| format!("[sources.{table}]\npath = \"raw/{table}\"\n")).concat();
    let site = Site::new(&config);
    let ts = "2026-03-01T12:00:00Z";
    let files = [
        ("ratings", format!("user_id,course_id,rating,ts\nana,c1,4.5,{ts}\n")),
        ("members", format!("user_id,joined_at,is_staff\nana,{ts},no\nsam,{ts},yes\n")),
        ("courses", format!("course_id,title,tags,author_id,published_at\nc1,Rust,rust|web,sam,{ts}\n")),
        ("interactions", format!("ts,user_id,kind,target_id,course_id\n{ts},ana,complete,c1,c1\n")),
        ("payments", format!("ts,user_id,kind,amount_cents,currency\n{ts},ana,payment,990,eur\n")),
        ("exposures", format!("ts,user_id,experiment,variant\n{ts},ana,digest,control\n")),
        ("moderation", format!("ts,user_id,action\n{ts},ana,warn\n")),
        ("impressions", format!("ts,recommendation_id,user_id,course_id,rank,source,clicked\n{ts},r1,ana,c1,1,popular,true\n")),
    ];
    for (table, content) in &files {
        ingest(&site, table, &format!("{table}.csv"), content);
    }
    run(&site);
    for (table, content) in &files {
        let rows = content.lines().count() as u64 - 1;
        assert_rows(&site, table, rows, rows);
    }
    assert_eq!(site.column("select kind from events order by kind"), ["complete", "payment", "rating"]);
}

#[test]
fn parquet_of_the_sites_own_needs_no_ingest() {
    let site = Site::new("[sources.ratings]\npath = \"export.parquet\"\n[sources.ratings.columns]\nuser_id = \"uid\"\n");
    let columns = vec![
        ("uid", crate::rows::texts([Some("ana"), Some("bo")])),
        ("course_id", crate::rows::texts([Some("c1"), Some("c1")])),
        ("rating", crate::rows::texts([Some("4"), Some(" 4.5")])),
        ("ts", crate::rows::times(2)),
    ];
    crate::rows::parquet(&site, "export.parquet", columns);
    run(&site);
    assert_rows(&site, "ratings", 2, 2);
}

#[test]
fn without_a_moment_a_run_is_of_now() {
    let site = Site::new("[sources.ratings]\npath = \"raw/ratings\"\n");
    ingest(&site, "ratings", "ratings.csv", "user_id,course_id,rating,ts\nana,c1,4,2026-03-01T12:00:00Z\n");
    site.hachi(&["run"]).ok();
    site.hachi(&["run", "--as-of", AS_OF]).ok();
    assert_rows(&site, "ratings", 1, 1);
}
