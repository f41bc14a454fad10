//! Checks of rows: a unique grain by one aggregation; nulls, accepted values and expressions by one pass over all rows.

use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::Int64Type;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::{Expr, ExprFunctionExt, lit};
use datafusion::prelude::{DataFrame, col};
use hachi_snapshot::{Check, Severity};

use super::super::predicate::predicate;
use super::super::{Header, ModelError};
use super::of_table;
use super::outcome::{outcome, severity};
use crate::engine::EngineError;

/// All checks of `table` that need no other one, on all its rows; `before` is their number in the last snapshot.
///
/// # Errors
/// When a check can't be computed.
pub async fn all(table: &str, header: &Header, frame: DataFrame, before: Option<u64>) -> Result<Vec<Check>, ModelError> {
    let (mut outcomes, rows) = of_rows(table, header, frame).await?;
    outcomes.extend(of_table(table, header, rows, before));
    Ok(outcomes)
}

/// Checks the rows of `frame`, which are some or all of `table`; how the checks went, and the number of rows.
///
/// Where the grain holds the day, rows of some days are unique among all when they are among themselves.
///
/// # Errors
/// When a check can't be computed.
pub async fn of_rows(table: &str, header: &Header, frame: DataFrame) -> Result<(Vec<Check>, u64), ModelError> {
    let mut outcomes = Vec::new();
    if !header.grain.is_empty() {
        let failing = repeated(frame.clone(), &header.grain, table).await?;
        outcomes.push(outcome(table, format!("unique ({})", header.grain.join(", ")), Severity::Error, failing));
    }
    let questions = questions(&frame, header, table)?;
    let (rows, failing) = counted(frame, &questions, table).await?;
    outcomes
        .extend(questions.into_iter().zip(failing).map(|(question, failing)| outcome(table, question.check, question.severity, failing)));
    Ok((outcomes, rows))
}

/// A check with what is true of a row that breaks it.
struct Question {
    check: String,
    severity: Severity,
    breaks: Expr,
}

fn questions(frame: &DataFrame, header: &Header, table: &str) -> Result<Vec<Question>, ModelError> {
    let checks = &header.checks;
    let question =
        |kind: &str, name: &str, breaks| Question { check: format!("{kind} ({name})"), severity: severity(checks, kind, name), breaks };
    let mut questions: Vec<Question> = checks.not_null.iter().map(|column| question("not_null", column, col(column).is_null())).collect();
    for (column, values) in &checks.accepted {
        let accepted = values.iter().map(|v| lit(v.as_str())).collect();
        questions.push(question("accepted", column, col(column).in_list(accepted, true)));
    }
    for (name, sql) in &checks.expressions {
        let holds = predicate(frame, table, &format!("{table}: checks.expressions.{name}"), sql)?;
        // As in SQL's own checks, what can't be known, because a value is null, breaks nothing.
        questions.push(question("expressions", name, holds.is_false()));
    }
    Ok(questions)
}

/// The number of rows, and for each question of those that break it: all in one scan.
async fn counted(frame: DataFrame, questions: &[Question], table: &str) -> Result<(u64, Vec<u64>), EngineError> {
    let failed = || EngineError::query("check", table);
    let breaking =
        |(at, question): (usize, &Question)| Ok(count(lit(1)).filter(question.breaks.clone()).build()?.alias(format!("breaking_{at}")));
    let mut wanted = vec![count(lit(1)).alias("rows")];
    wanted.extend(questions.iter().enumerate().map(breaking).collect::<Result<Vec<_>, _>>().map_err(failed())?);
    let batches = frame.aggregate(vec![], wanted).map_err(failed())?.collect().await.map_err(failed())?;
    let number = |at: usize| batches.first().map_or(0, |batch| batch.column(at).as_primitive::<Int64Type>().value(0) as u64);
    Ok((number(0), (1..=questions.len()).map(number).collect()))
}

/// Keys that more than one row has.
async fn repeated(frame: DataFrame, grain: &[String], table: &str) -> Result<u64, EngineError> {
    let failed = || EngineError::query("check", table);
    let keys = grain.iter().map(col).collect();
    let counted = frame.aggregate(keys, vec![count(lit(1)).alias("rows_of_key")]);
    let repeated = counted.and_then(|f| f.filter(col("rows_of_key").gt(lit(1)))).map_err(failed())?;
    Ok(repeated.count().await.map_err(failed())? as u64)
}
