//! `hachi-serving` on a lake that `hachi` published: what a site gets over HTTP, also while a new snapshot comes.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use ureq::Agent;

use crate::programs::program;
use crate::sample::{self, AS_OF};
use crate::site::Site;

const PATIENCE: Duration = Duration::from_mins(1);
const CLIENTS: usize = 3;

/// A running sidecar; killed with its test.
struct Sidecar {
    process: Child,
    url: String,
    agent: Agent,
}

impl Drop for Sidecar {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What was answered.
#[derive(Debug)]
struct Answer {
    status: u16,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    #[track_caller]
    fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        self.json()
    }
}

impl Sidecar {
    /// Starts on the site's lake with the site's key, and waits until it is ready.
    fn start(site: &Site) -> Sidecar {
        let mut command = Command::new(program("hachi-serving"));
        command.arg("--lake").arg(site.lake()).arg("--pseudonym-key").arg(site.key());
        command.args(["--listen", "127.0.0.1:0", "--poll-seconds", "1"]).stdin(Stdio::null()).stderr(Stdio::null());
        let mut process = command.stdout(Stdio::piped()).spawn().expect("a program that starts");
        let mut url = String::new();
        BufReader::new(process.stdout.take().expect("stdout is piped")).read_line(&mut url).expect("it says its address");
        let agent = Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE)).build().into();
        let sidecar = Sidecar { process, url: url.trim().to_owned(), agent };
        sidecar.wait(|| sidecar.get("/readyz").status == 200);
        sidecar
    }

    fn get(&self, path: &str) -> Answer {
        let mut response = self.agent.get(format!("{}{path}", self.url)).call().expect("an answer");
        Answer { status: response.status().as_u16(), body: response.body_mut().read_to_string().expect("text") }
    }

    fn wait(&self, is_done: impl Fn() -> bool) {
        let start = Instant::now();
        while !is_done() {
            assert!(start.elapsed() < PATIENCE, "not in time: {:?}", self.get("/status"));
            std::thread::sleep(Duration::from_millis(20));
        }
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

#[test]
fn a_member_gets_a_list_with_reasons() {
    let sidecar = sidecar();
    let answer = sidecar.get(&format!("/v1/users/{}/recommendations?limit=5", member())).ok();
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
    let sidecar = sidecar();
    let answer = sidecar.get(&format!("/v1/users/{}/recommendations?limit=5", member())).ok();
    let served: Vec<_> = answer["items"].as_array().expect("items").iter().map(|item| item["course_id"].as_str().expect("an id")).collect();
    let lists =
        sample::published().site.query("select user_id, rank, course_id from recommendations where rank <= 5 order by user_id, rank");
    let is_published =
        lists.chunks(5).any(|list| list.iter().map(|row| row["course_id"].as_str().expect("an id")).eq(served.iter().copied()));
    assert!(is_published, "{served:?} is nobody's list");
}

#[test]
fn strangers_get_what_is_popular() {
    let sidecar = sidecar();
    for id in ["nobody", "%E5%9B%A2%E9%98%9F%2F%E6%9D%8E%20%E9%9B%B7", "..%2F..%2Fx", "%22%3B%20no", "%00", "a%2Fz"] {
        let answer = sidecar.get(&format!("/v1/users/{id}/recommendations?limit=3")).ok();
        assert_eq!(answer["source"], "popular", "{answer}");
        assert_eq!(answer["items"].as_array().expect("items").len(), 3, "{answer}");
    }
    let popular = sidecar.get("/v1/courses/popular?limit=3").ok();
    assert_eq!(popular["items"].as_array().expect("items").len(), 3, "{popular}");
}

/// `id` as one part of a path.
fn encoded(id: &str) -> String {
    id.bytes().map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[test]
fn every_member_of_the_sample_gets_an_answer_whatever_the_id() {
    let sidecar = sidecar();
    let ids = sample::texts("members", "user_id");
    assert!(ids.contains("a/b"), "the sample has odd ids");
    for id in ids {
        let answer = sidecar.get(&format!("/v1/users/{}/recommendations?limit=1", encoded(&id))).ok();
        assert_eq!(answer["items"].as_array().expect("items").len(), 1, "`{id}`: {answer}");
    }
    let odd = sidecar.get("/v1/users/a%2Fb/recommendations").ok();
    assert_eq!(odd["source"], "personal", "{odd}");
}

#[test]
fn kpis_and_retention_are_those_of_the_tables() {
    let sidecar = sidecar();
    let site = &sample::published().site;
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
    let sidecar = sidecar();
    let site = &sample::published().site;
    let course = &site.column("select min(course_id) from similar_courses")[0];
    let answer = sidecar.get(&format!("/v1/courses/{course}/similar?limit=3")).ok();
    let served: Vec<_> = answer["items"].as_array().expect("items").iter().map(|item| item["course_id"].as_str().expect("an id")).collect();
    let sql = format!("select similar_course_id from similar_courses where course_id = '{course}' and rank <= 3 order by rank");
    assert_eq!(served, site.column(&sql));
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
}

#[test]
fn a_new_snapshot_is_swapped_in_without_a_failed_request() {
    let site = sample::copy();
    let sidecar = Sidecar::start(&site);
    let path = format!("/v1/users/{}/recommendations", member());
    let over = AtomicBool::new(false);
    let number = || sidecar.get(&path).ok()["snapshot"]["number"].as_u64().expect("a number");
    std::thread::scope(|scope| {
        let ask = || {
            let (start, mut seen) = (Instant::now(), Vec::new());
            // Should the test fail, its clients must end, too.
            while !over.load(Ordering::Relaxed) && start.elapsed() < 2 * PATIENCE {
                seen.push(number());
            }
            seen
        };
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(ask)).collect();
        site.hachi(&["run", "--as-of", AS_OF, "--threads", "1"]).ok();
        sidecar.wait(|| sidecar.get("/status").ok()["snapshot"]["number"] == 2);
        std::thread::sleep(Duration::from_millis(100));
        over.store(true, Ordering::Relaxed);
        for client in clients {
            let seen = client.join().expect("every request was answered");
            assert!(seen.is_sorted() && seen.first() == Some(&1) && seen.last() == Some(&2), "{} answers", seen.len());
        }
    });
    assert!(sidecar.get("/metrics").body.contains("hachi_snapshot_number 2"));
}

#[test]
fn hachi_serve_answers_as_the_sidecar_does() {
    let site = &sample::published().site;
    let mut child = site.start(&mut site.command(&["serve", "--listen", "0.0.0.0:0"]));
    assert!(!child.wait().expect("it refuses").success(), "an address that others can reach was accepted");
}
