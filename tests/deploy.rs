//! The units in `docs/deploy`: each is read by what will read it, where that is installed, and all of them by us.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use chrono_tz::Tz;
use hachi::schedule::Calendar;
use serde_json::Value;
use toml::Table;

use crate::programs::{Said, assert_holds, program, root};

/// Where the units have the program.
const INSTALLED: &str = "/usr/local/bin/hachi";
const CONFIG: &str = "/etc/hachi/hachi.toml";

fn path(name: &str) -> PathBuf {
    root().join("docs/deploy").join(name)
}

fn text(name: &str) -> String {
    fs::read_to_string(path(name)).expect("a unit")
}

/// What a tool said; none, with a word on stderr, where it is not installed.
fn ask(tool: &str, arguments: &[&str]) -> Option<Said> {
    let asked = Command::new(tool).args(arguments).output();
    if asked.is_err() {
        eprintln!("skipped: `{tool}` is not installed");
    }
    asked.ok().map(Said::from)
}

/// Section → lines `key = value` of a unit.
fn sections(unit: &str) -> BTreeMap<String, Vec<(String, String)>> {
    let (mut sections, mut section) = (BTreeMap::<_, Vec<_>>::new(), String::new());
    for line in unit.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            name.clone_into(&mut section);
        } else {
            let (key, value) = line.split_once('=').expect("a unit's line is `key=value`");
            sections.entry(section.clone()).or_default().push((key.to_owned(), value.to_owned()));
        }
    }
    sections
}

/// Asserts that `line` calls the program as it can be called, and not for ever.
#[track_caller]
fn assert_is_once(line: &str) {
    assert_holds(line, &[&format!("{INSTALLED} --config {CONFIG} schedule --once")]);
}

#[test]
fn the_configuration_that_units_mount_has_jobs() {
    let config = path("hachi.toml");
    let said: Said =
        Command::new(program("hachi")).args(["schedule", "--list", "--json", "--config"]).arg(&config).output().expect("it starts").into();
    let jobs = said.ok().json()["jobs"].clone();
    let names: Vec<_> = jobs.as_array().expect("jobs").iter().filter_map(|job| job["name"].as_str().map(str::to_owned)).collect();
    assert_eq!(names, ["ingest", "nightly"]);
    let config: Table = text("hachi.toml").parse().expect("TOML");
    assert_eq!(config["lake"]["path"].as_str(), Some("/srv/hachi/lake"));
}

#[test]
fn systemd_takes_the_service_and_the_timer() {
    let (service, timer) = (sections(&text("hachi.service")), sections(&text("hachi.timer")));
    let of = |unit: &BTreeMap<String, Vec<(String, String)>>, section: &str, key: &str| {
        let found = unit[section].iter().find(|(name, _)| name == key);
        found.unwrap_or_else(|| unreachable!("no `{key}` in [{section}]")).1.clone()
    };
    assert_is_once(&of(&service, "Service", "ExecStart"));
    assert_eq!((of(&service, "Service", "Type"), of(&service, "Service", "KillMode")), ("oneshot".to_owned(), "mixed".to_owned()));
    assert_eq!(of(&service, "Service", "SuccessExitStatus"), hachi::commands::exit::LOCKED.to_string());
    let folder = tempfile::tempdir().expect("a writable folder");
    let unit = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let here = program("hachi").to_string_lossy().into_owned();
    fs::write(unit("hachi.service"), text("hachi.service").replace(INSTALLED, &here)).expect("a writable folder");
    fs::write(unit("hachi.timer"), text("hachi.timer")).expect("a writable folder");
    if let Some(said) = ask("systemd-analyze", &["verify", &unit("hachi.service"), &unit("hachi.timer")]) {
        assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""));
        ask("systemd-analyze", &["calendar", &of(&timer, "Timer", "OnCalendar")]).expect("it is installed").ok();
    }
}

#[test]
fn cron_takes_the_line() {
    let text = text("crontab");
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#') && !line.contains("XDG_DATA_HOME")).collect();
    let [line] = lines[..] else { unreachable!("one line: {lines:?}") };
    let fields: Vec<&str> = line.splitn(6, ' ').collect();
    Calendar::new(&fields[..5].join(" "), Tz::UTC).expect("five fields of cron");
    assert_is_once(fields[5]);
    // A percent sign is a line break to cron.
    assert!(!line.contains('%') && text.ends_with('\n'));
}

/// A YAML file as JSON; none where nothing here reads YAML.
fn yaml(path: &Path) -> Option<Value> {
    let program = "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))";
    let said = ask("python3", &["-c", program, &path.to_string_lossy()])?;
    if said.stderr.contains("No module named 'yaml'") {
        eprintln!("skipped: Python has no `yaml`");
        return None;
    }
    Some(said.ok().json())
}

#[test]
fn kubernetes_takes_the_cron_job() {
    assert_holds(&text("cronjob.yaml"), &["kind: CronJob", "concurrencyPolicy: Forbid", "args: [\"schedule\", \"--once\"]"]);
    let Some(job) = yaml(&path("cronjob.yaml")) else { return };
    assert_eq!((job["apiVersion"].as_str(), job["kind"].as_str()), (Some("batch/v1"), Some("CronJob")));
    Calendar::new(job["spec"]["schedule"].as_str().expect("a schedule"), Tz::UTC).expect("five fields of cron");
    let run = &job["spec"]["jobTemplate"]["spec"];
    assert_eq!(run["backoffLimit"], 0, "retries are ours");
    let pod = &run["template"]["spec"];
    assert_eq!((pod["restartPolicy"].as_str(), pod["terminationGracePeriodSeconds"].as_u64()), (Some("Never"), Some(120)));
    let container = &pod["containers"][0];
    assert_eq!(container["args"], serde_json::json!(["schedule", "--once"]));
    let names = |list: &Value| list.as_array().expect("a list").iter().map(|one| one["name"].to_string()).collect::<Vec<_>>();
    assert_eq!(names(&container["volumeMounts"]), names(&pod["volumes"]), "each volume is mounted");
    // Of the same key, a mode that the program takes.
    assert_eq!(pod["volumes"][1]["secret"]["defaultMode"], 0o440);
}

/// A recipe of an image, by its last steps.
struct Recipe(Vec<(String, String)>);

impl Recipe {
    fn new(name: &str) -> Recipe {
        let text = text(name);
        let lines = text.lines().filter(|line| !line.starts_with(['#', ' ']) && !line.is_empty());
        let steps: Vec<_> = lines.filter_map(|line| line.split_once(' ')).map(|(word, rest)| (word.to_owned(), rest.to_owned())).collect();
        let known = ["FROM", "WORKDIR", "COPY", "RUN", "USER", "ENV", "VOLUME", "EXPOSE", "STOPSIGNAL", "ENTRYPOINT", "CMD"];
        assert!(steps.iter().all(|(word, _)| known.contains(&&**word)), "{steps:?}");
        Recipe(steps)
    }

    fn last(&self, word: &str) -> &str {
        self.0.iter().rev().find(|(step, _)| step == word).map(|(_, rest)| &**rest).unwrap_or_default()
    }

    fn list(&self, word: &str) -> Vec<String> {
        serde_json::from_str(self.last(word)).expect("the form of a list")
    }
}

#[test]
fn the_image_holds_both_programs_and_schedules() {
    let recipe = Recipe::new("Containerfile");
    assert_eq!(recipe.list("ENTRYPOINT"), ["hachi", "--config", CONFIG]);
    assert_eq!(recipe.list("CMD"), ["schedule"]);
    assert_eq!((recipe.last("STOPSIGNAL"), recipe.last("USER")), ("SIGTERM", "10001"));
    assert_holds(recipe.last("COPY"), &["--from=build", "target/release/hachi ", "target/release/hachi-serving"]);
}

#[test]
fn the_image_of_the_sidecar_holds_nothing_else() {
    let recipe = Recipe::new("sidecar.Containerfile");
    assert_eq!((recipe.last("FROM"), recipe.last("COPY"), recipe.last("USER")), ("scratch", "--from=build /image /", "10001:10001"));
    assert_eq!((recipe.list("ENTRYPOINT"), recipe.last("STOPSIGNAL")), (vec!["/usr/local/bin/hachi-serving".to_owned()], "SIGTERM"));
    // Its options are options of the program: what it complains of is the first file that is not there.
    let empty = tempfile::tempdir().expect("a writable folder");
    let options = recipe.list("CMD").into_iter().map(|option| option.replace("/etc/hachi", &empty.path().to_string_lossy()));
    let said: Said = Command::new(program("hachi-serving")).args(options).output().expect("it starts").into();
    assert_holds(&said.failed(1), &["could not read the tokens", "tokens.toml"]);
}
