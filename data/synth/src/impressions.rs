//! The table `impressions`: lists of recommended courses that were shown, and what was clicked.

use std::sync::Arc;

use arrow::array::{BooleanArray, Int32Array};
use arrow::record_batch::RecordBatch;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::SynthError;
use crate::day::DayRows;
use crate::planner::Visit;
use crate::schema::SideTable;
use crate::tastes::Taste;
use crate::world::World;
use crate::write::{texts, timestamps};

/// Share of visits to which a list is shown.
const SHOWN_SHARE: f64 = 0.3;
const LIST_LENGTH: usize = 5;
const PERSONAL_SHARE: f64 = 0.6;
/// Attempts at filling a list with courses that differ.
const MAX_DRAWS: usize = 20;
const DELAY_MS: u32 = 600;
/// Probability of a click = CLICK / rank · exp(affinity), as the list goes down; at most one click a list.
const CLICK: f32 = 0.09;

/// One row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Impression {
    pub(crate) ms: u32,
    pub(crate) member: u32,
    /// Number of the list within the day.
    pub(crate) list: u32,
    pub(crate) rank: u32,
    course: u16,
    is_personal: bool,
    clicked: bool,
}

/// Shows a list to some visits; gives the course that is clicked.
pub(crate) fn add(world: &World, rng: &mut ChaCha8Rng, rows: &mut DayRows, visit: &Visit) -> Option<u16> {
    if !rng.random_bool(SHOWN_SHARE) {
        return None;
    }
    let taste = world.catalog.taste(visit.member);
    let is_personal = rng.random_bool(PERSONAL_SHARE);
    let courses = fill(world, rng, is_personal.then_some(&taste), rows.day);
    let list = rows.impressions.last().map_or(0, |row| row.list + 1);
    let mut chosen = None;
    for (course, rank) in courses.into_iter().zip(1..) {
        let probability = CLICK / rank as f32 * world.catalog.affinity(&taste, course).exp();
        let clicked = chosen.is_none() && rng.random::<f32>() < probability;
        chosen = if clicked { Some(course) } else { chosen };
        let (ms, member) = (visit.start_ms + DELAY_MS, visit.member);
        rows.impressions.push(Impression { ms, member, list, rank, course, is_personal, clicked });
    }
    chosen
}

/// Courses that differ, by taste if one is given, else by popularity.
fn fill(world: &World, rng: &mut ChaCha8Rng, taste: Option<&Taste>, day: i32) -> Vec<u16> {
    let mut courses = Vec::with_capacity(LIST_LENGTH);
    for _ in 0..MAX_DRAWS {
        let course = match taste {
            Some(taste) => world.catalog.choose(rng, taste, day, &courses),
            None => world.catalog.popular(rng, day),
        };
        if !courses.contains(&course) {
            courses.push(course);
        }
        if courses.len() == LIST_LENGTH {
            break;
        }
    }
    courses
}

pub(crate) fn batch(world: &World, day: i32, rows: &[Impression]) -> Result<RecordBatch, SynthError> {
    let date = world.calendar.date(day).format("%Y%m%d").to_string();
    let source = |row: &Impression| if row.is_personal { "ials" } else { "popular" };
    let columns = vec![
        timestamps(rows.iter().map(|row| Some(world.calendar.micros(day, row.ms)))),
        texts(rows.iter().map(|row| Some(format!("r{date}-{}", row.list)))),
        texts(rows.iter().map(|row| Some(world.user_id(row.member)))),
        texts(rows.iter().map(|row| Some(&world.catalog.course(row.course).id))),
        Arc::new(Int32Array::from_iter_values(rows.iter().map(|row| row.rank as i32))),
        texts(rows.iter().map(|row| Some(source(row)))),
        Arc::new(rows.iter().map(|row| Some(row.clicked)).collect::<BooleanArray>()),
    ];
    Ok(RecordBatch::try_new(SideTable::Impressions.schema(), columns)?)
}
