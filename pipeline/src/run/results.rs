//! The end of checking: what needs all tables is looked at, and how every check went becomes a table of the snapshot.
//!
//! Checks of what was not built in this run are those of the run that built it, so a part that is built again leaves the
//! rest's as they were.

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use datafusion::error::DataFusionError;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use hachi_snapshot::{Check, Severity, Table};

use super::RunError;
use super::build::Builder;
use super::stage_table::write;
use crate::engine::EngineError;
use crate::models::graph::Node;
use crate::models::header::Contract;
use crate::models::stages::CHECK_RESULTS;
use crate::models::{Graph, Model, checks};
use crate::publish::{ContractChange, contract_changes};

const CONTRACT: &str = "contract";

/// Makes the checks that are left and writes the table of all; how the tables' columns changed since the last snapshot.
///
/// # Errors
/// When a check forbids to publish, or can't be computed.
pub(super) async fn finish(builder: &Builder<'_>) -> Result<Vec<ContractChange>, RunError> {
    for model in built(builder) {
        let rows = builder.work.engine.table(&model.name).await?;
        let outcomes = checks::relationships(builder.work.engine, &model.name, &model.header, &rows).await?;
        builder.made().checks.extend(outcomes.iter().cloned());
        checks::refuse(&model.name, &outcomes)?;
    }
    let changes = contract(builder)?;
    keep_earlier(builder);
    builder.made().checks.sort_by(|a, b| (&a.model, &a.check).cmp(&(&b.model, &b.check)));
    let batch = batch(&builder.made().checks).map_err(EngineError::query("execute", CHECK_RESULTS.name))?;
    let stream = RecordBatchStreamAdapter::new(batch.schema(), futures::stream::iter([Ok(batch)]));
    write(builder, (&CHECK_RESULTS, ""), Box::pin(stream)).await?;
    Ok(changes)
}

/// Models whose relationships are to be looked at: they have rows that are new.
fn built<'a>(builder: &Builder<'a>) -> Vec<&'a Model> {
    let built = builder.made().built.clone();
    let models = builder.work.graph.nodes().iter().filter_map(|node| match node {
        Node::Model(model) if built.contains(&model.name) => Some(*model),
        _ => None,
    });
    models.filter(|model| !model.header.checks.relationships.is_empty()).collect()
}

/// One check a table: that its columns are those of the last snapshot.
fn contract(builder: &Builder<'_>) -> Result<Vec<ContractChange>, RunError> {
    let before: Vec<_> = builder.work.parent.iter().flat_map(|p| &p.tables).filter(|t| t.name != CHECK_RESULTS.name).cloned().collect();
    let now: Vec<_> = builder.made().tables.values().map(|t| Table::clone(t)).collect();
    let changes = contract_changes(&before, &now);
    let tables: BTreeSet<&String> = before.iter().chain(&now).map(|t| &t.name).collect();
    for table in tables {
        let change = changes.iter().find(|c| c.table == *table);
        let is_error = change.is_none_or(ContractChange::is_breaking) && is_enforced(builder.work.graph, table);
        let outcome = Check {
            model: table.clone(),
            check: CONTRACT.to_owned(),
            passed: change.is_none(),
            severity: if is_error { Severity::Error } else { Severity::Warn },
            failing_rows: 0,
            detail: change.map(ToString::to_string).unwrap_or_default(),
        };
        checks::refuse(table, std::slice::from_ref(&outcome))?;
        builder.made().checks.push(outcome);
    }
    Ok(changes)
}

fn is_enforced(graph: &Graph<'_>, table: &str) -> bool {
    let node = graph.maker(table).map(|at| graph.nodes()[at]);
    matches!(node, Some(Node::Model(model)) if model.header.checks.contract == Contract::Enforced)
}

/// The checks of what there is and was not built now.
fn keep_earlier(builder: &Builder<'_>) {
    let mut made = builder.made();
    let is_kept = |name: &String| builder.work.graph.maker(name).is_some() && !made.built.contains(name);
    let earlier = builder.work.parent.iter().flat_map(|p| &p.checks).filter(|c| is_kept(&c.model) && c.check != CONTRACT);
    let earlier: Vec<Check> = earlier.map(checks::of_kept).collect();
    made.checks.extend(earlier);
}

fn batch(checks: &[Check]) -> Result<RecordBatch, DataFusionError> {
    let texts = |of: fn(&Check) -> &str| -> ArrayRef { Arc::new(checks.iter().map(|c| Some(of(c))).collect::<StringArray>()) };
    let failing: ArrayRef = Arc::new(checks.iter().map(|c| c.failing_rows as i64).collect::<Int64Array>());
    let columns = [
        ("model", texts(|c| &c.model)),
        ("check_name", texts(|c| &c.check)),
        ("severity", texts(|c| severity(c.severity))),
        ("status", texts(|c| if c.passed { "pass" } else { severity(c.severity) })),
        ("failing_rows", failing),
        ("detail", texts(|c| &c.detail)),
    ];
    Ok(RecordBatch::try_from_iter(columns)?)
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warn => "warn",
    }
}
