//! How well the model fits its ratings, and residuals of sampled users. Decides nothing.

use rayon::prelude::*;

use super::predict::product;
use super::problem::Problem;
use super::solve::Model;

/// Users whose normal equations are checked.
const SAMPLED_USERS: usize = 32;
/// Users whose errors one task sums.
const ERROR_BLOCK: usize = 512;

/// What is known after an epoch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Epoch {
    /// From 1.
    pub number: usize,
    /// Epochs in all.
    pub of: usize,
    /// Root of the mean squared error of the ratings that are fitted.
    pub rmse: f64,
}

/// Sizes and accuracy of one fit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Report {
    /// Users.
    pub users: usize,
    /// Courses.
    pub courses: usize,
    /// Ratings.
    pub ratings: usize,
    /// Length of a factor.
    pub dim: usize,
    /// Epochs done.
    pub epochs: usize,
    /// Estimate that was held against the limit.
    pub required_bytes: u64,
    /// Root of the mean squared error of the ratings that were fitted.
    pub rmse: f64,
    /// The largest ‖system · (b, p) − right side‖ / (1 + ‖right side‖) of sampled users.
    pub worst_residual: f64,
}

/// Root of the mean squared error over all ratings of the problem.
pub(super) fn rmse(problem: &Problem, model: &Model) -> f64 {
    let by_user = problem.by_user();
    let squares =
        |user: usize| -> f64 { by_user.row(user).map(|(course, rating)| (rating - model.predict(user, course as usize)).powi(2)).sum() };
    let blocks: Vec<f64> = (0..by_user.rows().div_ceil(ERROR_BLOCK))
        .into_par_iter()
        .map(|block| (block * ERROR_BLOCK..by_user.rows().min((block + 1) * ERROR_BLOCK)).map(squares).sum())
        .collect();
    (blocks.into_iter().sum::<f64>() / by_user.entries() as f64).sqrt()
}

/// The largest relative residual of users at even distances.
pub(super) fn worst_residual(problem: &Problem, model: &Model) -> f64 {
    let step = problem.by_user().rows().div_ceil(SAMPLED_USERS);
    (0..problem.by_user().rows()).step_by(step).map(|user| residual(problem, user, model)).fold(0.0, f64::max)
}

/// The equations say: Σ z (r̂ − r) + Λ (b, p) = 0.
fn residual(problem: &Problem, user: usize, model: &Model) -> f64 {
    let (by_user, own, params) = (problem.by_user(), model.users.col_as_slice(user), model.params.get());
    let penalty = params.reg * by_user.row_columns(user).len() as f64;
    let mut error: Vec<f64> = own.iter().map(|value| penalty * value).collect();
    error[0] = params.user_bias_reg * own[0];
    let mut scale = vec![0.0; own.len()];
    for (course, rating) in by_user.row(user) {
        let other = model.courses.col_as_slice(course as usize);
        let left = rating - model.mean - other[0];
        let miss = own[0] + product(own, other) - left;
        let z = std::iter::once(1.0).chain(other[1..].iter().copied());
        error.iter_mut().zip(&mut scale).zip(z).for_each(|((error, scale), z)| {
            *error += miss * z;
            *scale += left * z;
        });
    }
    norm(&error) / (1.0 + norm(&scale))
}

fn norm(vector: &[f64]) -> f64 {
    vector.iter().map(|value| value * value).sum::<f64>().sqrt()
}
