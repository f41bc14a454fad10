//! Newton steps, each halved until the loss falls. What the loss is belongs to `sums`.

use faer::Mat;

use super::predict::Model;
use super::problem::{Params, Problem, ValidParams, required_bytes};
use super::report::Report;
use super::sums::{Sums, dot};
use crate::cholesky;
use crate::error::{Error, Result};
use crate::memory::check_memory;

/// A step is halved at most so often.
const HALVINGS: usize = 40;
/// Share of the promised fall of the loss that a step must keep.
const KEPT_PROMISE: f64 = 1e-4;

/// Fits the weights from zero, with a report on how it went.
///
/// # Errors
/// [`Error::Memory`] before anything is allocated; [`Error::NotFinite`] where features are so large that the loss overflows;
/// [`Error::NotPositiveDefinite`] with the feature where λ is too low against it.
pub fn solve(problem: &Problem<'_>, params: &ValidParams) -> Result<(Model, Report)> {
    let &Params { lambda, max_iterations, tolerance, memory_limit_bytes } = params.get();
    let (rows, features) = problem.features.shape();
    let bytes = required_bytes(rows, features);
    check_memory("logistic", bytes, memory_limit_bytes, "use fewer features or raise the memory limit")?;

    let mut unknowns = vec![0.0; problem.unknowns()];
    let mut sums = Sums::at(problem, &unknowns, lambda);
    let (mut iterations, mut converged) = (0, false);
    while iterations < max_iterations && !converged {
        check_finite(&sums)?;
        let step = newton_step(&sums)?;
        let promise = dot(&step, &sums.gradient) / 2.0;
        converged = promise <= tolerance * (1.0 + sums.loss);
        let Some((next, at_next)) = descend(problem, &unknowns, &sums, &step, lambda) else { break };
        (unknowns, sums) = (next, at_next);
        iterations += 1;
    }

    let gradient = sums.gradient.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
    let report = Report { rows, features, iterations, converged, loss: sums.loss, gradient, required_bytes: bytes };
    let intercept = unknowns.get(features).copied().unwrap_or(0.0);
    unknowns.truncate(features);
    Ok((Model { weights: unknowns, intercept }, report))
}

/// H⁻¹ g.
fn newton_step(sums: &Sums) -> Result<Vec<f64>> {
    let unknowns = sums.gradient.len();
    let mut factor = sums.hessian.clone();
    cholesky::factorise(factor.as_mut(), &mut cholesky::scratch::<f64>(unknowns)).map_err(|refused| Error::NotPositiveDefinite {
        what: "feature",
        row: refused.pivot,
        pivot: refused.pivot,
        remedy: "lambda",
    })?;
    let mut step = Mat::from_fn(unknowns, 1, |index, _| sums.gradient[index]);
    cholesky::solve(factor.as_ref(), step.as_mut());
    Ok(step.col_as_slice(0).to_vec())
}

/// The unknowns after the longest of the halved steps that lowers the loss; none where rounding leaves nothing to gain.
fn descend(problem: &Problem<'_>, unknowns: &[f64], sums: &Sums, step: &[f64], lambda: f64) -> Option<(Vec<f64>, Sums)> {
    let slope = dot(step, &sums.gradient);
    let mut length = 1.0;
    for _ in 0..HALVINGS {
        let next: Vec<f64> = unknowns.iter().zip(step).map(|(value, step)| value - length * step).collect();
        let at_next = Sums::at(problem, &next, lambda);
        if at_next.loss <= sums.loss - KEPT_PROMISE * length * slope {
            return Some((next, at_next));
        }
        length /= 2.0;
    }
    None
}

fn check_finite(sums: &Sums) -> Result<()> {
    match sums.gradient.iter().enumerate().find(|(_, value)| !value.is_finite()) {
        Some((column, &value)) => Err(Error::NotFinite { matrix: "gradient", row: 0, column, value }),
        None => Ok(()),
    }
}
