//! Biases first, then users and courses in turns for a number of epochs. The solve of one row belongs to `rows`.

use faer::Mat;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::problem::{Params, Problem, ValidParams, required_bytes};
use super::report::{Epoch, Report, rmse, worst_residual};
use super::rows::{Part, Side};
use crate::error::{Error, Result};
use crate::memory::check_memory;

/// Standard deviation of the first factors.
const INIT_DEVIATION: f64 = 0.1;
/// Turns of the biases alone, after which they move no more.
const BIAS_TURNS: usize = 10;

/// Fitted biases and factors.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    pub(super) mean: f64,
    /// Bias and factor of each user, (dim + 1) × users.
    pub(super) users: Mat<f64>,
    /// Bias and factor of each course, (dim + 1) × courses.
    pub(super) courses: Mat<f64>,
    pub(super) params: ValidParams,
}

/// Fits biases and factors and calls `progress` after each epoch, on the calling thread.
///
/// # Errors
/// [`Error::Memory`] before anything is allocated; [`Error::NotFinite`] where ratings are so large that their sum overflows;
/// [`Error::NotPositiveDefinite`] with the row where `reg` is too low.
pub fn solve(problem: &Problem, params: &ValidParams, progress: &dyn Fn(Epoch)) -> Result<(Model, Report)> {
    let &Params { dim, epochs, memory_limit_bytes, .. } = params.get();
    let by_user = problem.by_user();
    let bytes = required_bytes(by_user.rows(), by_user.columns(), by_user.entries(), dim);
    check_memory("als", bytes, memory_limit_bytes, "lower `dim` or raise the memory limit")?;

    let mut model = start(problem, params)?;
    for _ in 0..BIAS_TURNS {
        model.turn_of_users(problem, Part::Bias)?;
        model.turn_of_courses(problem, Part::Bias)?;
    }
    model.draw_factors();
    for number in 1..=epochs {
        model.turn_of_users(problem, Part::Whole)?;
        model.turn_of_courses(problem, Part::Whole)?;
        progress(Epoch { number, of: epochs, rmse: rmse(problem, &model) });
    }
    model.turn_of_users(problem, Part::Whole)?;

    let report = Report {
        users: by_user.rows(),
        courses: by_user.columns(),
        ratings: by_user.entries(),
        dim,
        epochs,
        required_bytes: bytes,
        rmse: rmse(problem, &model),
        worst_residual: worst_residual(problem, &model),
    };
    Ok((model, report))
}

fn start(problem: &Problem, params: &ValidParams) -> Result<Model> {
    let (by_user, len) = (problem.by_user(), params.get().dim + 1);
    let sums = (0..by_user.rows()).map(|user| by_user.row_values(user).iter().sum::<f64>());
    let mean = sums.sum::<f64>() / by_user.entries() as f64;
    if !mean.is_finite() {
        return Err(Error::NotFinite { matrix: "mean of the ratings", row: 0, column: 0, value: mean });
    }
    Ok(Model { mean, users: Mat::zeros(len, by_user.rows()), courses: Mat::zeros(len, by_user.columns()), params: *params })
}

impl Model {
    fn turn_of_users(&mut self, problem: &Problem, part: Part) -> Result<()> {
        user_side(&self.courses, self.mean, self.params, part).solve_all(problem.by_user(), &mut self.users)
    }

    fn turn_of_courses(&mut self, problem: &Problem, part: Part) -> Result<()> {
        let &Params { reg, course_bias_reg: bias_reg, .. } = self.params.get();
        let side = Side { name: "course", others: &self.users, mean: self.mean, bias_reg, reg, part };
        side.solve_all(problem.by_course(), &mut self.courses)
    }

    /// Only the courses are drawn: the users' first turn replaces whatever they would start as.
    fn draw_factors(&mut self) {
        let mut stream = ChaCha8Rng::seed_from_u64(self.params.get().seed);
        for course in 0..self.courses.ncols() {
            for value in &mut self.courses.col_as_slice_mut(course)[1..] {
                let normal: f64 = StandardNormal.sample(&mut stream);
                *value = INIT_DEVIATION * normal;
            }
        }
    }
}

/// What users are solved against.
pub(super) fn user_side(courses: &Mat<f64>, mean: f64, params: ValidParams, part: Part) -> Side<'_> {
    let &Params { reg, user_bias_reg: bias_reg, .. } = params.get();
    Side { name: "user", others: courses, mean, bias_reg, reg, part }
}
