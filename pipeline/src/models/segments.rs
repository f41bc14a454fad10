//! Segments that a site declares: the members for whom a predicate over [`SEGMENTS_FROM`] is true.

use datafusion::logical_expr::lit;
use datafusion::prelude::{DataFrame, col};

use super::ModelError;
use super::predicate::predicate;
use super::stages::{SEGMENT, SEGMENT_MEMBER, SEGMENTS_FROM};
use crate::domain::declared::Segment;
use crate::engine::{Engine, EngineError};

/// One row per segment and member, in this order; no row where nothing is declared.
///
/// # Errors
/// When a predicate is none over the columns of that table.
pub async fn members(engine: &Engine, declared: &[Segment]) -> Result<DataFrame, ModelError> {
    let failed = || EngineError::query("plan", "segments");
    let all = engine.table(SEGMENTS_FROM).await?;
    let select = |rows: DataFrame, name: &str| rows.select([lit(name).alias(SEGMENT), col(SEGMENT_MEMBER)]);
    let mut members = all.clone().filter(lit(false)).and_then(|none| select(none, "")).map_err(failed())?;
    for segment in declared {
        let is_in = predicate(&all, SEGMENTS_FROM, &format!("segments.{}.where", segment.name), &segment.predicate)?;
        let rows = all.clone().filter(is_in).and_then(|rows| select(rows, &segment.name)).map_err(failed())?;
        members = members.union(rows).map_err(failed())?;
    }
    let order = [SEGMENT, SEGMENT_MEMBER].map(|column| col(column).sort(true, false));
    Ok(members.sort(order.to_vec()).map_err(failed())?)
}
