//! What `hachi.toml` declares comes in as raw tables, so that models join it as they join anything else.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::error::ArrowError;
use datafusion::catalog::MemTable;
use datafusion::error::DataFusionError;

use super::SourceError;
use crate::domain::declared::{Bracket, Declared, Funnel};
use crate::engine::{Engine, EngineError};

const ACT_WEIGHTS: &str = "raw_act_weights";
const FUNNEL_STEPS: &str = "raw_funnel_steps";
const RETENTION_BRACKETS: &str = "raw_retention_brackets";
/// Names of these tables.
pub const DECLARED_TABLES: [&str; 3] = [ACT_WEIGHTS, FUNNEL_STEPS, RETENTION_BRACKETS];

/// Makes the declared tables known to the engine; what is not declared has no rows.
pub fn register(engine: &Engine, declared: &Declared) -> Result<(), SourceError> {
    let tables = [
        (ACT_WEIGHTS, act_weights(&declared.weights)),
        (FUNNEL_STEPS, funnel_steps(&declared.funnels)),
        (RETENTION_BRACKETS, brackets(&declared.retention.brackets)),
    ];
    for (table, batch) in tables {
        let provider = batch.map_err(DataFusionError::from).and_then(|batch| MemTable::try_new(batch.schema(), vec![vec![batch]]));
        engine.register(table, Arc::new(provider.map_err(EngineError::query("register", table))?))?;
    }
    Ok(())
}

/// `kind, weight_micro`.
fn act_weights(weights: &BTreeMap<String, i64>) -> Result<RecordBatch, ArrowError> {
    batch([
        ("kind", Arc::new(weights.keys().map(Some).collect::<StringArray>())),
        ("weight_micro", Arc::new(weights.values().copied().collect::<Int64Array>())),
    ])
}

/// `funnel, step, kind, window_days`: one row per step, from 1.
fn funnel_steps(funnels: &[Funnel]) -> Result<RecordBatch, ArrowError> {
    let steps = || funnels.iter().flat_map(|funnel| funnel.steps.iter().zip(1..).map(move |(kind, step)| (funnel, step, kind)));
    batch([
        ("funnel", Arc::new(steps().map(|(funnel, _, _)| Some(&funnel.name)).collect::<StringArray>())),
        ("step", Arc::new(steps().map(|(_, step, _)| step).collect::<Int64Array>())),
        ("kind", Arc::new(steps().map(|(_, _, kind)| Some(kind)).collect::<StringArray>())),
        ("window_days", Arc::new(steps().map(|(funnel, _, _)| i64::from(funnel.window_days)).collect::<Int64Array>())),
    ])
}

/// `unit, first_index, last_index`.
fn brackets(brackets: &[Bracket]) -> Result<RecordBatch, ArrowError> {
    batch([
        ("unit", Arc::new(brackets.iter().map(|b| Some(&b.unit)).collect::<StringArray>())),
        ("first_index", Arc::new(brackets.iter().map(|b| i64::from(b.first)).collect::<Int64Array>())),
        ("last_index", Arc::new(brackets.iter().map(|b| b.last.map(i64::from)).collect::<Int64Array>())),
    ])
}

fn batch<const N: usize>(columns: [(&str, ArrayRef); N]) -> Result<RecordBatch, ArrowError> {
    let field = |(name, column): &(&str, ArrayRef)| Field::new(*name, DataType::clone(column.data_type()), true);
    let schema = Schema::new(columns.iter().map(field).collect::<Vec<_>>());
    RecordBatch::try_new(Arc::new(schema), columns.map(|(_, column)| column).to_vec())
}
