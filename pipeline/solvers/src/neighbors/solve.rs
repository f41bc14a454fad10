//! Weighs the positives and finds each course's nearest. Checks of the input belong to `problem`.

use hachi_session::best;
use rayon::prelude::*;

use super::predict::Model;
use super::problem::{Problem, ValidParams, Weighting, required_bytes};
use super::report::Report;
use crate::error::{Error, Result};
use crate::memory::check_memory;
use crate::sparse::Csr;

/// k₁ of BM25: how soon repetition tells no more.
const BM25_SATURATION: f64 = 1.2;
/// b of BM25: how much a long history tells less.
const BM25_LENGTH: f64 = 0.75;
/// Courses that one task compares with all others.
const TASK_COURSES: usize = 16;

/// Finds the neighbours of every course.
///
/// # Errors
/// [`Error::Memory`] before anything is allocated; [`Error::NotFinite`] where values are so large that a norm overflows;
/// [`Error::Parameter`] for a negative value under BM25.
pub fn solve(problem: &Problem, params: &ValidParams) -> Result<(Model, Report)> {
    let (given, k) = (problem.by_user(), params.get().k);
    let bytes = required_bytes(given.rows(), given.columns(), given.entries(), k);
    check_memory("neighbors", bytes, params.get().memory_limit_bytes, "lower `k` or raise the memory limit")?;

    let by_user = match params.get().weighting {
        Weighting::Cosine => unit_columns(given)?,
        Weighting::Bm25 => unit_columns(&bm25(given)?)?,
    };
    let by_course = by_user.transposed();
    let tasks: Vec<Vec<Vec<(u32, f64)>>> = (0..by_course.rows().div_ceil(TASK_COURSES))
        .into_par_iter()
        .with_max_len(1)
        .map(|task| nearest_of_task(&by_user, &by_course, task, k))
        .collect();
    let rows: Vec<Vec<(u32, f64)>> = tasks.into_iter().flatten().collect();
    let neighbours = Csr::from_rows(by_course.rows(), &rows)?;

    let report = Report {
        users: given.rows(),
        courses: given.columns(),
        entries: given.entries(),
        neighbours: neighbours.entries(),
        required_bytes: bytes,
    };
    Ok((Model::new(neighbours), report))
}

/// The nearest courses of each of a task's, by index.
fn nearest_of_task(by_user: &Csr, by_course: &Csr, task: usize, k: usize) -> Vec<Vec<(u32, f64)>> {
    let first = task * TASK_COURSES;
    let mut sums = vec![0.0; by_course.rows()];
    let courses = first..by_course.rows().min(first + TASK_COURSES);
    courses.map(|course| nearest(by_user, by_course, course, k, &mut sums)).collect()
}

fn nearest(by_user: &Csr, by_course: &Csr, course: usize, k: usize, sums: &mut [f64]) -> Vec<(u32, f64)> {
    sums.fill(0.0);
    for (user, weight) in by_course.row(course) {
        by_user.row(user as usize).for_each(|(other, value)| sums[other as usize] += weight * value);
    }
    // Compared in single precision, so that courses which the same users chose are tied whatever the order of the users.
    let similarities: Vec<f32> = sums.iter().map(|&sum| if sum > 0.0 { sum as f32 } else { f32::NAN }).collect();
    // Itself is the one course left out, and it is one of them.
    let found = best(&similarities, &[course as u32], k).unwrap_or_default();
    let mut nearest: Vec<(u32, f64)> = found.into_iter().map(|found| (found.course, f64::from(found.score))).collect();
    nearest.sort_unstable_by_key(|found| found.0);
    nearest
}

/// The same matrix with columns of length one; a column of zeros stays.
fn unit_columns(matrix: &Csr) -> Result<Csr> {
    let mut squares = vec![0.0; matrix.columns()];
    for row in 0..matrix.rows() {
        matrix.row(row).for_each(|(column, value)| squares[column as usize] += value * value);
    }
    if let Some((column, &value)) = squares.iter().enumerate().find(|(_, value)| !value.is_finite()) {
        return Err(Error::NotFinite { matrix: "squares of columns", row: 0, column, value });
    }
    let factors: Vec<f64> = squares.into_iter().map(|square| if square > 0.0 { 1.0 / square.sqrt() } else { 0.0 }).collect();
    reweighed(matrix, |_, column, value| value * factors[column as usize])
}

/// value · idf, with repetition saturated and long histories counting less: a user is what a text is in a search.
fn bm25(matrix: &Csr) -> Result<Csr> {
    let lengths: Vec<f64> = (0..matrix.rows()).map(|row| matrix.row_values(row).iter().sum()).collect();
    for row in 0..matrix.rows() {
        if let Some(&value) = matrix.row_values(row).iter().find(|value| **value < 0.0) {
            return Err(Error::Parameter { name: "value of a positive", value, expected: "at least 0 under BM25" });
        }
    }
    let mean = (lengths.iter().sum::<f64>() / lengths.len() as f64).max(f64::MIN_POSITIVE);
    let mut chosen_by = vec![0.0_f64; matrix.columns()];
    (0..matrix.rows()).for_each(|row| matrix.row_columns(row).iter().for_each(|&column| chosen_by[column as usize] += 1.0));
    let users = matrix.rows() as f64;
    let rarity: Vec<f64> = chosen_by.iter().map(|users_of| (1.0 + (users - users_of + 0.5) / (users_of + 0.5)).ln()).collect();
    reweighed(matrix, |row, column, value| {
        let longer = 1.0 - BM25_LENGTH + BM25_LENGTH * lengths[row] / mean;
        rarity[column as usize] * value * (BM25_SATURATION + 1.0) / (value + BM25_SATURATION * longer).max(f64::MIN_POSITIVE)
    })
}

fn reweighed(matrix: &Csr, weight: impl Fn(usize, u32, f64) -> f64) -> Result<Csr> {
    let (mut offsets, mut columns, mut values) = (vec![0], Vec::with_capacity(matrix.entries()), Vec::with_capacity(matrix.entries()));
    for row in 0..matrix.rows() {
        columns.extend_from_slice(matrix.row_columns(row));
        values.extend(matrix.row(row).map(|(column, value)| weight(row, column, value)));
        offsets.push(columns.len());
    }
    Csr::new(matrix.columns(), offsets, columns, values)
}
