//! Cuts by time, and what must not matter: threads, and the order of rows.

use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Float64Array, StringArray};
use arrow::record_batch::RecordBatch;

use super::*;
use crate::recommend::ModelSpec;

/// Member, course, day, weight, rating.
type Row = (String, String, i32, f64, Option<f64>);

fn acts(rows: &[Row]) -> Acts {
    acts_before(rows, Acts::default())
}

fn acts_before(rows: &[Row], mut acts: Acts) -> Acts {
    let texts = |part: fn(&Row) -> &str| Arc::new(StringArray::from_iter_values(rows.iter().map(part))) as ArrayRef;
    let batch = RecordBatch::try_from_iter_with_nullable([
        ("user_id", texts(|row| &row.0), true),
        ("course_id", texts(|row| &row.1), true),
        ("event_date", Arc::new(Date32Array::from_iter_values(rows.iter().map(|row| row.2))) as ArrayRef, true),
        ("weight", Arc::new(Float64Array::from_iter_values(rows.iter().map(|row| row.3))) as ArrayRef, true),
        ("rating", Arc::new(rows.iter().map(|row| row.4).collect::<Float64Array>()) as ArrayRef, true),
    ]);
    acts.add(&batch.unwrap()).unwrap();
    acts
}

fn row(user: &str, course: &str, day: i32, weight: f64, rating: Option<f64>) -> Row {
    (user.to_owned(), course.to_owned(), day, weight, rating)
}

fn options(window_days: u32) -> TimeOptions {
    TimeOptions { window_days, half_life_days: 30.0, rating_middle: 3.0, min_members: 1, cutoffs: vec![10], memory_limit_bytes: 1 << 30 }
}

#[test]
fn what_came_after_the_cut_is_not_learned() {
    let rows = [
        row("a", "x", 0, 1.0, None),
        row("b", "x", 0, 1.0, None),
        row("b", "y", 5, 1.0, None),
        // What a thought of y on day 24 is not known on day 20.
        row("a", "y", 22, 1.0, None),
        row("a", "y", 24, 0.0, Some(1.0)),
        row("c", "x", 25, 1.0, None),
        row("b", "z", 32, 0.0, Some(5.0)),
        row("a", "z", 39, 0.0, Some(1.0)),
    ];
    let splits = acts(&rows).split(&options(10)).unwrap();
    assert_eq!((splits.validation.0, splits.test.0), (Window { from: 20, to: 30 }, Window { from: 30, to: 40 }));

    let validation = &splits.validation.1;
    assert_eq!((validation.training.choices.positives.entries(), validation.courses()), (3, 2));
    assert!(validation.training.choices.ratings.is_none());
    // A low rating within the window makes y no choice of a; c's x is one.
    assert_eq!((validation.counts.evaluated, validation.counts.targets, validation.counts.without_history), (1, 1, 1));
}

#[test]
fn only_new_choices_are_asked_for() {
    let rows = [
        row("a", "x", 0, 1.0, None),
        row("b", "x", 0, 1.0, None),
        row("b", "y", 5, 1.0, None),
        row("a", "y", 22, 1.0, None),
        row("a", "w", 23, 0.0, Some(1.0)),
        row("b", "w", 32, 0.0, Some(5.0)),
        row("a", "w", 38, 0.0, Some(5.0)),
        row("a", "x", 39, 1.0, None),
        row("c", "y", 39, 1.0, None),
    ];
    let splits = acts(&rows).split(&options(10)).unwrap();
    let test = &splits.test.1;
    // w has no member who chose it before day 30: b's choice is of an unknown course. a was there before, with w and with x.
    assert_eq!(test.counts, Counts { evaluated: 2, without_history: 1, targets: 2, unknown_courses: 1, already_had: 2 });
    assert_eq!(test.training.choices.ratings.as_ref().map(hachi_solvers::Csr::entries), Some(0));
    let half = 0.5_f64;
    let faded = [half.powf(1.0) * 2.0, half.powf(25.0 / 30.0) + half.powf(8.0 / 30.0)];
    assert!(test.training.popularity.iter().zip(faded).all(|(found, expected)| (found - expected).abs() < 1e-12));
}

fn community() -> Vec<Row> {
    let mut rows = Vec::new();
    for user in 0..120 {
        for step in 0..8 {
            let course = (user * 7 + step * (1 + user % 3)) % 23;
            rows.push(row(&format!("u{user}"), &format!("c{course}"), (step * 11 + user) % 80, 1.0, Some(f64::from(course % 5 + 1))));
        }
    }
    rows
}

fn compared(rows: &[Row], threads: usize) -> ByTime {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let specs: Vec<ModelSpec> =
        ModelSpec::NAMES.iter().filter(|name| **name != BLEND).map(|name| ModelSpec::named(name).unwrap()).collect();
    let options = options(15);
    pool.install(|| by_time(&acts(rows).split(&options).unwrap(), &specs, &options, &|_| ()).unwrap())
}

#[test]
fn neither_threads_nor_the_order_of_rows_matter() {
    let mut rows = community();
    let one = compared(&rows, 1);
    rows.reverse();
    let other = compared(&rows, 3);
    assert_eq!((one.best, one.weights), (other.best, other.weights));
    assert_eq!(one.models.last().map(|compared| compared.model), Some(BLEND));
    assert_eq!(one.left_out.iter().map(|(model, _)| *model).collect::<Vec<_>>(), ["content"]);
    for (left, right) in one.models.iter().zip(&other.models) {
        assert_eq!((left.model, &left.test, &left.difference), (right.model, &right.test, &right.difference));
        assert_eq!(left.validation, right.validation, "{}", left.model);
    }
}

#[test]
fn acts_from_a_day_on_do_not_count() {
    let rows = community();
    let split = |rows: &[Row], until: i32| acts_before(rows, Acts::before(until)).split(&options(10)).unwrap();
    let early: Vec<Row> = rows.iter().filter(|row| row.2 < 60).cloned().collect();
    let (all, early) = (split(&rows, 60), split(&early, 60));
    assert_eq!(all.test.0, Window { from: 50, to: 60 });
    assert_eq!(all.test.1.training.choices.positives, early.test.1.training.choices.positives);
    assert_eq!(all.test.1.counts, early.test.1.counts);
}

#[test]
fn nothing_can_be_found_without_days() {
    assert!(matches!(acts(&[]).split(&options(1)), Err(EvaluateError::Nothing(_))));
    let refused = acts(&[row("a", "x", 0, 1.0, None)]).split(&options(1)).unwrap_err().to_string();
    assert!(refused.contains("acts are of 1 days"), "{refused}");
}
