//! A site's own days as a protocol: models learn from what was before a day, and are asked for what members took up after it.
//!
//! ```text
//! ──── learned from ────▶│ validation │
//! ─────────── learned from ──────────▶│ test │      windows of `window_days`, the last one ends with the last day
//! ```
//! What a member thinks of a course on a day is what is known on that day: acts fade, an opinion stands until the next one.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Float64Type};
use arrow::record_batch::RecordBatch;

use super::dataset::{Dataset, Rules, Tables};
use super::error::EvaluateError;
use super::intervals::{Measured, measure, paired};
use super::judge::{Judged, judge};
use super::rows::{COURSE, Codes, PairRow, Rows, USER};
use crate::frames::FramesError;
use crate::recommend::ModelSpec;

/// Days since 1970.
pub type Days = i32;

/// What a site is cut by.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeOptions {
    /// Days of a window; at least 1.
    pub window_days: u32,
    /// Days after which an act counts half.
    pub half_life_days: f64,
    /// The middle of the scale of ratings: a lower one is no choice.
    pub rating_middle: f64,
    /// Courses that fewer members chose are left out.
    pub min_members: u32,
    /// Where lists are cut.
    pub cutoffs: Vec<usize>,
    /// No single step allocates more than this, bytes.
    pub memory_limit_bytes: u64,
}

/// What a member did with a course on a day.
#[derive(Debug, Clone, Copy)]
struct Act {
    day: Days,
    weight: f64,
    rating: Option<f64>,
}

/// All acts by pair of codes, in the order of days.
#[derive(Debug, Default)]
pub struct Acts {
    codes: Codes,
    by_pair: BTreeMap<(u32, u32), Vec<Act>>,
}

/// Days from `from` up to, not including, `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// First day.
    pub from: Days,
    /// The day after the last.
    pub to: Days,
}

/// The two cuts.
#[derive(Debug)]
pub struct Splits {
    /// Where choices are made: of parameters, of models.
    pub validation: (Window, Dataset),
    /// Where they are judged.
    pub test: (Window, Dataset),
}

/// A model beside the others.
#[derive(Debug, Clone)]
pub struct Compared {
    /// The model.
    pub model: &'static str,
    /// Its metrics in the validation window.
    pub validation: Vec<Measured>,
    /// Its metrics in the test window.
    pub test: Vec<Measured>,
    /// Its metrics in the test window less those of the best model, member by member.
    pub difference: Vec<Measured>,
}

/// All models on a site's own days.
#[derive(Debug)]
pub struct ByTime {
    /// In the order asked for.
    pub models: Vec<Compared>,
    /// The model with the highest [`OBJECTIVE`] in the test window.
    pub best: &'static str,
    /// Models that learn from ratings, where there are none.
    pub left_out: Vec<&'static str>,
}

/// What models are compared by.
pub const OBJECTIVE: &str = "ndcg@10";
/// Windows that the days must fill: two to learn from, one to choose, one to judge.
const WINDOWS_MIN: u32 = 4;

const TABLE: &str = "member_course_acts";

impl Acts {
    /// Reads rows of `user_id`, `course_id`, `event_date`, `weight` and perhaps `rating`, in any order; of a pair and day at most
    /// one has a rating.
    ///
    /// # Errors
    /// [`EvaluateError::Table`] for a missing column, a null, or a number that is not finite.
    pub fn read(batches: &[RecordBatch]) -> Result<Self, EvaluateError> {
        let mut acts = Self::default();
        batches.iter().try_for_each(|batch| acts.push(batch))?;
        // Days, then values, so that sums don't depend on the order of rows.
        let order = |act: &Act| (act.day, act.rating.is_some());
        let by_day = |left: &Act, right: &Act| order(left).cmp(&order(right)).then(left.weight.total_cmp(&right.weight));
        acts.by_pair.values_mut().for_each(|acts| acts.sort_by(by_day));
        Ok(acts)
    }

    fn push(&mut self, batch: &RecordBatch) -> Result<(), FramesError> {
        let column = |column: &'static str, kind: &DataType, expected| {
            let array = batch.column_by_name(column).ok_or(FramesError::MissingColumn { table: TABLE, column })?;
            cast(array, kind).map_err(|source| FramesError::Cast { table: TABLE, column, expected, source })
        };
        let (users, courses) = (column(USER, &DataType::Utf8, "text")?, column(COURSE, &DataType::Utf8, "text")?);
        let days = column("event_date", &DataType::Date32, "a day")?;
        let (weights, ratings) = (column("weight", &DataType::Float64, "a number")?, column("rating", &DataType::Float64, "a number")?);
        for row in 0..batch.num_rows() {
            let pair = (users.as_string::<i32>().value(row), courses.as_string::<i32>().value(row));
            let pair = (self.codes.users.code(pair.0), self.codes.courses.code(pair.1));
            let number = |array: &dyn Array| array.is_valid(row).then(|| array.as_primitive::<Float64Type>().value(row));
            let act = Act {
                day: days.as_primitive::<Date32Type>().value(row),
                weight: number(&weights).unwrap_or(0.0),
                rating: number(&ratings),
            };
            self.by_pair.entry(pair).or_default().push(act);
        }
        Ok(())
    }

    /// First and last day.
    fn days(&self) -> Option<(Days, Days)> {
        let firsts = self.by_pair.values().filter_map(|acts| acts.first()).map(|act| act.day);
        let lasts = self.by_pair.values().filter_map(|acts| acts.last()).map(|act| act.day);
        firsts.min().zip(lasts.max())
    }

    /// What is known of each pair from the acts of these days, as of the day after the last of them.
    fn known(&self, days: Window, options: &TimeOptions) -> Rows {
        let row = |(&(user, course), acts): (&(u32, u32), &Vec<Act>)| {
            let within: Vec<&Act> = acts.iter().filter(|act| (days.from..days.to).contains(&act.day)).collect();
            let last = within.last()?;
            let rating = within.iter().rev().find_map(|act| act.rating);
            let faded: f64 = within.iter().map(|act| act.weight * faded(days.to - act.day, options)).sum();
            let affinity = faded + rating.map_or(0.0, |rating| rating - options.rating_middle);
            Some(PairRow { user, course, rating, is_positive: affinity > 0.0, time: i64::from(last.day) })
        };
        let rows: Vec<PairRow> = self.by_pair.iter().filter_map(row).collect();
        Rows { are_rated: rows.iter().any(|row| row.rating.is_some()), rows }
    }

    /// Cuts the days into what is learned from and the two windows.
    ///
    /// # Errors
    /// [`EvaluateError::Nothing`] where the days don't fill the windows, or a window has nobody to ask.
    pub fn split(&self, options: &TimeOptions) -> Result<Splits, EvaluateError> {
        let (first, last) = self.days().ok_or_else(|| EvaluateError::Nothing("no member did anything with a course".to_owned()))?;
        let (there, window) = (last - first + 1, options.window_days as Days);
        if there < window * WINDOWS_MIN as Days {
            let what = format!("acts are of {there} days, which is less than {WINDOWS_MIN} windows of {window}; lower `--window-days`");
            return Err(EvaluateError::Nothing(what));
        }
        let test = Window { from: last + 1 - window, to: last + 1 };
        let validation = Window { from: test.from - window, to: test.from };
        let cut = |window: Window| Ok::<_, EvaluateError>((window, self.cut(Window { from: first, to: window.from }, window, options)?));
        let (validation, mut test) = (cut(validation)?, cut(test)?);
        test.1.training.rehearsal = Some(Box::new(validation.1.clone().into_rehearsal()?));
        Ok(Splits { validation, test })
    }

    fn cut(&self, learned: Window, asked: Window, options: &TimeOptions) -> Result<Dataset, EvaluateError> {
        let tables = Tables { train: self.known(learned, options), test: self.known(asked, options), candidates: None, history: None };
        let weight = |day: i64| faded(learned.to - day as Days, options);
        Dataset::new(tables, self.codes.clone(), &Rules { min_members: options.min_members, weight: &weight })
    }
}

/// What is left of an act of so many days ago.
fn faded(days: Days, options: &TimeOptions) -> f64 {
    0.5_f64.powf(f64::from(days) / options.half_life_days)
}

/// Fits every model to both cuts and compares them; `observe` hears of each model before it is fitted.
///
/// # Errors
/// [`EvaluateError`] where a model refuses.
pub fn by_time(
    splits: &Splits,
    specs: &[ModelSpec],
    options: &TimeOptions,
    observe: &dyn Fn(&'static str),
) -> Result<ByTime, EvaluateError> {
    let has_ratings = splits.validation.1.training.choices.ratings.as_ref().is_some_and(|ratings| ratings.entries() > 0);
    let (fitting, left_out): (Vec<&ModelSpec>, Vec<&ModelSpec>) = specs.iter().partition(|spec| has_ratings || !spec.needs_ratings());
    let mut models = Vec::new();
    for spec in fitting {
        observe(spec.name());
        let validation = measure(&splits.validation.1, &asked(&splits.validation.1, spec, options)?, &options.cutoffs)?;
        let judged = asked(&splits.test.1, spec, options)?;
        let test = measure(&splits.test.1, &judged, &options.cutoffs)?;
        models.push((Compared { model: spec.name(), validation, test, difference: Vec::new() }, judged));
    }
    let objective = |(compared, _): &(Compared, Vec<Judged>)| value_of(&compared.test, OBJECTIVE);
    let best = models.iter().enumerate().max_by(|left, right| objective(left.1).total_cmp(&objective(right.1)).then(right.0.cmp(&left.0)));
    let best = best.map(|(place, _)| place).ok_or_else(|| EvaluateError::Nothing("no model was named".to_owned()))?;
    for place in (0..models.len()).filter(|place| *place != best) {
        models[place].0.difference = paired(&splits.test.1, (&models[place].1, &models[best].1), &options.cutoffs)?;
    }
    let best = models[best].0.model;
    Ok(ByTime {
        models: models.into_iter().map(|(compared, _)| compared).collect(),
        best,
        left_out: left_out.into_iter().map(ModelSpec::name).collect(),
    })
}

/// Fits a model and asks it about everyone.
pub(super) fn asked(dataset: &Dataset, spec: &ModelSpec, options: &TimeOptions) -> Result<Vec<Judged>, EvaluateError> {
    let scorer = spec.within(options.memory_limit_bytes).fit(&dataset.training)?;
    judge(dataset, (spec.name(), scorer.as_ref()), options.memory_limit_bytes)
}

/// The value of a metric by name; NaN where it is not there.
pub(super) fn value_of(measured: &[Measured], name: &str) -> f64 {
    measured.iter().find(|measured| measured.name == name).map_or(f64::NAN, |measured| measured.estimate.value)
}
