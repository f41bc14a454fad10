//! Alternates users and courses for a number of epochs. The solve of one row belongs to `rows`.

use faer::Mat;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Normal};

use super::problem::{Monitor, Params, Problem, ValidParams, required_bytes};
use super::report::{Epoch, Report, loss, worst_residual};
use super::rows::{Side, factor_gram};
use crate::error::{Error, Result};
use crate::memory::check_memory;

/// Standard deviation of the first factors, times √d.
const INIT_SCALE: f64 = 0.1;

/// Fitted factors. A score is the dot product of a user's and a course's factor.
#[derive(Debug, Clone)]
pub struct Model {
    pub(super) users: Mat<f32>,
    pub(super) courses: Mat<f32>,
    pub(super) course_gram: Mat<f64>,
    pub(super) params: ValidParams,
}

impl Model {
    /// User factors, dim × users. Zero for a user without positives.
    pub fn user_factors(&self) -> &Mat<f32> {
        &self.users
    }

    /// Course factors, dim × courses. Zero for a course without positives.
    pub fn course_factors(&self) -> &Mat<f32> {
        &self.courses
    }

    /// Hᵀ H over all courses, dim × dim: the lower triangle.
    pub fn course_gram(&self) -> &Mat<f64> {
        &self.course_gram
    }

    /// The parameters of the fit.
    pub fn params(&self) -> &ValidParams {
        &self.params
    }
}

/// Fits the factors and calls `progress` after each epoch, on the calling thread.
///
/// # Errors
/// [`Error::Memory`] before anything is allocated; [`Error::NotPositiveDefinite`] with the row where `reg` is too low.
pub fn solve(problem: &Problem, params: &ValidParams, progress: &dyn Fn(Epoch)) -> Result<(Model, Report)> {
    let dim = params.get().dim;
    let bytes = required_bytes(problem.users(), problem.courses(), problem.by_user().entries(), dim);
    check_memory("ials", bytes, params.get().memory_limit_bytes, "lower `dim` or raise the memory limit")?;

    let mut model = start(problem, params)?;
    let mut losses = Vec::new();
    for number in 1..=params.get().epochs {
        model.turn_of_users(problem, params.get().block)?;
        model.turn_of_courses(problem)?;
        let loss = (params.get().monitor == Monitor::Loss).then(|| loss(problem, &model));
        losses.extend(loss);
        progress(Epoch { number, of: params.get().epochs, loss });
    }
    model.turn_of_users(problem, None)?;

    let report = Report {
        users: problem.users(),
        courses: problem.courses(),
        positives: problem.by_user().entries(),
        dim,
        epochs: params.get().epochs,
        required_bytes: bytes,
        losses,
        worst_residual: worst_residual(problem, &model),
    };
    Ok((model, report))
}

impl Model {
    fn turn_of_users(&mut self, problem: &Problem, block: Option<usize>) -> Result<()> {
        Side::new("user", &self.courses, &self.course_gram, &self.params).solve_all(problem.by_user(), &mut self.users, block)
    }

    fn turn_of_courses(&mut self, problem: &Problem) -> Result<()> {
        let user_gram = factor_gram(&self.users);
        let block = self.params.get().block;
        Side::new("course", &self.users, &user_gram, &self.params).solve_all(problem.by_course(), &mut self.courses, block)?;
        self.course_gram = factor_gram(&self.courses);
        Ok(())
    }
}

/// The model before the first epoch. Only the courses are drawn: the users' first turn replaces whatever they would start as.
fn start(problem: &Problem, params: &ValidParams) -> Result<Model> {
    let &Params { dim, seed, .. } = params.get();
    let deviation = INIT_SCALE / (dim as f64).sqrt();
    let normal = Normal::new(0.0, deviation).map_err(|_| Error::Parameter { name: "dim", value: dim as f64, expected: "1 to 4096" })?;
    let mut stream = ChaCha8Rng::seed_from_u64(seed);
    let mut courses = Mat::zeros(dim, problem.courses());
    for course in 0..problem.courses() {
        courses.col_as_slice_mut(course).iter_mut().for_each(|value| *value = normal.sample(&mut stream) as f32);
    }
    let course_gram = factor_gram(&courses);
    Ok(Model { users: Mat::zeros(dim, problem.users()), courses, course_gram, params: *params })
}
