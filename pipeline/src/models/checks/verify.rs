//! Checks that name what is not there, told before anything is computed.

use datafusion::prelude::DataFrame;

use super::super::predicate::predicate;
use super::super::{Graph, Model, ModelError};
use crate::domain::nearest::did_you_mean;
use crate::models::graph::Node;

/// What `warn` may name, besides columns and expressions.
const KINDS: [&str; 6] = ["not_null", "accepted", "min_rows", "relationships", "expressions", "drift"];

/// That the checks of `model` name columns which `frame`, its rows, has, and that its expressions are predicates over them.
///
/// # Errors
/// When one doesn't.
pub fn verify_columns(model: &Model, frame: &DataFrame) -> Result<(), ModelError> {
    let checks = &model.header.checks;
    let columns: Vec<&str> = frame.schema().fields().iter().map(|f| f.name().as_str()).collect();
    let named = checks.not_null.iter().chain(checks.accepted.keys()).chain(checks.relationships.keys()).chain(&model.header.grain);
    for name in named {
        known(model, "column", name, &columns)?;
    }
    for (name, sql) in &checks.expressions {
        predicate(frame, &model.name, &format!("{}: checks.expressions.{name}", model.file()), sql)?;
    }
    let warnable: Vec<&str> = KINDS.into_iter().chain(columns).chain(checks.expressions.keys().map(String::as_str)).collect();
    checks.warn.iter().try_for_each(|name| known(model, "check", name, &warnable))
}

fn known(model: &Model, what: &str, name: &str, among: &[&str]) -> Result<(), ModelError> {
    if among.contains(&name) {
        return Ok(());
    }
    let hint = did_you_mean(name, among.iter().copied());
    Err(ModelError::Header { file: model.file(), message: format!("its checks name the {what} `{name}`, which is not there{hint}") })
}

/// That all relationships of `graph` name a column of a table that something makes.
///
/// # Errors
/// When one doesn't.
pub fn verify_references(graph: &Graph<'_>) -> Result<(), ModelError> {
    let makes: Vec<&str> = graph.nodes().iter().flat_map(Node::writes).collect();
    for node in graph.nodes() {
        let Node::Model(model) = node else { continue };
        for target in model.header.checks.relationships.values() {
            let Some((table, _)) = target.split_once('.') else {
                let message = format!("a relationship is with `table.column`, not with `{target}`");
                return Err(ModelError::Header { file: model.file(), message });
            };
            known(model, "table", table, &makes)?;
        }
    }
    Ok(())
}
