//! Asks a fitted model about every member, block by block: never members × courses in memory.
//!
//! Blocks are cut at fixed places and computed by one thread each, so the outcome doesn't depend on the number of threads.

use std::ops::Range;

use hachi_solvers::{check_memory, dense_bytes};
use rayon::prelude::*;

use super::dataset::{Asked, Dataset};
use super::error::EvaluateError;
use super::metrics::LIST_LENGTH;
use super::ranks::ranks;
use crate::recommend::{Member, Scorer, best};

/// Scores in one block, at most; 2²¹ are 8 MiB.
const BLOCK_SCORES: usize = 1 << 21;
/// Members in one block, at most.
const BLOCK_MEMBERS: usize = 256;
/// Threads that the estimate of memory reckons with.
const ASSUMED_THREADS: u64 = 16;

/// What a model did for one member.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Judged {
    /// Ranks of the targets that have one, rising from 1.
    pub ranks: Vec<u32>,
    /// The best courses, best first, at most [`LIST_LENGTH`]; here ties go to the lower index.
    pub list: Vec<u32>,
    /// Predicted minus given ratings, if the model predicts them.
    pub errors: Vec<f64>,
}

/// Asks `scorer` about every member of `dataset`, in their order.
///
/// # Errors
/// [`EvaluateError::Score`] where the model refuses, or a step would need more than `limit_bytes`.
pub fn judge(dataset: &Dataset, (name, scorer): (&'static str, &dyn Scorer), limit_bytes: u64) -> Result<Vec<Judged>, EvaluateError> {
    let (members, courses) = (dataset.asked.len(), dataset.courses());
    let block = (BLOCK_SCORES / courses.max(1)).clamp(1, BLOCK_MEMBERS);
    let lists = dense_bytes(members, LIST_LENGTH, 4).saturating_add((dataset.counts.targets as u64).saturating_mul(12));
    let blocks_bytes = dense_bytes(block, courses, 4).saturating_add(dense_bytes(courses, 1, 16)).saturating_mul(ASSUMED_THREADS);
    let refused = |source| EvaluateError::Score { model: name, source };
    check_memory("scores and lists", lists.saturating_add(blocks_bytes), limit_bytes, "raise the memory limit").map_err(refused)?;

    let blocks: Vec<Range<usize>> = (0..members).step_by(block).map(|first| first..members.min(first + block)).collect();
    let judged: Vec<_> = blocks.into_par_iter().map(|rows| judge_block(dataset, scorer, rows)).collect();
    let judged: hachi_solvers::Result<Vec<Vec<Judged>>> = judged.into_iter().collect();
    Ok(judged.map_err(refused)?.into_iter().flatten().collect())
}

fn judge_block(dataset: &Dataset, scorer: &dyn Scorer, rows: Range<usize>) -> hachi_solvers::Result<Vec<Judged>> {
    let scores = scorer.score_block(&dataset.histories, rows.clone())?;
    let judged = rows.enumerate().map(|(place, row)| {
        let asked = &dataset.asked[row];
        let (ranks, list) = ranked(scores.col_as_slice(place), asked, dataset.owned.row_columns(row));
        Ok(Judged { ranks, list, errors: errors(dataset, scorer, row)? })
    });
    judged.collect()
}

fn ranked(scores: &[f32], asked: &Asked, owned: &[u32]) -> (Vec<u32>, Vec<u32>) {
    let by_score = |course: u32| {
        let score = f64::from(scores[course as usize]);
        if score.is_nan() { f64::NEG_INFINITY } else { score }
    };
    if let Some(candidates) = &asked.candidates {
        let others = without(candidates.iter().copied(), &asked.targets);
        return (ranks(scores, &asked.targets, others), best(candidates.iter().copied(), LIST_LENGTH, by_score));
    }
    let allowed = || without(0..scores.len() as u32, owned);
    (ranks(scores, &asked.targets, without(allowed(), &asked.targets)), best(allowed(), LIST_LENGTH, by_score))
}

/// Those of `courses` (rising) that are not in `left_out` (rising).
fn without<'a>(courses: impl Iterator<Item = u32> + 'a, left_out: &'a [u32]) -> impl Iterator<Item = u32> + 'a {
    let mut next = left_out.iter().copied().peekable();
    courses.filter(move |&course| {
        while next.next_if(|&out| out < course).is_some() {}
        next.next_if_eq(&course).is_none()
    })
}

fn errors(dataset: &Dataset, scorer: &dyn Scorer, row: usize) -> hachi_solvers::Result<Vec<f64>> {
    let asked = &dataset.asked[row];
    let (Some((low, high)), Some(histories), false) = (dataset.rating_range, &dataset.histories.ratings, asked.ratings.is_empty()) else {
        return Ok(Vec::new());
    };
    let history: Vec<(u32, f64)> = histories.row(row).collect();
    let courses: Vec<Option<u32>> = asked.ratings.iter().map(|(course, _)| *course).collect();
    let predicted = scorer.ratings(Member { trained: asked.trained, history: &history }, &courses)?;
    // Nobody can give more than the scale has.
    let error = |(predicted, given): (f64, f64)| predicted.clamp(low, high) - given;
    Ok(predicted.map_or_else(Vec::new, |predicted| predicted.into_iter().zip(asked.ratings.iter().map(|r| r.1)).map(error).collect()))
}
