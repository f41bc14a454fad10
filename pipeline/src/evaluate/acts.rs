//! A site's own days as a protocol: models learn from what was before a day, and are asked for what members took up after it.
//!
//! ```text
//! ──── learned from ────▶│ validation │
//! ─────────── learned from ──────────▶│ test │      windows of `window_days`, the last one ends with the last day
//! ```
//! What a member thinks of a course on a day is what is known on that day: acts fade, an opinion stands until the next one.

use std::sync::Arc;

use arrow::array::{Array, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Float64Type};
use arrow::record_batch::RecordBatch;

use super::dataset::{Dataset, Rules, Tables};
use super::error::EvaluateError;
use super::rows::{COURSE, Codes, PairRow, Rows, USER};
use crate::frames::FramesError;
use crate::recommend::content::{Content, ContentOptions};
use crate::recommend::facts::CourseFacts;

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

/// What a member did with a course on a day, by codes.
#[derive(Debug, Clone, Copy)]
struct Act {
    user: u32,
    course: u32,
    day: Days,
    weight: f64,
    rating: Option<f64>,
}

/// All acts, or those before a day.
#[derive(Debug, Default)]
pub struct Acts {
    codes: Codes,
    rows: Vec<Act>,
    until: Option<Days>,
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

/// Windows that the days must fill: two to learn from, one to choose, one to judge.
const WINDOWS_MIN: u32 = 4;

const TABLE: &str = "member_course_acts";

impl Acts {
    /// None yet; only acts before the day `until` will count, and the last window ends with it.
    #[must_use]
    pub fn before(until: Days) -> Self {
        Self { until: Some(until), ..Self::default() }
    }

    /// Adds rows of `user_id`, `course_id`, `event_date`, `weight` and perhaps `rating`, in any order; of a pair and day at most one
    /// has a rating.
    ///
    /// # Errors
    /// [`EvaluateError::Table`] for a missing column, or a type that doesn't cast.
    pub fn add(&mut self, batch: &RecordBatch) -> Result<(), EvaluateError> {
        Ok(self.push(batch)?)
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
            let day = days.as_primitive::<Date32Type>().value(row);
            if self.until.is_some_and(|until| day >= until) {
                continue;
            }
            let number = |array: &dyn Array| array.is_valid(row).then(|| array.as_primitive::<Float64Type>().value(row));
            self.rows.push(Act {
                user: self.codes.users.code(users.as_string::<i32>().value(row)),
                course: self.codes.courses.code(courses.as_string::<i32>().value(row)),
                day,
                weight: number(&weights).unwrap_or(0.0),
                rating: number(&ratings),
            });
        }
        Ok(())
    }

    /// First and last day.
    fn days(&self) -> Option<(Days, Days)> {
        let days = || self.rows.iter().map(|act| act.day);
        days().min().zip(days().max())
    }

    /// What is known of each pair from the acts of these days, as of the day after the last of them. The acts are in order.
    fn known(&self, days: Window, options: &TimeOptions) -> Rows {
        let is_within = |act: &&Act| (days.from..days.to).contains(&act.day);
        let row = |acts: &[Act]| {
            let within = || acts.iter().filter(is_within);
            let last = within().next_back()?;
            let rating = within().rev().find_map(|act| act.rating);
            let faded: f64 = within().map(|act| act.weight * faded(days.to - act.day, options)).sum();
            let affinity = faded + rating.map_or(0.0, |rating| rating - options.rating_middle);
            Some(PairRow { user: last.user, course: last.course, rating, is_positive: affinity > 0.0, time: i64::from(last.day) })
        };
        let is_same = |left: &Act, right: &Act| (left.user, left.course) == (right.user, right.course);
        let rows: Vec<PairRow> = self.rows.chunk_by(is_same).filter_map(row).collect();
        Rows { are_rated: rows.iter().any(|row| row.rating.is_some()), rows }
    }

    /// Cuts the days into what is learned from and the two windows.
    ///
    /// # Errors
    /// [`EvaluateError::Nothing`] where the days don't fill the windows, or a window has nobody to ask.
    pub fn split(mut self, options: &TimeOptions) -> Result<Splits, EvaluateError> {
        // Weights too, so that sums don't depend on the order of rows.
        let order = |act: &Act| (act.user, act.course, act.day, act.rating.is_some());
        self.rows.sort_unstable_by(|left, right| order(left).cmp(&order(right)).then(left.weight.total_cmp(&right.weight)));
        let (first, last) = self.days().ok_or_else(|| EvaluateError::Nothing("no member did anything with a course".to_owned()))?;
        let end = self.until.unwrap_or(last + 1);
        let (there, window) = (end - first, options.window_days as Days);
        if there < window * WINDOWS_MIN as Days {
            let what = format!("acts are of {there} days, which is less than {WINDOWS_MIN} windows of {window}; lower `--window-days`");
            return Err(EvaluateError::Nothing(what));
        }
        let test = Window { from: end - window, to: end };
        let validation = Window { from: test.from - window, to: test.from };
        let cut = |window: Window| Ok::<_, EvaluateError>((window, self.cut(Window { from: first, to: window.from }, window, options)?));
        Ok(Splits { validation: cut(validation)?, test: cut(test)? })
    }

    fn cut(&self, learned: Window, asked: Window, options: &TimeOptions) -> Result<Dataset, EvaluateError> {
        let tables = Tables { train: self.known(learned, options), test: self.known(asked, options), candidates: None, history: None };
        let weight = |day: i64| faded(learned.to - day as Days, options);
        Dataset::new(tables, self.codes.clone(), &Rules { min_members: options.min_members, weight: Some(&weight) })
    }
}

impl Splits {
    /// With what courses say of themselves, rows of `course_facts`, for models that read it.
    ///
    /// # Errors
    /// [`EvaluateError::Table`] for a missing column or a wrong type, [`EvaluateError::Matrix`] for texts beyond the limit.
    pub fn with_content(mut self, facts: &[RecordBatch], options: &ContentOptions, limit_bytes: u64) -> Result<Self, EvaluateError> {
        for (_, dataset) in [&mut self.validation, &mut self.test] {
            let facts = CourseFacts::read(facts, &dataset.course_ids)?;
            dataset.training.content = Some(Arc::new(Content::new(&facts, options, limit_bytes)?));
        }
        Ok(self)
    }
}

/// What is left of an act of so many days ago.
fn faded(days: Days, options: &TimeOptions) -> f64 {
    0.5_f64.powf(f64::from(days) / options.half_life_days)
}
