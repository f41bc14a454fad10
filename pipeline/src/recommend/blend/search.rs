//! Weights that rank best: a pattern search (Hooke and Jeeves 1961) for the highest nDCG, from weights that are likely.
//!
//! A likelihood counts every course a member did not take up, a list shows ten. The search sees every other member, and what it finds is
//! taken only if it does better for those that it has not seen; then it goes on with all of them.

use std::ops::Range;

use hachi_solvers::Result;
use rayon::prelude::*;

use super::Fitted;
use super::examples::Questions;
use super::standing::{FEATURES, Ladder, Standing};

/// Members that are looked at, at most.
const MAX_MEMBERS: usize = 8_000;
/// Courses of each model that compete: a course that is not among them in any model is in no list.
const BEST_OF_EACH: usize = 50;
/// Members in one task.
const TASK_MEMBERS: usize = 32;
/// Where lists are cut.
const CUTOFF: usize = 10;
/// Steps of the search, as shares of the largest weight; each is kept as long as it helps.
const STEPS: [f64; 6] = [2.0, 1.0, 0.5, 0.25, 0.125, 0.0625];
/// Passes over all weights, at most.
const MAX_PASSES: usize = 40;
/// What an improvement must be worth.
const TOLERANCE: f64 = 1e-6;

/// What competes for one member's list: rows of features, those of what the member took up first.
struct Pool {
    features: Vec<f32>,
    targets: usize,
}

/// `likely`, or weights that rank better.
pub(super) fn search(models: &[Fitted], questions: &Questions<'_>, likely: Vec<f64>) -> Result<Vec<f64>> {
    let pools = pools(models, questions)?;
    let every_other = |first: usize| pools.iter().skip(first).step_by(2).collect::<Vec<&Pool>>();
    let (seen, unseen) = (every_other(0), every_other(1));
    if seen.is_empty() || unseen.is_empty() {
        return Ok(likely);
    }
    let starts = std::iter::once(likely.clone()).chain((0..models.len()).map(|model| alone(model, likely.len())));
    let climbed = starts.map(|start| climb(&seen, start));
    let better = |best: (f64, Vec<f64>), other: (f64, Vec<f64>)| if other.0 > best.0 + TOLERANCE { other } else { best };
    let Some((_, found)) = climbed.reduce(better) else { return Ok(likely) };
    if ndcg(&unseen, &found) <= ndcg(&unseen, &likely) {
        return Ok(likely);
    }
    Ok(climb(&pools.iter().collect::<Vec<_>>(), found).1)
}

/// One model and no other.
fn alone(model: usize, width: usize) -> Vec<f64> {
    (0..width).map(|place| if place == model * FEATURES { 1.0 } else { 0.0 }).collect()
}

fn climb(pools: &[&Pool], start: Vec<f64>) -> (f64, Vec<f64>) {
    let largest = start.iter().fold(0.0_f64, |largest, weight| largest.max(weight.abs()));
    let mut best = (ndcg(pools, &start), start);
    let (mut steps, mut passes) = (STEPS.iter(), 0);
    let mut step = steps.next();
    while let Some(share) = step.filter(|_| passes < MAX_PASSES) {
        let before = best.0;
        for place in 0..best.1.len() {
            for change in [share * largest, -share * largest] {
                let mut changed = best.1.clone();
                changed[place] += change;
                let value = ndcg(pools, &changed);
                if value > best.0 + TOLERANCE {
                    best = (value, changed);
                    break;
                }
            }
        }
        passes += 1;
        if best.0 <= before {
            step = steps.next();
        }
    }
    best
}

/// Mean nDCG; members are summed in their order, whatever the threads.
fn ndcg(pools: &[&Pool], weights: &[f64]) -> f64 {
    let weights: Vec<f32> = weights.iter().map(|weight| *weight as f32).collect();
    let values: Vec<f64> = pools.par_iter().with_min_len(TASK_MEMBERS).map(|pool| pool.ndcg(&weights)).collect();
    values.iter().sum::<f64>() / pools.len() as f64
}

impl Pool {
    fn ndcg(&self, weights: &[f32]) -> f64 {
        let rows = self.features.chunks_exact(weights.len());
        let scores: Vec<f32> = rows.map(|row| row.iter().zip(weights).map(|(feature, weight)| feature * weight).sum()).collect();
        let (targets, others) = scores.split_at(self.targets);
        let rank = |place: usize| {
            // A tie counts against what was taken up.
            let before = others.iter().filter(|score| **score >= targets[place]).count();
            let goes_first = |(other, score): &(usize, &f32)| **score > targets[place] || **score >= targets[place] && *other < place;
            let taken = targets.iter().enumerate().filter(goes_first).count();
            1 + before + taken
        };
        let gain = |rank: usize| if rank <= CUTOFF { 1.0 / ((rank + 1) as f64).log2() } else { 0.0 };
        let ideal: f64 = (1..=self.targets).map(gain).sum();
        (0..self.targets).map(|place| gain(rank(place))).sum::<f64>() / ideal
    }
}

/// The pools of members spread evenly over all that took something up.
fn pools(models: &[Fitted], questions: &Questions<'_>) -> Result<Vec<Pool>> {
    let asked: Vec<usize> = (0..questions.targets.len()).filter(|&row| !questions.targets[row].is_empty()).collect();
    let tasks: Vec<Range<usize>> =
        (0..questions.targets.len()).step_by(TASK_MEMBERS).map(|first| first..questions.targets.len().min(first + TASK_MEMBERS)).collect();
    let step = asked.len().div_ceil(MAX_MEMBERS).max(1);
    let ladder = Ladder::new(questions.owned.columns());
    let made = tasks.into_par_iter().step_by(step).map(|rows| {
        let scores = models.iter().map(|model| model.scorer.score_block(questions.histories, rows.clone())).collect::<Result<Vec<_>>>()?;
        let pool = |(place, row): (usize, usize)| {
            let had = questions.histories.positives.row_columns(row);
            let standings: Vec<Vec<Standing>> = scores.iter().map(|scores| ladder.standings(scores.col_as_slice(place), had)).collect();
            pool(&standings, questions.targets[row], questions.owned.row_columns(row))
        };
        Ok(rows.enumerate().filter(|(_, row)| !questions.targets[*row].is_empty()).map(pool).collect::<Vec<Pool>>())
    });
    Ok(made.collect::<Result<Vec<Vec<Pool>>>>()?.into_iter().flatten().collect())
}

fn pool(standings: &[Vec<Standing>], targets: &[u32], owned: &[u32]) -> Pool {
    let mut courses: Vec<u32> = Vec::new();
    for standings in standings {
        let mut order: Vec<u32> = (0..standings.len() as u32).filter(|course| owned.binary_search(course).is_err()).collect();
        let by_rank = |left: &u32, right: &u32| {
            standings[*right as usize].log_odds.total_cmp(&standings[*left as usize].log_odds).then(left.cmp(right))
        };
        if order.len() > BEST_OF_EACH {
            order.select_nth_unstable_by(BEST_OF_EACH, by_rank);
            order.truncate(BEST_OF_EACH);
        }
        courses.extend(order);
    }
    courses.sort_unstable();
    courses.dedup();
    courses.retain(|course| targets.binary_search(course).is_err());
    let rows = targets.iter().chain(&courses);
    let features = rows.flat_map(|&course| {
        let stands = standings.iter().map(move |standings| standings[course as usize]);
        stands.flat_map(|stands| [stands.deviations as f32, stands.log_odds as f32])
    });
    Pool { features: features.collect(), targets: targets.len() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One model, whose feature is its deviations; the log-odds are 0.
    fn pool_of(values: &[f32], targets: usize) -> Pool {
        Pool { features: values.iter().flat_map(|value| [*value, 0.0]).collect(), targets }
    }

    #[test]
    fn a_tie_counts_against_what_was_taken_up() {
        let ndcg = |values: &[f32], targets| pool_of(values, targets).ndcg(&[1.0, 0.0]);
        assert!((ndcg(&[3.0, 2.0, 1.0], 1) - 1.0).abs() < 1e-12);
        assert!((ndcg(&[2.0, 2.0, 1.0], 1) - 1.0 / 3.0_f64.log2()).abs() < 1e-12);
        assert!((ndcg(&[1.0, 1.0, 0.0], 2) - 1.0).abs() < 1e-12);
        let eleventh: Vec<f32> = std::iter::once(0.0).chain((0..10).map(|_| 1.0)).collect();
        assert!(ndcg(&eleventh, 1).abs() < 1e-12);
    }

    #[test]
    fn the_search_turns_a_weight_that_ranks_wrong() {
        let pools: Vec<Pool> = (0..8).map(|_| pool_of(&[-1.0, 0.0, 1.0], 1)).collect();
        let (value, weights) = climb(&pools.iter().collect::<Vec<_>>(), vec![0.5, 0.0]);
        assert!((value - 1.0).abs() < 1e-12 && weights[0] < 0.0, "{value} {weights:?}");
    }
}
