//! The evaluation of models as a node of the graph: acts of ended weeks are read, models judged, and it is told which one may be
//! published.

use datafusion::arrow::array::RecordBatch;
use datafusion::prelude::DataFrame;
use futures::TryStreamExt;

use super::RunError;
use super::build::Builder;
use super::learn::{pool, stream};
use super::stage_table::write;
use crate::config::Config;
use crate::engine::EngineError;
use crate::evaluate::{
    Acts, ByTime, DEFAULT_CUTOFFS, EvaluateError, Splits, TimeOptions, by_time, evaluation_batches, evaluation_schema, published, standing,
    weights_batches, weights_schema,
};
use crate::models::stages::{BLEND_WEIGHTS, MODEL_EVALUATION, Stage};

/// What each member did with a course on a day, of the tables of a snapshot.
pub const ACTS: &str = include_str!("acts.sql");
/// What courses say of themselves.
pub const FACTS: &str = "course_facts";

/// Runs the stage; rows of its tables.
pub(super) async fn evaluate(builder: &Builder<'_>, stage: &Stage, key: &str) -> Result<u64, RunError> {
    let made = evaluated(builder).await?;
    let mut rows = 0;
    for table in stage.writes {
        let (schema, batches) = match table.name {
            BLEND_WEIGHTS => (weights_schema(), made.weights.clone()),
            _ => (evaluation_schema(), made.evaluation.clone()),
        };
        rows += write(builder, (table, key), stream((schema, batches))).await?;
    }
    Ok(rows)
}

/// The batches of both tables.
struct Made {
    weights: Vec<RecordBatch>,
    evaluation: Vec<RecordBatch>,
}

async fn evaluated(builder: &Builder<'_>) -> Result<Made, RunError> {
    let before = builder.read_before(MODEL_EVALUATION).await?;
    let before = published(&before)?;
    match judged(builder).await {
        Ok((splits, found)) => {
            let beside = |kept| evaluation_batches(&splits, &found, kept);
            let kept = beside(before)?;
            let loses = standing(&kept).is_some_and(|standing| standing.loses(builder.work.config.evaluation.tolerance));
            if loses {
                return Ok(Made { weights: builder.read_before(BLEND_WEIGHTS).await?, evaluation: kept });
            }
            Ok(Made { weights: weights_batches(&found.weights)?, evaluation: beside(None)? })
        }
        // A young site is judged when its days are enough.
        Err(RunError::Evaluate(EvaluateError::Nothing(why))) => {
            tracing::info!(why, "models are not evaluated yet");
            Ok(Made { weights: Vec::new(), evaluation: before.into_iter().collect() })
        }
        Err(error) => Err(error),
    }
}

async fn judged(builder: &Builder<'_>) -> Result<(Splits, ByTime), RunError> {
    let config = builder.work.config;
    let options = time_options(config, config.evaluation.window_days, DEFAULT_CUTOFFS.to_vec(), config.learn.memory_limit_bytes);
    let rows = builder.work.engine.plan(MODEL_EVALUATION, ACTS).await?;
    let splits = read_acts(rows, Acts::before(builder.work.settled_until().to_epoch_days())).await?.split(&options)?;
    let facts = builder.rows(FACTS).await?;
    let splits = splits.with_content(&facts, &config.learn.content, options.memory_limit_bytes)?;
    let asked = splits.test.1.counts.evaluated.min(splits.validation.1.counts.evaluated);
    if asked < config.min_group as usize {
        return Err(EvaluateError::Nothing(format!("{asked} members took something up, which is less than `min_group`")).into());
    }
    let models = config.learn.models.specs();
    let judge = || pool(config)?.install(|| Ok::<_, RunError>(by_time(&splits, &models, &options, &|_| ())?));
    let found = tokio::task::block_in_place(judge)?;
    Ok((splits, found))
}

/// Adds the rows of [`ACTS`] to `acts`, as they come.
///
/// # Errors
/// When the query fails, or a column is not what the text says.
pub async fn read_acts(rows: DataFrame, mut acts: Acts) -> Result<Acts, RunError> {
    let failed = || EngineError::query("execute", "the site's acts");
    let mut rows = rows.execute_stream().await.map_err(failed())?;
    while let Some(batch) = rows.try_next().await.map_err(failed())? {
        acts.add(&batch)?;
    }
    Ok(acts)
}

/// How the days of this site are cut.
pub fn time_options(config: &Config, window_days: u32, cutoffs: Vec<usize>, memory_limit_bytes: u64) -> TimeOptions {
    let (low, high) = config.rating_range;
    TimeOptions {
        window_days,
        half_life_days: config.half_life_days,
        rating_middle: f64::midpoint(low, high),
        min_members: config.learn.min_members,
        cutoffs,
        memory_limit_bytes,
    }
}
