//! What each route answers.

use hachi_snapshot::pseudonym;

use serde_json::json;

use crate::client::{get, post, send};
use crate::lake::{MEMBERS, TestLake};
use crate::sidecar::Sidecar;

fn ready() -> (TestLake, Sidecar) {
    let lake = TestLake::new();
    lake.publish(1);
    let sidecar = Sidecar::ready(&lake);
    (lake, sidecar)
}

#[test]
fn a_member_gets_a_personal_list() {
    let (_lake, sidecar) = ready();
    let answer = get(sidecar.addr, "/v1/users/ann/recommendations?limit=2");
    let json = answer.json();
    assert_eq!(answer.status, 200);
    assert_eq!(json["source"], "personal");
    assert_eq!(json["snapshot"], serde_json::json!({"number": 1, "as_of": "1970-01-01T00:00:00Z"}));
    assert_eq!(json["items"][0]["title"], "snapshot 1");
    assert_eq!(json["items"][0]["score"], 1.0);
    assert_eq!(json["items"][1]["score"], 0.968_75);
    assert_eq!(json["items"][0]["reasons"][0], serde_json::json!({"kind": "course", "id": "c3", "title": "snapshot 1", "share": 0.502}));
    assert_eq!(answer.courses(), ["c/0 ü", "c1"]);
    assert_eq!(answer.header("cache-control"), Some("private, max-age=60, stale-if-error=86400"));
    let id = json["recommendation_id"].as_str().unwrap();
    assert!(id.len() == 32 && !answer.body.contains("ann"), "{answer:?}");
}

#[test]
fn reasons_are_told_in_the_languages_of_the_reader() {
    let (_lake, sidecar) = ready();
    let target = "/v1/users/ann/recommendations?limit=1";
    let told = |answer: crate::client::Answer| answer.json()["items"][0]["explanation"].clone();
    assert_eq!(told(get(sidecar.addr, target)), "because you took “snapshot 1”");
    assert_eq!(told(get(sidecar.addr, &format!("{target}&lang=zh"))), "因为你学过《snapshot 1》");
    let accepting = send(sidecar.addr, &format!("GET {target} HTTP/1.1\r\naccept-language: fr, zh-CN;q=0.9, en;q=0.8\r\n"));
    assert_eq!(accepting.header("vary"), Some("accept-language"));
    assert_eq!(told(accepting), "因为你学过《snapshot 1》");
    assert_eq!(told(get(sidecar.addr, "/v1/users/stranger/recommendations?limit=1&lang=zh")), "因为它在社区很受欢迎");
    assert!(told(get(sidecar.addr, &format!("{target}&explain=false"))).is_null());
    assert_eq!(get(sidecar.addr, &format!("{target}&lang=fr")).problem(400), "`lang` must be one of auto, en, zh");
}

#[test]
fn ids_may_be_unicode_and_hold_a_slash() {
    let (_lake, sidecar) = ready();
    let encoded = "%E5%9B%A2%E9%98%9F%2F%E6%9D%8E%20%E9%9B%B7";
    let source = |id: &str| get(sidecar.addr, &format!("/v1/users/{id}/recommendations")).json()["source"].clone();
    assert_eq!(MEMBERS[1], "团队/李 雷");
    assert_eq!(source(encoded), "personal");
    assert_eq!(source("stranger"), "popular");
    get(sidecar.addr, "/v1/users/%FF/recommendations").problem(400);
}

#[test]
fn a_stranger_gets_what_is_popular() {
    let (_lake, sidecar) = ready();
    let answer = get(sidecar.addr, "/v1/users/stranger/recommendations?limit=3&explain=false");
    assert_eq!((answer.status, answer.json()["source"].as_str()), (200, Some("popular")));
    assert_eq!(answer.courses(), ["c15", "c16", "c17"]);
    assert!(answer.json()["items"][0].get("reasons").is_none());
}

#[test]
fn filters_act_on_the_whole_list_which_popular_courses_fill() {
    let (_lake, sidecar) = ready();
    let courses = |query: &str| get(sidecar.addr, &format!("/v1/users/ann/recommendations?{query}")).courses();
    assert_eq!(courses("limit=2&exclude=c%2F0%20%C3%BC,c1"), ["c2", "c3"]);
    assert_eq!(courses("limit=3&offset=19"), ["c19", "c20", "c21"]);
    assert_eq!(courses("limit=100").len(), 30);
    assert_eq!(courses("").len(), 10);
}

#[test]
fn without_a_key_members_are_asked_for_by_pseudonym() {
    let lake = TestLake::new();
    lake.publish(1);
    let sidecar = Sidecar::start_with(&lake, None);
    sidecar.wait_for(1);
    let source = |id: &str| get(sidecar.addr, &format!("/v1/users/{id}/recommendations")).json()["source"].clone();
    assert_eq!(source(&pseudonym(&[7; 32], "ann").to_string()), "personal");
    assert_eq!(source("ann"), "popular");
}

#[test]
fn wrong_parameters_are_told_exactly() {
    let (_lake, sidecar) = ready();
    let refused = |query: &str| get(sidecar.addr, &format!("/v1/users/ann/recommendations?{query}")).problem(400);
    for query in ["limit=0", "limit=101", "limit=ten", "limit=-1"] {
        assert_eq!(refused(query), "`limit` must be a whole number from 1 to 100");
    }
    assert_eq!(refused("explain=perhaps"), "`explain` must be one of true, false");
    assert!(refused("limt=5").contains("limit, offset, exclude, tag, explain"));
    assert!(get(sidecar.addr, "/v1/kpis/dau?from=2024-02-30").problem(400).contains("YYYY-MM-DD"));
    assert!(get(sidecar.addr, "/v1/kpis/dau?from=2024-02-02&to=2024-02-01").problem(400).contains("after `to`"));
}

#[test]
fn an_unchanged_answer_is_not_sent_again() {
    let (_lake, sidecar) = ready();
    let target = "/v1/users/ann/recommendations";
    let etag = get(sidecar.addr, target).header("etag").unwrap().to_owned();
    let again = send(sidecar.addr, &format!("GET {target} HTTP/1.1\r\nif-none-match: W/{etag}\r\n"));
    assert_eq!((again.status, again.body.as_str(), again.header("etag")), (304, "", Some(etag.as_str())));
    let other = send(sidecar.addr, &format!("GET {target}?limit=1 HTTP/1.1\r\nif-none-match: {etag}\r\n"));
    assert_eq!(other.status, 200);
}

#[test]
fn head_answers_without_a_body() {
    let (_lake, sidecar) = ready();
    let (get, head) = (get(sidecar.addr, "/v1/kpis"), send(sidecar.addr, "HEAD /v1/kpis HTTP/1.1\r\n"));
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert_eq!((head.header("content-length"), head.header("etag")), (get.header("content-length"), get.header("etag")));
}

#[test]
fn courses_have_popular_and_similar_ones() {
    let (_lake, sidecar) = ready();
    assert_eq!(get(sidecar.addr, "/v1/courses/popular?limit=2").courses(), ["c15", "c16"]);
    assert_eq!(get(sidecar.addr, "/v1/courses/c%2F0%20%C3%BC/similar?limit=1").courses(), ["c1"]);
    assert!(get(sidecar.addr, "/v1/courses/c1/similar").courses().is_empty());
    assert_eq!(get(sidecar.addr, "/v1/courses/trending?limit=2").courses(), ["c29", "c28"]);
    assert_eq!(get(sidecar.addr, "/v1/courses/latest?limit=2&offset=1").courses(), ["c28", "c27"]);
    let latest = get(sidecar.addr, "/v1/courses/latest?limit=1").json();
    assert_eq!(latest["items"][0]["reasons"], json!([{"kind": "new", "share": 1.0}]));
    assert_eq!((&latest["source"], &latest["items"][0]["published_at"]), (&"latest".into(), &"1969-12-31T23:43:49Z".into()));
    assert_eq!(get(sidecar.addr, "/v1/courses/none/similar").problem(404), "this snapshot holds no course `none`");
}

#[test]
fn kpis_and_retention_come_with_their_snapshot() {
    let (_lake, sidecar) = ready();
    let kpis = get(sidecar.addr, "/v1/kpis").json();
    assert_eq!((&kpis["snapshot"]["number"], &kpis["kpis"][0]["value"]), (&1.into(), &12.5.into()));
    let series = get(sidecar.addr, "/v1/kpis/dau?from=2024-01-31").json();
    assert_eq!(series["points"], serde_json::json!([{"event_date": "2024-01-31", "value": 2.5}]));
    let retention = get(sidecar.addr, "/v1/retention?unit=month&cohort_type=recurring").json();
    assert_eq!(retention["cells"][0]["cohort_size"], 7);
    get(sidecar.addr, "/v1/kpis/mood").problem(404);
    get(sidecar.addr, "/v1/retention").problem(404);
    get(sidecar.addr, "/v1/retention?unit=year").problem(400);
    get(sidecar.addr, "/v1/retention?unit=24h&cohort_type=first_matching").problem(404);
    let refused = get(sidecar.addr, "/v1/retention?unit=24h&criterion=on_or_after").problem(400);
    assert_eq!(refused, "`criterion` must be on where `unit` is 24h");
}

#[test]
fn experiments_come_arm_by_arm() {
    let (_lake, sidecar) = ready();
    let experiments = get(sidecar.addr, "/v1/experiments").json();
    assert_eq!((&experiments["snapshot"]["number"], &experiments["arms"][0]["members"]), (&1.into(), &12.into()), "{experiments}");
    get(sidecar.addr, "/v1/experiments?name=home").problem(400);
}

#[test]
fn lifecycle_and_models_come_with_their_snapshot() {
    let (_lake, sidecar) = ready();
    let lifecycle = get(sidecar.addr, "/v1/lifecycle").json();
    assert_eq!((&lifecycle["unit"], &lifecycle["periods"][0]["active_members"]), (&"week".into(), &7.into()));
    let models = get(sidecar.addr, "/v1/models").json();
    assert_eq!((&models["metric"], &models["models"][0]["model"]), (&"ndcg@10".into(), &"blend".into()));
    assert_eq!(get(sidecar.addr, "/v1/models?metric=ndcg%4010").json(), models);
    // An older pipeline published neither.
    assert_eq!(get(sidecar.addr, "/v1/lifecycle?unit=day").problem(404), "this snapshot holds no lifecycle for unit `day`");
    get(sidecar.addr, "/v1/models?metric=hr@1").problem(404);
    get(sidecar.addr, "/v1/lifecycle?unit=year").problem(400);
}

#[test]
fn wrong_paths_and_methods_are_problems() {
    let (_lake, sidecar) = ready();
    get(sidecar.addr, "/nothing").problem(404);
    get(sidecar.addr, "/v1/users//recommendations").problem(404);
    let refused = send(sidecar.addr, "POST /v1/kpis HTTP/1.1\r\ncontent-length: 0\r\n");
    refused.problem(405);
    assert_eq!(refused.header("allow"), Some("GET, HEAD"));
}

#[test]
fn requests_are_counted_by_route_and_never_by_path() {
    let (_lake, sidecar) = ready();
    get(sidecar.addr, "/v1/users/ann-secret/recommendations");
    let answer = get(sidecar.addr, "/metrics");
    assert!(answer.header("content-type").unwrap().starts_with("application/openmetrics-text"));
    let counted = "hachi_http_requests_total{route=\"/v1/users/{id}/recommendations\",class=\"2xx\"} 1";
    assert!(answer.body.contains(counted) && !answer.body.contains("secret"), "{}", answer.body);
    assert!(answer.body.contains("hachi_snapshot_number 1"), "{}", answer.body);
}

#[test]
fn a_subject_filters_every_list_before_it_is_cut() {
    let (_lake, sidecar) = ready();
    let courses = |target: &str| get(sidecar.addr, target).courses();
    assert_eq!(courses("/v1/courses/popular?limit=2&tag=rust"), ["c15", "c18"]);
    assert_eq!(courses("/v1/courses/popular?limit=2&tag=RUST,none&exclude=c15"), ["c18", "c21"]);
    assert_eq!(courses("/v1/users/ann/recommendations?limit=8&tag=Rust"), ["c/0 ü", "c3", "c6", "c9", "c12", "c15", "c18", "c21"]);
    assert!(courses("/v1/courses/latest?tag=none").is_empty());
}

#[test]
fn the_rest_of_the_catalogue_fills_what_filters_leave_empty() {
    let (_lake, sidecar) = ready();
    let rest = ["c12", "c9", "c6", "c3", "c/0 ü"];
    for (target, own) in [
        ("/v1/courses/popular?tag=rust", ["c15", "c18", "c21", "c24", "c27"]),
        ("/v1/courses/trending?tag=rust", ["c27", "c24", "c21", "c18", "c15"]),
        ("/v1/users/stranger/recommendations?tag=rust", ["c15", "c18", "c21", "c24", "c27"]),
    ] {
        let list = get(sidecar.addr, target);
        assert_eq!(list.courses(), [own, rest].concat(), "{target}");
        let last = &list.json()["items"][9];
        assert_eq!((&last["source"], &last["score"], &last["reasons"]), (&"catalogue".into(), &0.0.into(), &json!([])), "{target}");
        assert!(last.get("explanation").is_none(), "{last}");
    }
    let known: Vec<String> = (1..30).map(|at| format!("c{at}")).filter(|id| id != "c7").collect();
    let session = post(sidecar.addr, "/v1/recommendations", "", &json!({"recent": ["c4"], "exclude": known, "limit": 9}));
    assert_eq!((session.courses(), &session.json()["source"]), (vec!["c7".to_owned(), "c/0 ü".to_owned()], &"popular".into()));
    assert_eq!(get(sidecar.addr, "/v1/courses/latest?tag=rust").courses().len(), 10);
}

#[test]
fn a_posted_session_is_answered_at_once() {
    let (_lake, sidecar) = ready();
    let ask = |body: serde_json::Value| post(sidecar.addr, "/v1/recommendations", "", &body);
    let answer = ask(json!({"recent": ["c4", "never seen"], "limit": 3}));
    let json = answer.json();
    assert_eq!((json["source"].as_str(), answer.courses()), (Some("session"), vec!["c5".to_owned(), "c6".to_owned(), "c15".to_owned()]));
    assert_eq!(json["items"][0]["reasons"], json!([{"kind": "course", "id": "c4", "title": "snapshot 1", "share": 1.0}]));
    assert_eq!((json["items"][0]["source"].as_str(), json["items"][2]["source"].as_str()), (Some("ease"), Some("popular")));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(ask(json!({"recent": ["c4"], "exclude": ["c5"], "tags": ["rust"], "limit": 2})).courses(), ["c6", "c15"]);
    assert_eq!(ask(json!({"recent": ["c4"], "lang": "zh", "limit": 1})).json()["items"][0]["explanation"], "因为你学过《snapshot 1》");
    assert_eq!(ask(json!({"recent": []})).json()["source"], "popular");
    ask(json!({"recent": [], "limit": 101})).problem(400);
}

#[test]
fn who_refuses_personalisation_gets_what_is_popular() {
    let (_lake, sidecar) = ready();
    let source = |user_id: &str| {
        let body = json!({"recent": ["c4"], "user_id": user_id});
        post(sidecar.addr, "/v1/recommendations", "", &body).json()["source"].clone()
    };
    assert_eq!((source("x"), source("ann")), ("popular".into(), "session".into()));
}

#[test]
fn members_see_where_they_have_been_and_who_they_are() {
    let (_lake, sidecar) = ready();
    let courses = get(sidecar.addr, "/v1/users/ann/courses?limit=1").json();
    assert_eq!(courses["items"], json!([{"course_id": "c1", "progress": 0.5, "title": "snapshot 1"}]));
    assert_eq!(get(sidecar.addr, "/v1/users/stranger/courses").json()["items"], json!([]));
    let profile = get(sidecar.addr, "/v1/users/ann/profile").json();
    assert_eq!((&profile["interests"][0]["tag"], &profile["segments"]), (&"rust".into(), &json!(["regulars"])));
    assert_eq!(get(sidecar.addr, "/v1/users/stranger/profile").problem(404), "this snapshot holds no member of this id");
}
