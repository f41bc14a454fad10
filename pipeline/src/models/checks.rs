//! Blocking checks of a finished table: unique grain, no nulls, accepted values, enough rows.

use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::{Expr, lit};
use datafusion::prelude::{DataFrame, col};

use super::header::Checks;
use super::{Header, ModelError};
use crate::engine::{Engine, EngineError};

/// One check and how it went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// E.g. `unique (user_id)`.
    pub check: String,
    /// Rows that break it; 0 = passed.
    pub failing: u64,
}

/// Runs every check that `header` asks for on the registered `table`.
///
/// # Errors
/// When a check fails, with the number of rows that break it, or can't be computed.
pub async fn run(engine: &Engine, table: &str, header: &Header) -> Result<Vec<Outcome>, ModelError> {
    let frame = engine.table(table).await?;
    let mut outcomes = Vec::new();
    for (check, failing) in questions(&frame, header, table)? {
        let failing = failing.count().await.map_err(EngineError::query("check", table))? as u64;
        outcomes.push(Outcome { check, failing });
    }
    outcomes.extend(enough_rows(frame, &header.checks, table).await?);
    match outcomes.iter().find(|o| o.failing > 0) {
        None => Ok(outcomes),
        Some(broken) => Err(ModelError::Check {
            table: table.to_owned(),
            check: broken.check.clone(),
            detail: format!("{} rows break it", broken.failing),
        }),
    }
}

/// Each check with the frame of what breaks it.
fn questions(frame: &DataFrame, header: &Header, table: &str) -> Result<Vec<(String, DataFrame)>, EngineError> {
    let mut questions = Vec::new();
    if !header.grain.is_empty() {
        questions.push((format!("unique ({})", header.grain.join(", ")), repeated(frame.clone(), &header.grain, table)?));
    }
    for column in &header.checks.not_null {
        questions.push((format!("not_null ({column})"), filtered(frame, col(column).is_null(), table)?));
    }
    for (column, values) in &header.checks.accepted {
        let accepted = values.iter().map(|v| lit(v.as_str())).collect();
        questions.push((format!("accepted ({column})"), filtered(frame, col(column).in_list(accepted, true), table)?));
    }
    Ok(questions)
}

fn filtered(frame: &DataFrame, broken: Expr, table: &str) -> Result<DataFrame, EngineError> {
    frame.clone().filter(broken).map_err(EngineError::query("check", table))
}

fn repeated(frame: DataFrame, grain: &[String], table: &str) -> Result<DataFrame, EngineError> {
    let keys = grain.iter().map(col).collect();
    let counted = frame.aggregate(keys, vec![count(lit(1)).alias("rows_of_key")]);
    counted.and_then(|f| f.filter(col("rows_of_key").gt(lit(1)))).map_err(EngineError::query("check", table))
}

async fn enough_rows(frame: DataFrame, checks: &Checks, table: &str) -> Result<Option<Outcome>, EngineError> {
    if checks.min_rows == 0 {
        return Ok(None);
    }
    let rows = frame.count().await.map_err(EngineError::query("check", table))? as u64;
    let failing = checks.min_rows.saturating_sub(rows);
    Ok(Some(Outcome { check: format!("min_rows ({})", checks.min_rows), failing }))
}
