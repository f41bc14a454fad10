//! The table `ratings`: stars with a review, after a course was finished or dropped.

use std::sync::Arc;

use arrow::array::Float64Array;
use arrow::record_batch::RecordBatch;
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use crate::calendar::DAY_MS;
use crate::day::DayRows;
use crate::planner::{Standing, Study};
use crate::schema::SideTable;
use crate::world::World;
use crate::write::{texts, timestamps};
use crate::{SynthError, reviews};

const RATED_WHEN_FINISHED: f64 = 0.7;
const RATED_WHEN_DROPPED: f64 = 0.35;
/// stars = round(MEAN + quality + AFFINITY · x·y + NOISE · normal), less PENALTY when dropped, within 1 to 5.
const MEAN: f32 = 3.7;
const AFFINITY: f32 = 1.1;
const NOISE: f32 = 0.7;
const PENALTY: f32 = 1.6;
const DELAY_MS: std::ops::Range<u32> = 30_000..1_200_000;

/// One row; without a member the user id is an empty text.
#[derive(Clone, Debug)]
pub(crate) struct Rating {
    /// Microseconds since 1970 UTC.
    pub(crate) ts: i64,
    pub(crate) member: Option<u32>,
    pub(crate) course: u16,
    pub(crate) value: f64,
    pub(crate) review: Option<String>,
}

/// Adds the rating of a course that ended at `ms`, if the member gives one.
pub(crate) fn add(world: &World, rng: &mut ChaCha8Rng, rows: &mut DayRows, (member, study, ms): (u32, Study, u32)) {
    let is_dropped = study.standing == Standing::Dropped;
    let share = if is_dropped { RATED_WHEN_DROPPED } else { RATED_WHEN_FINISHED };
    if !rng.random_bool(share) {
        return;
    }
    let stars = stars(world, rng, member, study);
    let ms = (ms + rng.random_range(DELAY_MS)).min(DAY_MS - 1);
    let review = reviews::compose(world, rng, (member, study.course, stars));
    let (ts, member) = (world.calendar.micros(rows.day, ms), Some(member));
    rows.ratings.push(Rating { ts, member, course: study.course, value: f64::from(stars), review });
}

fn stars(world: &World, rng: &mut ChaCha8Rng, member: u32, study: Study) -> u8 {
    let taste = world.catalog.taste(member);
    let liking = AFFINITY * world.catalog.affinity(&taste, study.course) + world.catalog.course(study.course).quality;
    let penalty = if study.standing == Standing::Dropped { PENALTY } else { 0.0 };
    let noise = NOISE * rng.sample::<f32, _>(StandardNormal);
    (MEAN + liking + noise - penalty).round().clamp(1.0, 5.0) as u8
}

pub(crate) fn batch(world: &World, rows: &[Rating]) -> Result<RecordBatch, SynthError> {
    let user_id = |member: Option<u32>| member.map_or_else(String::new, |member| world.user_id(member).to_string());
    let columns = vec![
        timestamps(rows.iter().map(|row| Some(row.ts))),
        texts(rows.iter().map(|row| Some(user_id(row.member)))),
        texts(rows.iter().map(|row| Some(&world.catalog.course(row.course).id))),
        Arc::new(Float64Array::from_iter_values(rows.iter().map(|row| row.value))),
        texts(rows.iter().map(|row| row.review.as_ref())),
    ];
    Ok(RecordBatch::try_new(SideTable::Ratings.schema(), columns)?)
}
