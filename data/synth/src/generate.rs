//! The story of one generation: check, set the scene, render day by day, sum up.
//!
//! Days are planned in order by this thread and rendered by others; what they hand back is written in order of days. At most
//! a fixed number of days is between planning and writing, so memory does not grow with their number.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::broken;
use crate::day::{self, DayRows, Rendered};
use crate::members::HISTORY_DAYS;
use crate::planner::{DayPlan, Planner};
use crate::schema::SideTable;
use crate::truth::EXPERIMENTS;
use crate::world::World;
use crate::write::TableFolder;
use crate::{LogCounts, Params, Progress, Summary, SynthError, TableSummary, Truth, ValidParams, payments};

mod lists;

const ACCESS_LOG: &str = "access_log";
/// Days between planning and writing, for each thread.
const DAYS_IN_FLIGHT_PER_THREAD: u32 = 2;

/// Generates a community into `out`, a folder without tables in it.
///
/// Writes `access_log/event_date=YYYY-MM-DD/part-0.parquet`, one for each local day, and `<table>/part-0.parquet` for members,
/// courses, ratings, interactions, payments, exposures, moderation and impressions (with further parts when they are large).
/// `payments` begins 180 days before the start. Calls `progress` after each day.
///
/// # Errors
/// [`SynthError`] if a parameter is out of range, `out` holds a table already, or a file cannot be written.
pub fn generate(params: &Params, out: &Path, progress: &mut dyn FnMut(Progress)) -> Result<Summary, SynthError> {
    let params = ValidParams::try_from(params)?;
    check_free(out)?;
    let world = World::new(params);
    let mut tables = vec![lists::write_members(&world, out)?, lists::write_courses(&world, out)?];
    let mut writer = InOrder::create(out, world.params.days)?;
    write_history(&world, &mut writer)?;
    render_days(&world, out, &mut writer, progress)?;
    let (log, log_bytes) = (writer.log, writer.log_bytes);
    let files = u64::from(world.params.days);
    tables.push(TableSummary { name: ACCESS_LOG, rows: log.rows, files, bytes: log_bytes });
    tables.extend(writer.finish()?);
    tables.sort_by_key(|table| table.name);
    Ok(Summary { tables, log, truth: truth(&world) })
}

fn truth(world: &World) -> Truth {
    let broken_rows = broken::rows_by_kind(world.params.days);
    Truth { hazard: world.hazard, experiments: EXPERIMENTS.to_vec(), broken_rows }
}

fn check_free(out: &Path) -> Result<(), SynthError> {
    let names = SideTable::ALL.map(SideTable::name);
    for name in names.iter().chain(&[ACCESS_LOG, lists::MEMBERS, lists::COURSES]) {
        let folder = out.join(name);
        if folder.exists() {
            return Err(SynthError::Occupied(folder));
        }
    }
    Ok(())
}

/// Payments of before the start, so that who pays at the start is known.
fn write_history(world: &World, writer: &mut InOrder) -> Result<(), SynthError> {
    for day in -HISTORY_DAYS..0 {
        let mut rows = DayRows { day, ..DayRows::default() };
        payments::add_due(world, &mut rows);
        writer.write_tables(&day::batches(world, rows)?)?;
    }
    Ok(())
}

type Outcome = (u32, Result<Rendered, SynthError>);

fn render_days(world: &World, out: &Path, writer: &mut InOrder, progress: &mut dyn FnMut(Progress)) -> Result<(), SynthError> {
    let (send_plan, plans) = channel::<DayPlan>();
    let (send_outcome, outcomes) = channel::<Outcome>();
    let plans = Mutex::new(plans);
    thread::scope(|scope| {
        for _ in 0..world.params.threads {
            let (plans, send_outcome) = (&plans, send_outcome.clone());
            scope.spawn(move || render_plans(world, out, plans, &send_outcome));
        }
        drop(send_outcome);
        // Returning drops the sender of plans, upon which the threads end.
        feed(world, (send_plan, &outcomes), writer, progress)
    })
}

/// Renders plans until there are no more.
fn render_plans(world: &World, out: &Path, plans: &Mutex<Receiver<DayPlan>>, outcomes: &Sender<Outcome>) {
    loop {
        let next = plans.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(plan) = next else { return };
        let rendered = day::render(world, &plan, &log_file(world, out, plan.day));
        if outcomes.send((plan.day as u32, rendered)).is_err() {
            return;
        }
    }
}

fn feed(
    world: &World,
    (plans, outcomes): (Sender<DayPlan>, &Receiver<Outcome>),
    writer: &mut InOrder,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), SynthError> {
    let days = world.params.days;
    let in_flight = DAYS_IN_FLIGHT_PER_THREAD * world.params.threads as u32;
    let mut planner = Planner::new(world);
    let mut planned = 0;
    while writer.days_done < days {
        while planned < days && planned - writer.days_done < in_flight {
            plans.send(planner.next_day()).map_err(|_| SynthError::Interrupted)?;
            planned += 1;
        }
        let (day, rendered) = outcomes.recv().map_err(|_| SynthError::Interrupted)?;
        writer.accept(day, rendered?, progress)?;
    }
    Ok(())
}

fn log_file(world: &World, out: &Path, day: i32) -> PathBuf {
    out.join(ACCESS_LOG).join(format!("event_date={}", world.calendar.date(day))).join("part-0.parquet")
}

/// Writes what days hand back in order of days, in whatever order it comes.
struct InOrder {
    folders: Vec<TableFolder>,
    waiting: BTreeMap<u32, Rendered>,
    days: u32,
    days_done: u32,
    log: LogCounts,
    log_bytes: u64,
}

impl InOrder {
    fn create(out: &Path, days: u32) -> Result<Self, SynthError> {
        let folder = |table: &SideTable| TableFolder::create(out, table.name(), table.schema());
        let folders = SideTable::ALL.iter().map(folder).collect::<Result<_, _>>()?;
        let (waiting, log) = (BTreeMap::new(), LogCounts::default());
        Ok(Self { folders, waiting, days, days_done: 0, log, log_bytes: 0 })
    }

    fn accept(&mut self, day: u32, rendered: Rendered, progress: &mut dyn FnMut(Progress)) -> Result<(), SynthError> {
        self.waiting.insert(day, rendered);
        while let Some(next) = self.waiting.remove(&self.days_done) {
            self.write_tables(&next.batches)?;
            self.log += next.log;
            self.log_bytes += next.log_bytes;
            self.days_done += 1;
            progress(Progress { days_done: self.days_done, days: self.days, log_rows: self.log.rows });
        }
        Ok(())
    }

    fn write_tables(&mut self, batches: &[arrow::record_batch::RecordBatch]) -> Result<(), SynthError> {
        for (folder, batch) in self.folders.iter_mut().zip(batches) {
            if batch.num_rows() > 0 {
                folder.write(batch)?;
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<Vec<TableSummary>, SynthError> {
        self.folders.into_iter().map(TableFolder::finish).collect()
    }
}
