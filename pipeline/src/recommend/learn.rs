//! The story of the learning stage: read → fit → lists → neighbours → tables.

use std::collections::BTreeMap;

use arrow::record_batch::RecordBatch;
use hachi_solvers::{check_memory, ials, ridge};

use super::community::Community;
use super::error::LearnError;
use super::lists::{Lists, RowsBySource};
use super::models::Models;
use super::options::{LearnInputs, LearnOptions};
use super::similar::similar_courses;
use super::tables::{
    course_factors_batches, course_factors_schema, factor_gram_batches, factor_gram_schema, item_weights_batches, item_weights_schema,
    ridge_weights_batches, ridge_weights_schema, similar_courses_schema, user_factors_batches, user_factors_schema,
};

/// Weights kept of each course for posted sessions: what lies beyond moves no list, and all would be courses × courses.
const ITEM_WEIGHTS: usize = 200;
/// Bytes of a row of `ridge_weights`; generous for ids of ordinary length.
const WEIGHT_ROW_BYTES: u64 = 64;

/// Where the stage is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Step {
    /// Reads and indexes the tables.
    Read,
    /// An epoch of iALS is done.
    Ials(ials::Epoch),
    /// Solves ridge.
    Ridge,
    /// Lists are done for some of the members.
    Lists {
        /// Members done.
        done: usize,
        /// Members in all.
        of: usize,
    },
    /// Looks for similar courses.
    Similar,
}

/// The learned tables, each as batches sorted by grain, with at least one (perhaps empty) batch.
#[derive(Debug, Clone)]
pub struct Learned {
    /// Grain `behaviour`, `course_id`.
    pub ridge_weights: Vec<RecordBatch>,
    /// Grain `user_id`.
    pub user_factors: Vec<RecordBatch>,
    /// Grain `course_id`.
    pub course_factors: Vec<RecordBatch>,
    /// Grain `factor`.
    pub factor_gram: Vec<RecordBatch>,
    /// Grain `course_id`, `other_course_id`.
    pub item_weights: Vec<RecordBatch>,
    /// Grain `course_id`, `rank`.
    pub similar_courses: Vec<RecordBatch>,
    /// Sizes and residuals.
    pub report: LearnReport,
}

/// Sizes and residuals of one call.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LearnReport {
    /// Members with acts or behaviours.
    pub members: usize,
    /// Courses that may be recommended.
    pub courses: usize,
    /// Courses with enough members for the models.
    pub modelled_courses: usize,
    /// Pairs of member and course that were read.
    pub pairs: usize,
    /// Pairs left out because their course is not listed.
    pub unlisted_pairs: usize,
    /// Rows of `recommendations` by what put them there.
    pub rows_by_source: BTreeMap<&'static str, usize>,
    /// iALS, if it had something to fit.
    pub ials: Option<ials::Report>,
    /// Ridge, if it had something to fit.
    pub ridge: Option<ridge::Report>,
}

/// Takes batches of `recommendations`, which come sorted by `user_id` and `rank`: of a large site they are more than memory holds.
pub type Sink<'a> = dyn FnMut(RecordBatch) -> Result<(), LearnError> + 'a;

/// Learns all tables; `progress` and `lists` are called on the calling thread. Equal inputs, in any order of rows, give equal tables.
///
/// Without affinities all tables are empty; without behaviours `ridge_weights` is.
///
/// # Errors
/// [`LearnError`] for options out of range, unreadable tables, systems that can't be solved, and steps beyond the limit of
/// memory.
pub fn learn(inputs: LearnInputs, options: &LearnOptions, progress: &dyn Fn(Step), lists: &mut Sink<'_>) -> Result<Learned, LearnError> {
    options.check()?;
    progress(Step::Read);
    let community = Community::read(&inputs, options)?;
    let (weights, gram) = (inputs.blend_weights, inputs.course_gram);
    drop((inputs.course_affinity, inputs.member_behaviours));
    if community.pairs == 0 {
        return Ok(Learned::empty(report(&community, &Models::NONE, RowsBySource::new())));
    }
    let models = Models::fit(&community, (&weights, gram), options, progress)?;
    let rows_by_source = Lists { community: &community, models: &models, options }.build(progress, lists)?;
    progress(Step::Similar);
    let learned = Learned::empty(report(&community, &models, rows_by_source));
    learned.with_factors(&community, &models, options)?.with_items(&community, &models)?.with_weights(&community, &models, options)
}

impl Learned {
    fn empty(report: LearnReport) -> Self {
        let empty = |schema| vec![RecordBatch::new_empty(schema)];
        Self {
            ridge_weights: empty(ridge_weights_schema()),
            user_factors: empty(user_factors_schema()),
            course_factors: empty(course_factors_schema()),
            factor_gram: empty(factor_gram_schema()),
            item_weights: empty(item_weights_schema()),
            similar_courses: empty(similar_courses_schema()),
            report,
        }
    }

    fn with_factors(self, community: &Community, models: &Models, options: &LearnOptions) -> Result<Self, LearnError> {
        let Some((model, _)) = &models.ials else {
            return Ok(self);
        };
        Ok(Self {
            user_factors: user_factors_batches(community, model.user_factors())?,
            course_factors: course_factors_batches(community, model.course_factors())?,
            factor_gram: factor_gram_batches(model)?,
            similar_courses: similar_courses(community, model.course_factors(), options.similar_per_course)?,
            ..self
        })
    }

    fn with_items(self, community: &Community, models: &Models) -> Result<Self, LearnError> {
        let Some(model) = &models.ease else { return Ok(self) };
        Ok(Self { item_weights: item_weights_batches(&community.modelled, model, ITEM_WEIGHTS)?, ..self })
    }

    fn with_weights(self, community: &Community, models: &Models, options: &LearnOptions) -> Result<Self, LearnError> {
        let Some((model, _)) = &models.ridge else {
            return Ok(self);
        };
        let rows = (model.weights().nrows() as u64).saturating_mul(model.weights().ncols() as u64);
        let (required, limit) = (rows.saturating_mul(WEIGHT_ROW_BYTES), options.memory_limit_bytes);
        check_memory("ridge_weights", required, limit, "use fewer behaviours, or raise the memory limit").map_err(LearnError::Memory)?;
        let weights = ridge_weights_batches(&community.behaviours.names, &community.modelled, model.weights())?;
        Ok(Self { ridge_weights: weights, ..self })
    }
}

fn report(community: &Community, models: &Models, rows_by_source: RowsBySource) -> LearnReport {
    LearnReport {
        members: community.users.len(),
        courses: community.catalogue.len(),
        modelled_courses: community.modelled.len(),
        pairs: community.pairs,
        unlisted_pairs: community.unlisted_pairs,
        rows_by_source,
        ials: models.ials.as_ref().map(|(_, report)| report.clone()),
        ridge: models.ridge.as_ref().map(|(_, report)| *report),
    }
}
