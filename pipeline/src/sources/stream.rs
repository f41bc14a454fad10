//! Files of one raw table as streams that the engine pulls from: one partition reads its files one after another.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::stream::RecordBatchReceiverStreamBuilder;
use datafusion::physical_plan::streaming::PartitionStream;
use parquet::arrow::ProjectionMask;
use tokio::sync::mpsc::Sender;

use super::SourceError;
use super::conform::{Conformer, Place};
use super::copies::Copies;
use super::locate::LocatedFile;
use super::match_columns::Reading;
use super::table::SourcesOptions;
use super::window::{Window, stretches};
use crate::domain::day_set::DaySet;
use crate::domain::raw_tables::RawTable;
use crate::engine::BATCH_ROWS;

/// Batches that wait for the engine.
const WAITING_BATCHES: usize = 2;

type Batches = Sender<datafusion::error::Result<arrow::array::RecordBatch>>;

/// A file and how its columns are read.
#[derive(Debug, Clone)]
pub struct MatchedFile {
    /// The file.
    pub file: LocatedFile,
    /// One entry per canonical column.
    pub readings: Arc<Vec<Reading>>,
}

/// Some files of a raw table, read in order.
pub struct RawPartition {
    table: RawTable,
    files: Arc<Vec<MatchedFile>>,
    options: Arc<SourcesOptions>,
    schema: SchemaRef,
    window: Option<Arc<DaySet>>,
}

impl RawPartition {
    /// A partition of `table` with the columns `wanted`, of the days in `window` alone where there is one.
    #[must_use]
    pub fn new(
        table: RawTable,
        files: Arc<Vec<MatchedFile>>,
        options: Arc<SourcesOptions>,
        (wanted, window): (SchemaRef, Option<Arc<DaySet>>),
    ) -> Self {
        Self { table, files, options, schema: wanted, window }
    }
}

impl fmt::Debug for RawPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} files)", self.table, self.files.len())
    }
}

impl PartitionStream for RawPartition {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let mut builder = RecordBatchReceiverStreamBuilder::new(Arc::clone(&self.schema), WAITING_BATCHES);
        let (sender, files) = (builder.tx(), Arc::clone(&self.files));
        let window = self.window.clone().map(|days| Window::new(self.table, days, Arc::clone(&self.options)));
        let mut worked_out = if window.is_some() { Window::with_date(&self.schema) } else { Arc::clone(&self.schema) };
        let copies = Copies::wanted(&self.schema);
        if copies.is_some() {
            worked_out = Copies::with_hash(&worked_out);
        }
        let conformer = self.options.conformer(self.table, worked_out);
        let mut sending = Sending { conformer, window, copies, columns: self.schema.fields().len(), sender };
        // Reading and conforming is work, not waiting.
        builder.spawn_blocking(move || {
            for matched in files.iter() {
                if !sending.guarded(matched).map_err(external)? {
                    break;
                }
            }
            Ok(())
        });
        builder.build()
    }
}

fn external(error: SourceError) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

/// One partition on its way to the engine.
struct Sending {
    conformer: Conformer,
    window: Option<Window>,
    copies: Option<Copies>,
    columns: usize,
    sender: Batches,
}

impl Sending {
    /// Malformed pages may panic in the reader, and the engine would pass the panic on: here it becomes an error that names the file.
    fn guarded(&mut self, matched: &MatchedFile) -> Result<bool, SourceError> {
        let sent = catch_unwind(AssertUnwindSafe(|| self.send_file(matched)));
        sent.unwrap_or_else(|_| {
            Err(SourceError::Damaged { path: matched.file.path.clone(), message: "a page can't be decoded".to_owned() })
        })
    }

    /// Sends a file's rows; false when nobody wants more.
    fn send_file(&mut self, matched: &MatchedFile) -> Result<bool, SourceError> {
        let file = &matched.file;
        let failed = |row: u64, message: String| SourceError::read(&file.path, row, message);
        let (indices, readings) = projected(&matched.readings);
        for stretch in stretches(matched, self.window.as_ref()) {
            let mut rows_before = stretch.rows_before;
            let builder = file.reader()?.with_batch_size(BATCH_ROWS).with_row_groups(stretch.groups.collect());
            let mask = ProjectionMask::roots(builder.parquet_schema(), indices.iter().copied());
            for batch in builder.with_projection(mask).build().map_err(|e| failed(rows_before, e.to_string()))? {
                let batch = batch.map_err(|e| failed(rows_before, e.to_string()))?;
                let place = Place { file: &file.name, rows_before };
                let conformed = self.conform(&batch, &readings, place).map_err(|e| failed(rows_before, e.to_string()))?;
                rows_before += batch.num_rows() as u64;
                if conformed.num_rows() > 0 && self.sender.blocking_send(Ok(conformed)).is_err() {
                    return Ok(false);
                }
            }
            if rows_before != stretch.rows_before + stretch.rows {
                return Err(failed(rows_before, format!("its footer promises {} rows", file.rows())));
            }
        }
        Ok(true)
    }

    fn conform(&mut self, batch: &RecordBatch, readings: &[Reading], place: Place<'_>) -> Result<RecordBatch, ArrowError> {
        let mut conformed = self.conformer.conform(batch, readings, place)?;
        if let Some(window) = &self.window {
            conformed = window.cut(&conformed)?;
        }
        if let Some(copies) = &mut self.copies {
            conformed = copies.tell(&conformed)?;
        }
        conformed.project(&(0..self.columns).collect::<Vec<_>>())
    }
}

/// The file's columns that are read, and the readings with their positions among those.
pub(super) fn projected(readings: &[Reading]) -> (Vec<usize>, Vec<Reading>) {
    let mut indices: Vec<usize> = readings.iter().filter_map(|r| if let Reading::Column(c) = r { Some(c.index) } else { None }).collect();
    indices.sort_unstable();
    indices.dedup();
    let position = |index: usize| indices.binary_search(&index).unwrap_or_default();
    let readings = readings
        .iter()
        .cloned()
        .map(|reading| match reading {
            Reading::Column(mut column) => {
                column.index = position(column.index);
                Reading::Column(column)
            }
            other => other,
        })
        .collect();
    (indices, readings)
}
