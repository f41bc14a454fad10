//! A reader who knows every total that may be shown, and solves for what is hidden: by elimination, and by bounds.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::Int64Type;

use super::super::Released;
use super::numbers;

/// Exact and shown numbers of a column.
type Numbers = (Vec<Option<i64>>, Vec<Option<i64>>);

/// Sum of unknowns, by number of the unknown.
type Equation = BTreeMap<usize, f64>;

/// Rows that are equal in all grain columns but `set`.
fn lines(exact: &RecordBatch, set: &[&str]) -> Vec<Vec<usize>> {
    let mut lines: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for row in 0..exact.num_rows() {
        let fixed = ["tag", "plan"].into_iter().filter(|column| !set.contains(column));
        let text = |name: &str| exact.column_by_name(name).expect("a column").as_string::<i32>().value(row).to_owned();
        lines.entry(fixed.map(text).collect::<Vec<_>>().join("|")).or_default().push(row);
    }
    lines.into_values().collect()
}

fn exact_numbers(exact: &RecordBatch, column: &str) -> Vec<Option<i64>> {
    let array = exact.column_by_name(column).expect("a column").as_primitive::<Int64Type>();
    (0..array.len()).map(|row| array.is_valid(row).then(|| array.value(row))).collect()
}

fn sum(numbers: &[Option<i64>], rows: &[usize]) -> i64 {
    rows.iter().map(|&row| numbers[row].unwrap_or(0)).sum()
}

/// Rows whose number there is but is not shown.
fn hidden_rows(exact: &[Option<i64>], shown: &[Option<i64>], rows: impl IntoIterator<Item = usize>) -> Vec<usize> {
    rows.into_iter().filter(|&row| exact[row].is_some() && shown[row].is_none()).collect()
}

/// Whether a line's total would itself be shown.
fn is_shown(total: i64, of: Option<i64>, k: i64) -> bool {
    let is_few = |n: i64| 0 < n && n < k;
    !is_few(total) && of.is_none_or(|of| !is_few(of) && !is_few(of - total))
}

/// A count column under attack, and what it is a part of.
const COLUMNS: [(&str, Option<&str>); 2] = [("size", None), ("kept", Some("size"))];

/// Lines of all sets whose total may be shown.
fn known_lines(exact: &RecordBatch, (column, of): (&str, Option<&str>), k: i64, sets: &[&[&str]]) -> Vec<Vec<usize>> {
    let (numbers, whole) = (exact_numbers(exact, column), of.map(|of| exact_numbers(exact, of)));
    let all = sets.iter().flat_map(|set| lines(exact, set));
    all.filter(|rows| is_shown(sum(&numbers, rows), whole.as_ref().map(|whole| sum(whole, rows)), k)).collect()
}

/// Asserts that no hidden number follows from what is shown and all totals, nor is caught between narrow bounds.
#[track_caller]
pub fn assert_safe(exact: &RecordBatch, out: &Released, k: u64, sets: &[&[&str]]) {
    let k = k as i64;
    for (column, of) in COLUMNS {
        let (numbers_exact, shown) = (exact_numbers(exact, column), numbers(out, column));
        let lines = known_lines(exact, (column, of), k, sets);
        let unknowns = |rows: &Vec<usize>| hidden_rows(&numbers_exact, &shown, rows.iter().copied());
        let equations = lines.iter().map(|rows| unknowns(rows).into_iter().map(|row| (row, 1.0)).collect()).collect();
        let found = solved(equations);
        assert!(found.is_empty(), "{column} of rows {found:?} follows from {shown:?}; exact {numbers_exact:?}, k {k}, {sets:?}");
        let whole = of.map(|of| (exact_numbers(exact, of), numbers(out, of)));
        for rows in &lines {
            assert_bounds(&unknowns(rows), &numbers_exact, whole.as_ref(), k);
        }
    }
}

/// One line alone: each hidden number may be k apart at least.
#[track_caller]
fn assert_bounds(hidden: &[usize], exact: &[Option<i64>], whole: Option<&Numbers>, k: i64) {
    let total = sum(exact, hidden);
    let all = whole.map(|(exact, _)| sum(exact, hidden));
    // Nobody at all, and everybody, is no secret.
    if total == 0 || all == Some(total) {
        return;
    }
    // A shown number may be older than the exact one: who knows the member that came knows the exact one.
    let most = |row: usize| whole.and_then(|(exact, shown)| shown[row].and(exact[row])).unwrap_or(i64::MAX).min(total);
    for &row in hidden {
        let others: i64 = hidden.iter().filter(|&&other| other != row).map(|&other| most(other)).sum();
        let (low, high) = ((total - others).max(0), most(row));
        let is_nobody = whole.is_some_and(|(exact, _)| exact[row] == Some(0));
        assert!(is_nobody || high - low >= k, "a hidden number of {hidden:?} is {low} to {high}: {exact:?} of {whole:?}");
    }
}

/// Asserts that what the first snapshot hid does not follow from both, where all that did not change is known not to have changed.
/// Totals are those that both show: one that was itself too small before is news, and what stood beside it was in the open then.
#[track_caller]
pub fn assert_safe_together(snapshots: [(&RecordBatch, &Released); 2], k: u64, sets: &[&[&str]]) {
    for (column, of) in COLUMNS {
        let exact = snapshots.map(|(exact, _)| exact_numbers(exact, column));
        let shown = snapshots.map(|(_, out)| numbers(out, column));
        let rows = exact[0].len();
        let hidden = [0, 1].map(|t| hidden_rows(&exact[t], &shown[t], 0..rows));
        let is_same = |row: usize| exact[0][row] == exact[1][row];
        let is_known = |t: usize, row: usize| !hidden[t].contains(&row) || (is_same(row) && !hidden[1 - t].contains(&row));
        let unknown = |t: usize, row: usize| if is_same(row) { row } else { t * rows + row };
        let mut equations = Vec::new();
        let lines = snapshots.map(|(exact, _)| known_lines(exact, (column, of), k as i64, sets));
        for t in [0, 1] {
            for line in lines[t].iter().filter(|line| lines[1 - t].contains(line)).cloned() {
                equations.push(line.into_iter().filter(|&row| !is_known(t, row)).map(|row| (unknown(t, row), 1.0)).collect());
            }
        }
        let found = solved(equations);
        let told = hidden[0].iter().find(|&&row| found.contains(&unknown(0, row)) || is_known(0, row));
        assert!(told.is_none(), "{column} of row {told:?}: {exact:?} was shown as {shown:?}, {sets:?}");
    }
}

/// Unknowns that the equations determine, by Gauss and Jordan.
fn solved(mut open: Vec<Equation>) -> Vec<usize> {
    let mut done: Vec<(usize, Equation)> = Vec::new();
    while let Some(equation) = open.pop() {
        let Some((&pivot, &factor)) = equation.iter().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs())) else { continue };
        let equation: Equation = equation.into_iter().map(|(unknown, value)| (unknown, value / factor)).collect();
        open.iter_mut().chain(done.iter_mut().map(|(_, row)| row)).for_each(|row| subtract(row, pivot, &equation));
        done.push((pivot, equation));
    }
    done.into_iter().filter(|(_, row)| row.len() == 1).map(|(pivot, _)| pivot).collect()
}

fn subtract(row: &mut Equation, pivot: usize, equation: &Equation) {
    let Some(factor) = row.get(&pivot).copied() else { return };
    for (&unknown, &value) in equation {
        *row.entry(unknown).or_insert(0.0) -= factor * value;
    }
    row.retain(|_, value| value.abs() > 1e-9);
}
