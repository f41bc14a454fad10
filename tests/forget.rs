//! Forgetting a member: nothing in the lake tells of the member any more, everybody else stays, and whatever interrupts it, a second try
//! ends it.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use hachi_snapshot::PseudonymKey;
use serde_json::{Value, json};

use crate::files;
use crate::http::encoded;
use crate::patience::wait;
use crate::people::known_members;
use crate::privacy::assert_table;
use crate::programs::assert_holds;
use crate::rows::{self, RATINGS, assert_rows, ingest, run};
use crate::sample::{self, AS_OF};
use crate::sidecar::Sidecar;
use crate::site::Site;

const HEADER: &str = "user_id,course_id,rating,ts\n";

/// A site of two members' ratings, published.
pub fn small() -> Site {
    small_with("")
}

fn small_with(privacy: &str) -> Site {
    let site = Site::new(&format!("{RATINGS}{privacy}"));
    site.write("erased.txt", "");
    let ratings = "ana,c1,4,2026-03-01T12:00:00Z\nana,c2,5,2026-03-01T13:00:00Z\nbo,c1,3,2026-03-01T14:00:00Z\n";
    ingest(&site, "ratings", "ratings.csv", format!("{HEADER}{ratings}"));
    run(&site);
    site
}

fn pseudonym(site: &Site, id: &str) -> String {
    PseudonymKey::load(site.key()).expect("the key").pseudonym(id).to_string()
}

/// No file below the lake holds the pseudonym or the id, neither in its bytes nor, where it is a table, in its values.
#[track_caller]
pub fn assert_gone(site: &Site, id: &str) {
    let name = pseudonym(site, id);
    let secrets = HashSet::from([id.to_owned(), name.clone()]);
    let bytes_of_name: Vec<u8> = (0..name.len()).step_by(2).map(|at| u8::from_str_radix(&name[at..at + 2], 16).expect("hex")).collect();
    for (path, bytes) in files::tree(&site.lake()) {
        let holds = |secret: &[u8]| bytes.windows(secret.len()).any(|window| window == secret);
        assert!(!holds(&bytes_of_name) && !holds(name.as_bytes()), "{} names who was forgotten", path.display());
        if path.extension().is_some_and(|extension| extension == "parquet") {
            assert_table(site, &path.to_string_lossy(), &secrets);
        }
    }
    let manifest = site.latest();
    for table in manifest.tables.iter().filter(|table| table.columns.iter().any(|column| column.name == "user_id")) {
        let rows = site.column(&format!("select count(*) from {} where user_id = '{name}'", table.name));
        assert_eq!(rows, ["0"], "{} names who was forgotten", table.name);
    }
}

/// Tables whose rows of others have nothing to do with a member.
const OTHERS: [&str; 6] = ["lesson_days", "member_days", "member_streaks", "payments", "ratings", "sessions"];

fn rows_of_others(site: &Site, name: &str) -> Vec<Vec<String>> {
    let rows = |table: &str| {
        let rows = site.query(&format!("select * from {table} where user_id <> '{name}' or user_id is null"));
        assert!(!rows.is_empty(), "{table} is empty");
        let mut rows: Vec<String> = rows.iter().map(Value::to_string).collect();
        rows.sort();
        rows
    };
    OTHERS.map(rows).into()
}

/// Rows of all published tables by name, without those of `name` where they have members.
fn counts(site: &Site, name: &str) -> Vec<(String, String)> {
    let fixed = ["events", "interactions", "member_days", "member_profile", "ratings", "sessions", "source_rows", "calendar_days"];
    let tables = site.latest().tables.into_iter().filter(|table| fixed.contains(&table.name.as_str()));
    let count = |table: hachi_snapshot::Table| {
        let by_member = table.columns.iter().any(|column| column.name == "user_id");
        let others = if by_member { format!(" where user_id <> '{name}' or user_id is null") } else { String::new() };
        (table.name.clone(), site.column(&format!("select count(*) from {}{others}", table.name)).remove(0))
    };
    tables.map(count).collect()
}

#[test]
fn a_member_with_much_data_is_forgotten_and_everybody_else_stays() {
    let site = sample::copy();
    let member = &known_members()[0];
    let name = pseudonym(&site, member);
    let (others, counted, read) =
        (rows_of_others(&site, &name), counts(&site, &name), site.query("select source, rows_read from source_rows order by 1"));
    let sidecar = Sidecar::start(&site);
    let list = format!("/v1/users/{}/recommendations?limit=5", encoded(member));
    assert_eq!(sidecar.get(&list).ok()["source"], "personal");

    let lake = files::tree(&site.lake());
    let foreseen = site.hachi(&["forget", member, "--dry-run", "--json"]).ok().json();
    assert_eq!(files::tree(&site.lake()), lake, "a dry run changed the lake");
    let done = site.hachi(&["forget", member, "--json"]).ok().json();

    assert_eq!((&foreseen["tables"], &foreseen["members"]), (&done["tables"], &done["members"]));
    assert_eq!((&done["before"], &done["after"], &done["collected"], &done["lists"]), (&json!(1), &json!(2), &json!([1]), &json!(1)));
    let days = done["tables"]["member_days"].as_u64().expect("rows");
    assert!(days > 5 && done["tables"]["recommendations"].as_u64() > Some(5), "{done}");
    assert_gone(&site, member);
    assert_eq!(rows_of_others(&site, &name), others);
    assert_eq!(counts(&site, &name), counted);
    assert_eq!(site.query("select source, rows_read from source_rows order by 1"), read);
    assert_proof(&site, &done);
    site.hachi(&["audit", "--verify"]).ok();

    wait(|| sidecar.get("/status").ok()["snapshot"]["number"] == 2, || sidecar.get("/status").body);
    let answer = sidecar.get(&list).ok();
    assert_eq!(answer["source"], "popular", "{answer}");
    let popular = sidecar.get("/v1/courses/popular?limit=5").items();
    let course = |item: &Value| item["course_id"].clone();
    assert_eq!(
        answer["items"].as_array().expect("items").iter().map(course).collect::<Vec<_>>(),
        popular.iter().map(course).collect::<Vec<_>>()
    );

    site.hachi(&["run", "--as-of", AS_OF]).ok();
    assert_gone(&site, member);
}

/// The table of proofs says what was done, and the audit log who did it.
#[track_caller]
fn assert_proof(site: &Site, done: &Value) {
    let rows = site.query("select proof, last_snapshot, tables_touched, rows_removed from erasures");
    let member = &done["members"][0];
    let expected =
        json!({"proof": member["proof"], "last_snapshot": 1, "tables_touched": member["tables"], "rows_removed": member["rows"]});
    assert_eq!(rows, [expected]);
    let entries = site.hachi(&["audit", "--json"]).ok().json();
    let of_forget: Vec<&Value> = entries.as_array().expect("entries").iter().filter(|entry| entry["action"] == "forget").collect();
    let said: Vec<_> = of_forget.iter().map(|entry| (&entry["outcome"], &entry["before"], &entry["after"])).collect();
    assert_eq!(said, [(&json!("started"), &json!(1), &Value::Null), (&json!("forgotten"), &json!(1), &json!(2))]);
    assert_eq!(of_forget[1]["details"]["proofs"], json!([member["proof"]]));
}

/// Kills `hachi forget` when it has got so far, and forgets again.
fn killed_once(is_there: impl Fn(&Site) -> bool) {
    let site = sample::copy();
    let member = &known_members()[1];
    let mut forget = site.start(&mut site.command(&["forget", member]));
    wait(|| is_there(&site), || "it did not get so far".to_owned());
    // SIGKILL: nothing of it can clean up.
    forget.kill().expect("it can be killed");
    forget.wait().expect("it ends");
    site.query("select count(*) from events");
    site.hachi(&["forget", member]).ok();
    assert_gone(&site, member);
    let rows = site.column("select rows_removed from erasures");
    assert!(rows.len() == 1 && rows[0] != "0", "what was removed is told by the first try: {rows:?}");
    assert_eq!(files::below(&site.lake().join("manifests")).len(), 1);
    let links = fs::read_dir(site.lake().join("current/member_days")).expect("links to the latest snapshot");
    assert!(links.flatten().all(|link| link.path().is_file()), "the links lead nowhere");
    site.hachi(&["audit", "--verify"]).ok();
}

fn entries(folder: &Path) -> usize {
    fs::read_dir(folder).map_or(0, Iterator::count)
}

#[test]
fn killed_once_it_is_registered() {
    killed_once(|site| entries(&site.lake().join("erased")) > 0);
}

#[test]
fn killed_while_it_builds() {
    killed_once(|site| entries(&site.lake().join("data")) > 1);
}

#[test]
fn killed_while_it_collects() {
    killed_once(|site| entries(&site.lake().join("manifests")) > 1);
}

#[test]
fn what_a_killed_run_left_goes_too() {
    let site = small();
    let name = pseudonym(&site, "ana");
    for left in [
        "data/20260101T000000000000Z-00000001/x/part-0.parquet",
        ".scratch-x/part-0.arrow",
        "serve/20260101T000000000000Z-00000001/serve.redb",
    ] {
        site.write(&format!("lake/{left}"), &name);
    }
    site.hachi(&["forget", "ana"]).ok();
    let holds = |bytes: &[u8]| bytes.windows(name.len()).any(|window| window == name.as_bytes());
    let holding: Vec<_> = files::tree(&site.lake()).into_iter().filter(|(_, bytes)| holds(bytes)).map(|(path, _)| path).collect();
    assert!(holding.is_empty(), "{holding:?}");
}

#[test]
fn a_stranger_is_recorded_too() {
    let site = small();
    let said = site.hachi(&["forget", "nobody"]).ok().stdout;
    assert_holds(
        &said,
        &[
            "snapshot 1 does not name the member",
            "snapshot 2 names nobody who was to be forgotten",
            "`erasures`",
            "the raw files are yours",
        ],
    );
    assert_eq!(site.query("select last_snapshot, rows_removed from erasures"), [json!({"last_snapshot": 1, "rows_removed": 0})]);
    assert_rows(&site, "ratings", 3, 3);
    ingest(&site, "ratings", "late.csv", format!("{HEADER}nobody,c1,1,2026-03-01T15:00:00Z\n"));
    run(&site);
    assert_rows(&site, "ratings", 4, 3);
    assert_gone(&site, "nobody");
}

#[test]
fn the_list_of_the_site_and_the_registry_both_count() {
    let site = small_with("[privacy]\nerased = \"erased.txt\"\n");
    site.write("erased.txt", "bo\n");
    let said = site.hachi_reading(b"ana\n\n ana \n", &["forget", "-", "--json"]).ok().json();
    assert_eq!(said["members"].as_array().map(Vec::len), Some(1), "{said}");
    assert_rows(&site, "ratings", 3, 0);
    assert_gone(&site, "ana");
    assert_gone(&site, "bo");
    // Whoever moves from the list to the registry is erased as before.
    let before = site.latest();
    site.write("erased.txt", "bo\nana\n");
    run(&site);
    assert_eq!(site.latest().hashes.erased, before.hashes.erased);
}

#[test]
fn only_the_days_of_who_is_forgotten_are_built() {
    let site = Site::new(&format!("{RATINGS}[privacy]\nerased = \"erased.txt\"\n"));
    site.write("erased.txt", "");
    let ratings =
        "ana,c1,4,2026-02-01T12:00:00Z\nbo,c1,3,2026-02-10T14:00:00Z\nbo,c2,3,2026-02-20T14:00:00Z\nana,c3,1,2026-02-27T01:00:00Z\n";
    ingest(&site, "ratings", "ratings.csv", format!("{HEADER}{ratings}"));
    run(&site);
    site.write("erased.txt", "bo\n");
    let plan = site.hachi(&["plan", "--as-of", rows::AS_OF, "--json"]).ok().json();
    let step = plan["steps"].as_array().expect("steps").iter().find(|step| step["name"] == "ratings").expect("a table by day").to_string();
    assert_holds(&step, &["members erased, or erased no more", "2026-02-10", "2026-02-20"]);
    assert!(!step.contains("2026-02-01") && !step.contains("2026-02-27"), "{step}");

    // The days that stay are those of a full build, and so are the days after somebody is let in again.
    for (erased, left) in [("bo\n", 2), ("ana\nbo\n", 0), ("bo\n", 2), ("", 4)] {
        site.write("erased.txt", erased);
        run(&site);
        assert_rows(&site, "ratings", 4, left);
        let content = site.latest().content_hash;
        site.hachi(&["run", "--as-of", rows::AS_OF, "--full"]).ok();
        assert_eq!(site.latest().content_hash, content, "without {erased:?}");
    }
}

#[test]
fn forgetting_again_does_nothing_twice() {
    let site = small();
    site.hachi(&["forget", "ana"]).ok();
    let before = site.latest();
    let said = site.hachi(&["forget", "ana", "bo", "--dry-run"]).ok().stdout;
    assert_holds(&said, &["snapshot 2 names the 2 members", "nothing was done"]);
    site.hachi(&["forget", "ana"]).ok();
    assert_eq!(site.latest(), before);
}

#[test]
fn an_empty_lake_remembers_whom_to_forget() {
    let site = Site::new(RATINGS);
    let error = site.hachi(&["forget", "ana"]).failed(1);
    assert_holds(&error, &["no pseudonym key at", "`hachi run` makes one"]);
    site.write("home/hachi/pseudonym.key", "07".repeat(32));
    std::process::Command::new("chmod").arg("600").arg(site.key()).status().expect("`chmod` is there");
    assert_holds(&site.hachi(&["forget", "ana"]).ok().stdout, &["nothing is published yet", "recorded"]);
    ingest(&site, "ratings", "ratings.csv", format!("{HEADER}ana,c1,4,2026-03-01T12:00:00Z\nbo,c1,4,2026-03-01T12:00:00Z\n"));
    run(&site);
    assert_rows(&site, "ratings", 2, 1);
    assert_eq!(site.column("select last_snapshot from erasures"), ["null"]);
}

#[test]
fn another_key_does_not_bring_anybody_back() {
    let site = small();
    site.hachi(&["forget", "ana"]).ok();
    fs::remove_file(site.key()).expect("the key");
    let error = site.hachi(&["run"]).failed(3);
    assert_holds(&error, &["erased under another pseudonym key", "`privacy.key_file`", "`privacy.erased`"]);
}

#[test]
fn nobody_is_no_member() {
    let error = small().hachi_reading(b"\n \n", &["forget", "-"]).failed(1);
    assert_holds(&error, &["no member's id was given"]);
}
