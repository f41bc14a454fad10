//! What competes for each member's list: the best of every model.
//!
//! A course that is in no model's best is in no list, so it competes with nothing; a course that was taken up and is not among them is
//! missed whatever the weights.

use std::ops::Range;

use hachi_solvers::Result;
use rayon::prelude::*;

use super::Fitted;
use super::questions::Questions;
use super::standing::{Ladder, Standing};

/// Members that are looked at, at most.
const MAX_MEMBERS: usize = 8_000;
/// Courses of each model that compete.
const BEST_OF_EACH: usize = 50;
/// Members in one task.
pub(super) const TASK_MEMBERS: usize = 32;
/// Where lists are cut.
const CUTOFF: usize = 10;

/// What competes for one member's list.
pub(super) struct Pool {
    /// Which half of the members this one is of.
    pub half: usize,
    /// A column for each feature, with what the member took up in front.
    pub features: Vec<f32>,
    /// Courses in front.
    pub found: usize,
    /// Courses that the member took up, found or not.
    pub targets: usize,
}

impl Pool {
    /// What competes, scored.
    pub fn scores(&self, weights: &[f64]) -> Vec<f32> {
        let rows = self.features.len() / weights.len();
        let mut scores = vec![0.0; rows];
        for (column, weight) in self.features.chunks_exact(rows.max(1)).zip(weights) {
            scores.iter_mut().zip(column).for_each(|(score, feature)| *score += feature * *weight as f32);
        }
        scores
    }

    /// The scores with another weight of one feature.
    pub fn changed(&self, scores: &[f32], feature: usize, change: f64) -> Vec<f32> {
        let column = &self.features[feature * scores.len()..(feature + 1) * scores.len()];
        scores.iter().zip(column).map(|(score, feature)| score + feature * change as f32).collect()
    }

    /// Of the list that `scores` make.
    pub fn ndcg(&self, scores: &[f32]) -> f64 {
        let (found, others) = scores.split_at(self.found);
        let rank = |place: usize| {
            // A tie counts against what was taken up.
            let before = others.iter().filter(|score| **score >= found[place]).count();
            let goes_first = |(other, score): &(usize, &f32)| **score > found[place] || **score >= found[place] && *other < place;
            1 + before + found.iter().enumerate().filter(goes_first).count()
        };
        let gain = |rank: usize| if rank <= CUTOFF { 1.0 / ((rank + 1) as f64).log2() } else { 0.0 };
        let ideal: f64 = (1..=self.targets).map(gain).sum();
        (0..self.found).map(|place| gain(rank(place))).sum::<f64>() / ideal
    }
}

/// The pools of members spread evenly over all that took something up.
///
/// # Errors
/// Where a history does not fit a model.
pub(super) fn pools(models: &[Fitted], questions: &Questions<'_>) -> Result<Vec<Pool>> {
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
            pool(questions.half(row), &standings, (questions.targets[row], questions.owned.row_columns(row)))
        };
        Ok(rows.enumerate().filter(|(_, row)| !questions.targets[*row].is_empty()).map(pool).collect::<Vec<Pool>>())
    });
    Ok(made.collect::<Result<Vec<Vec<Pool>>>>()?.into_iter().flatten().collect())
}

fn pool(half: usize, standings: &[Vec<Standing>], (targets, owned): (&[u32], &[u32])) -> Pool {
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
    let (found, others): (Vec<u32>, Vec<u32>) = courses.iter().partition(|course| targets.binary_search(course).is_ok());
    let rows: Vec<usize> = found.iter().chain(&others).map(|course| *course as usize).collect();
    let columns = standings.iter().flat_map(|standings| [(standings, false), (standings, true)]);
    let features = columns.flat_map(|(standings, is_rank)| {
        let of = move |row: &usize| if is_rank { standings[*row].log_odds } else { standings[*row].deviations };
        rows.iter().map(move |row| of(row) as f32).collect::<Vec<f32>>()
    });
    Pool { half, features: features.collect(), found: found.len(), targets: targets.len() }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// One model, whose feature is its deviations; the log-odds are 0.
    pub fn pool_of(values: &[f32], targets: usize) -> Pool {
        let log_odds = vec![0.0; values.len()];
        Pool { half: 0, features: [values, &log_odds].concat(), found: targets, targets }
    }

    #[test]
    fn a_tie_and_a_miss_count_against_what_was_taken_up() {
        let ndcg = |values: &[f32], targets| pool_of(values, targets).ndcg(values);
        assert!((ndcg(&[3.0, 2.0, 1.0], 1) - 1.0).abs() < 1e-12);
        assert!((ndcg(&[2.0, 2.0, 1.0], 1) - 1.0 / 3.0_f64.log2()).abs() < 1e-12);
        assert!((ndcg(&[1.0, 1.0, 0.0], 2) - 1.0).abs() < 1e-12);
        let eleventh: Vec<f32> = std::iter::once(0.0).chain((0..10).map(|_| 1.0)).collect();
        assert!(ndcg(&eleventh, 1).abs() < 1e-12);
        let missed = Pool { targets: 2, ..pool_of(&[3.0, 2.0], 1) };
        assert!((missed.ndcg(&[3.0, 2.0]) - 1.0 / (1.0 + 1.0 / 3.0_f64.log2())).abs() < 1e-12);
    }

    #[test]
    fn the_best_of_every_model_compete() {
        let standings = |best: usize| -> Vec<Standing> {
            (0..200).map(|course| Standing { deviations: 0.5, log_odds: if course / 50 == best { 1.0 } else { 0.0 } }).collect()
        };
        let pool = pool(1, &[standings(0), standings(2)], (&[3, 60, 101], &[1, 3]));
        // Fifty of the first model less two that the member has, two that follow them, fifty of the second.
        assert_eq!((pool.half, pool.found, pool.targets, pool.features.len()), (1, 1, 3, 4 * 100));
        assert_eq!(pool.features[..2], [0.5, 0.5]);
    }
}
