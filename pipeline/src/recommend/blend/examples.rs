//! What the weights are learned from: of each course that a member took up, how it and some that the member did not stood.

use std::ops::Range;

use hachi_solvers::{Csr, Result};
use rand::SeedableRng;
use rand::seq::index::sample;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::Fitted;
use super::standing::{FEATURES, Ladder, Standing};
use crate::recommend::scorers::Choices;

/// Courses taken up that are learned from, at most; more would not move a dozen weights.
const MAX_TARGETS: usize = 5_000;
/// Courses drawn from all others for each one taken up. They are drawn evenly: a model whose best were drawn more often would look as
/// if it were wrong about them.
const DRAWN: usize = 256;
/// Members in one task.
const TASK_MEMBERS: usize = 64;

/// FNV-1a.
const MARK_START: u64 = 0xcbf2_9ce4_8422_2325;
const MARK_FACTOR: u64 = 0x0100_0000_01b3;

/// What members had, and what they took up afterwards.
pub struct Questions<'a> {
    /// What they had when they are asked: a row for each.
    pub histories: &'a Choices,
    /// What must not be recommended, of the same rows.
    pub owned: &'a Csr,
    /// What each took up, rising.
    pub targets: Vec<&'a [u32]>,
}

/// Rows of features, one group of rows for each course taken up; the first row of a group is that course's.
pub(super) struct Examples {
    /// Rows × features, row by row.
    pub features: Vec<f64>,
    /// Where each group begins, and the end.
    pub groups: Vec<usize>,
}

impl<'a> Questions<'a> {
    /// A number of what the member of a row has and took up, whatever the member is called: what is drawn by it is the same under
    /// another key of pseudonyms.
    pub(super) fn mark(&self, row: usize) -> u64 {
        let had = self.histories.positives.row_columns(row).iter().chain(self.targets[row]);
        had.fold(MARK_START, |mark, course| (mark ^ u64::from(*course)).wrapping_mul(MARK_FACTOR))
    }

    /// Which half a member belongs to.
    pub(super) fn is_seen(&self, row: usize) -> bool {
        self.mark(row) >> 32 & 1 == 0
    }

    /// The questions of one half of the members.
    pub(super) fn of_seen(&self) -> Self {
        let kept = self.targets.iter().enumerate().map(|(row, targets)| if self.is_seen(row) { *targets } else { &[][..] });
        Questions { histories: self.histories, owned: self.owned, targets: kept.collect::<Vec<&'a [u32]>>() }
    }

    /// Asks `models` about members spread evenly over all.
    pub(super) fn examples(&self, models: &[Fitted], seed: u64) -> Result<Examples> {
        let targets: usize = self.targets.iter().map(|targets| targets.len()).sum();
        let step = targets.div_ceil(MAX_TARGETS).max(1);
        let tasks: Vec<Range<usize>> =
            (0..self.targets.len()).step_by(TASK_MEMBERS).map(|first| first..self.targets.len().min(first + TASK_MEMBERS)).collect();
        let ladder = Ladder::new(self.owned.columns());
        let asked = tasks.into_par_iter().step_by(step).map(|rows| self.examples_of(rows, (models, &ladder), seed));
        let asked = asked.collect::<Result<Vec<Examples>>>()?;
        let mut all = Examples { features: Vec::new(), groups: vec![0] };
        let width = models.len() * FEATURES;
        for part in asked {
            let before = all.features.len() / width.max(1);
            all.groups.extend(part.groups.iter().skip(1).map(|end| before + end));
            all.features.extend(part.features);
        }
        Ok(all)
    }

    fn examples_of(&self, rows: Range<usize>, (models, ladder): (&[Fitted], &Ladder), seed: u64) -> Result<Examples> {
        let scores = models.iter().map(|model| model.scorer.score_block(self.histories, rows.clone())).collect::<Result<Vec<_>>>()?;
        let mut examples = Examples { features: Vec::new(), groups: vec![0] };
        for (place, row) in rows.enumerate().filter(|(_, row)| !self.targets[*row].is_empty()) {
            let had = self.histories.positives.row_columns(row);
            let standings: Vec<Vec<Standing>> = scores.iter().map(|scores| ladder.standings(scores.col_as_slice(place), had)).collect();
            let others = self.others(row, seed);
            for &target in self.targets[row] {
                for course in std::iter::once(target).chain(others.iter().copied()) {
                    let stands = standings.iter().map(|standings| standings[course as usize]);
                    examples.features.extend(stands.flat_map(|stands| [stands.deviations, stands.log_odds]));
                }
                examples.groups.push(examples.features.len() / (standings.len() * FEATURES));
            }
        }
        Ok(examples)
    }

    /// Courses that the member neither has nor took up, drawn evenly.
    fn others(&self, row: usize, seed: u64) -> Vec<u32> {
        let courses = self.owned.columns();
        let is_other =
            |course: &u32| self.owned.row_columns(row).binary_search(course).is_err() && self.targets[row].binary_search(course).is_err();
        let mut stream = ChaCha8Rng::seed_from_u64(seed ^ self.mark(row));
        sample(&mut stream, courses, DRAWN.min(courses)).into_iter().map(|course| course as u32).filter(is_other).collect()
    }
}
