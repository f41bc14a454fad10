//! `hachi evaluate` on given files: numbers known by hand, and what is refused.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array, StringArray, UInt8Array};
use serde_json::Value;

use crate::programs::assert_holds;
use crate::rows::{RATINGS, parquet};
use crate::site::Site;

/// Pairs of member and course.
type Pairs<'a> = &'a [(&'a str, &'a str)];

/// x has three members, y two, w and z one each.
const TRAIN: Pairs = &[("a", "x"), ("a", "y"), ("b", "x"), ("c", "x"), ("c", "y"), ("c", "z"), ("d", "w")];

fn columns(pairs: Pairs) -> Vec<(&'static str, ArrayRef)> {
    let texts = |part: fn(&(&str, &str)) -> String| Arc::new(StringArray::from_iter_values(pairs.iter().map(part))) as ArrayRef;
    vec![("user_id", texts(|pair| pair.0.to_owned())), ("course_id", texts(|pair| pair.1.to_owned()))]
}

fn write(site: &Site, name: &str, pairs: Pairs) {
    parquet(site, name, columns(pairs));
}

fn write_rated(site: &Site, name: &str, rows: &[(&str, &str, f64)]) {
    let pairs: Vec<(&str, &str)> = rows.iter().map(|row| (row.0, row.1)).collect();
    let ratings: ArrayRef = Arc::new(Float64Array::from_iter_values(rows.iter().map(|row| row.2)));
    parquet(site, name, [columns(&pairs), vec![("rating", ratings)]].concat());
}

/// A folder without any configuration, with these pairs to learn from and to ask for.
fn given(train: Pairs, test: Pairs) -> Site {
    let site = Site::new(RATINGS);
    std::fs::remove_file(site.path("hachi.toml")).expect("it was written");
    write(&site, "train.parquet", train);
    write(&site, "test.parquet", test);
    site
}

const FILES: [&str; 5] = ["evaluate", "--train", "train.parquet", "--test", "test.parquet"];

fn popular(site: &Site, more: &[&str]) -> Value {
    site.hachi(&[&FILES[..], &["--model", "popular", "--json"], more].concat()).ok().json()
}

fn refused(site: &Site, more: &[&str], code: i32) -> String {
    site.hachi(&[&FILES[..], more].concat()).failed(code)
}

#[track_caller]
fn assert_metric(report: &Value, name: &str, expected: f64) {
    let metric = &report["metrics"][name];
    let of = |end: &str| metric[end].as_f64().unwrap_or_else(|| unreachable!("no `{name}` in {report}"));
    assert!((of("value") - expected).abs() < 1e-12, "{name} is {metric}, expected {expected}");
    assert!(of("low") <= of("high"), "{name}: {metric}");
}

fn is_number(value: &Value) -> bool {
    value.is_f64()
}

#[test]
fn numbers_are_those_known_by_hand() {
    // a ranks z, w; b ranks y, z, w; c ranks w. z and w tie.
    let site = given(TRAIN, &[("a", "z"), ("b", "y"), ("b", "z"), ("c", "w")]);
    let report = popular(&site, &["--k", "1", "2", "3"]);
    assert_metric(&report, "hr@1", 2.0 / 3.0);
    assert_metric(&report, "hr@2", 1.0);
    assert_metric(&report, "recall@1", (0.0 + 0.5 + 1.0) / 3.0);
    assert_metric(&report, "recall@2", (1.0 + 0.5 + 1.0) / 3.0);
    assert_metric(&report, "recall@3", 1.0);
    assert_metric(&report, "mrr@3", (0.5 + 1.0 + 1.0) / 3.0);
    // b finds y first and z, which ties with w, third.
    let half = 1.0 / 3f64.log2();
    assert_metric(&report, "ndcg@3", (half + (1.0 + 0.5) / (1.0 + half) + 1.0) / 3.0);
    assert_metric(&report, "map@3", (0.5 + f64::midpoint(1.0, 2.0 / 3.0) + 1.0) / 3.0);
    // On lists ties go by id: w for a, y for b, w for c.
    assert_metric(&report, "coverage@1", 2.0 / 4.0);
    assert_metric(&report, "novelty@1", (2.0 + 1.0 + 2.0) / 3.0);
    assert_metric(&report, "popularity_bias@1", (1.0 / 2.5 + 2.0 / 3.0 + 1.0 / 2.0) / 3.0 - 1.0);
}

#[test]
fn the_report_has_exactly_what_it_says() {
    let site = given(TRAIN, &[("a", "z"), ("b", "y")]);
    let report = popular(&site, &[]);
    let keys: Vec<&String> = report.as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["metrics", "model", "seconds"]);
    assert_eq!(report["model"], "popular");
    assert!(is_number(&report["seconds"]["fit"]) && is_number(&report["seconds"]["score"]), "{report}");
    for name in ["hr@10", "ndcg@10", "recall@20", "ndcg@20", "ndcg@100", "mrr@10", "map@10", "coverage@10", "novelty@10", "diversity@10"] {
        assert!(is_number(&report["metrics"][name]["value"]), "no `{name}` in {report}");
    }
    assert!(report["metrics"]["rmse"].is_null(), "{report}");
    let table = site.hachi(&[&FILES[..], &["--model", "popular"]].concat()).ok();
    assert_holds(&table.stdout, &["popular: fitted in", "metric", "@10", "ndcg", "±"]);
    assert_holds(&table.stderr, &["2 members with 2 pairs evaluated"]);
}

#[test]
fn fixed_seeds_give_fixed_numbers() {
    let site = given(TRAIN, &[("a", "z"), ("b", "y"), ("c", "w")]);
    for model in ["popular", "ease", "ials", "svd", "neighbors", "blend"] {
        let run = || site.hachi(&[&FILES[..], &["--model", model, "--json"]].concat()).ok().json()["metrics"].clone();
        assert_eq!(run(), run(), "{model}");
    }
}

#[test]
fn ties_count_against_the_model() {
    let site = given(&[("a", "x"), ("b", "y"), ("c", "z")], &[("a", "y")]);
    let report = popular(&site, &["--k", "1", "2"]);
    assert_metric(&report, "hr@1", 0.0);
    assert_metric(&report, "mrr@2", 0.5);
}

#[test]
fn candidates_are_what_is_ranked() {
    let site = given(TRAIN, &[("b", "z")]);
    assert_metric(&popular(&site, &["--k", "2"]), "hr@2", 0.0);
    write(&site, "candidates.parquet", &[("b", "w"), ("b", "nobody knows"), ("d", "x")]);
    let with = ["--k", "1", "2", "--candidates", "candidates.parquet"];
    let report = popular(&site, &with);
    assert_metric(&report, "hr@1", 0.0);
    assert_metric(&report, "hr@2", 1.0);
    write(&site, "candidates.parquet", &[("d", "x")]);
    let message = refused(&site, &["--model", "popular", "--candidates", "candidates.parquet"], 4);
    assert_holds(&message, &["1 members of the test have no candidates", "`b`"]);
}

#[test]
fn history_takes_the_place_of_training_rows() {
    // Of b, who was learned with x alone; e was not learned at all.
    let site = given(TRAIN, &[("b", "z"), ("e", "x")]);
    assert_metric(&popular(&site, &["--k", "1", "2"]), "mrr@2", 0.5);
    write(&site, "history.parquet", &[("b", "x"), ("b", "y"), ("b", "w"), ("e", "y")]);
    let report = popular(&site, &["--k", "1", "--history", "history.parquet"]);
    assert_metric(&report, "hr@1", 1.0);
    // EASE knows y for x and x for y: e's history says so, and without one nothing does.
    let ease = |more: &[&str]| {
        site.hachi(&[&FILES[..], &["--model", "ease", "--set", "lambda=1", "--k", "1", "--json"], more].concat()).ok().json()
    };
    assert_metric(&ease(&["--history", "history.parquet"]), "hr@1", 1.0);
    assert_metric(&ease(&[]), "hr@1", 0.0);
}

#[test]
fn who_and_what_is_unknown_is_told() {
    let site = given(TRAIN, &[("b", "new"), ("b", "y"), ("stranger", "x"), ("a", "x")]);
    let said = site.hachi(&[&FILES[..], &["--model", "popular", "--json", "--k", "1"]].concat()).ok();
    assert_holds(
        &said.stderr,
        &[
            "2 members with 3 pairs evaluated",
            "1 members have no history",
            "1 pairs name a course that the training does not have",
            "1 pairs are left out, because the member has the course already",
        ],
    );
    assert_metric(&said.json(), "recall@1", 0.75);
}

#[test]
fn ids_are_the_same_as_text_and_as_numbers() {
    let site = given(&[], &[("7", "30")]);
    let users: ArrayRef = Arc::new(Int64Array::from(vec![7, 8, 8]));
    let courses: ArrayRef = Arc::new(UInt8Array::from(vec![10, 10, 30]));
    parquet(&site, "train.parquet", vec![("user_id", users), ("course_id", courses)]);
    assert_metric(&popular(&site, &["--k", "1"]), "hr@1", 1.0);
}

#[test]
fn models_of_ratings_tell_their_errors() {
    let site = given(&[], &[]);
    let rated = |user: usize| ["x", "y", "z"].map(|course| (["a", "b", "c"][user], course, 3.0));
    write_rated(&site, "train.parquet", &[0, 1, 2].map(rated).concat()[..8]);
    write_rated(&site, "test.parquet", &[("c", "z", 4.0)]);
    let als = site.hachi(&[&FILES[..], &["--model", "als", "--json"]].concat()).ok().json();
    // All ratings are equal: nothing else can be expected, nor lie on the scale.
    assert_metric(&als, "rmse", 1.0);
    assert_metric(&als, "mae", 1.0);
    assert!(popular(&site, &[])["metrics"]["rmse"].is_null());
    write(&site, "train.parquet", TRAIN);
    write(&site, "test.parquet", &[("b", "z")]);
    assert_holds(&refused(&site, &["--model", "als"], 4), &["`als` learns from ratings", "`rating`"]);
}

#[test]
fn of_a_pair_that_occurs_twice_the_latest_rating_stands() {
    let site = given(&[], &[]);
    let rows = [("a", "x", 5.0), ("a", "x", 2.0), ("a", "y", 2.0), ("b", "x", 2.0)];
    write_rated(&site, "train.parquet", &rows);
    write_rated(&site, "test.parquet", &[("b", "y", 2.0)]);
    let rmse = || site.hachi(&[&FILES[..], &["--model", "als", "--json"]].concat()).ok().json()["metrics"]["rmse"]["value"].as_f64();
    assert!(rmse().is_some_and(|rmse| rmse > 0.05), "{:?}", rmse());
    let times: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 1, 1]));
    let pairs: Vec<(&str, &str)> = rows.iter().map(|row| (row.0, row.1)).collect();
    let ratings: ArrayRef = Arc::new(Float64Array::from_iter_values(rows.iter().map(|row| row.2)));
    parquet(&site, "train.parquet", [columns(&pairs), vec![("rating", ratings), ("ts", times)]].concat());
    assert!(rmse().is_some_and(|rmse| rmse < 1e-9), "{:?}", rmse());
}

#[test]
fn rows_that_can_not_be_used_are_named() {
    let popular = ["--model", "popular"];
    let site = given(TRAIN, &[("a", "z")]);
    parquet(&site, "train.parquet", columns(TRAIN)[..1].to_vec());
    assert_holds(&refused(&site, &popular, 4), &["`train.parquet`", "`train` has no column `course_id`"]);

    write_rated(&site, "train.parquet", &[("a", "x", 1.0), ("b", "z", f64::NAN)]);
    assert_holds(&refused(&site, &popular, 4), &["`train.parquet`", "`train.rating` is NaN in row 1"]);

    let users: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), None]));
    parquet(&site, "train.parquet", vec![("user_id", users.clone()), ("course_id", users)]);
    assert_holds(&refused(&site, &popular, 4), &["`train.user_id` is null in row 1"]);

    let floats: ArrayRef = Arc::new(Float64Array::from(vec![7.0]));
    parquet(&site, "train.parquet", vec![("user_id", floats), ("course_id", Arc::new(Int64Array::from(vec![1])) as ArrayRef)]);
    assert_holds(&refused(&site, &popular, 4), &["`user_id` is Float64", "text or whole numbers"]);

    site.write("train.parquet", "user_id,course_id\n");
    assert_holds(&refused(&site, &popular, 4), &["failed to read `train.parquet` as Parquet"]);
    std::fs::remove_file(site.path("train.parquet")).expect("it was written");
    assert_holds(&refused(&site, &popular, 4), &["failed to open `train.parquet`"]);

    write(&site, "train.parquet", &[]);
    assert_holds(&refused(&site, &popular, 4), &["no rows to learn from"]);
    write(&site, "train.parquet", TRAIN);
    write(&site, "test.parquet", &[("a", "x")]);
    assert_holds(&refused(&site, &popular, 4), &["whose member does not have the course already"]);
}

#[test]
fn what_is_mistyped_names_the_nearest() {
    let site = given(TRAIN, &[("a", "z")]);
    let of = |more: &[&str]| refused(&site, more, 2);
    assert_holds(&of(&["--model", "neighbours"]), &["`neighbours` is no model", "`ials`", "did you mean `neighbors`?"]);
    assert_holds(&of(&["--model", "ridge"]), &["`ridge` learns from members' behaviours"]);
    assert_holds(&of(&["--model", "ials", "--set", "alpha=1"]), &["`ials` has no parameter `alpha`", "did you mean `alpha0`?"]);
    assert_holds(&of(&["--model", "popular", "--set", "dim=1"]), &["`popular` has no parameter `dim`, it has none"]);
    assert_holds(&of(&["--model", "ials", "--set", "dim=big"]), &["`dim` is `big`, expected a whole number"]);
    assert_holds(&of(&["--model", "ials", "--set", "reg=nan"]), &["`reg` is NaN, expected a finite number"]);
    assert_holds(&of(&["--model", "ials", "--set", "dim=0"]), &["`dim` is 0, expected 1 to"]);
    assert_holds(&of(&["--model", "ials", "--set", "dim"]), &["expected `name=value`"]);
    assert_holds(&of(&["--model", "ials", "--k", "0"]), &["'--k <K>...'"]);
    assert_holds(&of(&[]), &["--model"]);
}

#[test]
fn memory_is_checked_before_it_is_taken() {
    let site = given(&[], &[("a", "1")]);
    let courses = 20_000;
    let users: ArrayRef = Arc::new(StringArray::from_iter_values((0..courses).map(|_| "a")));
    let ids: ArrayRef = Arc::new(Int64Array::from_iter_values(100..100 + courses));
    parquet(&site, "train.parquet", vec![("user_id", users), ("course_id", ids)]);
    assert_holds(&refused(&site, &["--model", "ease", "--memory-gib", "1"], 1), &["`ease`", "bytes, the limit is 1073741824"]);
}
