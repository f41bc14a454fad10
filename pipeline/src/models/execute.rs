//! Makes a model's rows: plan the filled text, order the rows, and hand on the frame.

use datafusion::prelude::{DataFrame, col};

use super::{Model, ModelError, Parameters, checks, kpis};
use crate::engine::{Engine, EngineError};

/// Plans `model` over what is registered, with its rows in the order they are written in.
///
/// # Errors
/// When the text has an unknown parameter, does not plan, or lacks a column of its own header.
pub async fn plan(engine: &Engine, model: &Model, parameters: &Parameters) -> Result<DataFrame, ModelError> {
    let frame = select(engine, model, parameters).await?;
    if !model.header.kind.is_kept() {
        return Ok(frame);
    }
    let order: Vec<_> = model.header.order().map(|column| col(column).sort(true, false)).collect();
    if order.is_empty() {
        return Ok(frame);
    }
    Ok(frame.sort(order).map_err(EngineError::query("plan", &model.name))?)
}

/// Plans `model` over what is registered; its rows are in no order.
///
/// # Errors
/// As [`plan`].
pub async fn select(engine: &Engine, model: &Model, parameters: &Parameters) -> Result<DataFrame, ModelError> {
    let sql = parameters.fill(&model.file(), &model.sql)?;
    let frame = engine.plan(&model.name, &sql).await?;
    check_columns(model, &frame)?;
    kpis::check_columns(model, &frame)?;
    checks::verify_columns(model, &frame)?;
    Ok(frame)
}

/// Makes `model` known as a view.
///
/// # Errors
/// As [`plan`].
pub async fn view(engine: &Engine, model: &Model, parameters: &Parameters) -> Result<(), ModelError> {
    let frame = select(engine, model, parameters).await?;
    Ok(engine.register(&model.name, frame.into_view())?)
}

/// The header documents exactly the columns that the select yields.
fn check_columns(model: &Model, frame: &DataFrame) -> Result<(), ModelError> {
    if model.header.columns.is_empty() {
        return Ok(());
    }
    let yielded: Vec<&str> = frame.schema().fields().iter().map(|f| f.name().as_str()).collect();
    let undocumented = yielded.iter().find(|name| !model.header.columns.contains_key(**name));
    let absent = model.header.columns.keys().find(|name| !yielded.contains(&name.as_str()));
    let message = match (undocumented, absent) {
        (Some(name), _) => format!("the select yields `{name}`, which `[columns]` does not document"),
        (None, Some(name)) => format!("`[columns]` documents `{name}`, which the select does not yield"),
        (None, None) => return Ok(()),
    };
    Err(ModelError::Header { file: model.file(), message })
}
