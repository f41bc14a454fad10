//! Sums over pairs of courses may be made by the engine: the weights are the same.

use std::collections::BTreeMap;

use toml::Table;

use crate::sample::{self, AS_OF};
use crate::site::Site;

/// Of what is published to single precision.
const TOLERANCE: f64 = 1e-5;

fn weights(site: &Site) -> BTreeMap<(String, String), f64> {
    let text = |row: &serde_json::Value, column: &str| row[column].as_str().expect("a text").to_owned();
    let pair = |row: &serde_json::Value| (text(row, "course_id"), text(row, "other_course_id"));
    let rows = site.query("select course_id, other_course_id, weight from item_weights");
    rows.iter().map(|row| (pair(row), row["weight"].as_f64().expect("a number"))).collect()
}

#[test]
fn the_engine_sums_as_memory_does() {
    let site = sample::copy();
    let before = weights(&site);
    let mut config = sample::config();
    config.extend("[recommend.ease]\ngram = \"sql\"\n".parse::<Table>().expect("TOML"));
    site.write("hachi.toml", config.to_string());
    let files = |site: &Site| site.latest().tables.into_iter().find(|t| t.name == "item_weights").expect("a table").files;
    let made_before = files(&site);
    site.hachi(&["run", "--as-of", AS_OF]).ok();
    assert_ne!(files(&site), made_before);
    let after = weights(&site);
    assert!(!before.is_empty());
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    for (pair, weight) in &before {
        assert!((weight - after[pair]).abs() < TOLERANCE, "{pair:?}: {weight} {}", after[pair]);
    }
}
