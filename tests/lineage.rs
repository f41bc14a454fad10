//! OpenLineage events of runs: to a file, to a collector that is well, and to one that is not.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;

use regex::Regex;
use serde_json::Value;

use crate::observability::site;
use crate::programs::{Said, assert_holds};
use crate::rows::{AS_OF, RATINGS};
use crate::site::Site;

/// The run that is told of.
pub const RUN: &[&str] = &["run", "--as-of", AS_OF];

/// Asserts what the specification 2-0-2 requires of a run event and of the facets that are used.
#[track_caller]
fn assert_event(event: &Value, kind: &str) {
    assert_eq!(event["eventType"], kind, "{event}");
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map_or_else(|| unreachable!("{event}"), str::to_owned);
    let is = |pattern: &str, value: &Value| assert!(Regex::new(pattern).expect("a regular expression").is_match(&text(value)), "{value}");
    is(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$", &event["eventTime"]);
    is(r"^[a-z]+:", &event["producer"]);
    is(r"^https://openlineage\.io/spec/2-0-2/OpenLineage\.json#/\$defs/RunEvent$", &event["schemaURL"]);
    is(r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", &event["run"]["runId"]);
    let data = ["inputs", "outputs"].map(|name| event[name].as_array().expect("datasets").clone()).concat();
    for named in data.iter().chain([&event["job"]]) {
        text(&named["namespace"]);
        text(&named["name"]);
    }
    let holders = data.iter().flat_map(|data| ["facets", "inputFacets", "outputFacets"].map(|name| &data[name]));
    for facet in holders.chain([&event["run"]["facets"], &event["job"]["facets"]]).filter_map(Value::as_object).flatten() {
        is(r"^[a-z]+:", &facet.1["_producer"]);
        is(r"^https://openlineage\.io/spec/facets/\d-\d-\d/(\w+)\.json#/\$defs/\w+$", &facet.1["_schemaURL"]);
        let required: &[&str] = match facet.0.as_str() {
            "schema" => &["fields"],
            "inputStatistics" | "outputStatistics" => &["rowCount"],
            "errorMessage" => &["message", "programmingLanguage"],
            "nominalTime" => &["nominalStartTime"],
            "jobType" => &["processingType", "integration"],
            other => unreachable!("the facet `{other}` is not known here"),
        };
        required.iter().for_each(|field| assert!(!facet.1[*field].is_null(), "`{field}` is not in {facet:?}"));
        facet.1["fields"].as_array().into_iter().flatten().for_each(|field| drop(text(&field["name"])));
    }
}

/// The dataset whose name ends like that.
fn dataset<'e>(event: &'e Value, direction: &str, ending: &str) -> &'e Value {
    let data = event[direction].as_array().expect("datasets");
    data.iter().find(|data| data["name"].as_str().is_some_and(|name| name.ends_with(ending))).unwrap_or_else(|| unreachable!("{ending}"))
}

/// Asserts what both events of a published run say of the site's ratings.
#[track_caller]
pub fn assert_published(start: &Value, end: &Value) {
    assert_event(start, "START");
    assert_event(end, "COMPLETE");
    assert_eq!((&start["run"]["runId"], &start["job"]), (&end["run"]["runId"], &end["job"]));
    let input = dataset(end, "inputs", "raw/ratings");
    assert_eq!((&input["namespace"], &input["inputFacets"]["inputStatistics"]["rowCount"]), (&"file".into(), &2.into()));
    assert_eq!(input["facets"]["schema"]["fields"][0]["name"], "user_id");
    let output = dataset(end, "outputs", "lake/current/ratings");
    assert_eq!(output["outputFacets"]["outputStatistics"]["rowCount"], 1);
    assert!(output["outputFacets"]["outputStatistics"]["size"].as_u64() > Some(100), "{output}");
    assert!(output["facets"]["schema"]["fields"][0]["description"].is_string(), "{output}");
    assert_eq!(end["run"]["facets"]["nominalTime"]["nominalStartTime"], "2026-03-03T00:00:00.000Z");
}

#[test]
fn events_of_runs_are_appended_to_a_file() {
    let folder = tempfile::tempdir().expect("a writable folder");
    let file = folder.path().join("deep/lineage.jsonl");
    let site = site(&format!("[observability]\nopenlineage = \"file://{}\"\n", file.display()));
    site.hachi(RUN).ok();
    site.write("raw/ratings/broken.parquet", "not Parquet");
    let said = site.hachi(RUN).failed(4);
    let events: Vec<Value> =
        fs::read_to_string(&file).expect("events").lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let [start, end, again, failed] = events.as_slice() else { unreachable!("four events: {}", events.len()) };
    assert_published(start, end);
    assert_event(again, "START");
    assert_event(failed, "FAIL");
    assert_ne!(start["run"]["runId"], failed["run"]["runId"]);
    let message = failed["run"]["facets"]["errorMessage"]["message"].as_str().expect("a message");
    assert_eq!(format!("error: {message}\n"), said);
}

/// What was asked of a collector: head, body.
type Asked = Vec<(String, String)>;

/// A collector that answers with these status codes, one request each, and then is gone.
fn collector(answers: &'static [u16]) -> (String, JoinHandle<Asked>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let serve = move || answers.iter().map(|status| answer(listener.accept().expect("a client").0, *status)).collect();
    (url, std::thread::spawn(serve))
}

/// Takes one request and answers it; its head and body.
pub fn answer(stream: impl Read + Write, status: u16) -> (String, String) {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(reader.read_line(&mut head).expect("a request") > 0, "the client is gone: {head}");
    }
    let head = head.to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length").parse().expect("a number");
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    let reply = format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    reader.get_mut().write_all(reply.as_bytes()).expect("a client that listens");
    (head, String::from_utf8(body).expect("text"))
}

#[test]
fn events_are_posted_and_posted_again_where_that_may_help() {
    let (url, asked) = collector(&[503, 201, 429, 500, 200]);
    let site = site(&format!("[observability]\nopenlineage = \"{url}\"\n"));
    let mut command = site.command(RUN);
    command.env("OPENLINEAGE_API_KEY", "s3cret").env("OPENLINEAGE_NAMESPACE", "school").env("http_proxy", "http://127.0.0.1:9");
    let said = Said::from(command.output().expect("a program that starts")).ok();
    assert_eq!(said.stderr, "");
    let asked = asked.join().expect("five requests");
    for (head, _) in &asked {
        assert_holds(head, &["post /api/v1/lineage http/1.1", "authorization: bearer s3cret", "content-type: application/json"]);
    }
    let events: Vec<Value> = asked.iter().map(|(_, body)| serde_json::from_str(body).expect("JSON")).collect();
    assert_eq!((&events[0], &events[2], &events[2]), (&events[1], &events[3], &events[4]), "the same event is sent again");
    assert_published(&events[1], &events[4]);
    assert_eq!(events[4]["job"]["namespace"], "school");
    for (path, bytes) in crate::files::tree(&site.lake()) {
        assert!(!String::from_utf8_lossy(&bytes).contains("s3cret"), "the key is in {}", path.display());
    }
}

#[test]
fn a_collector_that_takes_nothing_changes_nothing() {
    let (url, asked) = collector(&[400, 503, 503, 503]);
    let site = site(&format!("[observability]\nopenlineage = \"{url}/mine\"\n"));
    let said = site.hachi(RUN).ok();
    let parts = ["not all of it is told", "/mine` did not take the event (tries: 1): status 400", "(tries: 3): status 503"];
    assert_holds(&said.stderr, &parts);
    assert_eq!((asked.join().expect("four requests").len(), site.latest().number), (4, 1));
    // Nobody is there any more.
    let said = site.hachi(RUN).ok();
    assert_holds(&said.stderr, &["(tries: 3)", "refused"]);
}

#[test]
fn a_place_that_nothing_can_be_sent_to_is_refused() {
    let refused = |url: &str| Site::new(&format!("{RATINGS}[observability]\nopenlineage = \"{url}\"\n")).hachi(RUN).failed(3);
    assert_holds(&refused("ftp://example.com"), &["`observability.openlineage` is `ftp://example.com`", "`https://host`"]);
    assert_holds(&refused("https://me:s3cret@example.com"), &["`…@example.com`", "OPENLINEAGE_API_KEY"]);
    assert_holds(&refused("lineage.jsonl"), &["expected `file:///", "`http://"]);
}
