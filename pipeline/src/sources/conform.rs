//! From a batch of a site's file to a batch of `raw_<table>`: converted, dated, pseudonymised, problems named.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Date32Array, Int64Array, RecordBatch, RecordBatchOptions, StringArray, new_null_array};
use arrow::compute::kernels::zip::zip;
use arrow::compute::nullif;
use arrow::datatypes::{FieldRef, SchemaRef, TimestampMicrosecondType};
use arrow::error::ArrowError;
use chrono_tz::Tz;
use hachi_snapshot::PseudonymKey;

use super::access_log::Requests;
use super::agents::Agents;
use super::convert::convert;
use super::identity::Pseudonyms;
use super::match_columns::{ColumnReading, Reading};
use super::people::{ERASED, ErasedRows};
use super::schema::{MEMBER_IDS, date_name};
use super::{AccessLogRules, People};
use crate::domain::day_set::Day;
use crate::domain::raw_tables::{ColumnType, RawColumn, RawTable};
use crate::domain::timestamps::LocalDays;

/// Stands for an erased member where an id can't be missing.
const NOBODY: &str = "nobody";

/// Columns by their name in `raw_<table>`.
pub type Columns = BTreeMap<&'static str, ArrayRef>;

/// Where a batch stands in its file.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Name of the file within its table.
    pub file: &'a str,
    /// Rows before the batch.
    pub rows_before: u64,
}

/// Conforms the batches of one stream; remembers pseudonyms and agents between them.
#[derive(Debug)]
pub struct Conformer {
    table: RawTable,
    zone: Tz,
    rules: Arc<AccessLogRules>,
    pseudonyms: Pseudonyms,
    agents: Agents,
    days: LocalDays,
    wanted: SchemaRef,
    erased: ErasedRows,
}

impl Conformer {
    /// For the columns `wanted` of `table`, of a community in `zone`.
    #[must_use]
    pub fn new(table: RawTable, wanted: SchemaRef, zone: Tz, rules: Arc<AccessLogRules>, key: Arc<PseudonymKey>) -> Self {
        let (erased, pseudonyms) = (ErasedRows::new(Arc::default(), &key), Pseudonyms::new(key));
        Self { table, zone, rules, pseudonyms, agents: Agents::default(), days: LocalDays::new(zone), wanted, erased }
    }

    /// The same, which lets nothing of those `people` through who were erased.
    #[must_use]
    pub fn forgetting(self, people: Arc<People>, key: &PseudonymKey) -> Self {
        Self { erased: ErasedRows::new(people, key), ..self }
    }

    /// The wanted columns of one batch as `raw_<table>` has them; as many rows as came in.
    ///
    /// # Errors
    /// When the batch has columns of types that were not checked for.
    pub fn conform(&mut self, batch: &RecordBatch, readings: &[Reading], place: Place<'_>) -> Result<RecordBatch, ArrowError> {
        let mut problems = Problems::default();
        let mut columns = Vec::new();
        for (column, reading) in self.table.columns().iter().zip(readings) {
            columns.push((column.name, self.read(column, reading, batch, &mut problems)?));
        }
        let mut dates = self.dates(&columns);
        self.forget(&mut columns, &mut dates, &mut problems)?;
        let rows = batch.num_rows();
        let mut arrays = bookkeeping(place, rows, &problems);
        arrays.extend(self.own_columns(columns, dates)?);
        let array =
            |field: &FieldRef| arrays.get(field.name().as_str()).cloned().ok_or_else(|| ArrowError::SchemaError(field.name().clone()));
        let arrays = self.wanted.fields().iter().map(array).collect::<Result<Vec<_>, _>>()?;
        RecordBatch::try_new_with_options(Arc::clone(&self.wanted), arrays, &RecordBatchOptions::new().with_row_count(Some(rows)))
    }

    /// The rows of a batch that name an erased member: the local day of each, and a number for whom it names and where.
    ///
    /// # Errors
    /// When the batch has columns of types that were not checked for.
    pub fn erased_rows(&mut self, batch: &RecordBatch, readings: &[Reading]) -> Result<Vec<(Day, u64)>, ArrowError> {
        let (mut columns, mut ignored) = (Vec::new(), Problems::default());
        for (column, reading) in self.table.columns().iter().zip(readings).filter(|(column, _)| tells_of_erased(self.table, column)) {
            columns.push((column.name, self.read(column, reading, batch, &mut ignored)?));
        }
        let times = self.table.time_column().and_then(|time| columns.iter().find(|(name, _)| *name == time));
        let times = times.map(|(_, times)| times.as_primitive::<TimestampMicrosecondType>().clone());
        let mut rows = Vec::new();
        for (at, (_, ids)) in columns.iter().filter(|(name, _)| MEMBER_IDS.contains(name)).enumerate() {
            for (row, digest) in self.erased.digests(ids).enumerate().filter_map(|(row, digest)| Some((row, digest?))) {
                let day = times.as_ref().filter(|times| times.is_valid(row)).map(|times| self.days.day(times.value(row)));
                rows.push((day, digest.rotate_left(at as u32)));
            }
        }
        Ok(rows)
    }

    fn wants(&self, name: &str) -> bool {
        self.wanted.index_of(name).is_ok()
    }

    fn read(&self, column: &RawColumn, reading: &Reading, batch: &RecordBatch, problems: &mut Problems) -> Result<ArrayRef, ArrowError> {
        let plain = ColumnReading { index: 0, format: None, scale: None };
        match reading {
            Reading::Absent => Ok(new_null_array(&column.kind.arrow(), batch.num_rows())),
            Reading::Constant(text) => {
                let texts: ArrayRef = Arc::new(StringArray::from(vec![text.as_str(); batch.num_rows()]));
                convert(column, &texts, (&plain, self.zone), &mut |row, problem| problems.add(row, problem))
            }
            Reading::Column(reading) => {
                let array = batch.column(reading.index);
                convert(column, array, (reading, self.zone), &mut |row, problem| problems.add(row, problem))
            }
        }
    }

    /// Empties the rows of erased members but for the day that they are counted under, and takes them out of the rows of others.
    fn forget(&mut self, columns: &mut [(&'static str, ArrayRef)], dates: &mut Columns, problems: &mut Problems) -> Result<(), ArrowError> {
        let own = columns.iter().find(|(name, _)| *name == "user_id").and_then(|(_, ids)| self.erased.of(ids));
        if let Some(rows) = own {
            let day = self.table.time_column();
            let dates = dates.iter_mut().filter(|(time, _)| Some(**time) != day).map(|(_, array)| array);
            for array in columns.iter_mut().map(|(_, array)| array).chain(dates) {
                *array = nullif(array, &rows)?;
            }
            rows.values().set_indices().for_each(|row| problems.replace(row, ERASED));
        }
        for (name, array) in columns.iter_mut().filter(|(name, _)| MEMBER_IDS.contains(name)) {
            let Some(rows) = self.erased.of(array) else { continue };
            *array = match *name {
                // What was done to somebody was done, whoever it was.
                "target_id" => zip(&rows, &StringArray::new_scalar(NOBODY), array)?,
                _ => nullif(array, &rows)?,
            };
        }
        Ok(())
    }

    /// The table's own columns by name: what the site wrote, dated and pseudonymised, and what is worked out.
    fn own_columns(&mut self, mut columns: Vec<(&'static str, ArrayRef)>, dates: Columns) -> Result<Columns, ArrowError> {
        let originals = columns.clone();
        let acts = self.wants("actor_id");
        for (name, array) in columns.iter_mut().filter(|(name, _)| MEMBER_IDS.contains(name)) {
            if acts || self.wants(name) {
                *array = self.pseudonyms.column(array);
            }
        }
        let enriched = self.enrich(&originals, &columns, &dates)?;
        let mut arrays: Columns = columns.into_iter().collect();
        arrays.extend(dates.into_iter().map(|(time, days)| (date_name(self.table, time), days)));
        arrays.extend(enriched);
        Ok(arrays)
    }

    /// Local date of each time column.
    fn dates(&mut self, columns: &[(&'static str, ArrayRef)]) -> Columns {
        let times = self.table.columns().iter().zip(columns).filter(|(c, _)| c.kind == ColumnType::Timestamp);
        let mut dates = BTreeMap::new();
        for (column, (_, array)) in times {
            let micros = array.as_primitive::<TimestampMicrosecondType>();
            let days: Date32Array = micros.iter().map(|m| m.map(|m| self.days.day(m))).collect();
            dates.insert(column.name, Arc::new(days) as ArrayRef);
        }
        dates
    }

    fn enrich(
        &mut self,
        originals: &[(&'static str, ArrayRef)],
        columns: &[(&'static str, ArrayRef)],
        dates: &Columns,
    ) -> Result<Columns, ArrowError> {
        if self.table != RawTable::AccessLog {
            return Ok(Columns::new());
        }
        let members = columns.iter().find(|(name, _)| *name == "user_id").map(|(_, a)| a);
        let (Some(members), Some(days)) = (members, dates.get("ts")) else { return Ok(Columns::new()) };
        let requests = Requests { columns: originals, members, days, wanted: &self.wanted };
        requests.enrich(&self.rules, &mut self.pseudonyms, &mut self.agents)
    }
}

/// Whether a column says who a row names, or on which day.
pub fn tells_of_erased(table: RawTable, column: &RawColumn) -> bool {
    MEMBER_IDS.contains(&column.name) || table.time_column() == Some(column.name)
}

/// What can't be read in the rows of one batch; the first problem of a row is kept.
#[derive(Debug, Default)]
struct Problems(BTreeMap<usize, String>);

impl Problems {
    fn add(&mut self, row: usize, problem: String) {
        self.0.entry(row).or_insert(problem);
    }

    /// Another problem of the row might quote what must not leave.
    fn replace(&mut self, row: usize, problem: &str) {
        self.0.insert(row, problem.to_owned());
    }
}

fn bookkeeping(place: Place<'_>, rows: usize, problems: &Problems) -> Columns {
    let first = i64::try_from(place.rows_before).unwrap_or(i64::MAX).saturating_add(1);
    let numbers: Int64Array = (first..).take(rows).collect();
    let problem: StringArray = (0..rows).map(|row| problems.0.get(&row)).collect();
    Columns::from([
        ("source_file", Arc::new(StringArray::from(vec![place.file; rows])) as ArrayRef),
        ("source_row", Arc::new(numbers)),
        ("problem", Arc::new(problem)),
    ])
}
