//! One day, rendered: the access log into its partition, and the rows of the other tables as batches.
//!
//! Needs nothing but the world and the day's plan, so days may be rendered in any order.

use std::path::Path;

use arrow::record_batch::RecordBatch;

use crate::access_log;
use crate::exposures::{self, Exposure};
use crate::hits::Hit;
use crate::impressions::{self, Impression};
use crate::interactions::{self, Interaction};
use crate::moderation::{self, Measure};
use crate::payments::{self, Payment};
use crate::planner::DayPlan;
use crate::random::{Stream, stream};
use crate::ratings::{self, Rating};
use crate::schema::SideTable;
use crate::world::World;
use crate::{LogCounts, SynthError, broken, crowd, visit};

/// The rows of a day before they are sorted and written.
#[derive(Debug, Default)]
pub(crate) struct DayRows {
    pub(crate) day: i32,
    pub(crate) hits: Vec<Hit>,
    pub(crate) ratings: Vec<Rating>,
    pub(crate) interactions: Vec<Interaction>,
    pub(crate) payments: Vec<Payment>,
    pub(crate) exposures: Vec<Exposure>,
    pub(crate) moderation: Vec<Measure>,
    pub(crate) impressions: Vec<Impression>,
}

/// What a rendered day hands on.
#[derive(Debug)]
pub(crate) struct Rendered {
    pub(crate) log: LogCounts,
    pub(crate) log_bytes: u64,
    /// In the order of [`SideTable::ALL`].
    pub(crate) batches: [RecordBatch; SideTable::ALL.len()],
}

/// Renders a planned day; writes its access log to `log_file`.
pub(crate) fn render(world: &World, plan: &DayPlan, log_file: &Path) -> Result<Rendered, SynthError> {
    let mut rng = stream(world.params.seed, Stream::Day, plan.day as u64);
    let mut rows = DayRows { day: plan.day, ..DayRows::default() };
    let mut acts = plan.acts.as_slice();
    for visit in &plan.visits {
        let (own, later) = acts.split_at(usize::from(visit.acts));
        visit::render((world, plan), &mut rng, &mut rows, visit, own);
        acts = later;
    }
    crowd::add(world, &mut rng, &mut rows, plan.visits.len());
    broken::add(world, &mut rng, &mut rows);
    payments::add_due(world, &mut rows);
    let (log, log_bytes) = access_log::write(world, &mut rng, &mut rows, log_file)?;
    Ok(Rendered { log, log_bytes, batches: batches(world, rows)? })
}

/// The batches of all tables but the access log, sorted by time.
pub(crate) fn batches(world: &World, mut rows: DayRows) -> Result<[RecordBatch; SideTable::ALL.len()], SynthError> {
    rows.ratings.sort_by_key(|row| (row.ts, row.member));
    rows.interactions.sort_by_key(|row| (row.ms, row.member));
    rows.payments.sort_by_key(|row| (row.ms, row.member));
    rows.exposures.sort_by_key(|row| (row.ms, row.member, row.experiment));
    rows.moderation.sort_by_key(|row| (row.ms, row.member));
    rows.impressions.sort_by_key(|row| (row.ms, row.list, row.rank));
    Ok([
        ratings::batch(world, &rows.ratings)?,
        interactions::batch(world, rows.day, &rows.interactions)?,
        payments::batch(world, rows.day, &rows.payments)?,
        exposures::batch(world, rows.day, &rows.exposures)?,
        moderation::batch(world, rows.day, &rows.moderation)?,
        impressions::batch(world, rows.day, &rows.impressions)?,
    ])
}
