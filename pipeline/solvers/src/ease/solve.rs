//! Inverts the penalised Gram matrix and scales the inverse to weights. Checks of the input belong to `problem`.

use faer::Mat;
use rayon::prelude::*;

use super::predict::Model;
use super::problem::{Problem, Source, ValidParams, required_bytes};
use super::report::{Report, residual};
use crate::error::{Error, Result};
use crate::memory::check_memory;
use crate::sparse::Csr;
use crate::spd;

/// Columns of XᵀX in one task.
const GRAM_COLUMNS: usize = 8;

/// Fits W, with a report on how well. The Gram matrix of the problem is used up, so that it is in memory once.
///
/// # Errors
/// [`Error::Memory`] before anything is allocated; [`Error::NotPositiveDefinite`] with the course where λ is too low.
pub fn solve(problem: Problem<'_>, params: &ValidParams) -> Result<(Model, Report)> {
    let courses = problem.courses();
    let bytes = match &problem.source {
        Source::Positives(by_user) => required_bytes(courses).saturating_add(Csr::required_bytes(courses, by_user.entries())),
        Source::Gram(_) => required_bytes(courses),
    };
    check_memory("ease", bytes, params.get().memory_limit_bytes, "use fewer courses or raise the memory limit")?;

    let mut system = match problem.source {
        Source::Positives(by_user) => gram(by_user),
        Source::Gram(gram) => gram,
    };
    spd::mirror_lower(system.as_mut());
    (0..courses).for_each(|course| system[(course, course)] += params.get().lambda);
    let diagonal: Vec<f64> = (0..courses).map(|course| system[(course, course)]).collect();
    let pivots = spd::factorise(system.as_mut()).map_err(|refused| Error::NotPositiveDefinite {
        what: "course",
        row: refused.pivot,
        pivot: refused.pivot,
        remedy: "lambda",
    })?;
    let (mut adds, inverse_diagonal) = spd::inverse(system.as_ref());
    scale(&mut adds, &inverse_diagonal);
    let model = Model { adds, inverse_diagonal };

    let report = Report {
        courses,
        required_bytes: bytes,
        residual: residual(system.as_ref(), &diagonal, &model, &model.inverse_diagonal),
        smallest_pivot: pivots.smallest,
        largest_pivot: pivots.largest,
    };
    Ok((model, report))
}

/// The lower triangle of XᵀX. A column is one task's, which adds its users in order.
fn gram(by_user: &Csr) -> Mat<f64> {
    let by_course = by_user.transposed();
    let mut gram = Mat::zeros(by_user.columns(), by_user.columns());
    gram.as_mut().par_col_chunks_mut(GRAM_COLUMNS).with_max_len(1).enumerate().for_each(|(chunk, mut columns)| {
        for (offset, column) in columns.as_mut().col_iter_mut().enumerate() {
            if let Some(column) = column.try_as_col_major_mut() {
                gram_column(by_user, &by_course, chunk * GRAM_COLUMNS + offset, column.as_slice_mut());
            }
        }
    });
    gram
}

fn gram_column(by_user: &Csr, by_course: &Csr, course: usize, column: &mut [f64]) {
    for (user, weight) in by_course.row(course) {
        let (others, values) = (by_user.row_columns(user as usize), by_user.row_values(user as usize));
        let first = others.partition_point(|&other| (other as usize) < course);
        for (&other, value) in others[first..].iter().zip(&values[first..]) {
            column[other as usize] += weight * value;
        }
    }
}

/// P to W, by rows: column i of what is stored is row i of W, so row j of it is divided by P_jj.
fn scale(inverse: &mut Mat<f32>, diagonal: &[f64]) {
    let factors: Vec<f64> = diagonal.iter().map(|value| -1.0 / value).collect();
    inverse.as_mut().par_col_chunks_mut(GRAM_COLUMNS).enumerate().for_each(|(chunk, mut columns)| {
        for (offset, column) in columns.as_mut().col_iter_mut().enumerate() {
            let own = chunk * GRAM_COLUMNS + offset;
            for ((row, value), factor) in column.iter_mut().enumerate().zip(&factors) {
                *value = if row == own { 0.0 } else { (f64::from(*value) * factor) as f32 };
            }
        }
    });
}
