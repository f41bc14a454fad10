//! Checks beside another table: each value of a column is found there.

use datafusion::common::JoinType;
use datafusion::prelude::{DataFrame, col};
use hachi_snapshot::{Check, Severity};

use super::super::{Header, ModelError};
use super::outcome::{outcome, severity};
use crate::engine::{Engine, EngineError};

/// Checks the rows of `frame`, which are some or all of `table`, against the tables that its header names.
///
/// A table that is neither built nor kept in this run can't be compared with: that is told as a warning.
///
/// # Errors
/// When a check can't be computed.
pub async fn relationships(engine: &Engine, table: &str, header: &Header, frame: &DataFrame) -> Result<Vec<Check>, ModelError> {
    let mut outcomes = Vec::new();
    for (column, target) in &header.checks.relationships {
        let check = format!("relationships ({column} in {target})");
        let (other, key) = target.split_once('.').unwrap_or((target, column));
        let Ok(known) = engine.table(other).await else {
            let detail = format!("`{other}` is not in this run, so nothing was compared");
            outcomes.push(Check { passed: false, detail, ..outcome(table, check, Severity::Warn, 0) });
            continue;
        };
        let failing = missing(frame.clone(), column, known, key).await.map_err(EngineError::query("check", table))?;
        outcomes.push(outcome(table, check, severity(&header.checks, "relationships", column), failing));
    }
    Ok(outcomes)
}

/// Rows whose value `known` lacks. The table that is named, usually the smaller one, is on the left, which is held in memory.
async fn missing(rows: DataFrame, column: &str, known: DataFrame, key: &str) -> datafusion::error::Result<u64> {
    let values = rows.filter(col(column).is_not_null())?.select([col(column).alias("value")])?;
    let known = known.select([col(key).alias("known")])?;
    let missing = known.join(values, JoinType::RightAnti, &["known"], &["value"], None)?;
    Ok(missing.count().await? as u64)
}
