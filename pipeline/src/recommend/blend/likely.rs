//! The likeliest weights: what was taken up against all that competed with it.

use faer::Mat;
use hachi_solvers::{Result, logistic};

use super::pools::Pool;

/// Rows that are learned from, at most; more would not move a dozen weights.
const MAX_ROWS: usize = 1 << 20;

/// The weights of `width` features that make what members took up the likeliest of all that competed for their lists: McFadden's
/// conditional logit, with a penalty that lets models that say the same share their weight. What competes is known before anything is
/// taken up, so what is no model's best may be left out on both sides.
///
/// # Errors
/// Where the weights don't converge, or the memory does not do.
pub(super) fn likely(pools: &[&Pool], width: usize, memory_limit_bytes: u64) -> Result<Vec<f64>> {
    let rows: usize = pools.iter().map(|pool| pool.features.len() / width).sum();
    let asked: Vec<&Pool> = pools.iter().step_by(rows.div_ceil(MAX_ROWS).max(1)).copied().filter(|pool| pool.found > 0).collect();
    if asked.is_empty() {
        return Ok(vec![0.0; width]);
    }
    let mut offsets = vec![0];
    let mut labels = Vec::new();
    for pool in &asked {
        let rows = pool.features.len() / width;
        labels.extend((0..rows).map(|row| row < pool.found));
        offsets.push(labels.len());
    }
    let mut features = Mat::zeros(labels.len(), width);
    for (pool, start) in asked.iter().zip(&offsets) {
        for (column, values) in pool.features.chunks_exact(pool.features.len() / width).enumerate() {
            let column = &mut features.col_as_slice_mut(column)[*start..*start + values.len()];
            column.iter_mut().zip(values).for_each(|(feature, value)| *feature = f64::from(*value));
        }
    }
    let problem = logistic::Problem::grouped(features.as_ref(), &labels, &offsets)?;
    let params = logistic::Params { memory_limit_bytes, ..logistic::Params::default() }.check()?;
    Ok(logistic::solve(&problem, &params)?.0.weights().to_vec())
}
