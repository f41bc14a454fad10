//! Every member's list, block by block: never members × courses in memory.
//!
//! Blocks are cut at fixed places and computed by one thread each, so lists don't depend on the number of threads.

use std::ops::Range;

use arrow::record_batch::RecordBatch;
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par};
use hachi_solvers::{check_memory, ials, ridge};
use rayon::prelude::*;

use super::community::Community;
use super::error::LearnError;
use super::fuse::{Place, Source, fill, fuse};
use super::learn::Step;
use super::models::Models;
use super::options::LearnOptions;
use super::reasons::{Reason, ReasonKind, largest};
use super::tables::{recommendations_batch, recommendations_schema};
use super::top::top;

/// Scores of one model in one block, at most; 2²¹ are 8 to 16 MiB.
pub(super) const BLOCK_SCORES: usize = 1 << 21;
/// Users in one block, at most.
const BLOCK_USERS: usize = 512;
/// Blocks between two reports of progress.
const WAVE_BLOCKS: usize = 32;
/// Bytes of a row of the table without its reasons, and of one reason; generous for ids of ordinary length.
const ROW_BYTES: u64 = 120;
const REASON_BYTES: u64 = 48;

/// An item with its reasons.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item {
    pub place: Place,
    pub reasons: Vec<Reason>,
}

/// What lists are made from.
pub(super) struct Lists<'a> {
    pub community: &'a Community,
    pub models: &'a Models,
    pub options: &'a LearnOptions,
}

/// Rows by source, in the order of [`Source`].
pub(super) type RowsBySource = [usize; 3];

impl Lists<'_> {
    /// The table `recommendations`, one batch for each block of users, and its rows by source.
    pub fn build(&self, progress: &dyn Fn(Step)) -> Result<(Vec<RecordBatch>, RowsBySource), LearnError> {
        self.check_memory()?;
        let users = self.community.users.len();
        let block_users = (BLOCK_SCORES / self.community.modelled.len().max(1)).clamp(1, BLOCK_USERS);
        let blocks: Vec<Range<usize>> = (0..users).step_by(block_users).map(|first| first..users.min(first + block_users)).collect();
        let (mut batches, mut rows) = (vec![RecordBatch::new_empty(recommendations_schema())], [0; 3]);
        for wave in blocks.chunks(WAVE_BLOCKS) {
            let built: Vec<_> = wave.par_iter().map(|block| self.build_block(block.clone())).collect();
            for part in built {
                let (batch, counted) = part?;
                batches.push(batch);
                rows.iter_mut().zip(counted).for_each(|(sum, count)| *sum += count);
            }
            progress(Step::Lists { done: wave[wave.len() - 1].end, of: users });
        }
        Ok((batches, rows))
    }

    fn check_memory(&self) -> Result<(), LearnError> {
        let row_bytes = ROW_BYTES + REASON_BYTES * self.options.reasons_per_item as u64;
        let rows = (self.community.users.len() as u64).saturating_mul(self.options.list_length as u64);
        let (required, limit) = (rows.saturating_mul(row_bytes), self.options.memory_limit_bytes);
        check_memory("recommendations", required, limit, "lower `list_length` or raise the memory limit").map_err(LearnError::Memory)
    }

    fn build_block(&self, users: Range<usize>) -> Result<(RecordBatch, RowsBySource), LearnError> {
        let scores = BlockScores::of(self, users.clone())?;
        let mut rows = [0; 3];
        let mut lists = Vec::with_capacity(users.len());
        for user in users {
            let places = self.places(user, &scores);
            places.iter().for_each(|place| rows[place.source as usize] += 1);
            lists.push((user, self.with_reasons(user, places, &scores)?));
        }
        Ok((recommendations_batch(self.community, &lists)?, rows))
    }

    fn places(&self, user: usize, scores: &BlockScores) -> Vec<Place> {
        let (community, limit) = (self.community, self.options.list_length);
        let owned = community.owned_modelled(user);
        let in_catalogue = |ranking: Vec<u32>| ranking.iter().map(|&course| community.modelled_in_catalogue[course as usize]).collect();
        let mut rankings = Vec::new();
        if let Some(column) = scores.ials_column(user) {
            let ranking = top(column.len(), &owned, limit, |course| f64::from(column[course as usize]));
            rankings.push((Source::Ials, in_catalogue(ranking)));
        }
        if let Some(column) = scores.ridge_column(user) {
            let ranking = top(column.len(), &owned, limit, |course| column[course as usize]);
            rankings.push((Source::Ridge, in_catalogue(ranking)));
        }
        let mut places = fuse(&rankings, limit);
        fill(&mut places, &community.popular, community.owned.row_columns(user), limit);
        places
    }

    fn with_reasons(&self, user: usize, places: Vec<Place>, scores: &BlockScores) -> Result<Vec<Item>, LearnError> {
        let mut past = self.past_courses(user, &places)?.into_iter();
        let mut items = Vec::with_capacity(places.len());
        for place in places {
            let reasons = match place.source {
                Source::Ials => past.next().unwrap_or_default(),
                Source::Ridge => self.behaviours(place.course, scores.behaviours_of(user))?,
                Source::Popular => vec![Reason { kind: ReasonKind::Popular, index: place.course, share: 1.0 }],
            };
            items.push(Item { place, reasons });
        }
        Ok(items)
    }

    /// Reasons of the iALS items among `places`, in their order: one factorisation serves them all.
    fn past_courses(&self, user: usize, places: &[Place]) -> Result<Vec<Vec<Reason>>, LearnError> {
        let (Some(model), Some(actor)) = (self.models.ials(), self.community.actor_of(user)) else {
            return Ok(Vec::new());
        };
        let history = self.community.positives.row_columns(actor);
        let courses: Vec<u32> =
            places.iter().filter(|place| place.source == Source::Ials).filter_map(|place| self.modelled(place.course)).collect();
        let parts = model.explain(history, &courses).map_err(|source| LearnError::Model { model: "ials", source })?;
        let course_at = |position: u32| self.community.modelled_in_catalogue[history[position as usize] as usize];
        let reasons = |item| largest(ReasonKind::Course, (parts.col_as_slice(item), &[]), self.options.reasons_per_item, course_at);
        Ok((0..courses.len()).map(reasons).collect())
    }

    fn behaviours(&self, course: u32, member: Option<&[f64]>) -> Result<Vec<Reason>, LearnError> {
        let (Some(model), Some(member), Some(course)) = (self.models.ridge(), member, self.modelled(course)) else {
            return Ok(Vec::new());
        };
        let parts = model.contributions(member, course as usize).map_err(|source| LearnError::Model { model: "ridge", source })?;
        // A behaviour below the mean may speak for a course too, but "because you come often" would not be true then.
        let below: Vec<u32> = (0..).zip(member).filter(|(_, value)| **value <= 0.0).map(|(position, _)| position).collect();
        Ok(largest(ReasonKind::Behaviour, (&parts, &below), self.options.reasons_per_item, |position| position))
    }

    fn modelled(&self, course: u32) -> Option<u32> {
        self.community.modelled_in_catalogue.binary_search(&course).ok().map(|index| index as u32)
    }
}

/// Scores of a block of users against all modelled courses: one matrix column for each user that the model knows.
struct BlockScores {
    ials: Mat<f32>,
    ridge: Mat<f64>,
    behaviours: Mat<f64>,
    first_user: usize,
    ials_columns: Vec<Option<usize>>,
    ridge_columns: Vec<Option<usize>>,
}

impl BlockScores {
    fn of(lists: &Lists<'_>, users: Range<usize>) -> Result<Self, LearnError> {
        let community = lists.community;
        let first_user = users.start;
        let actors: Vec<Option<usize>> = users.clone().map(|user| lists.models.ials().and_then(|_| community.actor_of(user))).collect();
        let member = |user: usize| lists.models.ridge().and_then(|_| community.behaviours.column_of_user[user]);
        let members: Vec<Option<u32>> = users.map(member).collect();
        let known: Vec<usize> = members.iter().flatten().map(|&column| column as usize).collect();
        let source = &community.behaviours.values;
        let behaviours = Mat::from_fn(source.nrows(), known.len(), |row, place| source[(row, known[place])]);
        Ok(Self {
            ials: ials_scores(lists.models.ials(), &actors),
            ridge: ridge_scores(lists.models.ridge(), &behaviours)?,
            behaviours,
            first_user,
            ials_columns: places_of(&actors),
            ridge_columns: places_of(&members),
        })
    }

    fn ials_column(&self, user: usize) -> Option<&[f32]> {
        self.ials_columns[user - self.first_user].map(|column| self.ials.col_as_slice(column))
    }

    fn ridge_column(&self, user: usize) -> Option<&[f64]> {
        self.ridge_columns[user - self.first_user].map(|column| self.ridge.col_as_slice(column))
    }

    fn behaviours_of(&self, user: usize) -> Option<&[f64]> {
        self.ridge_columns[user - self.first_user].map(|column| self.behaviours.col_as_slice(column))
    }
}

/// Numbers those that are present.
fn places_of<T>(present: &[Option<T>]) -> Vec<Option<usize>> {
    let mut next = 0..;
    present.iter().map(|entry| entry.as_ref().and_then(|_| next.next())).collect()
}

/// Scores of the present actors, which are neighbours in the model: courses × actors.
fn ials_scores(model: Option<&ials::Model>, actors: &[Option<usize>]) -> Mat<f32> {
    let present: Vec<usize> = actors.iter().flatten().copied().collect();
    let (Some(model), Some(&first)) = (model, present.first()) else {
        return Mat::new();
    };
    let users = model.user_factors().subcols(first, present.len());
    let mut scores = Mat::zeros(model.course_factors().ncols(), present.len());
    matmul(scores.as_mut(), Accum::Replace, model.course_factors().transpose(), users, 1.0, Par::Seq);
    scores
}

/// Scores of members with these behaviours (behaviours × members): courses × members.
fn ridge_scores(model: Option<&ridge::Model>, behaviours: &Mat<f64>) -> Result<Mat<f64>, LearnError> {
    let Some(model) = model.filter(|_| behaviours.ncols() > 0) else {
        return Ok(Mat::new());
    };
    let mut scores = Mat::zeros(model.weights().ncols(), behaviours.ncols());
    let turned = scores.as_mut().transpose_mut();
    model.predict_into(behaviours.transpose(), turned).map_err(|source| LearnError::Model { model: "ridge", source })?;
    Ok(scores)
}
