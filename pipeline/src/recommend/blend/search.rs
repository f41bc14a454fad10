//! Weights that rank best, from weights that are likely, without believing them further than members bear out.
//!
//! ```text
//! half of the members: likely weights ─▶ pattern search for the highest nDCG (Hooke and Jeeves 1961) ─▶ the best single model
//! the other half:      the single model with a part of the likely weights, unless another of these is clearly better
//! ```
//! Each half is asked about what the other gives. A likelihood counts every course that competes, a list shows ten. A dozen weights of
//! few members say more of these members than of others: what is better by less than a standard error is not believed
//! (Breiman et al. 1984).

use hachi_solvers::Result;
use rayon::prelude::*;

use super::likely::likely;
use super::pools::{Pool, TASK_MEMBERS};
use super::standing::FEATURES;

/// Steps of the search, as shares of the largest weight; each is kept as long as it helps.
const STEPS: [f64; 6] = [2.0, 1.0, 0.5, 0.25, 0.125, 0.0625];
/// Passes over all weights, at most.
const MAX_PASSES: usize = 40;
/// What an improvement must be worth.
const TOLERANCE: f64 = 1e-6;
/// Parts of the likely weights that may stand beside the best single model; the first does, until members bear another out.
const PARTS: [f64; 3] = [0.25, 0.5, 0.0];
/// Beside them the likely weights, and those of the search.
const CANDIDATES: usize = PARTS.len() + 2;

/// The weights of `width` features that rank best.
///
/// # Errors
/// As [`likely`].
pub(super) fn search(pools: &[Pool], width: usize, memory_limit_bytes: u64) -> Result<Vec<f64>> {
    let all: Vec<&Pool> = pools.iter().collect();
    if all.is_empty() {
        return Ok(vec![0.0; width]);
    }
    let mut values = vec![Vec::new(); CANDIDATES];
    for half in [0, 1] {
        let (seen, unseen): (Vec<&Pool>, Vec<&Pool>) = all.iter().partition(|pool| pool.half == half);
        if !seen.is_empty() && !unseen.is_empty() {
            let guess = Guess::of(&seen, width, memory_limit_bytes)?;
            values.iter_mut().enumerate().for_each(|(candidate, values)| values.extend(ndcg(&unseen, &guess.weights(candidate))));
        }
    }
    Ok(Guess::of(&all, width, memory_limit_bytes)?.weights(clearly_best(&values)))
}

/// What weights are made of, by what some members took up.
struct Guess<'a> {
    pools: &'a [&'a Pool],
    likely: Vec<f64>,
    single: Vec<f64>,
}

impl<'a> Guess<'a> {
    fn of(pools: &'a [&'a Pool], width: usize, memory_limit_bytes: u64) -> Result<Self> {
        let likely = likely(pools, width, memory_limit_bytes)?;
        let largest = likely.iter().fold(0.0_f64, |largest, weight| largest.max(weight.abs()));
        let single = best_of(pools, (0..width / FEATURES).map(|model| alone(model, width, largest)).collect());
        Ok(Self { pools, likely, single })
    }

    /// Those of a candidate: the single model with each of the parts beside it, the likely weights, those that are searched for.
    fn weights(&self, candidate: usize) -> Vec<f64> {
        match PARTS.get(candidate) {
            Some(part) => self.single.iter().zip(&self.likely).map(|(single, likely)| single + part * likely).collect(),
            None if candidate == PARTS.len() => self.likely.clone(),
            None => best_of(self.pools, [&self.likely, &self.single].map(|start| climb(self.pools, start.clone())).into()),
        }
    }
}

/// The weights that rank best, the first of equals. There are some.
fn best_of(pools: &[&Pool], mut weights: Vec<Vec<f64>>) -> Vec<f64> {
    let values: Vec<f64> = weights.iter().map(|weights| mean(&ndcg(pools, weights))).collect();
    let best = (1..values.len()).fold(0, |best, place| if values[place] > values[best] + TOLERANCE { place } else { best });
    weights.swap_remove(best)
}

/// The place of the highest mean among those that are above the first by more than a standard error, member by member; else 0.
fn clearly_best(values: &[Vec<f64>]) -> usize {
    let gain = |place: usize| {
        let differences: Vec<f64> = values[place].iter().zip(&values[0]).map(|(value, usual)| value - usual).collect();
        let gain = mean(&differences);
        // One member has no variance, and nothing is greater than that.
        let variance = differences.iter().map(|difference| (difference - gain).powi(2)).sum::<f64>() / (differences.len() as f64 - 1.0);
        (gain, (variance / differences.len() as f64).sqrt())
    };
    let clear = (1..values.len()).map(|place| (gain(place), place)).filter(|((gain, error), _)| *gain > error + TOLERANCE);
    clear.fold((0.0, 0), |best, ((gain, _), place)| if gain > best.0 { (gain, place) } else { best }).1
}

/// One model and no other.
fn alone(model: usize, width: usize, weight: f64) -> Vec<f64> {
    (0..width).map(|place| if place == model * FEATURES { weight } else { 0.0 }).collect()
}

fn climb(pools: &[&Pool], start: Vec<f64>) -> Vec<f64> {
    let largest = start.iter().fold(0.0_f64, |largest, weight| largest.max(weight.abs()));
    let mut scores: Vec<Vec<f32>> = pools.par_iter().with_min_len(TASK_MEMBERS).map(|pool| pool.scores(&start)).collect();
    let mut best = (mean_ndcg(pools, |place| pools[place].ndcg(&scores[place])), start);
    let (mut steps, mut passes) = (STEPS.iter(), 0);
    let mut step = steps.next();
    while let Some(share) = step.filter(|_| passes < MAX_PASSES) {
        let before = best.0;
        for feature in 0..best.1.len() {
            for change in [share * largest, -share * largest] {
                let value = mean_ndcg(pools, |place| pools[place].ndcg(&pools[place].changed(&scores[place], feature, change)));
                if value > best.0 + TOLERANCE {
                    best.0 = value;
                    best.1[feature] += change;
                    let update = |(scores, pool): (&mut Vec<f32>, &&Pool)| *scores = pool.changed(scores, feature, change);
                    scores.par_iter_mut().zip(pools).with_min_len(TASK_MEMBERS).for_each(update);
                    break;
                }
            }
        }
        passes += 1;
        if best.0 <= before {
            step = steps.next();
        }
    }
    best.1
}

/// Of each member.
fn ndcg(pools: &[&Pool], weights: &[f64]) -> Vec<f64> {
    pools.par_iter().with_min_len(TASK_MEMBERS).map(|pool| pool.ndcg(&pool.scores(weights))).collect()
}

/// Members are summed in their order, whatever the threads.
fn mean_ndcg(pools: &[&Pool], of: impl Fn(usize) -> f64 + Sync + Send) -> f64 {
    mean(&(0..pools.len()).into_par_iter().with_min_len(TASK_MEMBERS).map(of).collect::<Vec<f64>>())
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::super::pools::tests::pool_of;
    use super::*;

    #[test]
    fn the_search_turns_a_weight_that_ranks_wrong() {
        let pools: Vec<Pool> = (0..8).map(|_| pool_of(&[-1.0, 0.0, 1.0], 1)).collect();
        let pools: Vec<&Pool> = pools.iter().collect();
        let weights = climb(&pools, vec![0.5, 0.0]);
        assert!((mean(&ndcg(&pools, &weights)) - 1.0).abs() < 1e-12 && weights[0] < 0.0, "{weights:?}");
        assert_eq!(best_of(&pools, vec![vec![1.0, 0.0], vec![-1.0, 0.0], vec![-2.0, 0.0]]), [-1.0, 0.0]);
    }

    #[test]
    fn what_few_members_bear_out_is_not_believed() {
        let chosen = |better: usize, worse: usize| {
            let value = |first: f64| [vec![first; better], vec![1.0 - first; worse]].concat();
            clearly_best(&[value(0.0), value(1.0)])
        };
        assert_eq!([chosen(3, 2), chosen(30, 10), chosen(0, 5), chosen(1, 0)], [0, 1, 0, 0]);
    }
}
