//! The learning stage as a node of the graph: its inputs are read, learning runs beside the runtime, its tables are drafted.

use std::collections::BTreeMap;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use futures::StreamExt;

use super::build::Builder;
use super::stage_table::write;
use super::{Event, Observer, RunError};
use crate::config::Config;
use crate::models::stages::Stage;
use crate::recommend::{self, LearnInputs, Learned, Step};

/// Runs the stage; rows of all its tables.
pub(super) async fn learn(builder: &Builder<'_>, stage: &Stage, (key, observer): (&str, &Observer<'_>)) -> Result<u64, RunError> {
    let config = builder.work.config;
    let inputs = LearnInputs {
        course_affinity: builder.rows("course_affinity").await?,
        member_behaviours: builder.rows("member_behaviours").await?,
        course_popularity: builder.rows("course_popularity").await?,
        courses: builder.rows("course_stats").await?,
    };
    let learned = on_all_threads(inputs, config, observer)?;
    tracing::info!(report = ?learned.report, "learned");
    let mut made = tables(learned);
    let mut rows = 0;
    for table in stage.writes {
        if let Some(made) = made.remove(table.name) {
            rows += write(builder, (table, key), stream(made)).await?;
        }
    }
    Ok(rows)
}

/// The solvers use a pool of as many threads as the engine; the runtime's other workers go on meanwhile.
fn on_all_threads(inputs: LearnInputs, config: &Config, observer: &Observer<'_>) -> Result<Learned, RunError> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(config.engine.threads).build();
    let pool = pool.map_err(|e| RunError::Stage(e.to_string()))?;
    let tell = |step: Step| {
        if let Step::Ials(epoch) = step {
            observer(Event::Learning { done: epoch.number, of: epoch.of });
        }
    };
    let learn = || pool.install(|| recommend::learn(inputs, &config.learn, &tell));
    Ok(tokio::task::block_in_place(learn)?)
}

type Made = (SchemaRef, Vec<RecordBatch>);

fn tables(learned: Learned) -> BTreeMap<&'static str, Made> {
    BTreeMap::from([
        ("course_factors", (recommend::course_factors_schema(), learned.course_factors)),
        ("recommendations", (recommend::recommendations_schema(), learned.recommendations)),
        ("ridge_weights", (recommend::ridge_weights_schema(), learned.ridge_weights)),
        ("similar_courses", (recommend::similar_courses_schema(), learned.similar_courses)),
        ("user_factors", (recommend::user_factors_schema(), learned.user_factors)),
    ])
}

fn stream((schema, batches): Made) -> SendableRecordBatchStream {
    Box::pin(RecordBatchStreamAdapter::new(schema, futures::stream::iter(batches.into_iter().map(Ok)).boxed()))
}
