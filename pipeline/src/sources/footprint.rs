//! Which days a raw file holds, and a number for what it holds of each.
//!
//! A file of one or two days, as `ingest` writes them, stands for its days as a whole: its footer tells the days, its bytes the
//! content. In a file of many days, such as an export that is made anew every night, each day's rows are added up, so that
//! only the days that differ are computed again.

use std::collections::BTreeMap;
use std::fs::File;
use std::hash::Hasher;
use std::io::{BufReader, Read};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Date32Type, Field, Schema, TimestampMicrosecondType};
use arrow::row::{RowConverter, SortField};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::statistics::StatisticsConverter;
use twox_hash::XxHash64;

use super::SourceError;
use super::conform::{Place, tells_of_erased};
use super::days::FileDays;
use super::match_columns::Reading;
use super::stream::{MatchedFile, projected};
use super::table::SourcesOptions;
use crate::domain::day_set::Day;
use crate::domain::raw_tables::RawTable;
use crate::domain::timestamps::LocalDays;
use crate::engine::BATCH_ROWS;

/// Most days that a file may span and still stand for them as a whole.
const NARROW_DAYS: i32 = 2;
const READ_BYTES: usize = 1 << 20;
const HASH_SEED: u64 = 0;

/// A file as an earlier run saw it.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// What it held.
    pub file: &'a FileDays,
    /// Whether the same members counted as erased.
    pub has_same_erased: bool,
}

/// The days of `matched`, taken from `known` where that is the same file.
///
/// # Errors
/// When the file can't be read.
pub fn footprint(
    table: RawTable,
    matched: &MatchedFile,
    known: Option<Known<'_>>,
    options: &SourcesOptions,
) -> Result<FileDays, SourceError> {
    let (bytes, modified_ns) = stamp(matched)?;
    let known = known.filter(|known| known.file.bytes == bytes && known.file.modified_ns == modified_ns);
    if let Some(known) = known.filter(|known| known.has_same_erased) {
        return Ok(known.file.clone());
    }
    let days = match (known, whole_file_days(table, matched, options)) {
        (Some(known), _) => known.file.days.clone(),
        (None, Some(days)) => {
            let digest = digest_of_bytes(matched)?;
            days.into_iter().map(|day| (day, digest)).collect()
        }
        (None, None) => digests_of_rows(table, matched, options)?.into_iter().collect(),
    };
    let erased = erased_rows(table, matched, options)?;
    Ok(FileDays { name: matched.file.name.clone(), bytes, modified_ns, rows: matched.file.rows(), days, erased })
}

fn stamp(matched: &MatchedFile) -> Result<(u64, u64), SourceError> {
    let failed = |source| SourceError::List { path: matched.file.path.clone(), source };
    let metadata = std::fs::metadata(&matched.file.path).map_err(failed)?;
    let modified = metadata.modified().ok().and_then(|m| m.duration_since(std::time::UNIX_EPOCH).ok());
    let nanos = modified.and_then(|m| u64::try_from(m.as_nanos()).ok()).unwrap_or(0);
    Ok((metadata.len(), nanos))
}

/// The few days of a file, by its footer; none where it has many, or does not say.
fn whole_file_days(table: RawTable, matched: &MatchedFile, options: &SourcesOptions) -> Option<Vec<Day>> {
    if table.time_column().is_none() {
        return Some(vec![None]);
    }
    let groups = row_group_days(table, matched, options)?;
    let first = groups.iter().filter_map(|g| g.days.map(|(first, _)| first)).min();
    let last = groups.iter().filter_map(|g| g.days.map(|(_, last)| last)).max();
    let mut days: Vec<Day> = match first.zip(last) {
        Some((first, last)) if last - first >= NARROW_DAYS => return None,
        Some((first, last)) => (first..=last).map(Some).collect(),
        None => Vec::new(),
    };
    if groups.iter().any(|g| g.has_undated) {
        days.push(None);
    }
    Some(days)
}

/// The days of one row group.
#[derive(Debug, Clone, Copy)]
pub struct GroupDays {
    /// First and last; none where no row has a time.
    pub days: Option<(i32, i32)>,
    /// Whether a row may be without a time.
    pub has_undated: bool,
}

/// The days of each row group of a file whose times are written as instants; none where the footer does not tell.
#[must_use]
pub fn row_group_days(table: RawTable, matched: &MatchedFile, options: &SourcesOptions) -> Option<Vec<GroupDays>> {
    let metadata = &matched.file.metadata;
    let position = table.columns().iter().position(|c| c.name == table.date_column())?;
    let Some(Reading::Column(reading)) = matched.readings.get(position) else { return None };
    let field = metadata.schema().fields().get(reading.index)?;
    // A time without a zone is told by the community's clock, which the bounds alone don't settle.
    if !matches!(field.data_type(), DataType::Timestamp(_, Some(_))) {
        return None;
    }
    let parquet = metadata.metadata();
    let statistics = StatisticsConverter::try_new(field.name(), metadata.schema(), metadata.parquet_schema()).ok()?;
    let groups = parquet.row_groups();
    let (lows, highs) = (micros(&statistics.row_group_mins(groups).ok()?)?, micros(&statistics.row_group_maxes(groups).ok()?)?);
    let nulls = statistics.row_group_null_counts(groups).ok()?;
    let mut clock = LocalDays::new(options.zone);
    let groups = groups.iter().enumerate().map(|(i, group)| {
        let nulls_of_group = if nulls.is_valid(i) { nulls.value(i) } else { return None };
        let all_null = i64::try_from(nulls_of_group).is_ok_and(|n| n == group.num_rows());
        let days = if all_null { None } else { Some((clock.day(lows[i]?), clock.day(highs[i]?))) };
        Some(GroupDays { days, has_undated: nulls_of_group > 0 })
    });
    groups.collect()
}

fn micros(instants: &ArrayRef) -> Option<Vec<Option<i64>>> {
    let target = DataType::Timestamp(arrow::datatypes::TimeUnit::Microsecond, Some("UTC".into()));
    let cast = arrow::compute::cast(instants, &target).ok()?;
    Some(cast.as_primitive::<TimestampMicrosecondType>().iter().collect())
}

fn digest_of_bytes(matched: &MatchedFile) -> Result<u64, SourceError> {
    let failed = |source| SourceError::List { path: matched.file.path.clone(), source };
    let mut reader = BufReader::with_capacity(READ_BYTES, File::open(&matched.file.path).map_err(failed)?);
    let (mut hasher, mut piece) = (XxHash64::with_seed(HASH_SEED), vec![0; READ_BYTES]);
    loop {
        match reader.read(&mut piece).map_err(failed)? {
            0 => return Ok(hasher.finish()),
            read => hasher.write(&piece[..read]),
        }
    }
}

/// Sums by day of numbers for the rows that name an erased member; only ids and times are read.
fn erased_rows(table: RawTable, matched: &MatchedFile, options: &SourcesOptions) -> Result<Vec<(Day, u64)>, SourceError> {
    if options.people.has_nobody_erased() {
        return Ok(Vec::new());
    }
    let failed = |row: u64, message: String| SourceError::read(&matched.file.path, row, message);
    let wanted = table.columns().iter().zip(matched.readings.iter());
    let readings: Vec<Reading> =
        wanted.map(|(column, reading)| if tells_of_erased(table, column) { reading.clone() } else { Reading::Absent }).collect();
    let (indices, readings) = projected(&readings);
    let builder = matched.file.reader()?.with_batch_size(BATCH_ROWS);
    let mask = ProjectionMask::roots(builder.parquet_schema(), indices);
    let mut conformer = options.conformer(table, Arc::new(Schema::empty()));
    let (mut days, mut rows_before) = (BTreeMap::<Day, u64>::new(), 0);
    for batch in builder.with_projection(mask).build().map_err(|e| failed(0, e.to_string()))? {
        let batch = batch.map_err(|e| failed(rows_before, e.to_string()))?;
        for (day, digest) in conformer.erased_rows(&batch, &readings).map_err(|e| failed(rows_before, e.to_string()))? {
            let of_day = days.entry(day).or_default();
            *of_day = of_day.wrapping_add(digest);
        }
        rows_before += batch.num_rows() as u64;
    }
    Ok(days.into_iter().collect())
}

/// Sums of row hashes by day, each row with its place in the file.
fn digests_of_rows(table: RawTable, matched: &MatchedFile, options: &SourcesOptions) -> Result<BTreeMap<Day, u64>, SourceError> {
    let wanted =
        Arc::new(Schema::new(vec![Field::new("source_row", DataType::Int64, true), Field::new("local_date", DataType::Date32, true)]));
    let mut conformer = options.conformer(table, wanted);
    let (mut days, mut rows_before) = (BTreeMap::new(), 0);
    let failed = |row: u64, message: String| SourceError::read(&matched.file.path, row, message);
    for batch in matched.file.reader()?.with_batch_size(BATCH_ROWS).build().map_err(|e| failed(0, e.to_string()))? {
        let batch = batch.map_err(|e| failed(rows_before, e.to_string()))?;
        let place = Place { file: &matched.file.name, rows_before };
        let conformed = conformer.conform(&batch, &matched.readings, place).map_err(|e| failed(rows_before, e.to_string()))?;
        add_rows(&mut days, &batch, &conformed).map_err(|e| failed(rows_before, e.to_string()))?;
        rows_before += batch.num_rows() as u64;
    }
    Ok(days)
}

fn add_rows(days: &mut BTreeMap<Day, u64>, batch: &RecordBatch, conformed: &RecordBatch) -> Result<(), arrow::error::ArrowError> {
    let mut columns = batch.columns().to_vec();
    columns.push(Arc::clone(conformed.column(0)));
    let converter = RowConverter::new(columns.iter().map(|c| SortField::new(c.data_type().clone())).collect())?;
    let rows = converter.convert_columns(&columns)?;
    for (row, day) in rows.iter().zip(conformed.column(1).as_primitive::<Date32Type>()) {
        let mut hasher = XxHash64::with_seed(HASH_SEED);
        hasher.write(row.as_ref());
        let of_day = days.entry(day).or_default();
        *of_day = of_day.wrapping_add(hasher.finish());
    }
    Ok(())
}
