//! Finds the range, sharpens it, and decomposes what X is within it. Checks of the input belong to `problem`.

use faer::Mat;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::basis::{orthogonal, principal, product, scaled, turned};
use super::predict::Model;
use super::problem::{Params, Problem, ValidParams, required_bytes};
use super::report::{Report, orthogonality};
use crate::error::Result;
use crate::memory::check_memory;

/// Decomposes X. Of a matrix of lower rank than d, or with fewer users or courses, so many singular values are found as there are.
///
/// # Errors
/// [`crate::Error::Memory`] before anything is allocated; [`crate::Error::NotFinite`] where values are so large that a square
/// overflows.
pub fn solve(problem: &Problem, params: &ValidParams) -> Result<(Model, Report)> {
    let &Params { dim, oversample, power_iterations, seed, memory_limit_bytes } = params.get();
    let (users, courses, entries) = (problem.users(), problem.courses(), problem.by_user().entries());
    let directions = (dim + oversample).min(users).min(courses);
    let bytes = required_bytes(users, courses, entries, directions);
    check_memory("svd", bytes, memory_limit_bytes, "lower `dim` or raise the memory limit")?;

    let mut range = orthogonal(product(problem.by_user(), &random(directions, courses, seed)))?;
    for _ in 0..power_iterations {
        let sharper = orthogonal(product(problem.by_course(), &range))?;
        range = orthogonal(product(problem.by_user(), &sharper))?;
    }
    let within = product(problem.by_course(), &range);
    let (vectors, mut singular_values) = principal(&within)?;
    let kept = singular_values.len().min(dim);
    let vectors = vectors.subcols(0, kept).to_owned();
    singular_values.truncate(kept);

    let user_factors = turned(&range, vectors.as_ref());
    let course_factors = turned(&within, scaled(&vectors, &singular_values).as_ref());
    let explained = explained(problem, &singular_values);
    let report =
        Report { users, courses, entries, dim: kept, required_bytes: bytes, explained, orthogonality: orthogonality(&course_factors) };
    let model = Model { user_factors: single(&user_factors), singular_values, course_factors: single(&course_factors) };
    Ok((model, report))
}

/// Ωᵀ, directions × courses.
fn random(directions: usize, courses: usize, seed: u64) -> Mat<f64> {
    let mut stream = ChaCha8Rng::seed_from_u64(seed);
    let mut random = Mat::zeros(directions, courses);
    for course in 0..courses {
        random.col_as_slice_mut(course).iter_mut().for_each(|value| *value = StandardNormal.sample(&mut stream));
    }
    random
}

fn explained(problem: &Problem, singular_values: &[f64]) -> f64 {
    let by_user = problem.by_user();
    let square = |values: &[f64]| -> f64 { values.iter().map(|value| value * value).sum() };
    let all: f64 = (0..by_user.rows()).map(|user| square(by_user.row_values(user))).sum();
    if all > 0.0 { square(singular_values) / all } else { 1.0 }
}

fn single(matrix: &Mat<f64>) -> Mat<f32> {
    Mat::from_fn(matrix.nrows(), matrix.ncols(), |row, column| matrix[(row, column)] as f32)
}
