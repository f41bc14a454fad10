//! The last local day that landed whole: configured, or the day before the last one of which anything has landed.
//!
//! Not the clock and not the latest time in a row: a day counts as whole once a later one has begun to arrive.

use chrono::{DateTime, NaiveDate, Utc};
use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::Date32Type;
use datafusion::functions_aggregate::expr_fn::max;
use datafusion::logical_expr::lit;
use datafusion::prelude::col;
use datafusion::scalar::ScalarValue;

use super::RunError;
use crate::config::Config;
use crate::domain::raw_tables::RawTable;
use crate::engine::{Engine, EngineError};
use crate::sources::{Located, RAW_PREFIX};

/// The watermark of a run at `as_of`.
///
/// # Errors
/// When no source has a row up to `as_of`.
pub async fn watermark(engine: &Engine, located: &Located, config: &Config, as_of: DateTime<Utc>) -> Result<NaiveDate, RunError> {
    let today = as_of.with_timezone(&config.timezone).date_naive();
    let last_whole = today.pred_opt().unwrap_or(today);
    if let Some(configured) = config.watermark {
        return Ok(configured.min(last_whole));
    }
    let landed = last_landed_day(engine, located, today).await?.ok_or(RunError::NoDays)?;
    Ok(landed.pred_opt().unwrap_or(landed).min(last_whole))
}

/// Latest day with a row, up to `today`. The access log decides where there is one: it is what arrives every day.
pub async fn last_landed_day(engine: &Engine, located: &Located, today: NaiveDate) -> Result<Option<NaiveDate>, RunError> {
    let mut tables: Vec<RawTable> = RawTable::ALL.into_iter().filter(|t| located.has(*t)).collect();
    if located.has(RawTable::AccessLog) {
        tables = vec![RawTable::AccessLog];
    }
    let mut latest = None;
    for table in tables {
        latest = latest.max(last_day_of(engine, located, table, today).await?);
    }
    Ok(latest)
}

/// Latest day of `table` with a row, up to `today`.
pub async fn last_day_of(engine: &Engine, located: &Located, table: RawTable, today: NaiveDate) -> Result<Option<NaiveDate>, RunError> {
    match located.latest_day(table, today) {
        Some(day) => Ok(Some(day)),
        None => scan(engine, table, today).await,
    }
}

/// For files that aren't in day folders: one pass over the local dates.
async fn scan(engine: &Engine, table: RawTable, today: NaiveDate) -> Result<Option<NaiveDate>, RunError> {
    let name = format!("{RAW_PREFIX}{table}");
    let failed = || EngineError::query("scan", name.clone());
    let days = i32::try_from(today.signed_duration_since(NaiveDate::default()).num_days()).unwrap_or(i32::MAX);
    let until = lit(ScalarValue::Date32(Some(days)));
    let frame = engine.table(&name).await?.filter(col("local_date").lt_eq(until)).map_err(failed())?;
    let batches = frame.aggregate(vec![], vec![max(col("local_date"))]).map_err(failed())?.collect().await.map_err(failed())?;
    let day = batches.first().and_then(|b| b.column(0).as_primitive::<Date32Type>().iter().next().flatten());
    Ok(day.and_then(NaiveDate::from_epoch_days))
}
