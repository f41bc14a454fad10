//! Single members: whoever holds the key finds them, one who was erased is nowhere, one who refuses personalisation is in no profile.

use std::collections::{BTreeMap, HashSet};

use hachi_snapshot::{Pseudonym, PseudonymKey, ServeReader};
use serde_json::Value;
use toml::Table;

use crate::files;
use crate::privacy::assert_table;
use crate::programs::assert_holds;
use crate::rows::{RATINGS, assert_rows, ingest, parquet, reasons, run, texts, times};
use crate::sample::{self, AS_OF};
use crate::site::Site;

/// Tables that say what a member likes, or might.
const PROFILES: [&str; 5] = ["interest_tags", "member_behaviours", "course_affinity", "user_factors", "recommendations"];

/// Ids of the sample's members by pseudonym, in the shared sample.
fn members() -> BTreeMap<String, String> {
    let mut ids: Vec<String> = sample::texts("members", "user_id").into_iter().collect();
    ids.sort();
    let said = sample::published().site.hachi_reading(ids.join("\n").as_bytes(), &["pseudonym", "-", "--json"]).ok().json();
    let text = |row: &Value, key: &str| row[key].as_str().expect("a text").to_owned();
    said.as_array().expect("rows").iter().map(|row| (text(row, "pseudonym"), text(row, "id"))).collect()
}

/// Members of the sample, by id, of whom something is recommended, liked, and known from the log: those with the most days first.
pub fn known_members() -> Vec<String> {
    let profiles: Vec<String> = PROFILES.iter().map(|table| format!("user_id in (select user_id from {table})")).collect();
    let sql = format!("select user_id from member_days where {} group by user_id order by count(*) desc, user_id", profiles.join(" and "));
    let members = members();
    sample::published().site.column(&sql).iter().filter_map(|pseudonym| members.get(pseudonym).cloned()).collect()
}

/// The sample without `erased`, in which `refused` refuses personalisation.
fn run_without(erased: &str, refused: &str) -> Site {
    let mut config = sample::config();
    let privacy: Table = "erased = \"lists/erased.txt\"\nrefused = \"lists/refused.txt\"".parse().expect("TOML");
    config.insert("privacy".to_owned(), privacy.into());
    let site = Site::new(&config.to_string());
    site.write("lists/erased.txt", format!("# at their own request\n\n{erased}\n"));
    site.write("lists/refused.txt", format!("{refused}\n"));
    site.hachi(&["run", "--as-of", AS_OF]).ok();
    site
}

fn pseudonym(site: &Site, id: &str) -> Pseudonym {
    PseudonymKey::load(site.key()).expect("the key").pseudonym(id)
}

#[test]
fn an_erased_member_is_nowhere_and_a_refusing_one_in_no_profile() {
    let known = known_members();
    let (erased, refused) = (&known[0], &known[1]);
    let site = run_without(erased, refused);
    assert_nowhere(&site, erased);
    assert_still_counted(&site);
    assert_no_profile(&site, refused);
}

#[track_caller]
fn assert_nowhere(site: &Site, erased: &str) {
    let name = pseudonym(site, erased);
    let secrets = HashSet::from([erased.to_owned(), name.to_string()]);
    let latest = site.latest();
    latest.tables.iter().flat_map(|table| &table.files).for_each(|file| assert_table(site, &file.path, &secrets));
    for (path, bytes) in files::tree(&site.lake()) {
        let holds = |secret: &[u8]| bytes.windows(secret.len()).any(|window| window == secret);
        assert!(!holds(name.as_bytes()) && !holds(name.to_string().as_bytes()), "{} names an erased member", path.display());
    }
}

/// The rows of who was erased are rejected without a word on who it was, and all rows are kept or rejected.
#[track_caller]
fn assert_still_counted(site: &Site) {
    let read = "select source, rows_read from source_rows order by source";
    assert_eq!(site.query(read), sample::published().site.query(read));
    let unequal = "select * from source_rows where rows_read <> rows_kept + rows_rejected";
    assert_eq!(site.query(unequal), Vec::<Value>::new());
    let sources = site.column("select distinct source from rejects where reason = 'the member was erased' order by source");
    assert!(["access_log", "members", "ratings"].iter().all(|source| sources.contains(&(*source).to_owned())), "{sources:?}");
}

#[track_caller]
fn assert_no_profile(site: &Site, refused: &str) {
    let name = pseudonym(site, refused);
    for table in PROFILES {
        let rows = site.column(&format!("select count(*) from {table} where user_id = '{name}'"));
        assert_eq!(rows, ["0"], "`{table}` knows who refuses");
        assert_ne!(site.column(&format!("select count(*) from {table}")), ["0"], "`{table}` knows others");
    }
    assert_ne!(site.column(&format!("select count(*) from member_days where user_id = '{name}'")), ["0"], "analytics count everybody");
    let serve = &site.latest().serve[0];
    let reader = ServeReader::open(site.lake().join(&serve.path)).expect("a serving file");
    assert!(reader.list(&name).expect("a readable file").is_none(), "the sidecar has a list");
}

#[test]
fn what_others_did_stays_and_names_nobody() {
    let site = Site::new(&format!(
        "{RATINGS}[sources.courses]\npath = \"raw/courses\"\n[sources.members]\npath = \"raw/members\"\n[privacy]\nerased = \"erased.txt\"\n"
    ));
    site.write("erased.txt", "ana");
    let courses = "course_id,title,tags,author_id,published_at\nc1,One,rust,ana,2026-01-01T00:00:00Z\n";
    ingest(&site, "courses", "courses.csv", courses);
    let members = "user_id,joined_at,referrer_id\nana,2026-01-01T00:00:00Z,\nbo,2026-01-02T00:00:00Z,ana\n";
    ingest(&site, "members", "members.csv", members);
    let columns = vec![
        ("user_id", texts([Some("ana"), Some(" ana "), Some("bo"), Some("bo")])),
        ("course_id", texts([Some("c1"), Some("c1"), Some("c1"), Some("c1")])),
        ("rating", texts([Some("4"), Some("secret"), Some("5"), Some("secret")])),
        ("ts", times(4)),
    ];
    parquet(&site, "raw/ratings/part-0.parquet", columns);
    run(&site);
    assert_rows(&site, "courses", 1, 1);
    assert_rows(&site, "members", 2, 1);
    assert_rows(&site, "ratings", 4, 1);
    let erased = "the member was erased";
    assert_eq!(reasons(&site), [erased, erased, erased, "`rating` is `secret`, expected a number"]);
    assert_nowhere(&site, "ana");
}

#[test]
fn a_list_that_is_not_there_ends_the_run() {
    let site = Site::new(&format!("{RATINGS}[privacy]\nerased = \"gone.txt\"\n"));
    ingest(&site, "ratings", "ratings.csv", "user_id,course_id,rating,ts\nana,c1,4,2026-03-01T12:00:00Z\n");
    let error = site.hachi(&["run"]).failed(4);
    assert_holds(&error, &["`privacy.erased`", "gone.txt", "which can't be read", "No such file", "remove the key"]);
}

#[test]
fn who_holds_the_key_finds_members() {
    let site = &sample::published().site;
    let of = |id| pseudonym(site, id).to_string();
    assert_eq!(site.hachi(&["pseudonym", "ana", "bo"]).ok().stdout, format!("{}\n{}\n", of("ana"), of("bo")));
    let said = site.hachi_reading(b"bo\r\n\nana\n", &["pseudonym", "cy", "-"]).ok().stdout;
    assert_eq!(said, format!("{}\n{}\n{}\n", of("cy"), of("bo"), of("ana")));
}

#[test]
fn no_key_is_made_for_a_question() {
    let site = Site::new(RATINGS);
    let error = site.hachi(&["pseudonym", "ana"]).failed(1);
    assert_holds(&error, &["no pseudonym key at", "pseudonym.key", "`hachi run` makes one", "privacy.key_file"]);
    assert!(!site.key().exists());
}

#[test]
fn a_part_is_not_put_beside_tables_that_name_an_erased_member() {
    let site = run_without("nobody", "nobody");
    let erased = &known_members()[0];
    site.write("lists/erased.txt", erased);
    let refused = site.hachi(&["run", "--as-of", AS_OF, "--select", "area:retention"]).failed(3);
    assert_holds(&refused, &["erased members has changed", "without `--select`"]);
    site.hachi(&["run", "--as-of", AS_OF]).ok();
    // Snapshots of before keep their files until they are collected.
    let name = pseudonym(&site, erased);
    assert_eq!(site.column(&format!("select count(*) from member_days where user_id = '{name}'")), ["0"]);
}
