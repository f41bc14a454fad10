//! A snapshot after its publication: it is listed, compared, verified, gone back to, and read through links.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::patience::wait;
use crate::programs::{Said, assert_holds};
use crate::sample::{self, AS_OF};
use crate::sidecar::Sidecar;
use crate::site::Site;

const EARLIER: &str = "2026-03-20";

fn strings(value: &Value) -> Vec<String> {
    value.as_array().expect("an array").iter().map(|text| text.as_str().expect("a text").to_owned()).collect()
}

/// What a glob of a table in `current` finds, as the files that are linked to.
fn linked(site: &Site, table: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(site.lake().join("current").join(table)).expect("links to a table");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("a link").path().canonicalize().expect("a file behind it")).collect();
    files.sort();
    files
}

fn files_of(site: &Site, arguments: &[&str]) -> Vec<PathBuf> {
    let said = site.hachi(&[&["files"], arguments].concat()).ok().stdout;
    let mut files: Vec<_> = said.lines().map(|path| PathBuf::from(path).canonicalize().expect("a file")).collect();
    files.sort();
    files
}

#[test]
fn going_back_names_the_old_files_and_the_next_run_builds_the_days_since() {
    let site = sample::copy();
    let run = |as_of: &str| site.hachi(&["run", "--as-of", as_of, "--json"]).ok().json();
    run(EARLIER);
    let earlier = site.latest();
    run(AS_OF);
    let later = site.latest();
    let sidecar = Sidecar::start(&site);
    let served = || sidecar.get("/status").ok()["snapshot"]["number"].as_u64();
    assert_eq!(served(), Some(3));

    let outcome = site.hachi(&["rollback", "2", "--json"]).ok().json();
    let back = site.latest();
    assert_eq!((&outcome["number"], &outcome["parent"], &outcome["rolled_back_to"]), (&json!(4), &json!(3), &json!(2)));
    assert_eq!((&back.content_hash, &back.tables, &back.serve), (&earlier.content_hash, &earlier.tables, &earlier.serve));
    assert_eq!((back.as_of, back.rolled_back_to, &back.hashes), (earlier.as_of, Some(2), &earlier.hashes));
    assert_eq!(site.column("select max(event_date) from events where event_date > date '2026-03-20'"), ["null"]);
    assert_eq!(linked(&site, "events"), files_of(&site, &["events", "--snapshot", "2"]));
    wait(|| served() == Some(4), || sidecar.get("/status").body);

    let plan = site.hachi(&["plan", "--as-of", AS_OF]).ok().stdout;
    assert_holds(&plan, &["2026-03-20"]);
    run(AS_OF);
    let again = site.latest();
    assert_eq!((again.number, again.parent, again.rolled_back_to), (5, Some(4), None));
    assert_eq!(again.content_hash, later.content_hash, "the run after it built something else than the run before it");
    site.hachi(&["verify", "--all"]).ok();

    let listed = site.hachi(&["snapshots"]).ok().stdout;
    assert_holds(&listed, &["number", "own bytes", &again.run_id, &again.content_hash[..12]]);
    assert_eq!(listed.lines().count(), 6);
}

#[test]
fn what_may_not_come_back_does_not() {
    let site = sample::copy();
    assert_holds(&site.hachi(&["rollback", "1"]).failed(1), &["snapshot 1 is the latest already"]);
    site.hachi(&["run", "--as-of", AS_OF]).ok();
    assert_holds(&site.hachi(&["rollback", "9"]).failed(1), &["there is no snapshot 9", "hachi snapshots"]);

    let key = fs::read(site.key()).expect("the key");
    fs::remove_file(site.key()).expect("a key of one's own");
    assert_holds(&site.hachi(&["rollback", "1"]).failed(3), &["snapshot 1 was published with another pseudonym key"]);
    fs::write(site.key(), key).expect("a writable file");

    site.write("erased.txt", "a/b\n");
    let mut config = sample::config();
    config.insert("privacy".to_owned(), toml::Table::from_iter([("erased".to_owned(), "erased.txt".into())]).into());
    site.write("hachi.toml", config.to_string());
    assert_holds(&site.hachi(&["rollback", "1"]).failed(3), &["another list of erased members", "does not come back"]);
    site.write("hachi.toml", sample::config().to_string());

    let path = site.latest().table("course_stats").expect("a table").files[0].path.clone();
    let mut bytes = fs::read(site.lake().join(&path)).expect("a file");
    bytes[100] ^= 1;
    fs::write(site.lake().join(&path), bytes).expect("a writable file");
    assert_holds(&site.hachi(&["rollback", "1"]).failed(6), &["1 of", "files of snapshot 1 are damaged", &path]);
    assert_eq!(site.latest().number, 2);
}

#[test]
fn every_damage_is_named() {
    let site = sample::copy();
    let sound = site.hachi(&["verify", "--json"]).ok().json();
    assert_eq!((&sound["snapshots"], &sound["damages"]), (&json!([1]), &json!([])));
    let latest = site.latest();
    let of = |table: &str| latest.table(table).expect("a table").files[0].path.clone();
    let (changed, cut, gone) = (of("events"), of("kpi_daily"), of("held_back"));
    let mut bytes = fs::read(site.lake().join(&changed)).expect("a file");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 4;
    fs::write(site.lake().join(&changed), bytes).expect("a writable file");
    fs::write(site.lake().join(&cut), "PAR1").expect("a writable file");
    fs::remove_file(site.lake().join(&gone)).expect("a file");
    let manifest = site.lake().join("manifests/00000000000000000001.json");
    let text = fs::read_to_string(&manifest).expect("a manifest");
    fs::write(site.lake().join("manifests/00000000000000000002.json"), &text).expect("a writable file");

    let said = site.hachi(&["verify"]);
    assert_holds(&said.stdout, &[&changed, "hashes to", &cut, "has 4 bytes", &gone, "can't be read", "manifest 2", "its file is number 2"]);
    assert_holds(&said.failed(6), &["4 damages", "hachi rollback"]);
    let said = site.hachi(&["verify", "--all", "--json"]);
    assert_eq!((said.code, strings(&said.json()["damages"]).len()), (Some(6), 4));
    fs::remove_file(site.lake().join("manifests/00000000000000000002.json")).expect("a manifest");
    fs::write(&manifest, text.replacen("\"rows\": ", "\"rows\": 1", 1)).expect("a writable file");
    let said = site.hachi(&["verify", "1"]);
    assert_holds(&said.stdout, &["manifest 1: the manifest's own hash is"]);
    said.failed(6);
    site.hachi(&["verify", "7"]).failed(1);
}

#[test]
fn differences_are_told_and_equal_snapshots_have_none() {
    let site = sample::copy();
    assert_holds(&site.hachi(&["diff"]).failed(1), &["snapshot 1 is the first"]);
    site.hachi(&["run", "--as-of", EARLIER]).ok();
    let diff = site.hachi(&["diff", "--json"]).ok().json();
    assert_eq!((&diff["before"], &diff["now"]), (&json!(1), &json!(2)));
    let events = diff["tables"].as_array().expect("tables").iter().find(|change| change["table"] == "events").expect("other events");
    assert!(events["rows_before"].as_u64() > events["rows_now"].as_u64() && events["is_other_content"] == true, "{events}");
    let kpis = |number: u64| site.hachi(&["files", "kpi_snapshot", "--snapshot", &number.to_string()]).ok().stdout;
    assert_ne!(kpis(1), kpis(2));
    let dau = diff["kpis"].as_array().expect("kpis").iter().find(|change| change["kpi"] == "dau").expect("another dau");
    assert_eq!((&dau["before"]["event_date"], &dau["now"]["event_date"]), (&json!("2026-03-30"), &json!("2026-03-19")), "{dau}");
    assert_holds(&site.hachi(&["diff", "1", "2"]).ok().stdout, &["rows before", "events", "dau", "members"]);

    site.hachi(&["rollback", "1"]).ok();
    assert_holds(&site.hachi(&["diff", "1"]).ok().stdout, &["all tables are equal", "all KPIs are equal"]);
    let reverse = site.hachi(&["diff", "2", "1", "--json"]).ok().json();
    assert_eq!(reverse["tables"].as_array().map(Vec::len), diff["tables"].as_array().map(Vec::len));
}

#[test]
fn a_tables_files_are_those_of_the_manifest_and_of_the_links() {
    let site = sample::copy();
    site.hachi(&["run", "--as-of", AS_OF]).ok();
    for table in site.latest().tables {
        let said = site.hachi(&["files", &table.name, "--json"]).ok().json();
        let stated: Vec<u64> = table.files.iter().map(|file| file.bytes).collect();
        let listed: Vec<u64> = said["files"].as_array().expect("files").iter().map(|file| file["bytes"].as_u64().expect("bytes")).collect();
        assert_eq!((listed, &said["snapshot"]), (stated, &json!(2)));
        assert_eq!(linked(&site, &table.name), files_of(&site, &[&table.name]), "{}", table.name);
        if table.name.starts_with('c') {
            break;
        }
    }
    assert!(!site.lake().join("current/held_back").exists(), "what is kept for the next run is linked");
    assert_holds(&site.hachi(&["files", "event"]).failed(1), &["no table `event`; did you mean `events`?"]);
}

#[test]
fn a_folder_in_the_place_of_current_is_a_warning() {
    let site = sample::copy();
    site.write("lake/current/mine.txt", "mine");
    let said = site.hachi(&["run", "--as-of", AS_OF]).ok();
    assert_holds(&said.stderr, &["`current` was not swapped"]);
    assert!(site.lake().join("current/mine.txt").is_file());
    assert_eq!(site.latest().number, 2);
}

#[test]
fn of_publishers_at_once_each_wins_a_number_or_is_told_who_did() {
    let site = sample::copy();
    site.hachi(&["run", "--as-of", AS_OF]).ok();
    let before = site.latest().number;
    let start = |arguments: &[&str]| site.start(&mut site.command(arguments));
    let run = ["run", "--as-of", AS_OF, "--threads", "1"];
    let racing = [start(&run), start(&["rollback", "1"]), start(&run), start(&["rollback", "1"]), start(&["rollback", "1"])];
    let said = racing.map(|racer| Said::from(racer.wait_with_output().expect("it ends")));
    let won = said.iter().filter(|said| said.code == Some(0)).count() as u64;
    assert!(won > 0, "{said:?}");
    for said in said.into_iter().filter(|said| said.code != Some(0)) {
        // A run is refused at once while another runs; who builds on what is the latest no more, at the commit.
        let (code, says) = if said.code == Some(75) { (75, "is being written to by") } else { (1, "run again") };
        assert_holds(&said.failed(code), &["run `", says]);
    }
    assert_eq!(site.latest().number, before + won);
    site.hachi(&["verify", "--all"]).ok();
}
