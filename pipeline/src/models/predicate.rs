//! A predicate that people write in configuration or a header: true or false of a row, by that row's columns alone.

use std::sync::Arc;

use datafusion::common::SchemaError;
use datafusion::common::tree_node::TreeNode;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{EmptyRelation, Expr, LogicalPlan, Volatility};
use datafusion::prelude::DataFrame;

use super::ModelError;
use crate::domain::nearest::did_you_mean;

/// Plans `sql` over the columns of `frame`, which is `table`; `key` is where it was written.
///
/// # Errors
/// When it is no predicate over a row: it does not parse, names no column of `table`, is not boolean, asks other rows or
/// tables, or depends on the moment.
pub fn predicate(frame: &DataFrame, table: &str, key: &str, sql: &str) -> Result<Expr, ModelError> {
    planned(frame, sql).map_err(|message| ModelError::Predicate {
        key: key.to_owned(),
        predicate: sql.to_owned(),
        table: table.to_owned(),
        message,
        columns: frame.schema().fields().iter().map(|f| format!("`{}`", f.name())).collect::<Vec<_>>().join(", "),
    })
}

fn planned(frame: &DataFrame, sql: &str) -> Result<Expr, String> {
    let expression = frame.parse_sql_expr(sql).map_err(|e| words(&e))?.unalias();
    if let Some(what) = beyond_the_row(&expression) {
        return Err(format!("it has {what}"));
    }
    // Types are looked at in a plan without rows: the frame's own may stand for many models.
    let (state, plan) = frame.clone().into_parts();
    let empty = LogicalPlan::EmptyRelation(EmptyRelation { produce_one_row: false, schema: Arc::clone(plan.schema()) });
    let filtered = DataFrame::new(state, empty).filter(expression.clone()).and_then(DataFrame::into_optimized_plan);
    filtered.map(|_| expression).map_err(|e| words(&e))
}

/// What in `expression` is more than its row tells; none is as it must be.
fn beyond_the_row(expression: &Expr) -> Option<&'static str> {
    let mut found = None;
    let visited = expression.exists(|part| {
        found = match part {
            Expr::Exists(_) | Expr::InSubquery(_) | Expr::SetComparison(_) | Expr::ScalarSubquery(_) => Some("a subquery"),
            Expr::AggregateFunction(_) => Some("an aggregate"),
            Expr::WindowFunction(_) => Some("a window"),
            Expr::Placeholder(_) => Some("a parameter"),
            Expr::ScalarFunction(call) if call.func.signature().volatility != Volatility::Immutable => Some("a function of the moment"),
            _ => None,
        };
        Ok(found.is_some())
    });
    // The visitor above never fails.
    visited.ok().and(found)
}

/// The engine lists all columns where one is unknown; the nearest is enough here.
fn words(error: &DataFusionError) -> String {
    match error.find_root() {
        DataFusionError::SchemaError(schema, _) => match schema.as_ref() {
            SchemaError::FieldNotFound { field, valid_fields } => {
                let hint = did_you_mean(field.name(), valid_fields.iter().map(|f| f.name()));
                format!("there is no column `{}`{hint}", field.name())
            }
            other => other.to_string(),
        },
        root => root.strip_backtrace(),
    }
}
