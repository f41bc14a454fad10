//! Tables with known answers: what is held back, what is kept, and what passes as it is.

mod attacker;
mod random;

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::compute::take_record_batch;
use arrow::datatypes::{DataType, Field, Float64Type, Int64Type, Schema};

pub use random::Random;

use super::*;

/// Tag, plan, members, of which kept.
type Row = (&'static str, &'static str, Option<i64>, Option<i64>);

const PARTS: &str =
    "counts = { size = {}, kept = { of = \"size\" } }\nratios = { rate = [\"kept\", \"size\"] }\nrests = { mean = \"kept\" }";

fn table(rows: &[(impl AsRef<str>, impl AsRef<str>, Option<i64>, Option<i64>)]) -> RecordBatch {
    let text = |texts: Vec<&str>| Arc::new(StringArray::from(texts)) as ArrayRef;
    let sizes: Int64Array = rows.iter().map(|row| row.2).collect();
    let kept: Int64Array = rows.iter().map(|row| row.3).collect();
    let rates: Float64Array = rows.iter().map(|row| row.3.zip(row.2).filter(|r| r.1 > 0).map(|(n, s)| n as f64 / s as f64)).collect();
    let means: Float64Array = rows.iter().map(|row| row.3.map(|n| n as f64 + 0.5)).collect();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("tag", text(rows.iter().map(|row| row.0.as_ref()).collect())),
        ("plan", text(rows.iter().map(|row| row.1.as_ref()).collect())),
        ("size", Arc::new(sizes)),
        ("kept", Arc::new(kept)),
        ("rate", Arc::new(rates)),
        ("mean", Arc::new(means)),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true))).expect("one length")
}

fn header(privacy: &str) -> crate::models::Header {
    let columns = "[columns]\ntag = \"\"\nplan = \"\"\nsize = \"\"\nkept = \"\"\nrate = \"\"\nmean = \"\"\n";
    toml::from_str(&format!("description = \"d\"\nkind = \"table\"\ngrain = [\"tag\", \"plan\"]\n{columns}[privacy]\n{privacy}\n"))
        .expect("a header")
}

fn rules(privacy: &str, rows: &RecordBatch) -> Rules {
    Rules::new("t", &header(privacy), &rows.schema()).expect("sound rules").expect("something to protect")
}

fn released(privacy: &str, rows: &RecordBatch, k: u64, before: Option<&Released>) -> Released {
    let before = before.map(|before| Before { rows: &before.batches, hidden: &before.hidden });
    release(&rules(privacy, rows), std::slice::from_ref(rows), k, before).expect("released rows")
}

/// A whole-number column of released rows.
fn numbers(released: &Released, name: &str) -> Vec<Option<i64>> {
    let column = released.batches[0].column_by_name(name).expect("a column");
    column.as_primitive::<Int64Type>().iter().collect()
}

fn doubles(released: &Released, name: &str) -> Vec<Option<f64>> {
    let column = released.batches[0].column_by_name(name).expect("a column");
    column.as_primitive::<Float64Type>().iter().collect()
}

fn suppressed(released: &Released) -> Vec<bool> {
    let column = released.batches[0].column_by_name("suppressed").expect("a column");
    column.as_boolean().iter().map(|flag| flag.expect("a flag")).collect()
}

/// Sizes of a line by tag, without parts.
fn line(sizes: &[i64]) -> RecordBatch {
    const TAGS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
    table(&sizes.iter().zip(TAGS).map(|(&size, tag)| (tag, "x", Some(size), None)).collect::<Vec<Row>>())
}

const LINE: &str = "counts = { size = {} }\ntotals = [[\"tag\"]]";

#[track_caller]
fn assert_line(exact: &[i64], shown: &[Option<i64>]) {
    assert_eq!(numbers(&released(LINE, &line(exact), 5, None), "size"), shown, "{exact:?}");
}

#[test]
fn few_members_and_few_left_out_are_hidden() {
    let rows: [Row; 8] = [
        ("a", "x", Some(50), Some(48)),
        ("b", "x", Some(50), Some(45)),
        ("c", "x", Some(50), Some(4)),
        ("d", "x", Some(50), Some(0)),
        ("e", "x", Some(50), Some(50)),
        ("f", "x", Some(4), Some(0)),
        ("g", "x", Some(0), Some(0)),
        ("h", "x", Some(9), None),
    ];
    let out = released(PARTS, &table(&rows), 5, None);
    assert_eq!(numbers(&out, "kept"), [None, Some(45), None, Some(0), Some(50), None, Some(0), None]);
    assert_eq!(numbers(&out, "size"), [Some(50), Some(50), Some(50), Some(50), Some(50), None, Some(0), Some(9)]);
    assert_eq!(suppressed(&out), [true, false, true, false, false, true, false, false]);
    assert_eq!(doubles(&out, "rate"), [None, Some(0.9), None, Some(0.0), Some(1.0), None, None, None]);
    assert_eq!(doubles(&out, "mean"), [None, Some(45.5), None, Some(0.5), Some(50.5), None, Some(0.5), None]);
}

#[test]
fn of_a_line_two_cells_are_hidden_with_enough_members() {
    assert_line(&[10, 20, 30], &[Some(10), Some(20), Some(30)]);
    assert_line(&[3, 30, 20], &[None, Some(30), None]);
    assert_line(&[3, 20, 20], &[None, None, Some(20)]);
    assert_line(&[1, 2, 30, 40], &[None, None, None, Some(40)]);
    assert_line(&[3, 4, 30], &[None, None, Some(30)]);
    // The total is itself too small to be shown: nothing above 0 is left to hide.
    assert_line(&[3, 0, 0], &[None, None, Some(0)]);
    assert_line(&[3], &[None]);
}

#[test]
fn the_left_out_of_a_line_are_enough_too() {
    let privacy = format!("{PARTS}\ntotals = [[\"tag\"]]");
    let rows: [Row; 4] =
        [("a", "x", Some(90), Some(89)), ("b", "x", Some(90), Some(89)), ("c", "x", Some(90), Some(60)), ("d", "x", Some(90), Some(70))];
    let out = released(&privacy, &table(&rows), 5, None);
    // Both first ones lost one: two left out would be told of. The one that lost 20 hides them.
    assert_eq!(numbers(&out, "kept"), [None, None, Some(60), None]);
}

#[test]
fn a_number_that_repeats_is_hidden_wherever_it_stands() {
    let rows: [Row; 5] = [
        ("a", "1", Some(3), None),
        ("a", "2", Some(3), None),
        ("b", "1", Some(20), None),
        ("b", "2", Some(20), None),
        ("c", "1", Some(9), None),
    ];
    let privacy = "counts = { size = { by = [\"tag\"] } }\ntotals = [[\"tag\"]]";
    assert_eq!(numbers(&released(privacy, &table(&rows), 5, None), "size"), [None, None, Some(20), Some(20), None]);
    let with_gaps = table(&[("a", "1", None, None), ("a", "2", Some(3), None), ("b", "1", Some(9), None), ("b", "2", None, None)]);
    let out = released(privacy, &with_gaps, 5, None);
    assert_eq!((numbers(&out, "size"), suppressed(&out)), (vec![None; 4], vec![false, true, true, false]), "what is unknown stays so");
    let differing = table(&[("a", "1", Some(3), None), ("a", "2", Some(4), None)]);
    let error = release(&rules(privacy, &differing), &[differing], 5, None).expect_err("two numbers of one cell");
    assert!(error.to_string().contains("`size` of `t` differs between rows that are equal in `tag`"), "{error}");
}

#[test]
fn what_lines_tell_together_is_hidden_too() {
    // Two squares of small cells that one more small cell joins: no line has a single hidden cell, and yet that one follows.
    let sizes = [[1, 2, 90, 90], [3, 4, 4, 90], [90, 90, 1, 2], [90, 90, 3, 4]];
    let mut rows: Vec<Row> = Vec::new();
    for (tag, sizes) in ["a", "b", "c", "d"].into_iter().zip(sizes) {
        rows.extend(["1", "2", "3", "4"].into_iter().zip(sizes).map(|(plan, size)| (tag, plan, Some(size), None)));
    }
    let both = "counts = { size = {} }\ntotals = [[\"tag\"], [\"plan\"]]";
    let out = released(both, &table(&rows), 3, None);
    attacker::assert_safe(&table(&rows), &out, 3, &[&["tag"], &["plan"]]);
}

#[test]
fn a_hidden_number_stays_hidden_until_it_is_far_from_where_it_was() {
    let first = released(LINE, &line(&[3, 20, 60]), 5, None);
    assert_eq!(numbers(&first, "size"), [None, None, Some(60)]);
    let second = released(LINE, &line(&[7, 20, 60]), 5, Some(&first));
    assert_eq!(numbers(&second, "size"), [None, None, Some(60)], "4 away from 3; 20 stands still");
    let third = released(LINE, &line(&[8, 20, 60]), 5, Some(&second));
    assert_eq!(numbers(&third, "size"), [None, None, Some(60)], "20 stands still, and needs the other");
    let fourth = released(LINE, &line(&[13, 25, 60]), 5, Some(&third));
    assert_eq!(numbers(&fourth, "size"), [Some(13), Some(25), Some(60)], "both are 5 away");
    assert!(fourth.hidden.is_empty());
}

#[test]
fn numbers_that_still_grow_are_not_shown_and_stay_in_their_place() {
    let rows = table(&[("a", "x", Some(50), Some(20)), ("b", "x", Some(60), Some(30)), ("c", "x", Some(70), Some(40))]);
    let is_final: ArrayRef = Arc::new(BooleanArray::from(vec![true, false, true]));
    let columns: Vec<(String, ArrayRef)> = rows.schema().fields().iter().map(|f| f.name().clone()).zip(rows.columns().to_vec()).collect();
    let rows = RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().chain([("is_complete".to_owned(), is_final)]).map(|(name, array)| (name, array, true)),
    );
    let rows = rows.expect("one length");
    let text = format!("{PARTS}\nfinal = \"is_complete\"");
    let now = released(&text, &rows, 5, None);
    assert_eq!(numbers(&now, "size"), [Some(50), None, Some(70)]);
    assert_eq!((doubles(&now, "rate")[1], doubles(&now, "mean")[1]), (None, None));
    assert_eq!(suppressed(&now), [false, true, false]);
    assert_eq!(numbers(&released(&text, &rows, 1, None), "size"), [Some(50), Some(60), Some(70)], "groups of one need no care");
}

#[test]
fn a_shown_number_changes_by_enough_or_not_at_all() {
    let rows = |size, kept| table(&[("a", "x", Some(size), Some(kept))]);
    let first = released(PARTS, &rows(50, 20), 5, None);
    let second = released(PARTS, &rows(52, 30), 5, Some(&first));
    assert_eq!((numbers(&second, "size"), numbers(&second, "kept")), (vec![Some(50)], vec![Some(20)]), "a row is of one age");
    assert_eq!((doubles(&second, "rate"), doubles(&second, "mean")), (vec![Some(0.4)], vec![Some(20.5)]));
    let third = released(PARTS, &rows(55, 33), 5, Some(&second));
    assert_eq!((numbers(&third, "size"), numbers(&third, "kept")), (vec![Some(55)], vec![Some(33)]));
    assert_eq!(doubles(&third, "mean"), [Some(33.5)], "it rests on the number that is new");
    assert_eq!(suppressed(&third), [false]);
    // Shown side by side, 59 of 55 would tell of those who came.
    let fourth = released(PARTS, &rows(59, 59), 5, Some(&third));
    assert_eq!((numbers(&fourth, "size"), numbers(&fourth, "kept")), (vec![Some(55)], vec![Some(33)]));
}

#[test]
fn what_was_hidden_of_a_row_that_is_gone_is_remembered() {
    let first = released(LINE, &line(&[3, 20, 60]), 5, None);
    let gone = released(LINE, &line(&[]), 5, Some(&first));
    assert_eq!(gone.hidden, first.hidden);
    assert_eq!(numbers(&released(LINE, &line(&[6, 20, 60]), 5, Some(&gone)), "size"), [None, None, Some(60)]);
}

#[test]
fn groups_of_one_hide_and_keep_nothing() {
    let privacy = format!("{PARTS}\ntotals = [[\"tag\"], [\"plan\"]]");
    let rows: [Row; 4] =
        [("a", "x", Some(1), Some(1)), ("b", "x", Some(2), Some(1)), ("b", "y", Some(0), Some(0)), ("c", "y", Some(9), None)];
    let before = released(&privacy, &table(&[("a", "x", Some(3), Some(2)), ("b", "x", Some(9), Some(1))]), 5, None);
    let out = released(&privacy, &table(&rows), 1, Some(&before));
    let mut columns = table(&rows).columns().to_vec();
    columns.push(Arc::new(BooleanArray::from(vec![false; 4])));
    assert_eq!(out.batches[0].columns(), columns);
    assert!(out.hidden.is_empty());
}

#[test]
fn the_order_of_rows_does_not_matter() {
    let privacy = "counts = { size = {} }\ntotals = [[\"tag\"], [\"plan\"]]";
    let rows = random::grid(&mut random::Random::new(7), 6, 5);
    let reversed = arrow::array::UInt32Array::from_iter_values((0..30).rev());
    let turned = take_record_batch(&rows, &reversed).expect("the rows in reverse");
    let [there, back] = [&rows, &turned].map(|rows| released(privacy, rows, 5, None));
    assert_eq!(take_record_batch(&back.batches[0], &reversed).expect("the rows in order"), there.batches[0]);
    assert_eq!(there.hidden, back.hidden);
}

#[test]
fn the_ledger_reads_what_it_wrote() {
    let out = released(LINE, &line(&[3, 20, 60]), 5, None);
    let mut ledger = Ledger::default();
    ledger.put("t", out.hidden.clone());
    let batch = ledger.to_batch().expect("a batch");
    assert_eq!(Ledger::from_batches(&[batch]).expect("a ledger"), ledger);
    assert_eq!((ledger.of("t"), ledger.of("other").len()), (out.hidden, 0));
    assert!(Ledger::from_batches(&[line(&[1])]).is_err());
}

#[test]
fn what_the_select_does_not_yield_is_refused() {
    let refused = |fields: Vec<Field>| {
        let schema = Arc::new(Schema::new(fields));
        Rules::new("t", &header(LINE), &schema).expect_err("unsound rules").to_string()
    };
    let text = |name| Field::new(name, DataType::Utf8, true);
    let error = refused(vec![text("tag"), text("plan")]);
    assert!(error.contains("`[privacy]` of `t` names `size`, which its select does not yield"), "{error}");
    let error = refused(vec![text("tag"), text("plan"), Field::new("size", DataType::Int32, true)]);
    assert!(error.contains("`size` of `t` is Int32") && error.contains("cast(… as bigint)"), "{error}");
    let error = refused(vec![text("suppressed")]);
    assert!(error.contains("yields `suppressed`"), "{error}");
}
