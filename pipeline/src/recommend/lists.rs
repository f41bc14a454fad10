//! Every member's list, block by block: never members × courses in memory.
//!
//! Blocks are cut at fixed places and computed by one thread each, so lists don't depend on the number of threads.

use std::collections::BTreeMap;
use std::ops::Range;

use arrow::record_batch::RecordBatch;
use faer::Mat;
use hachi_solvers::{Csr, check_memory, ridge};
use rayon::prelude::*;

use super::blend::BlockScores;
use super::choose::{Choose, Said};
use super::community::Community;
use super::diversity::Diversity;
use super::error::LearnError;
use super::explain::Asked;
use super::finish::Finish;
use super::learn::{Sink, Step};
use super::models::Models;
use super::options::LearnOptions;
use super::tables::recommendations_batch;

/// Scores of one model in one block, at most; 2¹⁹ are 2 to 4 MiB, and there are seven models.
const BLOCK_SCORES: usize = 1 << 19;
/// Users in one block, at most.
const BLOCK_USERS: usize = 512;
/// Blocks between two reports of progress.
const WAVE_BLOCKS: usize = 32;
/// Bytes of a row of the table without its reasons, and of one reason; generous for ids of ordinary length.
const ROW_BYTES: u64 = 120;
const REASON_BYTES: u64 = 48;

/// What lists are made from.
pub(super) struct Lists<'a> {
    pub community: &'a Community,
    pub models: &'a Models,
    pub options: &'a LearnOptions,
}

/// Rows by source.
pub(super) type RowsBySource = BTreeMap<&'static str, usize>;

impl Lists<'_> {
    /// Hands the table `recommendations` to `lists`, one batch for each block of users; its rows by source.
    pub fn build(&self, progress: &dyn Fn(Step), lists: &mut Sink<'_>) -> Result<RowsBySource, LearnError> {
        let users = self.community.users.len();
        let block_users = (BLOCK_SCORES / self.community.modelled.len().max(1)).clamp(1, BLOCK_USERS);
        self.check_memory(users.min(block_users * WAVE_BLOCKS))?;
        let blocks: Vec<Range<usize>> = (0..users).step_by(block_users).map(|first| first..users.min(first + block_users)).collect();
        let mut rows = RowsBySource::new();
        for wave in blocks.chunks(WAVE_BLOCKS) {
            let built: Vec<_> = wave.par_iter().map(|block| self.build_block(block.clone())).collect();
            for part in built {
                let (batch, counted) = part?;
                lists(batch)?;
                counted.into_iter().for_each(|(source, count)| *rows.entry(source).or_default() += count);
            }
            progress(Step::Lists { done: wave[wave.len() - 1].end, of: users });
        }
        Ok(rows)
    }

    fn check_memory(&self, users: usize) -> Result<(), LearnError> {
        let row_bytes = ROW_BYTES + REASON_BYTES * self.options.reasons_per_item as u64;
        let rows = (users as u64).saturating_mul(self.options.list_length as u64);
        let (required, limit) = (rows.saturating_mul(row_bytes), self.options.memory_limit_bytes);
        check_memory("recommendations", required, limit, "lower `list_length` or raise the memory limit").map_err(LearnError::Memory)
    }

    fn build_block(&self, users: Range<usize>) -> Result<(RecordBatch, RowsBySource), LearnError> {
        let block = Block::of(self, users.clone())?;
        let choose = self.choose();
        let mut rows = RowsBySource::new();
        let mut lists = Vec::with_capacity(users.len());
        for user in users {
            let actor = self.models.blend.as_ref().and_then(|_| self.community.actor_of(user));
            let (behaviours, scores) = block.behaviours_of(user);
            let places = match (&self.models.blend, &block.scores, actor) {
                (Some(blend), Some(scores), Some(actor)) => {
                    let place = actor - block.first_actor;
                    choose.by_choices(user, &Said { blend, scores, place, likeness: block.likeness_of(place) })
                }
                _ => choose.by_behaviours(user, scores),
            };
            places.iter().for_each(|chosen| *rows.entry(chosen.place.source).or_default() += 1);
            lists.push((user, choose.explained(Asked { user, actor, behaviours }, places, self.models)?));
        }
        Ok((recommendations_batch(self.community, &lists)?, rows))
    }

    fn choose(&self) -> Choose<'_> {
        let options = self.options;
        let diversity = Diversity { lambda: options.diversity as f32, limit: options.list_length };
        let finish = Finish { rules: &self.community.rules, diversity, new_courses: options.new_courses };
        Choose { community: self.community, finish, options }
    }
}

/// What the models say of a block of users.
struct Block {
    /// Of the actors among them, who are neighbours: the first, and what each model of choices says.
    first_actor: usize,
    scores: Option<BlockScores>,
    /// Likeness of courses by their texts, catalogue × actors; empty where no course is new.
    likeness: Mat<f32>,
    /// Of the others, what the model of behaviours says, courses × members, and their behaviours.
    first_user: usize,
    columns: Vec<Option<usize>>,
    by_behaviours: Mat<f64>,
    behaviours: Mat<f64>,
}

impl Block {
    fn of(lists: &Lists<'_>, users: Range<usize>) -> Result<Self, LearnError> {
        let (community, models) = (lists.community, lists.models);
        let actors: Vec<Option<usize>> = users.clone().map(|user| community.actor_of(user)).collect();
        let first_actor = actors.iter().flatten().next().copied().unwrap_or(0);
        let range = first_actor..first_actor + actors.iter().flatten().count();
        let failed = |model| move |source| LearnError::Model { model, source };
        let scores = match models.blend.as_ref().filter(|_| !range.is_empty()) {
            Some(blend) => Some(blend.ask(&community.training.choices, range.clone()).map_err(failed("blend"))?),
            None => None,
        };
        let likeness = if community.fresh.is_empty() || scores.is_none() { Mat::new() } else { likeness(lists, range)? };

        let member = |(user, actor): (usize, &Option<usize>)| {
            models.ridge.as_ref().filter(|_| actor.is_none()).and_then(|_| community.behaviours.column_of_user[user])
        };
        let members: Vec<Option<u32>> = users.clone().zip(&actors).map(member).collect();
        let known: Vec<usize> = members.iter().flatten().map(|&column| column as usize).collect();
        let source = &community.behaviours.values;
        let behaviours = Mat::from_fn(source.nrows(), known.len(), |row, place| source[(row, known[place])]);
        let ridge = models.ridge.as_ref().map(|(model, _)| model);
        Ok(Self {
            first_actor,
            scores,
            likeness,
            first_user: users.start,
            columns: places_of(&members),
            by_behaviours: ridge_scores(ridge, &behaviours).map_err(failed("ridge"))?,
            behaviours,
        })
    }

    /// Behaviours of a user without choices, and the scores that they give.
    fn behaviours_of(&self, user: usize) -> (Option<&[f64]>, Option<&[f64]>) {
        let column = self.columns[user - self.first_user];
        (column.map(|column| self.behaviours.col_as_slice(column)), column.map(|column| self.by_behaviours.col_as_slice(column)))
    }

    fn likeness_of(&self, place: usize) -> &[f32] {
        if place < self.likeness.ncols() { self.likeness.col_as_slice(place) } else { &[] }
    }
}

/// How like the courses of each actor all courses of the catalogue are: catalogue × actors.
fn likeness(lists: &Lists<'_>, actors: Range<usize>) -> Result<Mat<f32>, LearnError> {
    let failed = |source| LearnError::Model { model: "content", source };
    let choose = lists.choose();
    let rows: Vec<Vec<(u32, f64)>> = actors.map(|actor| choose.history(actor).into_iter().map(|course| (course, 1.0)).collect()).collect();
    let histories = Csr::from_rows(lists.community.catalogue.len(), &rows).map_err(failed)?;
    lists.community.content.score_block(&histories, 0..rows.len()).map_err(failed)
}

/// For each entry that is present its place among those.
fn places_of<T>(present: &[Option<T>]) -> Vec<Option<usize>> {
    let mut next = 0..;
    present.iter().map(|entry| entry.as_ref().and_then(|_| next.next())).collect()
}

/// Scores of members with these behaviours (behaviours × members): courses × members.
fn ridge_scores(model: Option<&ridge::Model>, behaviours: &Mat<f64>) -> hachi_solvers::Result<Mat<f64>> {
    let Some(model) = model.filter(|_| behaviours.ncols() > 0) else {
        return Ok(Mat::new());
    };
    let mut scores = Mat::zeros(model.weights().ncols(), behaviours.ncols());
    model.predict_into(behaviours.transpose(), scores.as_mut().transpose_mut())?;
    Ok(scores)
}
