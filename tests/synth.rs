//! `hachi synth`: the same seed gives the same bytes, and a run finds exactly what was broken on purpose.

use std::collections::BTreeMap;
use std::path::Path;

use hachi_synth::{BrokenKind, Params, Summary, generate};

use crate::files;
use crate::programs::assert_holds;
use crate::sample;
use crate::site::Site;

const SMALL: [&str; 6] = ["--members", "60", "--days", "35", "--seed", "3"];

/// The same community from the library, which says what is true of it.
fn told(folder: &Path) -> Summary {
    let params = Params { members: 60, days: 35, seed: 3, ..Params::default() };
    generate(&params, folder, &mut |_| {}).expect("a community")
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let site = sample::unpublished();
    let made = |folder: &str, arguments: &[&str]| {
        site.hachi(&[&["synth", folder], arguments].concat()).ok();
        files::tree(&site.path(folder))
    };
    let one = made("one", &SMALL);
    assert_eq!(one, made("two", &SMALL));
    told(&site.path("three"));
    assert_eq!(one, files::tree(&site.path("three")), "the library's community is another");
    assert_ne!(one, made("four", &["--members", "60", "--days", "35", "--seed", "4"]));
}

#[test]
fn an_occupied_folder_is_left_alone() {
    let site = sample::unpublished();
    site.write("taken/ratings/mine.parquet", "mine");
    let refused = site.hachi(&["synth", "taken", "--members", "2", "--days", "1"]).failed(1);
    assert_holds(&refused, &["taken/ratings"]);
    assert_eq!(files::below(&site.path("taken")), [Path::new("ratings/mine.parquet")]);
}

#[test]
fn a_size_out_of_its_range_is_told() {
    let refused = sample::unpublished().hachi(&["synth", "x", "--days", "0"]).failed(1);
    assert_holds(&refused, &["`days` is 0, expected 1 to 3660"]);
}

/// The reason for which staging rejects a row that is broken in that way.
fn reason(kind: BrokenKind) -> &'static str {
    match kind {
        BrokenKind::LogWithoutPath => "`path` is missing",
        BrokenKind::LogBeforeEpoch | BrokenKind::RatingBeforeEpoch => "`ts` is before 1970-01-01",
        BrokenKind::NegativeRating | BrokenKind::NanRating | BrokenKind::RatingAboveScale => "`rating` is outside the scale",
        BrokenKind::RatingWithoutUser => "`user_id` is missing",
    }
}

/// Source and reason → rows, as the generator says.
fn expected(summary: &Summary) -> BTreeMap<(String, String), u64> {
    let mut rows = BTreeMap::from([(("access_log".to_owned(), "duplicate of an earlier row".to_owned()), summary.log.duplicate_rows)]);
    for (kind, count) in &summary.truth.broken_rows {
        *rows.entry((kind.table().to_owned(), reason(*kind).to_owned())).or_default() += count;
    }
    rows
}

#[test]
fn a_run_rejects_what_was_broken_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a writable folder");
    let summary = told(folder.path());
    let mut config = sample::config();
    for (table, source) in config["sources"].as_table_mut().expect("sources") {
        source["path"] = folder.path().join(table).display().to_string().into();
    }
    let site = Site::new(&config.to_string());
    site.hachi(&["run", "--as-of", "2026-02-05"]).ok();
    let rows = site.query("select source, reason, count(*) as n from rejects group by source, reason");
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    let found: BTreeMap<_, _> =
        rows.iter().map(|r| ((text(&r["source"]), text(&r["reason"])), r["n"].as_u64().expect("a count"))).collect();
    assert_eq!(found, expected(&summary));
    for table in &summary.tables {
        crate::rows::assert_rows(
            &site,
            table.name,
            table.rows,
            table.rows - found.iter().filter(|(k, _)| k.0 == table.name).map(|(_, n)| n).sum::<u64>(),
        );
    }
}
