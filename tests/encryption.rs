//! Files of sensitive tables under keys: nobody reads them without, readers with the key find the same rows, and keys come, change and go
//! without anything being computed.

use std::collections::{BTreeSet, HashSet};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use hachi::models::Catalog;
use hachi::run::graph_of;
use hachi_snapshot::{FileEntry, Manifest, PseudonymKey};
use serde_json::Value;

use crate::files;
use crate::privacy::assert_table;
use crate::programs::{Said, assert_holds, root};
use crate::rows::{AS_OF, RATINGS, ingest};
use crate::sample;
use crate::site::Site;

const LIST: &str = "select count(*) from recommendations";
const HEADER: &str = "user_id,course_id,rating,ts\n";
const FIRST_DAY: &str = "ana,c1,4,2026-03-01T12:00:00Z\nbo,c1,3,2026-03-01T14:00:00Z\nbo,c2,5,2026-03-01T15:00:00Z\n";
const SECOND_DAY: &str = "ana,c2,5,2026-03-02T13:00:00Z\ncleo,c2,2,2026-03-02T14:00:00Z\n";

/// `[encryption]` with keys of these names, each in a file of its own.
fn keys(ids: &[&str]) -> String {
    let keys: Vec<String> = ids.iter().map(|id| format!("{{ id = \"{id}\", file = \"{id}.key\" }}")).collect();
    format!("\n[encryption]\nkeys = [{}]\n", keys.join(", "))
}

/// Writes the key `id`: 32 times the byte.
fn write_key(site: &Site, id: &str, byte: u8) {
    let name = format!("{id}.key");
    site.write(&name, format!("{}\n", format!("{byte:02x}").repeat(32)));
    fs::set_permissions(site.path(&name), Permissions::from_mode(0o600)).expect("a file of our own");
}

fn configure(site: &Site, config: &str, encryption: &str) {
    site.write("hachi.toml", format!("{config}{encryption}"));
}

/// Published and kept files of sensitive tables, and those of all others.
fn by_sensitivity(manifest: &Manifest) -> (Vec<FileEntry>, Vec<FileEntry>) {
    let catalog = Catalog::load(Some(&root().join("sql"))).expect("sound models");
    let graph = graph_of(&catalog).expect("a sound graph");
    let is_sensitive = |table: &str| table == "held_back" || graph.is_sensitive(table);
    let of = |wanted: bool| {
        let tables = manifest.tables.iter().chain(&manifest.state).filter(|table| is_sensitive(&table.name) == wanted);
        tables.flat_map(|table| table.files.clone()).collect()
    };
    (of(true), of(false))
}

/// All sensitive files are under the key `id`, and no others.
#[track_caller]
fn assert_under(site: &Site, id: Option<&str>) {
    let (sensitive, others) = by_sensitivity(&site.latest());
    assert!(!sensitive.is_empty() && !others.is_empty());
    for file in sensitive {
        assert_eq!(file.key.as_deref(), id, "{}", file.path);
        let bytes = fs::read(site.lake().join(&file.path)).expect("a published file");
        let magic: &[u8] = if id.is_some() { b"PARE" } else { b"PAR1" };
        assert!(bytes.starts_with(magic) && bytes.ends_with(magic), "{} is not as its manifest says", file.path);
        assert!(id.is_none() || !bytes.windows(7).any(|window| window == b"user_id"), "{} names its columns", file.path);
    }
    for file in others {
        assert_eq!(file.key, None, "{}", file.path);
    }
}

/// Steps of a run's report by what was done, but for the check results, which are written in every run.
fn steps(said: &Said, action: &str) -> Vec<Value> {
    said.json()["steps"].as_array().expect("steps").iter().filter(|step| step["action"] == action).cloned().collect()
}

#[test]
fn what_names_a_member_is_marked() {
    let catalog = Catalog::load(Some(&root().join("sql"))).expect("sound models");
    let graph = graph_of(&catalog).expect("a sound graph");
    let latest = sample::published().site.latest();
    for table in &latest.tables {
        let names = table.columns.iter().any(|column| column.name == "user_id" || column.description.contains("pseudonym of"));
        assert!(!names || graph.is_sensitive(&table.name), "`{}` names members; mark it `sensitive = true`", table.name);
    }
    for table in latest.state.iter().filter(|table| table.name != "held_back") {
        assert!(graph.is_sensitive(&table.name), "`{}` has exact numbers; mark it `sensitive = true`", table.name);
    }
}

#[test]
fn keys_come_change_and_go_and_nothing_is_computed() {
    let (site, config) = (sample::copy(), sample::config().to_string());
    let content = site.latest().content_hash;
    write_key(&site, "a", 1);
    write_key(&site, "b", 2);
    let turn = |encryption: &str, why: &str| {
        configure(&site, &config, encryption);
        let plan = site.hachi(&["plan", "--as-of", sample::AS_OF]).ok().stdout;
        let line = plan.lines().find(|line| line.contains(" recommendations ") || line.contains(" learn ")).expect("the lists");
        assert_holds(line, &["rewrite", why]);
        let said = site.hachi(&["run", "--as-of", sample::AS_OF, "--json"]).ok();
        assert_eq!(site.latest().content_hash, content);
        let rewritten = steps(&said, "rewrite");
        assert!(rewritten.len() > 20 && rewritten.iter().all(|step| step["why"] == why), "{rewritten:?}");
        let built = steps(&said, "build").len() + steps(&said, "days").len();
        assert!(built < 3, "{built} steps were computed again");
    };
    turn(&keys(&["a"]), "encryption key `a` instead of none");
    assert_under(&site, Some("a"));
    turn(&keys(&["b", "a"]), "encryption key `b` instead of `a`");
    assert_under(&site, Some("b"));
    configure(&site, &config, &keys(&["b"]));
    assert_ne!(site.column(LIST), ["0"]);
    let needed = site.hachi(&["snapshots"]).ok().stdout;
    assert_holds(&needed, &["key  needed by snapshots", "a    2", "b    3"]);
    let back = site.hachi(&["rollback", "2"]).failed(3);
    assert_holds(&back, &["snapshot 2 can't be read", "the key `a`, which is not configured"]);
    site.hachi(&["verify", "--all"]).ok();
    turn(&format!("{}enabled = false\n", keys(&["b"])), "no encryption instead of key `b`");
    configure(&site, &config, "");
    assert_under(&site, None);
    assert_ne!(site.column(LIST), ["0"]);
}

#[test]
fn no_plain_file_names_a_member() {
    let site = sample::copy();
    write_key(&site, "a", 1);
    configure(&site, &sample::config().to_string(), &keys(&["a"]));
    site.hachi(&["run", "--as-of", sample::AS_OF]).ok();
    let key = PseudonymKey::load(site.key()).expect("the key");
    let columns = [("members", "user_id"), ("ratings", "user_id"), ("access_log", "user_id"), ("courses", "author_id")];
    let ids = columns.into_iter().flat_map(|(table, column)| sample::texts(table, column));
    let pseudonyms: HashSet<String> = ids.map(|id| key.pseudonym(&id).to_string()).collect();
    assert!(pseudonyms.len() > 100);
    let (_, plain) = by_sensitivity(&site.latest());
    plain.iter().for_each(|file| assert_table(&site, &file.path, &pseudonyms));
    assert_eq!(
        fs::read_dir(site.lake()).expect("the lake").flatten().filter(|e| e.file_name().to_string_lossy().starts_with(".scratch")).count(),
        0
    );
}

/// A site of a few ratings, with the key `a`.
fn small() -> Site {
    let site = Site::new("");
    write_key(&site, "a", 1);
    configure(&site, RATINGS, &keys(&["a"]));
    ingest(&site, "ratings", "first.csv", format!("{HEADER}{FIRST_DAY}"));
    site.hachi(&["run", "--as-of", AS_OF]).ok();
    site
}

#[test]
fn content_is_what_it_is_without_keys_and_the_day_after_too() {
    let site = small();
    let run_plain = |lake: &str| {
        configure(&site, RATINGS, "");
        let said = site.hachi(&["run", "--as-of", AS_OF, "--lake", lake, "--json"]).ok();
        configure(&site, RATINGS, &keys(&["a"]));
        said.json()["content_hash"].as_str().expect("a hash").to_owned()
    };
    assert_eq!(site.latest().content_hash, run_plain("plain"));
    assert_under(&site, Some("a"));
    ingest(&site, "ratings", "second.csv", format!("{HEADER}{SECOND_DAY}"));
    let said = site.hachi(&["run", "--as-of", AS_OF, "--json"]).ok();
    assert!(!steps(&said, "days").is_empty(), "a new day is built alone");
    assert_eq!(site.latest().content_hash, run_plain("plain"));
    assert_under(&site, Some("a"));
}

#[test]
fn a_new_day_and_a_new_key_in_one_run() {
    let site = small();
    write_key(&site, "b", 2);
    configure(&site, RATINGS, &keys(&["b", "a"]));
    ingest(&site, "ratings", "second.csv", format!("{HEADER}{SECOND_DAY}"));
    site.hachi(&["run", "--as-of", AS_OF, "--select", "ratings"]).ok();
    assert_under(&site, Some("b"));
    configure(&site, RATINGS, &keys(&["b"]));
    site.hachi(&["run", "--as-of", AS_OF]).ok();
    assert_eq!(site.latest().keys(), BTreeSet::from(["b"]));
    assert_eq!(site.column("select count(*) from ratings"), ["5"]);
}

#[test]
fn without_its_key_a_table_is_refused_and_the_others_answer() {
    let site = small();
    configure(&site, RATINGS, "");
    let refused = site.hachi(&["sql", LIST]).failed(3);
    assert_holds(&refused, &["`recommendations` is encrypted under the key `a`", "add `{ id = \"a\", file = \"…\" }`", "`[encryption]`"]);
    assert_holds(&site.hachi(&["sql", "select * from ratings r join source_rows s on true"]).failed(3), &["`ratings` is encrypted"]);
    assert_ne!(site.column("select count(*) from source_rows"), ["0"]);
    for command in [&["run", "--as-of", AS_OF] as &[&str], &["plan"], &["forget", "ana"]] {
        assert_holds(&site.hachi(command).failed(3), &["is encrypted under the key `a`, which is not configured"]);
    }
    site.hachi(&["verify"]).ok();
    assert_eq!(site.latest().number, 1);
}

#[test]
fn a_wrong_key_is_told_from_a_damage() {
    let site = small();
    write_key(&site, "a", 3);
    for command in [&["sql", LIST] as &[&str], &["run", "--as-of", AS_OF]] {
        let refused = site.hachi(command).failed(3);
        assert_holds(&refused, &["part-0.parquet` can't be read with the key `a`: authentication failed"]);
        assert!(!refused.contains("corrupt") && !refused.contains(&"03".repeat(32)), "{refused}");
    }
    assert_eq!(site.latest().number, 1);
}

/// A query does not read all of a file: the index of its pages, for one. What it reads is authenticated.
#[test]
fn a_changed_byte_is_refused_or_makes_no_difference() {
    const PLACES: usize = 24;
    let site = small();
    let file = site.latest().tables.into_iter().find(|table| table.name == "ratings").expect("a table").files.remove(0);
    let path = site.lake().join(&file.path);
    let (bytes, rows) = (fs::read(&path).expect("a file"), site.query("select * from ratings order by user_id, course_id"));
    let mut refused = 0;
    for place in (0..PLACES).map(|place| 4 + place * (bytes.len() - 5) / (PLACES - 1)) {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        fs::write(&path, changed).expect("a file of our own");
        let said = site.hachi(&["sql", "select * from ratings order by user_id, course_id", "--json"]);
        match said.code {
            Some(0) => assert_eq!(said.json(), Value::from(rows.clone()), "byte {place} changed what is answered"),
            _ => refused += 1,
        }
    }
    assert!(refused > PLACES / 2, "only {refused} of {PLACES} changes were noticed");
}

#[test]
fn a_key_that_cannot_be_used_says_why() {
    let site = small();
    let refused = || site.hachi(&["sql", LIST]).failed(3);
    configure(&site, RATINGS, "[encryption]\nkeys = [{ id = \"a\", env = \"HACHI_NO_KEY\" }]\n");
    assert_holds(&refused(), &["`encryption.keys.a` is `HACHI_NO_KEY`, expected the name of a variable that is set"]);
    let mut with_variable = site.command(&["sql", LIST]);
    let said: Said = with_variable.env("HACHI_NO_KEY", "secret").output().expect("a program that starts").into();
    let told = said.failed(3);
    assert!(told.contains("a variable that holds 64 hex digits") && !told.contains("secret"), "{told}");
    let said: Said = with_variable.env("HACHI_NO_KEY", "01".repeat(32)).output().expect("a program that starts").into();
    said.ok();
    configure(&site, RATINGS, &keys(&["a"]));
    fs::set_permissions(site.path("a.key"), Permissions::from_mode(0o644)).expect("a file of our own");
    assert_holds(&refused(), &["the key `a` of `[encryption]`", "has mode 644, which is too open", "chmod 600"]);
    fs::rename(site.path("a.key"), site.lake().join("a.key")).expect("a file of our own");
    configure(&site, RATINGS, "[encryption]\nkeys = [{ id = \"a\", file = \"lake/a.key\" }]\n");
    assert_holds(&refused(), &["expected a file outside the lake"]);
}

#[test]
fn a_forgotten_member_is_gone_from_encrypted_files_too() {
    let site = small();
    let told = site.hachi(&["forget", "ana"]).ok().stdout;
    assert_holds(&told, &["snapshot 1 names the member in", "snapshot 2 names nobody who was to be forgotten"]);
    assert_under(&site, Some("a"));
    // Read as they are: without encryption every file opens.
    configure(&site, RATINGS, &format!("{}enabled = false\n", keys(&["a"])));
    site.hachi(&["run", "--as-of", AS_OF]).ok();
    let ana = PseudonymKey::load(site.key()).expect("the key").pseudonym("ana");
    assert_eq!(site.column(&format!("select count(*) from ratings where user_id = '{ana}'")), ["0"]);
}

#[test]
fn no_file_of_the_lake_holds_a_key() {
    let site = small();
    for (path, bytes) in files::tree(&site.lake()) {
        let holds = |secret: &[u8]| bytes.windows(secret.len()).any(|window| window == secret);
        assert!(!holds("01".repeat(32).as_bytes()) && !holds(&[1; 32]), "the key is in {}", path.display());
    }
}
