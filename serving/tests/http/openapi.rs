//! The description of the API holds: of every route, and of every parameter that one takes.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::client::{get, send};
use crate::lake::TestLake;
use crate::sidecar::Sidecar;

fn described() -> (Sidecar, TestLake, Value) {
    let lake = TestLake::new();
    lake.publish(1);
    let sidecar = Sidecar::ready(&lake);
    let description = get(sidecar.addr, "/openapi.json").json();
    (sidecar, lake, description)
}

fn target(path: &str) -> String {
    path.replace("/users/{id}", "/users/ann").replace("/courses/{id}", "/courses/c1").replace("{name}", "dau")
}

/// Names of an operation's parameters in the query.
fn documented(description: &Value, operation: &Value) -> BTreeSet<String> {
    let none = Vec::new();
    let references = operation["parameters"].as_array().unwrap_or(&none).iter();
    let parameters = references.map(|parameter| {
        let name = parameter["$ref"].as_str().unwrap().rsplit('/').next().unwrap();
        &description["components"]["parameters"][name]
    });
    parameters.filter(|parameter| parameter["in"] == "query").map(|parameter| parameter["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_described_route_answers_by_its_method() {
    let (sidecar, _lake, description) = described();
    for (path, item) in description["paths"].as_object().unwrap() {
        let target = target(path);
        let is_post = item.get("post").is_some();
        let asked = get(sidecar.addr, &target);
        let expected = match (is_post, path.as_str()) {
            (true, _) => 405,
            // The lake of the tests has the triangle of another unit.
            (false, "/v1/retention") => 404,
            _ => 200,
        };
        assert_eq!(asked.status, expected, "{path}");
        let posted = send(sidecar.addr, &format!("POST {target} HTTP/1.1\r\ncontent-length: 0\r\n"));
        assert_eq!(posted.status, if is_post { posted.status } else { 405 }, "{path}");
        let codes: Vec<&String> = item[if is_post { "post" } else { "get" }]["responses"].as_object().unwrap().keys().collect();
        assert!(!is_post || codes.contains(&&posted.status.to_string()), "{path} answers {}, but tells of {codes:?}", posted.status);
    }
}

#[test]
fn every_parameter_that_is_taken_is_described_and_no_other() {
    let (sidecar, _lake, description) = described();
    for (path, item) in description["paths"].as_object().unwrap() {
        let Some(operation) = item.get("get") else { continue };
        let refused = get(sidecar.addr, &format!("{}?no-such-parameter=1", target(path))).problem(400);
        let known = refused.rsplit_once("known here: ").map_or("", |(_, names)| names);
        let known: BTreeSet<String> = known.split(", ").filter(|name| !name.is_empty()).map(str::to_owned).collect();
        assert_eq!(known, documented(&description, operation), "{path}: {refused}");
    }
}
