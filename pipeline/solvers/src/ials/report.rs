//! How well the factors fit: the loss, and residuals of sampled rows. Decides nothing.

use faer::Mat;
use rayon::prelude::*;

use super::problem::Problem;
use super::rows::factor_gram;
use super::solve::Model;
use crate::sparse::Csr;

/// Users whose normal equations are checked.
const SAMPLED_USERS: usize = 32;
/// Users whose losses one task sums.
const LOSS_BLOCK: usize = 512;

/// What is known after an epoch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Epoch {
    /// From 1.
    pub number: usize,
    /// Epochs in all.
    pub of: usize,
    /// The loss, if monitored.
    pub loss: Option<f64>,
}

/// Sizes and accuracy of one fit.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Users.
    pub users: usize,
    /// Courses.
    pub courses: usize,
    /// Stored positives.
    pub positives: usize,
    /// Length of a factor.
    pub dim: usize,
    /// Epochs done.
    pub epochs: usize,
    /// Estimate that was held against the limit.
    pub required_bytes: u64,
    /// The loss after each epoch, if monitored.
    pub losses: Vec<f64>,
    /// The largest ‖system · w − Σ h‖ / ‖Σ h‖ of sampled users.
    pub worst_residual: f64,
}

/// Σ (1 − s)² over positives + α₀ Σ s² over all pairs + the penalties of all factors.
pub(super) fn loss(problem: &Problem, model: &Model) -> f64 {
    let user_gram = factor_gram(&model.users);
    let pairs: f64 =
        (0..user_gram.ncols()).map(|column| dot64(user_gram.col_as_slice(column), model.course_gram.col_as_slice(column))).sum();
    let misfit = misfit(problem.by_user(), model);
    let penalties = penalties(problem.by_user(), &model.users, model) + penalties(problem.by_course(), &model.courses, model);
    misfit + model.params.get().alpha0 * pairs + penalties
}

/// The largest relative residual of users at even distances.
pub(super) fn worst_residual(problem: &Problem, model: &Model) -> f64 {
    let step = problem.users().div_ceil(SAMPLED_USERS);
    let users = (0..problem.users()).step_by(step);
    users.map(|user| residual(problem.by_user().row_columns(user), user, model)).fold(0.0, f64::max)
}

fn residual(history: &[u32], user: usize, model: &Model) -> f64 {
    let factor: Vec<f64> = model.users.col_as_slice(user).iter().map(|&value| f64::from(value)).collect();
    let params = model.params.get();
    let penalty = model.params.penalty(history.len(), model.courses.ncols());
    let mut error: Vec<f64> =
        (0..factor.len()).map(|row| params.alpha0 * dot64(model.course_gram.col_as_slice(row), &factor) + penalty * factor[row]).collect();
    let mut target = vec![0.0; factor.len()];
    for &course in history {
        let vector: Vec<f64> = model.courses.col_as_slice(course as usize).iter().map(|&value| f64::from(value)).collect();
        let miss = dot64(&vector, &factor) - 1.0;
        error.iter_mut().zip(&vector).for_each(|(sum, value)| *sum += miss * value);
        target.iter_mut().zip(&vector).for_each(|(sum, value)| *sum += value);
    }
    let scale = dot64(&target, &target);
    if scale > 0.0 { (dot64(&error, &error) / scale).sqrt() } else { 0.0 }
}

fn misfit(by_user: &Csr, model: &Model) -> f64 {
    let blocks: Vec<f64> = (0..by_user.rows().div_ceil(LOSS_BLOCK))
        .into_par_iter()
        .map(|block| {
            let users = block * LOSS_BLOCK..by_user.rows().min((block + 1) * LOSS_BLOCK);
            users.map(|user| user_misfit(by_user.row_columns(user), user, model)).sum()
        })
        .collect();
    blocks.into_iter().sum()
}

fn user_misfit(history: &[u32], user: usize, model: &Model) -> f64 {
    let factor = model.users.col_as_slice(user);
    let score =
        |course: u32| -> f64 { factor.iter().zip(model.courses.col_as_slice(course as usize)).map(|(a, b)| f64::from(a * b)).sum() };
    history.iter().map(|&course| (1.0 - score(course)).powi(2)).sum()
}

fn penalties(histories: &Csr, factors: &Mat<f32>, model: &Model) -> f64 {
    let squared = |row: usize| -> f64 { factors.col_as_slice(row).iter().map(|&value| f64::from(value).powi(2)).sum() };
    let penalty = |row: usize| model.params.penalty(histories.row_columns(row).len(), histories.columns());
    (0..histories.rows()).map(|row| penalty(row) * squared(row)).sum()
}

fn dot64(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(a, b)| a * b).sum()
}
