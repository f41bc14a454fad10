//! GET /v1/models

use std::sync::Arc;

use warp::Filter;
use warp::filters::BoxedFilter;
use warp::reply::Response;

use super::app::App;
use super::query::Query;
use super::reply::{from_snapshot, problem_of, render};
use super::request::{Asked, asked};
use crate::answers::models::answer;
use crate::answers::snapshot::Snapshot;
use crate::auth::Need;
use crate::problem::Problem;
use crate::rendered::Rendered;

pub(crate) const ROUTE: &str = "/v1/models";
/// By which the blend is judged.
const DEFAULT_METRIC: &str = "ndcg@10";

pub(crate) fn route(app: &Arc<App>) -> BoxedFilter<(Response,)> {
    let app = Arc::clone(app);
    warp::path!("v1" / "models")
        .and(asked())
        .map(move |asked: Arc<Asked>| from_snapshot(ROUTE, Need::Numbers, (&app, &asked), |snapshot| handle(snapshot, &asked)))
        .boxed()
}

fn handle(snapshot: &Snapshot, asked: &Asked) -> Result<Rendered, Problem> {
    let metric = Query::parse(asked.query(), &["metric"])?.text("metric")?;
    let metric = metric.as_deref().unwrap_or(DEFAULT_METRIC);
    Ok(render(snapshot, &answer(snapshot, metric).map_err(problem_of)?)?.large(asked.coding))
}
