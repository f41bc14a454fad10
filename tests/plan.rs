//! `hachi plan`: what a run would do, and how parts of the graph are named.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::programs::assert_holds;
use crate::sample;
use crate::site::Site;

/// Node → action.
fn actions(site: &Site, arguments: &[&str]) -> BTreeMap<String, String> {
    let plan = site.hachi(&[&["plan", "--json"], arguments].concat()).ok().json();
    let steps = plan["steps"].as_array().expect("steps").clone();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    steps.iter().map(|step| (text(&step["name"]), text(&step["action"]))).collect()
}

fn with_action(site: &Site, arguments: &[&str], action: &str) -> Vec<String> {
    actions(site, arguments).into_iter().filter(|(_, found)| found == action).map(|(name, _)| name).collect()
}

#[test]
fn everything_is_built_where_nothing_is_selected() {
    let site = sample::unpublished();
    let actions = actions(&site, &[]);
    assert!(actions.len() > 40 && actions.values().all(|action| action == "build"), "{actions:?}");
    assert!(!site.lake().exists(), "a plan made a lake");
}

#[test]
fn every_step_comes_after_what_it_reads() {
    let plan = sample::unpublished().hachi(&["plan", "--json"]).ok().json();
    let names = |value: &Value| value.as_array().expect("names").iter().map(|n| n.as_str().expect("a name").to_owned()).collect::<Vec<_>>();
    let mut made: Vec<String> = Vec::new();
    for step in plan["steps"].as_array().expect("steps") {
        for read in names(&step["reads"]) {
            assert!(read.starts_with("raw_") || made.contains(&read), "{} reads `{read}` before it is made", step["name"]);
        }
        made.extend(names(&step["writes"]));
    }
    assert!(made.contains(&"recommendations".to_owned()), "stages are in the plan: {made:?}");
}

#[test]
fn an_area_is_built_from_the_published_tables() {
    let site = &sample::published().site;
    insta::assert_snapshot!(with_action(site, &["--select", "area:retention"], "build").join("\n"), @r"
    base_members
    bracket_members
    calendar_cells
    calendar_days
    calendar_periods
    cohort_retention
    cohort_returns
    daily_returns
    member_activity
    member_cohorts
    member_firsts
    member_origins
    member_periods
    member_roster
    member_spans
    member_windows
    origin_returns
    paid_spells
    period_bounds
    period_limits
    period_returns
    plan_lengths
    plan_periods
    retention_brackets
    retention_by_attribute
    retention_cells
    retention_curve
    retention_lags
    stg_members
    stg_retention_brackets
    survival
    survival_times
    window_cells
    ");
    assert!(with_action(site, &["--select", "area:retention"], "reuse").contains(&"events".to_owned()));
}

#[test]
fn a_plus_before_a_name_adds_all_it_needs() {
    let site = sample::unpublished();
    let built = with_action(&site, &["--select", "+cohort_retention"], "build");
    for needed in ["base_access_log", "stg_access_log", "events", "cohort_retention"] {
        assert!(built.contains(&needed.to_owned()), "`{needed}` is not in {built:?}");
    }
    assert!(!built.iter().any(|name| name.starts_with("kpi") || name == "learn"), "{built:?}");
}

#[test]
fn a_plus_after_a_name_adds_all_that_reads_it() {
    let site = &sample::published().site;
    let built = with_action(site, &["--select", "course_affinity+"], "build");
    assert!(built.contains(&"learn".to_owned()) && !built.contains(&"cohort_retention".to_owned()), "{built:?}");
}

#[test]
fn terms_add_up() {
    let site = &sample::published().site;
    let one = with_action(site, &["--select", "cohort_retention,kpi_daily"], "build");
    let two = with_action(site, &["--select", "cohort_retention", "kpi_daily"], "build");
    assert_eq!(one, two);
    assert!(one.contains(&"cohort_retention".to_owned()) && one.contains(&"kpi_daily".to_owned()), "{one:?}");
}

#[test]
fn an_unknown_name_names_the_nearest() {
    let site = &sample::published().site;
    let refused = |term: &str| site.hachi(&["plan", "--select", term]).failed(3);
    assert_holds(&refused("cohort_retetion"), &["`--select cohort_retetion`", "did you mean `cohort_retention`?"]);
    assert_holds(&refused("+evnts"), &["did you mean `events`?"]);
    assert_holds(&refused("area:retenton"), &["did you mean `area:retention`?"]);
}

#[test]
fn what_is_neither_selected_nor_published_is_named() {
    let refused = sample::unpublished().hachi(&["plan", "--select", "kpi_snapshot"]).failed(3);
    assert_holds(&refused, &["neither selected nor in the latest snapshot", "select `+"]);
}

#[test]
fn for_people_it_is_a_table() {
    let plan = sample::published().site.hachi(&["plan"]).ok().stdout;
    let first: Vec<_> = plan.lines().next().expect("a header").split_whitespace().collect();
    assert_eq!(first, ["action", "kind", "area", "name", "days", "why"]);
}
