//! Day by day: however rows arrive, what is published in the end is what one full build of the same files publishes; and a
//! run says, writes and names only what changed.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Int64Array, StringArray, TimestampMicrosecondArray};
use hachi_snapshot::Manifest;
use proptest::prelude::*;
use proptest::test_runner::Config;

use crate::programs::assert_holds;
use crate::rows::{NOON_US, parquet};
use crate::site::Site;

/// A run takes seconds, and a case has several.
const CASES: u32 = 4;
const ARRIVALS: usize = 3;
const MINUTE_US: i64 = 60_000_000;
/// Every number is shown: what was shown before must not decide what is.
const SITE: &str = r#"
[site]
timezone = "Europe/Berlin"
watermark = "2026-04-02"

[privacy]
min_group = 1

[funnels.learn]
steps = ["course_view", "lesson_view"]
window_days = 3

[sources.access_log]
path = "raw/access_log"

[sources.access_log.routes]
"/courses/{course_id}" = "course_view"
"/courses/{course_id}/lessons/{lesson_id}" = "lesson_view"

[sources.ratings]
path = "raw/ratings"

[sources.members]
path = "raw/members"
"#;
/// Paths that members ask for.
const PATHS: [&str; 4] = ["/", "/courses/a", "/courses/a/lessons/1", "/courses/b/lessons/2"];

/// A request: minutes after the first, member, path; every 50th or so has no time.
#[derive(Debug, Clone)]
struct Request {
    minute: Option<i64>,
    member: usize,
    path: usize,
}

/// Dense around midnights, so that visits cross them, over two weeks that include the change of clocks.
fn request() -> impl Strategy<Value = Request> {
    let near_midnight = (0..14_i64, -40..40_i64).prop_map(|(day, minute)| day * 1440 + 660 + minute);
    let minute = prop_oneof![1 => Just(None), 30 => (0..14 * 1440_i64).prop_map(Some), 30 => near_midnight.prop_map(Some)];
    (minute, 0..4_usize, 0..PATHS.len()).prop_map(|(minute, member, path)| Request { minute, member, path })
}

fn times(minutes: impl Iterator<Item = Option<i64>>) -> ArrayRef {
    // From 21 March on: the clocks change on the 29th.
    let instants: TimestampMicrosecondArray = minutes.map(|m| m.map(|m| NOON_US + 20 * 1440 * MINUTE_US + m * MINUTE_US)).collect();
    Arc::new(instants.with_timezone("UTC"))
}

fn members(of: impl Iterator<Item = usize>) -> ArrayRef {
    Arc::new(of.map(|member| Some(format!("m{member}"))).collect::<StringArray>())
}

fn write_log(site: &Site, name: &str, requests: &[Request]) {
    let paths: StringArray = requests.iter().map(|r| Some(PATHS[r.path])).collect();
    let columns = vec![
        ("ts", times(requests.iter().map(|r| r.minute))),
        ("path", Arc::new(paths) as ArrayRef),
        ("user_id", members(requests.iter().map(|r| r.member))),
    ];
    parquet(site, &format!("raw/access_log/{name}.parquet"), columns);
}

/// Ratings come as one file that is written anew each time, and so do members.
fn write_exports(site: &Site, ratings: &[Request], staff: &[usize]) {
    let rated: Vec<&Request> = ratings.iter().filter(|r| r.minute.is_some()).collect();
    let courses: StringArray = rated.iter().map(|r| Some(["a", "b"][r.path % 2])).collect();
    let stars: Int64Array = rated.iter().map(|r| Some(1 + r.path as i64)).collect();
    let columns = vec![
        ("user_id", members(rated.iter().map(|r| r.member))),
        ("course_id", Arc::new(courses) as ArrayRef),
        ("rating", Arc::new(stars) as ArrayRef),
        ("ts", times(rated.iter().map(|r| r.minute))),
    ];
    parquet(site, "raw/ratings/all.parquet", columns);
    let is_staff: BooleanArray = (0..3).map(|member| Some(staff.contains(&member))).collect();
    let joined = vec![
        ("user_id", members(0..3)),
        ("joined_at", times((0..3).map(|m| Some(m * 4 * 1440)))),
        ("is_staff", Arc::new(is_staff) as ArrayRef),
    ];
    parquet(site, "raw/members/all.parquet", joined);
}

/// Publishes and gives the content, table by table.
fn published(site: &Site, arguments: &[&str]) -> Vec<(String, String)> {
    site.hachi(&[&["run", "--json"], arguments].concat()).ok();
    tables(&site.latest())
}

fn tables(manifest: &Manifest) -> Vec<(String, String)> {
    manifest.tables.iter().map(|table| (table.name.clone(), table.content_hash.clone())).collect()
}

/// The latest snapshot of a lake in the site's folder.
fn manifest_in(site: &Site, lake: &str) -> Manifest {
    let folder = site.path(lake).join("manifests");
    let last = crate::files::below(&folder).pop().expect("a published snapshot");
    Manifest::from_json(&std::fs::read(folder.join(last)).expect("a readable manifest")).expect("a sound manifest")
}

proptest! {
    #![proptest_config(Config { cases: CASES, max_shrink_iters: 0, failure_persistence: None, ..Config::default() })]

    #[test]
    fn any_order_of_arrival_ends_in_what_one_full_build_makes(
        arrivals in prop::collection::vec(prop::collection::vec(request(), 1..60), ARRIVALS),
        ratings in prop::collection::vec(request(), 3..12),
        as_of in prop::sample::select(&["2026-03-30T10:00:00Z", "2026-04-03"][..]),
    ) {
        let site = Site::new(SITE);
        let mut content = Vec::new();
        for (arrival, requests) in arrivals.iter().enumerate() {
            write_log(&site, &format!("part-{arrival}"), requests);
            // Who works for the community changes too.
            write_exports(&site, &ratings[..3 + arrival * (ratings.len() - 3) / (ARRIVALS - 1)], &[arrival % 2 + 1]);
            let moment = if arrival + 1 == ARRIVALS { "2026-04-03" } else { as_of };
            content = published(&site, &["--as-of", moment]);
        }
        // The same files in a folder of their own, with the same pseudonyms.
        site.hachi(&["run", "--as-of", "2026-04-03", "--lake", "other"]).ok();
        let at_once = tables(&manifest_in(&site, "other"));
        let differing: Vec<_> = content.iter().filter(|table| !at_once.contains(table)).collect();
        prop_assert!(differing.is_empty(), "{differing:?}");
        prop_assert_eq!(content.len(), at_once.len());
    }
}

/// Days of the files of a table: path → first and last.
fn files(site: &Site, table: &str) -> BTreeSet<String> {
    site.latest().tables.into_iter().filter(|t| t.name == table).flat_map(|t| t.files).map(|f| f.path).collect()
}

fn of_day(day: i64, member: usize) -> Vec<Request> {
    (0..5).map(|i| Request { minute: Some(day * 1440 + i), member, path: 2 }).collect()
}

#[test]
fn nothing_new_builds_nothing() {
    let site = Site::new(SITE);
    write_log(&site, "first", &of_day(0, 1));
    write_exports(&site, &[], &[]);
    let first = published(&site, &["--as-of", "2026-04-03"]);
    let second = published(&site, &["--as-of", "2026-04-03"]);
    assert_eq!(first, second);
    let manifest = site.latest();
    let again: Vec<&str> =
        manifest.tables.iter().filter(|t| t.files.iter().any(|f| f.path.contains(&manifest.run_id))).map(|t| t.name.as_str()).collect();
    assert_eq!(again, ["check_results"], "all other tables are those of the first run");
}

#[test]
fn a_plan_tells_the_days_and_the_cause() {
    let site = Site::new(SITE);
    write_log(&site, "first", &of_day(0, 1));
    write_exports(&site, &[], &[]);
    published(&site, &["--as-of", "2026-04-03"]);
    write_log(&site, "second", &of_day(5, 1));
    let plan = site.hachi(&["plan", "--as-of", "2026-04-03", "--json"]).ok().json();
    let step = |name: &str| plan["steps"].as_array().expect("steps").iter().find(|s| s["name"] == name).expect("a step").clone();
    assert_eq!(step("events")["foreseen"]["days"], "2026-03-26");
    assert_eq!(step("events")["foreseen"]["reasons"], serde_json::json!(["raw_access_log: new (2026-03-26)"]));
    assert_eq!(step("sessions")["foreseen"]["days"], "2026-03-25 to 2026-03-27", "visits cross midnights");
    assert_eq!(step("ratings")["foreseen"]["outlook"], "keep");
    let told = site.hachi(&["plan", "--as-of", "2026-04-03"]).ok().stdout;
    assert_holds(&told, &["raw_access_log: new (2026-03-26)"]);
}

#[test]
fn models_are_judged_again_for_days_of_weeks_that_have_settled() {
    let site = Site::new(SITE);
    let judged = || {
        let report = site.hachi(&["run", "--json", "--as-of", "2026-04-03"]).ok().json();
        report["steps"].as_array().expect("steps").iter().find(|s| s["name"] == "evaluate").expect("a step")["action"].clone()
    };
    write_log(&site, "first", &of_day(0, 1));
    write_exports(&site, &[], &[]);
    assert_eq!(judged(), "build");
    write_log(&site, "second", &of_day(5, 1));
    assert_eq!(judged(), "reuse", "a day of a later week, though in the file of a settled one");
    write_log(&site, "third", &of_day(1, 1));
    assert_eq!(judged(), "build", "a late day");
}

#[test]
fn a_new_member_of_the_staff_touches_the_days_since_joining() {
    let site = Site::new(SITE);
    write_log(&site, "first", &[of_day(0, 2), of_day(9, 2)].concat());
    write_exports(&site, &[], &[]);
    published(&site, &["--as-of", "2026-04-03"]);
    write_exports(&site, &[], &[2]);
    let plan = site.hachi(&["plan", "--as-of", "2026-04-03", "--json"]).ok().json();
    let events = plan["steps"].as_array().expect("steps").iter().find(|s| s["name"] == "events").expect("a step").clone();
    assert_eq!(events["foreseen"]["days"], "2026-03-30", "joined on the 29th");
    published(&site, &["--as-of", "2026-04-03"]);
    assert_eq!(site.column("select event_date from member_days"), ["2026-03-21"]);
}

#[test]
fn a_part_of_the_graph_does_not_lose_the_rest_its_news() {
    let site = Site::new(SITE);
    write_log(&site, "first", &of_day(0, 1));
    write_exports(&site, &[], &[]);
    published(&site, &["--as-of", "2026-04-03"]);
    write_log(&site, "second", &of_day(5, 2));
    published(&site, &["--as-of", "2026-04-03", "--select", "events"]);
    assert_eq!(site.column("select count(*) from member_days"), ["1"], "not selected, so as it was");
    published(&site, &["--as-of", "2026-04-03"]);
    assert_eq!(site.column("select count(*) from member_days"), ["2"]);
}

#[test]
fn a_part_of_the_graph_does_not_lose_a_change_of_staff() {
    let site = Site::new(SITE);
    write_log(&site, "first", &of_day(9, 2));
    write_exports(&site, &[], &[]);
    published(&site, &["--as-of", "2026-04-03"]);
    write_exports(&site, &[], &[2]);
    published(&site, &["--as-of", "2026-04-03", "--select", "area:staging"]);
    published(&site, &["--as-of", "2026-04-03"]);
    assert_eq!(site.column("select count(*) from member_days"), ["0"], "what staff does is not counted");
}

#[test]
fn asked_days_are_built_again() {
    let site = Site::new(SITE);
    write_log(&site, "first", &[of_day(0, 1), of_day(3, 1)].concat());
    write_exports(&site, &[], &[]);
    let first = published(&site, &["--as-of", "2026-04-03"]);
    let before = files(&site, "events");
    let second = published(&site, &["--as-of", "2026-04-03", "--from", "2026-03-24", "--to", "2026-03-24"]);
    assert_eq!(first, second, "the same rows");
    assert_ne!(before, files(&site, "events"), "in another file");
    let refused = site.hachi(&["run", "--as-of", "2026-04-03", "--from", "2026-03-24", "--to", "2026-03-23"]);
    assert_ne!(refused.code, Some(0));
    assert_holds(&refused.stderr, &["`--to 2026-03-23` is before `--from 2026-03-24`"]);
}
