//! `hachi evaluate` and `hachi tune` on the site's own days.

use serde_json::Value;

use crate::programs::assert_holds;
use crate::sample;

#[test]
fn all_models_are_compared_member_by_member() {
    let site = &sample::published().site;
    let report = site.hachi(&["evaluate", "--json"]).ok().json();
    let models = report["models"].as_array().expect("models");
    let names: Vec<&Value> = models.iter().map(|model| &model["model"]).collect();
    assert_eq!(names, ["popular", "trending", "quality", "ease", "ials", "svd", "neighbors", "content", "als", "blend"]);
    let objective = |model: &Value| model["test"]["ndcg@10"]["value"].as_f64().expect("a number");
    let best = models.iter().find(|model| model["model"] == report["best"]).expect("the best is one of them");
    for model in models {
        assert!(objective(model) <= objective(best), "{model}");
        let difference = model["difference"]["ndcg@10"]["value"].as_f64();
        let expected = (model != best).then(|| objective(model) - objective(best));
        assert!(difference.zip(expected).map_or(difference == expected, |(a, b)| (a - b).abs() < 1e-12), "{model}");
    }
    assert!(best["test"]["ndcg@10"]["value"].as_f64() > Some(0.0), "{best}");
    let (validation, test) = (&report["validation"], &report["test"]);
    assert_eq!(
        [&validation["from"], &validation["to"], &test["from"], &test["to"]],
        ["2026-03-04", "2026-03-17", "2026-03-18", "2026-03-31"]
    );
    let table = site.hachi(&["evaluate"]).ok().stdout;
    assert_holds(&table, &["validation: 2026-03-04 to 2026-03-17", "test: 2026-03-18 to 2026-03-31", "ndcg@10 less", "neighbors", " to "]);
}

#[test]
fn too_few_days_are_refused() {
    let site = &sample::published().site;
    assert_holds(&site.hachi(&["evaluate", "--window-days", "60"]).failed(4), &["less than 4 windows of 60", "lower `--window-days`"]);
    let fresh = sample::unpublished();
    assert_holds(&fresh.hachi(&["evaluate"]).failed(1), &["nothing is published", "`hachi run`"]);
    assert_holds(&fresh.hachi(&["tune"]).failed(1), &["nothing is published"]);
}

#[test]
fn a_search_is_the_same_again_and_its_best_can_be_configured() {
    let site = sample::copy();
    let search = |more: &[&str]| site.hachi(&[&["tune", "--trials", "4"], more].concat()).ok();
    let report = search(&["--json"]).json();
    assert_eq!(report, search(&["--json"]).json());
    assert_ne!(report["trials"], search(&["--json", "--seed", "9"]).json()["trials"]);
    let trials = report["trials"].as_array().expect("trials");
    assert_eq!((trials.len(), &trials[0]["values"]), (4, &serde_json::json!({})));
    // Some values can't be fitted to so few courses; they have no score.
    assert!(report["best"]["score"].is_f64(), "{report}");
    assert!(trials.iter().all(|trial| trial["score"].as_f64() <= report["best"]["score"].as_f64()), "{report}");

    let fragment = search(&[]).stdout;
    assert_holds(&fragment, &["# ndcg@10 of 4 trials", "# in the test window"]);
    let config = std::fs::read_to_string(site.path("hachi.toml")).expect("a readable file");
    site.write("hachi.toml", format!("{config}\n{fragment}"));
    site.hachi(&["check"]).ok();
}

#[test]
fn what_can_not_be_searched_is_refused() {
    let site = &sample::published().site;
    assert_holds(&site.hachi(&["tune", "--model", "eas"]).failed(2), &["did you mean `ease`?"]);
    assert_holds(&site.hachi(&["tune", "--model", "popular"]).failed(4), &["`popular` has no parameter"]);
    assert_holds(&site.hachi(&["tune", "--trials", "0"]).failed(2), &["'--trials <N>'"]);
}
