//! What a run tells of itself, whether or not it publishes: log, history, report and metrics. Lineage events are in `lineage`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::Path;

use regex::Regex;
use serde_json::Value;

use crate::programs::{Said, assert_holds};
use crate::rows::{AS_OF, RATINGS, ingest};
use crate::sample;
use crate::site::Site;

const RUN: &[&str] = &["run", "--as-of", AS_OF];
/// The end of 28 February 2026 in Shanghai, seconds since 1970.
const END_OF_FEBRUARY_S: &str = "1772294400";

/// A site with two ratings, of which one is outside of the scale.
pub fn site(more: &str) -> Site {
    let site = Site::new(&format!("{RATINGS}{more}"));
    let ratings = "user_id,course_id,rating,ts\nana,c1,5,2026-03-01T10:00:00Z\nbo,c1,9,2026-03-01T11:00:00Z\n";
    ingest(&site, "ratings", "ratings.csv", ratings);
    site
}

fn history(site: &Site) -> Vec<Value> {
    let Value::Array(runs) = site.hachi(&["runs", "--json"]).ok().json() else { unreachable!("runs are an array") };
    runs
}

/// The file of the current month.
fn month(site: &Site) -> std::path::PathBuf {
    let is_month = |name: &String| Path::new(name).extension().is_some_and(|extension| extension == "jsonl");
    let names = fs::read_dir(site.path("lake/runs")).expect("a history").map(|e| e.expect("an entry").file_name());
    let name = names.map(|name| name.to_string_lossy().into_owned()).find(is_month).expect("a month");
    site.path("lake/runs").join(name)
}

/// Both files of the report of a run.
fn report(site: &Site, run: &Value) -> (Value, String) {
    let folder = site.path("lake/runs").join(run["run_id"].as_str().expect("a run id"));
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect("a report");
    (serde_json::from_str(&read("report.json")).expect("JSON"), read("report.md"))
}

#[test]
fn a_run_leaves_a_record_that_agrees_with_its_snapshot() {
    let site = site("");
    site.hachi(RUN).ok();
    let (manifest, runs) = (site.latest(), history(&site));
    let [run] = runs.as_slice() else { unreachable!("one run: {runs:?}") };
    let expected = [
        ("run_id", Value::from(manifest.run_id.clone())),
        ("command", "run".into()),
        ("outcome", "published".into()),
        ("exit_code", 0.into()),
        ("error", Value::Null),
        ("number", manifest.number.into()),
        ("as_of", "2026-03-03T00:00:00Z".into()),
        ("watermark", manifest.watermark.expect("a watermark").to_string().into()),
        ("rows_read", 2.into()),
        ("rows_kept", 1.into()),
        ("rows_rejected", 1.into()),
        ("models_reused", 0.into()),
    ];
    for (field, value) in expected {
        assert_eq!(run[field], value, "`{field}` of {run}");
    }
    assert!(run["models_built"].as_u64() > Some(50) && run["rows_written"].as_u64() > Some(0), "{run}");
    assert!(run["started"].as_str() <= run["ended"].as_str() && run["seconds"].as_f64() > Some(0.0), "{run}");
    if cfg!(target_os = "linux") {
        assert!(run["peak_memory_bytes"].as_u64() > Some(1 << 20), "{run}");
    }
}

#[test]
fn runs_that_fail_are_recorded_with_their_reason() {
    let site = site("");
    let fails = |config: &str, code: i32| {
        site.write("hachi.toml", config);
        let said = site.hachi(RUN).failed(code);
        let line = fs::read_to_string(month(&site)).expect("a history").lines().last().expect("a line").to_owned();
        let run: Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!((&run["outcome"], &run["exit_code"], &run["number"]), (&"failed".into(), &code.into(), &Value::Null));
        assert_eq!(format!("error: {}\n", run["error"].as_str().expect("an error")), said);
        assert_holds(&report(&site, &run).1, &["# Run failed", &format!("exit code {code}"), "## Error"]);
        run
    };
    fails(&format!("[site]\ntimezon = \"UTC\"\n{RATINGS}"), 3);
    fails(&format!("[recommend]\nlist_length = 0\n{RATINGS}"), 3);
    let run = fails(&RATINGS.replace("raw/ratings", "nowhere"), 4);
    assert_eq!(run["as_of"], "2026-03-03T00:00:00Z", "it was known by then");
    site.write("raw/ratings/broken.parquet", "not Parquet");
    fails(RATINGS, 4);
    assert_eq!(history(&site).len(), 4);
    assert_holds(&site.hachi(&["runs"]).ok().stdout, &["failed", "the last one failed: `", "is not a complete Parquet file"]);
}

#[test]
fn where_no_lake_is_known_nothing_is_written() {
    let site = Site::new(RATINGS);
    site.hachi(&["run", "--config", "other.toml"]).failed(3);
    assert!(!site.lake().exists());
    site.hachi(&["run", "--config", "other.toml", "--lake", "mine"]).failed(3);
    assert!(site.path("mine/runs").is_dir(), "a lake was named");
}

#[test]
fn a_line_that_a_crash_has_torn_is_stepped_over() {
    let site = site("");
    site.hachi(RUN).ok();
    let mut file = fs::OpenOptions::new().append(true).open(month(&site)).expect("a history");
    file.write_all(b"{\"format_version\":\"1.0\",\"run_id\":\"2026").expect("a writable file");
    site.hachi(RUN).ok();
    let said = site.hachi(&["runs", "--json"]).ok();
    assert_eq!(said.json().as_array().map(Vec::len), Some(2), "{}", said.stdout);
    assert_holds(&said.stderr, &["WARN", "can't be read", "lines=1"]);
    let last = site.hachi(&["runs", "--last", "1", "--json"]).ok().json();
    assert_eq!((&last[0]["number"], last.as_array().map(Vec::len)), (&2.into(), Some(1)));
}

#[test]
fn a_history_that_can_not_be_written_only_warns() {
    let site = site("[observability]\nmetrics_file = \"folder.prom\"\n");
    site.write("lake/runs", "in the way");
    site.write("folder.prom/x", "in the way");
    let said = site.hachi(RUN).ok();
    assert_holds(&said.stderr, &["WARN", "not all of it is told", "lake/runs", "folder.prom"]);
    assert_eq!(site.latest().number, 1);
}

#[test]
fn the_report_says_what_is_published() {
    let site = sample::copy();
    let printed = site.hachi(&["run", "--as-of", sample::AS_OF, "--select", "area:kpis", "source_rows", "rejects", "--json"]).ok().json();
    let (manifest, run) = (site.latest(), history(&site).pop().expect("a run"));
    let (json, text) = report(&site, &run);
    assert_eq!(json, printed, "the file and `--json` are the same");
    for (field, value) in run.as_object().expect("a record") {
        assert_eq!(&json[field], value, "`{field}`");
    }
    let tables: BTreeMap<String, u64> = manifest.tables.iter().map(|table| (table.name.clone(), table.rows)).collect();
    assert_eq!(json["tables"], serde_json::to_value(&tables).expect("JSON"));
    assert_eq!(json["content_hash"], manifest.content_hash);
    let counted = "select source, rows_read, rows_kept, rows_rejected from source_rows where rows_read > 0 order by source";
    assert_eq!(json["sources"].as_array(), Some(&site.query(counted)));
    let kpis = "select kpi, title, unit, event_date as day, value, change, is_unusual from kpi_snapshot order by kpi";
    assert_eq!(json["kpis"].as_array(), Some(&site.query(kpis)));
    let evaluated =
        "select model, value, low, high from model_evaluation where \"window\" = 'test' and metric = 'ndcg@10' order by value desc, model";
    assert_eq!(json["gate"]["models"].as_array(), Some(&site.query(evaluated)));
    let lines = [
        format!("# Snapshot {}", manifest.number),
        format!("| content | `{}` |", manifest.content_hash),
        format!("| kpi_daily | {} |", tables["kpi_daily"]),
        "| ratings | 638 | 623 | 15 |".to_owned(),
        "| ratings | `rating` is outside the scale | 9 |".to_owned(),
        "| Weekly active members | ".to_owned(),
        "| published | blend | ".to_owned(),
    ];
    assert_holds(&text, &lines.each_ref().map(String::as_str));
}

#[test]
fn every_step_says_what_was_done_and_why() {
    let site = site("");
    let steps = |arguments: &[&str]| -> BTreeMap<String, [String; 2]> {
        let report = site.hachi(&[RUN, arguments, &["--json"]].concat()).ok().json();
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let steps = report["steps"].as_array().expect("steps");
        steps.iter().map(|step| (text(&step["name"]), [text(&step["action"]), text(&step["why"])])).collect()
    };
    let of = |action: &str, why: &str| [action.to_owned(), why.to_owned()];
    let first = steps(&[]);
    assert_eq!(first["ratings"], of("build", "it is not in the latest snapshot"));
    assert_eq!(first["learn"], of("build", "it is not in the latest snapshot"), "stages too");
    assert_eq!(first["base_ratings"], of("build", "what is built reads it"));
    assert_eq!(steps(&[])["ratings"], of("reuse", "it would come out the same"));
    assert_eq!(steps(&["--full"])["course_stats"], of("build", "everything is built again"));
    ingest(&site, "ratings", "more.csv", "user_id,course_id,rating,ts\ncy,c2,4,2026-03-02T10:00:00Z\n");
    let later = steps(&[]);
    assert_eq!(later["ratings"][0], "days");
    assert_holds(&later["ratings"][1], &["raw_ratings: new (2026-03-02)"]);
    assert_eq!(later["course_stats"][0], "build");
    assert_holds(&later["course_stats"][1], &["latest_ratings", "changed"]);
    let part = steps(&["--select", "course_stats"]);
    assert_eq!(part["ratings"], of("reuse", "it is not selected"));
}

/// Name with labels → value, having checked that the text is what the node exporter reads.
fn parsed(text: &str) -> BTreeMap<String, String> {
    let sample = Regex::new(r#"^([a-z_]+)(\{[a-z_]+="[a-z]+"\})? (-?[0-9.e+]+)$"#).expect("a regular expression");
    let mut described: BTreeMap<&str, usize> = BTreeMap::new();
    let mut samples = BTreeMap::new();
    for line in text.lines().filter(|line| *line != "# EOF") {
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            ["#", "HELP", name, _, ..] | ["#", "TYPE", name, "gauge"] => *described.entry(name).or_default() += 1,
            _ => {
                let found = sample.captures(line).unwrap_or_else(|| unreachable!("`{line}` is no sample"));
                let name = found.get(1).expect("a name").as_str();
                assert!(name.starts_with("hachi_") && described.get(name) == Some(&2), "`{name}` has no HELP and TYPE before it");
                let labels = found.get(2).map_or("", |labels| labels.as_str());
                found[3].parse::<f64>().expect("a number");
                assert_eq!(samples.insert(format!("{name}{labels}"), found[3].to_owned()), None, "`{line}` twice");
            }
        }
    }
    samples
}

#[test]
fn metrics_tell_of_success_and_failure() {
    let site = site("[observability]\nmetrics_file = \"metrics/hachi.prom\"\n[site]\ntimezone = \"Asia/Shanghai\"\n");
    let metrics = || parsed(&fs::read_to_string(site.path("metrics/hachi.prom")).expect("metrics"));
    site.hachi(RUN).ok();
    let good = metrics();
    let run = history(&site).pop().expect("a run");
    assert_eq!(run["watermark"], "2026-02-28");
    let expected = [
        ("hachi_run_watermark_timestamp_seconds", END_OF_FEBRUARY_S),
        ("hachi_run_last_success_timestamp_seconds", good["hachi_run_last_timestamp_seconds"].as_str()),
        ("hachi_run_duration_seconds", &run["seconds"].to_string()),
        ("hachi_run_read_rows", "2"),
        ("hachi_run_rejected_rows", "1"),
        ("hachi_run_snapshot_number", "1"),
        ("hachi_run_exit_code", "0"),
        ("hachi_history_runs{outcome=\"published\"}", "1"),
    ];
    expected.iter().for_each(|(name, value)| assert_eq!(good[*name], *value, "{name}"));

    site.write("raw/ratings/broken.parquet", "not Parquet");
    site.hachi(RUN).failed(4);
    let bad = metrics();
    assert_eq!(bad["hachi_run_exit_code"], "4");
    assert_eq!(bad["hachi_history_runs{outcome=\"failed\"}"], "1");
    for stays in ["hachi_run_last_success_timestamp_seconds", "hachi_run_snapshot_number", "hachi_run_watermark_timestamp_seconds"] {
        assert_eq!(bad[stays], good[stays], "{stays}");
    }
    assert!(bad["hachi_run_last_timestamp_seconds"] >= good["hachi_run_last_timestamp_seconds"]);
    assert!(!bad.contains_key("hachi_run_read_rows"), "nothing was counted");
    assert_eq!(fs::read_dir(site.path("metrics")).expect("a folder").count(), 1, "a temporary file is left");
}

/// The lines of a log as JSON.
fn log(said: &Said) -> Vec<Value> {
    said.stderr.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| unreachable!("`{line}` is no JSON"))).collect()
}

#[test]
fn a_log_has_a_line_for_the_start_each_step_and_the_end() {
    let site = site("");
    let run = |arguments: &[&str]| {
        let mut command = site.command(&[&["--log-format", "json"], RUN, arguments].concat());
        Said::from(command.env("RUST_LOG", "hachi=info").output().expect("a program that starts"))
    };
    let said = run(&["--json"]).ok();
    let (lines, report) = (log(&said), said.json());
    let (first, last) = (&lines[0]["fields"], &lines.last().expect("lines")["fields"]);
    assert_eq!(
        (&first["message"], &first["lake"], &first["as_of"]),
        (&"the run starts".into(), &"./lake".into(), &"2026-03-03T00:00:00+00:00".into())
    );
    assert_eq!((&last["message"], &last["outcome"]), (&"the run has ended".into(), &"published".into()));
    for field in
        ["run_id", "number", "rows_read", "rows_kept", "rows_rejected", "rows_written", "models_built", "seconds", "peak_memory_bytes"]
    {
        assert_eq!(last[field], report[field], "`{field}` of {last}");
    }
    let steps: Vec<&Value> = lines.iter().map(|line| &line["fields"]).filter(|fields| fields["model"].is_string()).collect();
    let of = |of: &Value, field: &str| of[field].to_string();
    // Steps beside each other may be told in another order.
    let told: BTreeSet<String> =
        steps.iter().map(|step| ["model", "action", "rows", "seconds"].map(|field| of(step, field)).join(" ")).collect();
    let reported = report["steps"].as_array().expect("steps").iter();
    let reported: BTreeSet<String> =
        reported.map(|step| ["name", "action", "rows", "seconds"].map(|field| of(step, field)).join(" ")).collect();
    assert!(told.len() > 50);
    assert_eq!(told.symmetric_difference(&reported).collect::<Vec<_>>(), Vec::<&String>::new());
    assert!(!said.stderr.contains("ana"), "a member is named");
}
