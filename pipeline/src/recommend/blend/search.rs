//! Weights that rank best, from weights that are likely, without believing them further than members bear out.
//!
//! ```text
//! half of the members: likely weights ─▶ pattern search for the highest nDCG (Hooke and Jeeves 1961) ─▶ the best single model
//! the other half:      which of these serves them best? or the single model with a part of the likely weights?
//! ```
//! A likelihood counts every course a member did not take up, a list shows ten. A dozen weights of few members say more of these members
//! than of others, which the other half tells.

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

/// What competes for one member's list: a column for each feature, with what the member took up in front.
struct Pool {
    is_seen: bool,
    features: Vec<f32>,
    targets: usize,
}

/// Parts of the likely weights that may stand beside the best single model.
const PARTS: [f64; 3] = [0.5, 0.25, 0.0];

/// The weights that rank best; `likely` gives the likely weights of some questions.
pub(super) fn search(
    models: &[Fitted],
    questions: &Questions<'_>,
    likely: impl Fn(&Questions<'_>) -> Result<Vec<f64>>,
) -> Result<Vec<f64>> {
    let pools = pools(models, questions)?;
    let (seen, unseen): (Vec<&Pool>, Vec<&Pool>) = pools.iter().partition(|pool| pool.is_seen);
    if models.is_empty() || seen.is_empty() || unseen.is_empty() {
        return likely(questions);
    }
    let guessed = likely(&questions.of_seen())?;
    let largest = guessed.iter().fold(0.0_f64, |largest, weight| largest.max(weight.abs()));
    let singles = (0..models.len()).map(|model| alone(model, guessed.len(), largest));
    let single = best_of(&seen, singles.collect()).1;
    let found = best_of(&seen, [&guessed, &single].map(|start| climb(&seen, start.clone())).into()).1;

    let beside = |part: f64| single.iter().zip(&guessed).map(|(single, likely)| single + part * likely).collect::<Vec<f64>>();
    let candidates = [found, guessed.clone()].into_iter().chain(PARTS.map(beside));
    match best_of(&unseen, candidates.collect()) {
        (0, found) => Ok(climb(&pools.iter().collect::<Vec<_>>(), found)),
        (1, _) => likely(questions),
        (_, chosen) => Ok(chosen),
    }
}

/// The place of the weights that rank best, and these; the first of equals. There is at least one.
fn best_of(pools: &[&Pool], mut weights: Vec<Vec<f64>>) -> (usize, Vec<f64>) {
    let values: Vec<f64> = weights.iter().map(|weights| ndcg(pools, weights)).collect();
    let best = (1..values.len()).fold(0, |best, place| if values[place] > values[best] + TOLERANCE { place } else { best });
    (best, weights.swap_remove(best))
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

fn ndcg(pools: &[&Pool], weights: &[f64]) -> f64 {
    mean_ndcg(pools, |place| pools[place].ndcg(&pools[place].scores(weights)))
}

/// Members are summed in their order, whatever the threads.
fn mean_ndcg(pools: &[&Pool], of: impl Fn(usize) -> f64 + Sync + Send) -> f64 {
    let values: Vec<f64> = (0..pools.len()).into_par_iter().with_min_len(TASK_MEMBERS).map(of).collect();
    values.iter().sum::<f64>() / pools.len() as f64
}

impl Pool {
    /// What competes, scored.
    fn scores(&self, weights: &[f64]) -> Vec<f32> {
        let rows = self.features.len() / weights.len();
        let mut scores = vec![0.0; rows];
        for (column, weight) in self.features.chunks_exact(rows.max(1)).zip(weights) {
            scores.iter_mut().zip(column).for_each(|(score, feature)| *score += feature * *weight as f32);
        }
        scores
    }

    /// The scores with another weight of one feature.
    fn changed(&self, scores: &[f32], feature: usize, change: f64) -> Vec<f32> {
        let column = &self.features[feature * scores.len()..(feature + 1) * scores.len()];
        scores.iter().zip(column).map(|(score, feature)| score + feature * change as f32).collect()
    }

    fn ndcg(&self, scores: &[f32]) -> f64 {
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
            pool(questions.is_seen(row), &standings, (questions.targets[row], questions.owned.row_columns(row)))
        };
        Ok(rows.enumerate().filter(|(_, row)| !questions.targets[*row].is_empty()).map(pool).collect::<Vec<Pool>>())
    });
    Ok(made.collect::<Result<Vec<Vec<Pool>>>>()?.into_iter().flatten().collect())
}

fn pool(is_seen: bool, standings: &[Vec<Standing>], (targets, owned): (&[u32], &[u32])) -> Pool {
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
    let rows: Vec<usize> = targets.iter().chain(&courses).map(|course| *course as usize).collect();
    let columns = standings.iter().flat_map(|standings| [(standings, false), (standings, true)]);
    let features = columns.flat_map(|(standings, is_rank)| {
        let of = move |row: &usize| if is_rank { standings[*row].log_odds } else { standings[*row].deviations };
        rows.iter().map(move |row| of(row) as f32).collect::<Vec<f32>>()
    });
    Pool { is_seen, features: features.collect(), targets: targets.len() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One model, whose feature is its deviations; the log-odds are 0.
    fn pool_of(values: &[f32], targets: usize) -> Pool {
        let log_odds = vec![0.0; values.len()];
        Pool { is_seen: true, features: [values, &log_odds].concat(), targets }
    }

    #[test]
    fn a_tie_counts_against_what_was_taken_up() {
        let ndcg = |values: &[f32], targets| pool_of(values, targets).ndcg(values);
        assert!((ndcg(&[3.0, 2.0, 1.0], 1) - 1.0).abs() < 1e-12);
        assert!((ndcg(&[2.0, 2.0, 1.0], 1) - 1.0 / 3.0_f64.log2()).abs() < 1e-12);
        assert!((ndcg(&[1.0, 1.0, 0.0], 2) - 1.0).abs() < 1e-12);
        let eleventh: Vec<f32> = std::iter::once(0.0).chain((0..10).map(|_| 1.0)).collect();
        assert!(ndcg(&eleventh, 1).abs() < 1e-12);
    }

    #[test]
    fn the_search_turns_a_weight_that_ranks_wrong() {
        let pools: Vec<Pool> = (0..8).map(|_| pool_of(&[-1.0, 0.0, 1.0], 1)).collect();
        let pools: Vec<&Pool> = pools.iter().collect();
        let weights = climb(&pools, vec![0.5, 0.0]);
        assert!((ndcg(&pools, &weights) - 1.0).abs() < 1e-12 && weights[0] < 0.0, "{weights:?}");
        assert_eq!(best_of(&pools, vec![vec![1.0, 0.0], vec![-1.0, 0.0], vec![-2.0, 0.0]]), (1, vec![-1.0, 0.0]));
    }
}
