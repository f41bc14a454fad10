//! The table `exposures`: who first saw which variant of an experiment, and when.

use arrow::record_batch::RecordBatch;

use crate::SynthError;
use crate::day::DayRows;
use crate::planner::Visit;
use crate::schema::SideTable;
use crate::truth::EXPERIMENTS;
use crate::world::World;
use crate::write::{texts, timestamps};

/// Exposure follows the start of the visit.
const DELAY_MS: u32 = 400;

/// One row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exposure {
    pub(crate) ms: u32,
    pub(crate) member: u32,
    pub(crate) experiment: usize,
}

pub(crate) fn add(rows: &mut DayRows, visit: &Visit) {
    for experiment in 0..EXPERIMENTS.len() {
        if visit.exposures & (1 << experiment) != 0 {
            rows.exposures.push(Exposure { ms: visit.start_ms + DELAY_MS, member: visit.member, experiment });
        }
    }
}

pub(crate) fn batch(world: &World, day: i32, rows: &[Exposure]) -> Result<RecordBatch, SynthError> {
    let variant = |row: &Exposure| if world.is_treated(row.experiment, row.member) { "treatment" } else { "control" };
    let columns = vec![
        timestamps(rows.iter().map(|row| Some(world.calendar.micros(day, row.ms)))),
        texts(rows.iter().map(|row| Some(world.user_id(row.member)))),
        texts(rows.iter().map(|row| Some(EXPERIMENTS[row.experiment].name))),
        texts(rows.iter().map(|row| Some(variant(row)))),
    ];
    Ok(RecordBatch::try_new(SideTable::Exposures.schema(), columns)?)
}
