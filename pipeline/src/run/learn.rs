//! The learning stage as a node of the graph: its inputs are read, learning runs beside the runtime, its tables are drafted.

use std::collections::BTreeMap;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::error::ArrowError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::logical_expr::JoinType;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::prelude::{DataFrame, col};
use futures::StreamExt;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::build::Builder;
use super::stage_table::write;
use super::{Event, Observer, RunError};
use crate::config::Config;
use crate::domain::timestamps::end_of_day_micros;
use crate::engine::EngineError;
use crate::evaluate::{OBJECTIVE, Standing, standing};
use crate::models::stages::{BLEND_WEIGHTS, MODEL_EVALUATION, RECOMMENDATIONS, SEGMENT_MEMBER as MEMBER, Stage, StageTable};
use crate::recommend::{self, CourseGram, LearnError, LearnInputs, Learned, Step};

/// Batches of lists that wait to be written, at most.
const QUEUED_BATCHES: usize = 4;
/// Those who may have a list besides members who did something.
const LISTED: &str = "listed_members";
/// Sums over pairs of courses.
const GRAM: &str = "course_gram";
/// Their column beside that of lists.
const LISTED_MEMBER: &str = "listed_member";

/// Runs the stage; rows of all its tables. Where the models of this week fall short of those whose lists are published, these stay.
pub(super) async fn learn(builder: &Builder<'_>, stage: &Stage, (key, observer): (&str, &Observer<'_>)) -> Result<u64, RunError> {
    let config = builder.work.config;
    let standing = standing(&builder.rows(MODEL_EVALUATION).await?);
    if let Some(standing) = standing.filter(|standing| standing.loses(config.evaluation.tolerance))
        && let Some(rows) = keep_lists(builder, stage, key).await?
    {
        tell(&standing);
        return Ok(rows);
    }
    let (learned, mut rows) = on_all_threads(builder, inputs(builder).await?, ((&RECOMMENDATIONS, key), observer))?;
    tracing::info!(report = ?learned.report, "learned");
    let mut made = tables(learned);
    for table in stage.writes {
        if let Some(made) = made.remove(table.name) {
            rows += write(builder, (table, key), stream(made)).await?;
        }
    }
    Ok(rows)
}

async fn inputs(builder: &Builder<'_>) -> Result<LearnInputs, RunError> {
    Ok(LearnInputs {
        course_affinity: builder.rows("course_affinity").await?,
        member_behaviours: builder.rows("member_behaviours").await?,
        listed_members: builder.rows_of_view(LISTED).await?,
        course_popularity: builder.rows("course_popularity").await?,
        language_popularity: builder.rows("language_popularity").await?,
        courses: builder.rows("course_stats").await?,
        course_facts: builder.rows("course_facts").await?,
        blend_weights: builder.rows(BLEND_WEIGHTS).await?,
        course_gram: if builder.work.config.learn.gram_in_sql { Some(course_gram(builder).await?) } else { None },
        until_us: end_of_day_micros(builder.work.watermark, builder.work.config.timezone),
    })
}

/// The rows of the view as they come, for a thread that is not the runtime's.
async fn course_gram(builder: &Builder<'_>) -> Result<CourseGram, RunError> {
    let rows = builder.work.engine.table(GRAM).await?;
    let mut rows = rows.execute_stream().await.map_err(EngineError::query("read", GRAM))?;
    let runtime = Handle::current();
    Ok(Box::new(std::iter::from_fn(move || runtime.block_on(rows.next()).map(|batch| batch.map_err(ArrowError::from)))))
}

fn tell(Standing { new, published }: &Standing) {
    let reach =
        format!("{OBJECTIVE} {:.4} (up to {:.4}) in the test window, the published ones {:.4}", new.value, new.high, published.value);
    let remedy = format!("see `{MODEL_EVALUATION}`, and raise `recommend.evaluation.tolerance` to publish the new ones");
    tracing::warn!("the lists stay as they are: the new models reach {reach}; {remedy}");
}

/// Takes the tables of the last snapshot, without members who may not be in them any more; none where it lacks one.
async fn keep_lists(builder: &Builder<'_>, stage: &Stage, key: &str) -> Result<Option<u64>, RunError> {
    let before: Option<Vec<_>> = stage.writes.iter().map(|table| Some((table, builder.work.parent?.table(table.name)?))).collect();
    let Some(before) = before else { return Ok(None) };
    let mut rows = 0;
    for (table, kept) in before {
        let failed = || EngineError::query("read", table.name);
        if !table.grain.contains(&MEMBER) {
            builder.add(hachi_snapshot::Table { made_from: key.to_owned(), ..kept.clone() }).await?;
            rows += kept.rows;
            continue;
        }
        let Some(frame) = builder.rows_before(kept).await? else { continue };
        let members = members(builder).await?;
        let listed = frame.join(members, JoinType::LeftSemi, &[MEMBER], &[LISTED_MEMBER], None).map_err(failed())?;
        let order = table.grain.iter().map(|column| col(*column).sort(true, false)).collect();
        let sorted = listed.sort(order).map_err(failed())?.execute_stream().await.map_err(failed())?;
        rows += write(builder, (table, key), sorted).await?;
    }
    Ok(Some(rows))
}

/// Everyone who may have a list.
async fn members(builder: &Builder<'_>) -> Result<DataFrame, RunError> {
    let failed = || EngineError::query("plan", LISTED);
    let of = async |table: &str| {
        let rows = builder.work.engine.table(table).await?;
        rows.select(vec![col(MEMBER).alias(LISTED_MEMBER)]).map_err(failed())
    };
    let (acting, behaving) = (of("course_affinity").await?, of("member_behaviours").await?);
    Ok(of(LISTED).await?.union(acting).and_then(|members| members.union(behaving)).map_err(failed())?)
}

/// A pool of as many threads as the engine has.
pub(super) fn pool(config: &Config) -> Result<rayon::ThreadPool, RunError> {
    rayon::ThreadPoolBuilder::new().num_threads(config.engine.threads).build().map_err(|e| RunError::Stage(e.to_string()))
}

/// Learns on a thread of its own, whose pool has as many threads as the engine, and writes lists as they come.
fn on_all_threads(
    builder: &Builder<'_>,
    inputs: LearnInputs,
    (lists, observer): ((&StageTable, &str), &Observer<'_>),
) -> Result<(Learned, u64), RunError> {
    let config = builder.work.config;
    let (pool, runtime) = (pool(config)?, Handle::current());
    let (sender, mut receiver) = mpsc::channel(QUEUED_BATCHES);
    let tell = |step: Step| {
        if let Step::Ials(epoch) = step {
            observer(Event::Learning { done: epoch.number, of: epoch.of });
        }
    };
    let learn = move || {
        let mut hand_on = |batch| sender.blocking_send(Ok(batch)).map_err(|_| LearnError::Lists);
        pool.install(|| recommend::learn(inputs, &config.learn, &tell, &mut hand_on))
    };
    let batches = futures::stream::poll_fn(move |context| receiver.poll_recv(context)).boxed();
    let stream = Box::pin(RecordBatchStreamAdapter::new(recommend::recommendations_schema(), batches));
    tokio::task::block_in_place(|| {
        std::thread::scope(|scope| {
            let learning = scope.spawn(learn);
            let written = runtime.block_on(write(builder, lists, stream));
            let learned = learning.join().map_err(|_| RunError::Stage("a thread panicked".to_owned()))?;
            match (learned, written) {
                // What was written of the lists says why nobody took them.
                (Err(LearnError::Lists), Err(error)) => Err(error),
                (learned, written) => Ok((learned?, written?)),
            }
        })
    })
}

type Made = (SchemaRef, Vec<RecordBatch>);

fn tables(learned: Learned) -> BTreeMap<&'static str, Made> {
    BTreeMap::from([
        ("course_factors", (recommend::course_factors_schema(), learned.course_factors)),
        ("factor_gram", (recommend::factor_gram_schema(), learned.factor_gram)),
        ("item_weights", (recommend::item_weights_schema(), learned.item_weights)),
        ("ridge_weights", (recommend::ridge_weights_schema(), learned.ridge_weights)),
        ("similar_courses", (recommend::similar_courses_schema(), learned.similar_courses)),
        ("user_factors", (recommend::user_factors_schema(), learned.user_factors)),
    ])
}

pub(super) fn stream((schema, batches): Made) -> SendableRecordBatchStream {
    Box::pin(RecordBatchStreamAdapter::new(schema, futures::stream::iter(batches.into_iter().map(Ok)).boxed()))
}
