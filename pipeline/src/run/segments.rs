//! The stage of declared segments as a node of the graph.

use super::RunError;
use super::build::Builder;
use super::stage_table::write;
use crate::engine::EngineError;
use crate::models::segments::members;
use crate::models::stages::Stage;

/// Runs the stage; rows of its table.
pub(super) async fn segments(builder: &Builder<'_>, stage: &Stage, key: &str) -> Result<u64, RunError> {
    let declared = &builder.work.config.declared.segments;
    let mut rows = 0;
    for table in stage.writes {
        let frame = members(builder.work.engine, declared).await?;
        let stream = frame.execute_stream().await.map_err(EngineError::query("execute", table.name))?;
        rows += write(builder, (table, key), stream).await?;
    }
    Ok(rows)
}
