//! The learning stage as a whole, on small communities.

use std::cell::RefCell;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, StringArray, StringViewArray};
use arrow::datatypes::{Float32Type, Int32Type};
use arrow::record_batch::RecordBatch;
use hachi_solvers::{ease, ials, svd};

use super::{LearnError, LearnInputs, LearnOptions, Learned, Step, blend, learn};

fn options() -> LearnOptions {
    let ials = ials::Params { dim: 4, epochs: 4, reg: 0.02, ..ials::Params::default() };
    let ease = ease::Params { lambda: 1.0, ..ease::Params::default() };
    let svd = svd::Params { dim: 2, ..svd::Params::default() };
    let models = blend::Params { ease, ials, svd, ..blend::Params::default() };
    LearnOptions { list_length: 4, min_members: 1, models, ..LearnOptions::default() }
}

fn strings(values: &[String]) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

fn long(names: [&str; 3], rows: &[(String, String, f64)]) -> Vec<RecordBatch> {
    let column = |pick: fn(&(String, String, f64)) -> &String| rows.iter().map(|row| pick(row).clone()).collect::<Vec<_>>();
    let values: ArrayRef = Arc::new(Float64Array::from_iter_values(rows.iter().map(|row| row.2)));
    let columns = [(names[0], strings(&column(|row| &row.0))), (names[1], strings(&column(|row| &row.1))), (names[2], values)];
    vec![RecordBatch::try_from_iter(columns).unwrap()]
}

/// Whose value is above 2 was completed, and everything was taken up.
fn affinities(rows: &[(String, String, f64)]) -> Vec<RecordBatch> {
    let batch = long(["user_id", "course_id", "affinity"], rows).remove(0);
    let flag = |flag: fn(f64) -> bool| Arc::new(rows.iter().map(|row| Some(flag(row.2))).collect::<BooleanArray>()) as ArrayRef;
    let columns = ["user_id", "course_id", "affinity"].map(|name| (name, Arc::clone(batch.column_by_name(name).unwrap())));
    let recency: ArrayRef = Arc::new(Float64Array::from_iter_values(rows.iter().map(|_| 1.0)));
    let flags = [("recency", recency), ("is_learner", flag(|_| true)), ("is_completed", flag(|value| value > 2.0))];
    vec![RecordBatch::try_from_iter(columns.into_iter().chain(flags)).unwrap()]
}

fn popularity(courses: &[&str]) -> Vec<RecordBatch> {
    let ids: ArrayRef = Arc::new(StringViewArray::from_iter_values(courses));
    let ranks: ArrayRef = Arc::new(Int64Array::from_iter_values(1..=courses.len() as i64));
    let scores: ArrayRef = Arc::new(Float64Array::from_iter_values((1..=courses.len()).map(|rank| 10.0 / rank as f64)));
    vec![RecordBatch::try_from_iter([("course_id", ids), ("rank", ranks), ("score", Arc::clone(&scores)), ("trending", scores)]).unwrap()]
}

fn courses(count: usize) -> Vec<RecordBatch> {
    let ids: Vec<String> = (0..count).map(|course| format!("c{course}")).collect();
    let ratings: ArrayRef = Arc::new(Float64Array::from(vec![None::<f64>; count]));
    vec![
        RecordBatch::try_from_iter_with_nullable([
            ("course_id", strings(&ids), false),
            ("title", strings(&ids), true),
            ("bayesian_rating", ratings, true),
        ])
        .unwrap(),
    ]
}

/// Twenty members in two camps (courses 0 to 3, courses 4 to 7), each with two courses of their camp; `u20` has no acts but
/// the first camp's behaviour; `u21` has done everything.
fn two_camps() -> LearnInputs {
    let mut acts = Vec::new();
    let mut behaviours = Vec::new();
    for user in 0..20 {
        let camp = user % 2;
        for step in 0..3 {
            acts.push((format!("u{user:02}"), format!("c{}", camp * 4 + (user / 2 + step) % 4), 1.0 + f64::from(step)));
        }
        behaviours.push((format!("u{user:02}"), format!("tag:{camp}"), 1.0));
    }
    behaviours.push(("u20".to_owned(), "tag:0".to_owned(), 1.0));
    (0..8).for_each(|course| acts.push(("u21".to_owned(), format!("c{course}"), 1.0)));
    LearnInputs {
        course_affinity: affinities(&acts),
        member_behaviours: long(["user_id", "behaviour", "value"], &behaviours),
        course_popularity: popularity(&["c8", "c0", "c4"]),
        courses: courses(9),
        ..LearnInputs::default()
    }
}

/// What was learned, and the lists.
struct Ran {
    learned: Learned,
    recommendations: Vec<RecordBatch>,
}

impl std::ops::Deref for Ran {
    type Target = Learned;

    fn deref(&self) -> &Learned {
        &self.learned
    }
}

fn run_with(inputs: LearnInputs, options: &LearnOptions, progress: &dyn Fn(Step)) -> Result<Ran, LearnError> {
    let mut recommendations = Vec::new();
    let learned = learn(inputs, options, progress, &mut |batch| {
        recommendations.push(batch);
        Ok(())
    })?;
    Ok(Ran { learned, recommendations })
}

fn run(inputs: LearnInputs) -> Ran {
    run_with(inputs, &options(), &|_| {}).unwrap()
}

fn rows(batches: &[RecordBatch]) -> usize {
    batches.iter().map(RecordBatch::num_rows).sum()
}

/// (user, course, source, first reason's kind) in the order of the table.
fn listed(learned: &Ran) -> Vec<(String, String, String, Option<String>)> {
    let mut listed = Vec::new();
    for batch in &learned.recommendations {
        let text = |name: &str, row: usize| batch.column_by_name(name).unwrap().as_string::<i32>().value(row).to_owned();
        let reasons = batch.column_by_name("reasons").unwrap().as_list::<i32>();
        for row in 0..batch.num_rows() {
            let kinds = reasons.value(row).as_struct().column(0).as_string::<i32>().iter().next().flatten().map(str::to_owned);
            listed.push((text("user_id", row), text("course_id", row), text("source", row), kinds));
        }
    }
    listed
}

fn list_of(learned: &Ran, user: &str) -> Vec<(String, String, Option<String>)> {
    listed(learned).into_iter().filter(|row| row.0 == user).map(|row| (row.1, row.2, row.3)).collect()
}

#[test]
fn members_get_the_rest_of_their_camp_first() {
    let learned = run(two_camps());
    for user in 0..20 {
        let list = list_of(&learned, &format!("u{user:02}"));
        let missing = (user % 2) * 4 + (user / 2 + 3) % 4;
        assert_eq!(list[0].0, format!("c{missing}"), "u{user}: {list:?}");
        assert_eq!(list.len(), 4);
    }
    assert!(learned.report.ials.as_ref().unwrap().worst_residual < 1e-4);
    assert!(learned.report.ridge.as_ref().unwrap().residual < 1e-10);
    assert_eq!(learned.report.modelled_courses, 8);
}

#[test]
fn what_a_member_owns_is_never_listed() {
    let learned = run(two_camps());
    let owned = |user: usize, course: &str| (0..3).any(|step| course == format!("c{}", user % 2 * 4 + (user / 2 + step) % 4));
    for (user, course, _, _) in listed(&learned) {
        let number: usize = user[1..].parse().unwrap();
        assert!(number >= 20 || !owned(number, &course), "{user} {course}");
    }
    let everything = list_of(&learned, "u21");
    assert_eq!(everything, [("c8".to_owned(), "popular".to_owned(), Some("popular".to_owned()))]);
}

#[test]
fn newcomers_are_served_by_their_behaviour() {
    let learned = run(two_camps());
    let list = list_of(&learned, "u20");
    let by_behaviour: Vec<_> = list.iter().filter(|(_, source, _)| source == "ridge").collect();
    assert!(by_behaviour.len() >= 2, "{list:?}");
    for (course, _, reason) in by_behaviour {
        assert!(["c0", "c1", "c2", "c3"].contains(&course.as_str()), "{list:?}");
        assert_eq!(reason.as_deref(), Some("behaviour"));
    }
}

#[test]
fn scores_fall_ranks_rise_and_shares_stay_within_one() {
    for batch in &run(two_camps()).recommendations {
        let users = batch.column(0).as_string::<i32>();
        let ranks = batch.column(1).as_primitive::<Int32Type>();
        let scores = batch.column(3).as_primitive::<Float32Type>();
        for row in 1..batch.num_rows() {
            let same = users.value(row) == users.value(row - 1);
            assert_eq!(ranks.value(row), if same { ranks.value(row - 1) + 1 } else { 1 });
            assert!(!same || scores.value(row) <= scores.value(row - 1));
            assert!(users.value(row) >= users.value(row - 1));
        }
        let reasons = batch.column(5).as_list::<i32>();
        for row in 0..batch.num_rows() {
            let sum: f32 = reasons.value(row).as_struct().column(2).as_primitive::<Float32Type>().values().iter().sum();
            assert!(sum <= 1.0 + 1e-5 && reasons.value(row).len() <= 3);
        }
    }
}

#[test]
fn equal_inputs_give_equal_tables_whatever_the_order_of_rows_and_threads() {
    let mut shuffled = two_camps();
    shuffled.course_affinity =
        shuffled.course_affinity.iter().flat_map(|batch| (0..batch.num_rows()).rev().map(|row| batch.slice(row, 1))).collect();
    let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let (one, two) = (pool(1).install(|| run(two_camps())), pool(2).install(|| run(shuffled)));
    assert_eq!(one.recommendations, two.recommendations);
    assert_eq!(one.user_factors, two.user_factors);
    assert_eq!(one.course_factors, two.course_factors);
    assert_eq!(one.ridge_weights, two.ridge_weights);
    assert_eq!(one.similar_courses, two.similar_courses);
    assert_eq!(one.report, two.report);
}

#[test]
fn similar_courses_share_members() {
    let learned = run(two_camps());
    let batch = &learned.similar_courses[1];
    assert_eq!(rows(&learned.similar_courses), 8 * 7);
    assert_eq!(batch.column(0).as_string::<i32>().value(0), "c0");
    assert!(["c1", "c2", "c3"].contains(&batch.column(2).as_string::<i32>().value(0)));
}

#[test]
fn no_affinities_give_empty_tables() {
    let learned = run(LearnInputs { course_affinity: Vec::new(), ..two_camps() });
    assert_eq!(rows(&learned.recommendations), 0);
    for table in [&learned.ridge_weights, &learned.user_factors, &learned.course_factors, &learned.similar_courses] {
        assert_eq!((table.len(), rows(table)), (1, 0));
    }
    assert_eq!(rows(&run(LearnInputs::default()).recommendations), 0);
}

#[test]
fn no_behaviours_leave_ridge_out() {
    let learned = run(LearnInputs { member_behaviours: Vec::new(), ..two_camps() });
    assert_eq!(rows(&learned.ridge_weights), 0);
    assert!(learned.report.ridge.is_none());
    assert!(listed(&learned).iter().all(|row| row.2 != "ridge"));
    assert!(list_of(&learned, "u20").is_empty());
}

#[test]
fn one_member_with_one_course_gets_what_is_popular() {
    let act = ("u".to_owned(), "c0".to_owned(), 1.0);
    let learned = run(LearnInputs {
        course_affinity: affinities(&[act]),
        courses: courses(1),
        course_popularity: popularity(&["c0"]),
        ..LearnInputs::default()
    });
    assert_eq!((rows(&learned.recommendations), rows(&learned.similar_courses)), (0, 0));
    assert_eq!((rows(&learned.user_factors), rows(&learned.course_factors)), (1, 1));
}

#[test]
fn rare_courses_stay_out_of_the_models_but_count_as_owned() {
    let strict = LearnOptions { min_members: 100, ..options() };
    let learned = run_with(two_camps(), &strict, &|_| {}).unwrap();
    assert_eq!((learned.report.modelled_courses, rows(&learned.course_factors)), (0, 0));
    assert!(listed(&learned).iter().all(|row| row.2 == "popular"));
    assert_eq!(list_of(&learned, "u00").iter().map(|row| row.0.as_str()).collect::<Vec<_>>(), ["c8", "c4"]);
}

#[test]
fn courses_that_are_not_listed_are_not_recommended() {
    let learned = run(LearnInputs { courses: courses(4), ..two_camps() });
    assert_eq!(learned.report.unlisted_pairs, 30 + 4);
    assert!(listed(&learned).iter().all(|row| ["c0", "c1", "c2", "c3"].contains(&row.1.as_str())));
}

#[test]
fn courses_without_a_title_are_not_recommended_where_others_have_one() {
    let ids: Vec<String> = (0..8).map(|course| format!("c{course}")).collect();
    let titles = |known: usize| Arc::new((0..8).map(|course| (course < known).then_some("title")).collect::<StringArray>()) as ArrayRef;
    let listed_courses = |known| {
        let ratings: ArrayRef = Arc::new(Float64Array::from(vec![None::<f64>; 8]));
        let batch = RecordBatch::try_from_iter_with_nullable([
            ("course_id", strings(&ids), false),
            ("title", titles(known), true),
            ("bayesian_rating", ratings, true),
        ])
        .unwrap();
        run(LearnInputs { courses: vec![batch], ..two_camps() }).report.courses
    };
    assert_eq!((listed_courses(5), listed_courses(0)), (5, 8));
}

#[test]
fn limits_and_options_are_checked() {
    let refuse = |options: LearnOptions| run_with(two_camps(), &options, &|_| {}).map(|_| ()).unwrap_err();
    let message = refuse(LearnOptions { list_length: 0, ..options() }).to_string();
    assert_eq!(message, "`list_length` is 0, expected 1 to 1000");
    assert!(matches!(refuse(LearnOptions { memory_limit_bytes: 1000, ..options() }), LearnError::Model { .. }));
    let negative = affinities(&[("u".to_owned(), "c0".to_owned(), f64::NAN)]);
    let refused = run_with(LearnInputs { course_affinity: negative, ..two_camps() }, &options(), &|_| {}).map(|_| ()).unwrap_err();
    assert!(matches!(refused, LearnError::Input(_)));
}

#[test]
fn progress_tells_the_story() {
    let steps = RefCell::new(Vec::new());
    run_with(two_camps(), &options(), &|step| steps.borrow_mut().push(step)).unwrap();
    let steps = steps.into_inner();
    assert_eq!((steps[0], steps[steps.len() - 1]), (Step::Read, Step::Similar));
    assert!(steps.contains(&Step::Lists { done: 22, of: 22 }));
    assert_eq!(steps.iter().filter(|step| matches!(step, Step::Ials(_))).count(), 4);
}

/// Values of a column of lists, one after the other.
fn listed_floats(batches: &[RecordBatch], name: &str) -> Vec<f32> {
    let lists = batches.iter().map(|batch| batch.column_by_name(name).unwrap().as_list::<i32>());
    lists
        .flat_map(|lists| {
            (0..lists.len()).flat_map(|row| lists.value(row).as_primitive::<Float32Type>().values().to_vec()).collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn a_posted_session_is_answered_as_the_models_would() {
    let learned = run(two_camps());
    let (members, courses) = (listed_floats(&learned.user_factors, "factors"), listed_floats(&learned.course_factors, "factors"));
    let gram = learned.factor_gram[0].column_by_name("gram").unwrap().as_list::<i32>();
    let gram: Vec<f64> = (0..4).flat_map(|row| gram.value(row).as_primitive::<arrow::datatypes::Float64Type>().values().to_vec()).collect();
    let ials::Params { dim, alpha0, reg, nu, .. } = options().models.ials;
    let fold_in = hachi_session::FoldIn::new(8, courses, gram, hachi_session::Params { dim, alpha0, reg, nu }).unwrap();
    let mut room = hachi_session::Workspace::default();
    for user in 0..20_usize {
        let mut history: Vec<u32> = (0..3).map(|step| (user % 2 * 4 + (user / 2 + step) % 4) as u32).collect();
        history.sort_unstable();
        let folded = fold_in.solve(&history, &mut room).unwrap();
        for (place, value) in folded.iter().enumerate() {
            assert!((value - f64::from(members[user * 4 + place])).abs() < 1e-4, "u{user} {folded:?}");
        }
    }

    // All weights are kept of so few courses: rows add up to EASE.
    assert_eq!(rows(&learned.item_weights), 8 * 7);
}
