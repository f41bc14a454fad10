//! `hachi-serving` on a lake that `hachi` published: what a site gets over HTTP, also while a new snapshot comes.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use crate::http::{Answer, Client, encoded};
use crate::patience::wait;
use crate::programs::program;
use crate::sample::{self, AS_OF};
use crate::site::Site;

const CLIENTS: usize = 3;

/// A running sidecar; killed with its test.
pub struct Sidecar {
    process: Child,
    client: Client,
}

impl Drop for Sidecar {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Sidecar {
    /// Starts `hachi-serving` on the site's lake with the site's key, and waits until it is ready.
    pub fn start(site: &Site) -> Sidecar {
        let mut command = Command::new(program("hachi-serving"));
        command.arg("--lake").arg(site.lake()).arg("--pseudonym-key").arg(site.key());
        command.args(["--listen", "127.0.0.1:0", "--poll-seconds", "1"]).env_remove("RUST_LOG");
        Sidecar::ready(&mut command)
    }

    /// Starts a command that says its address in the first line with `http://` in it, and waits until it is ready.
    pub fn ready(command: &mut Command) -> Sidecar {
        let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("a program that starts");
        let lines = BufReader::new(process.stdout.take().expect("stdout is piped")).lines();
        let line = lines.map_while(Result::ok).find(|line| line.contains("http://")).expect("it says its address");
        let address = line.split_once("http://").and_then(|(_, rest)| rest.split('/').next()).expect("an address");
        let sidecar = Sidecar { process, client: Client::new(&format!("http://{address}")) };
        wait(|| sidecar.get("/readyz").status == 200, || sidecar.get("/status").body);
        sidecar
    }

    pub fn get(&self, path: &str) -> Answer {
        self.client.get(path)
    }

    /// The same with a token.
    pub fn get_as(&self, token: &str, path: &str) -> Answer {
        self.client.get_as(token, path)
    }

    /// Its address, without a `/` at the end.
    pub fn url(&self) -> &str {
        self.client.url()
    }

    /// Asks it to stop; whether it ended well.
    pub fn stop(mut self) -> bool {
        let sent = Command::new("kill").arg(self.process.id().to_string()).status().expect("`kill` is there");
        sent.success() && self.process.wait().expect("it ends").success()
    }
}

/// A sidecar of the shared sample. Each test has its own: a shared one would outlive the tests.
fn sidecar() -> Sidecar {
    Sidecar::start(&sample::published().site)
}

/// A member of the sample who has a list, as the demo found one.
fn member() -> &'static str {
    let heading = "Recommended to member ";
    sample::published().demo.lines().find_map(|line| line.strip_prefix(heading)).expect("the demo shows a list")
}

fn course_ids(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["course_id"].as_str().expect("an id")).collect()
}

#[test]
fn a_member_gets_a_list_with_reasons() {
    let answer = sidecar().get(&format!("/v1/users/{}/recommendations?limit=5", encoded(member()))).ok();
    assert_eq!((&answer["source"], &answer["snapshot"]["number"]), (&"personal".into(), &1.into()), "{answer}");
    let items = answer["items"].as_array().expect("items");
    assert_eq!(items.len(), 5);
    for item in items {
        assert!(item["title"].as_str().is_some_and(|title| !title.is_empty()), "{item}");
        let reasons = item["reasons"].as_array().expect("reasons");
        let shares: f64 = reasons.iter().map(|reason| reason["share"].as_f64().expect("a share")).sum();
        assert!(!reasons.is_empty() && shares <= 1.01, "{item}");
    }
    assert!(!answer.to_string().contains(member()), "the answer repeats the member's id");
}

#[test]
fn the_list_is_the_one_that_was_published() {
    let items = sidecar().get(&format!("/v1/users/{}/recommendations?limit=5", encoded(member()))).items();
    let sql = "select user_id, rank, course_id from recommendations where rank <= 5 order by user_id, rank";
    let lists = sample::published().site.query(sql);
    let is_published = lists.chunk_by(|one, next| one["user_id"] == next["user_id"]).any(|list| course_ids(list) == course_ids(&items));
    assert!(is_published, "{items:?} is nobody's list");
}

#[test]
fn strangers_get_what_is_popular() {
    let sidecar = sidecar();
    let popular = sidecar.get("/v1/courses/popular?limit=3").items();
    assert_eq!(popular.len(), 3);
    for id in ["nobody", "团队/李 雷", "../../x", "\"; no", "\0", "a/z"] {
        let answer = sidecar.get(&format!("/v1/users/{}/recommendations?limit=3", encoded(id))).ok();
        assert_eq!(answer["source"], "popular", "{answer}");
        assert_eq!(course_ids(answer["items"].as_array().expect("items")), course_ids(&popular));
    }
}

#[test]
fn every_member_of_the_sample_gets_an_answer_whatever_the_id() {
    let sidecar = sidecar();
    let ids = sample::texts("members", "user_id");
    assert!(ids.contains("a/b"), "the sample has odd ids");
    for id in ids {
        let items = sidecar.get(&format!("/v1/users/{}/recommendations?limit=1", encoded(&id))).items();
        assert_eq!(items.len(), 1, "`{id}`: {items:?}");
    }
    let odd = sidecar.get("/v1/users/a%2Fb/recommendations").ok();
    assert_eq!(odd["source"], "personal", "{odd}");
}

#[test]
fn kpis_and_retention_are_those_of_the_tables() {
    let (sidecar, site) = (sidecar(), &sample::published().site);
    let kpis = sidecar.get("/v1/kpis").ok();
    let published = site.query("select kpi, value from kpi_snapshot order by kpi");
    let served = kpis["kpis"].as_array().expect("kpis");
    assert_eq!(served.len(), published.len());
    for (served, published) in served.iter().zip(&published) {
        assert_eq!((&served["kpi"], &served["value"]), (&published["kpi"], &published["value"]));
    }
    let series = sidecar.get("/v1/kpis/dau?from=2026-03-01&to=2026-03-07").ok();
    assert_eq!(series["points"].as_array().expect("points").len(), 7, "{series}");
    let cells = sidecar.get("/v1/retention?unit=week").ok()["cells"].as_array().expect("cells").len();
    let counted = "select count(*) from cohort_retention where unit = 'week' and cohort_type = 'first_ever' and criterion = 'on'";
    assert_eq!(site.column(counted), [cells.to_string()]);
}

#[test]
fn similar_courses_are_those_of_the_table() {
    let (sidecar, site) = (sidecar(), &sample::published().site);
    let course = &site.column("select min(course_id) from similar_courses")[0];
    let items = sidecar.get(&format!("/v1/courses/{}/similar?limit=3", encoded(course))).items();
    let sql = format!("select similar_course_id from similar_courses where course_id = '{course}' and rank <= 3 order by rank");
    assert_eq!(course_ids(&items), site.column(&sql));
    assert_eq!(sidecar.get("/v1/courses/no-such-course/similar").status, 404);
}

#[test]
fn operators_see_that_it_is_well() {
    let sidecar = sidecar();
    assert_eq!(sidecar.get("/livez").status, 200);
    assert_eq!(sidecar.get("/readyz").status, 200);
    let status = sidecar.get("/status").ok();
    assert_eq!((&status["ready"], &status["snapshot"]["number"]), (&true.into(), &1.into()), "{status}");
    assert!(status["reload"]["failure"].is_null(), "{status}");
    let metrics = sidecar.get("/metrics");
    assert!(metrics.body.contains("hachi_snapshot_number 1") && metrics.body.ends_with("# EOF\n"), "{}", metrics.body);
    assert_eq!(sidecar.get("/v2/anything").status, 404);
    assert!(sidecar.stop(), "it did not end well");
}

/// Ends the clients also where the test fails.
struct SetOnDrop<'a>(&'a AtomicBool);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_new_snapshot_is_swapped_in_without_a_failed_request() {
    let site = sample::copy();
    let sidecar = Sidecar::start(&site);
    let path = format!("/v1/users/{}/recommendations", encoded(member()));
    let number = || sidecar.get(&path).ok()["snapshot"]["number"].as_u64().expect("a number");
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let over_at_last = SetOnDrop(&over);
        let ask = || {
            let mut seen = vec![number()];
            while !over.load(Ordering::Relaxed) {
                seen.push(number());
            }
            seen
        };
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(ask)).collect();
        wait(|| number() == 1, String::new);
        site.hachi(&["run", "--as-of", AS_OF, "--threads", "1"]).ok();
        wait(|| sidecar.get("/status").ok()["snapshot"]["number"] == 2, || sidecar.get("/status").body);
        wait(|| number() == 2, String::new);
        drop(over_at_last);
        for client in clients {
            let seen = client.join().expect("every request was answered");
            assert!(seen.is_sorted() && seen.first() == Some(&1) && seen.len() > 10, "{} answers, first {}", seen.len(), seen[0]);
        }
    });
    assert!(sidecar.get("/metrics").body.contains("hachi_snapshot_number 2"));
}

#[test]
fn a_member_is_told_what_the_tables_say() {
    let (sidecar, site) = (sidecar(), &sample::published().site);
    let path = |of: &str| format!("/v1/users/{}/{of}", encoded(member()));
    let told = sidecar.get(&path("courses?limit=100")).ok();
    let pseudonym = site.hachi(&["pseudonym", member()]).ok().stdout.trim().to_owned();
    let rows =
        site.query(&format!("select course_id from member_progress where user_id = '{pseudonym}' order by last_date desc, course_id"));
    assert_eq!(course_ids(told["items"].as_array().expect("items")), course_ids(&rows), "{told}");
    let told = sidecar.get(&path("profile")).ok();
    let rows = site.query(&format!("select events_30, week_state from member_profile where user_id = '{pseudonym}'"));
    assert_eq!((&told["profile"]["events_30"], &told["profile"]["week_state"]), (&rows[0]["events_30"], &rows[0]["week_state"]), "{told}");
}

#[test]
fn the_catalogue_answers_by_trend_publication_and_subject() {
    let (sidecar, site) = (sidecar(), &sample::published().site);
    let trending = sidecar.get("/v1/courses/trending?limit=3").items();
    let rows = site.query("select course_id from course_popularity order by trending desc, rank limit 3");
    assert_eq!(course_ids(&trending), course_ids(&rows));
    let latest = sidecar.get("/v1/courses/latest?limit=1").items();
    let rows = site.query("select course_id from course_facts order by published_at desc, course_id limit 1");
    assert_eq!(course_ids(&latest), course_ids(&rows));
    assert_eq!(sidecar.get("/v1/courses/latest?tag=rust&limit=1").items()[0]["course_id"], "rust-deep-dive");
}

#[test]
fn experiments_are_told_arm_by_arm() {
    let (sidecar, site) = (sidecar(), &sample::published().site);
    let arms = sidecar.get("/v1/experiments").ok()["arms"].clone();
    let rows = site.query("select experiment, variant, exposed, members from experiment_arms order by experiment, variant");
    assert_eq!(rows.len(), 4, "{rows:?}");
    for (arm, row) in arms.as_array().expect("a list").iter().zip(&rows) {
        assert!(["experiment", "variant", "exposed", "members"].iter().all(|name| arm[name] == row[name]), "{arm} {row}");
    }
    // Counted in the raw rows up to the watermark: nobody of the sample was shown two arms of one experiment.
    let counted = |name: &str| rows.iter().map(|row| row[name].as_i64()).collect::<Option<Vec<_>>>();
    assert_eq!((counted("exposed"), counted("members")), (Some(vec![96, 112, 118, 97]), Some(vec![96, 112, 118, 97])));
}

#[test]
fn what_was_followed_is_published_by_source_and_place() {
    let rows =
        sample::published().site.query("select source, viewers, clickers, low, click_through, high from click_through where rank = 1");
    assert_eq!(rows.len(), 2, "{rows:?}");
    for row in rows {
        let number = |name: &str| row[name].as_f64().expect("a number that is shown");
        assert!(number("clickers") <= number("viewers") && number("low") < number("click_through"), "{row}");
        assert!(number("click_through") < number("high"), "{row}");
    }
}

#[test]
fn hachi_serve_is_the_same_sidecar() {
    let site = &sample::published().site;
    let sidecar = Sidecar::ready(&mut site.command(&["serve", "--listen", "127.0.0.1:0"]));
    let answer = sidecar.get("/v1/users/a%2Fb/recommendations").ok();
    assert_eq!(answer["source"], "personal", "{answer}");
    assert!(sidecar.stop(), "it did not end well");
}

#[test]
fn hachi_serve_stays_on_this_machine_unless_told() {
    let refused = sample::published().site.hachi(&["serve", "--listen", "0.0.0.0:0"]).failed(1);
    assert!(refused.contains("--tokens"), "{refused}");
}
