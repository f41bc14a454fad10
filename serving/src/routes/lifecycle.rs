//! GET /v1/lifecycle

use std::sync::Arc;

use warp::Filter;
use warp::filters::BoxedFilter;
use warp::reply::Response;

use super::app::App;
use super::query::Query;
use super::reply::{from_snapshot, problem_of, render};
use super::request::{Asked, asked};
use crate::answers::lifecycle::answer;
use crate::answers::snapshot::Snapshot;
use crate::auth::Need;
use crate::problem::Problem;
use crate::rendered::Rendered;

pub(crate) const ROUTE: &str = "/v1/lifecycle";
/// The first is the default.
const UNITS: [&str; 3] = ["week", "day", "month"];

pub(crate) fn route(app: &Arc<App>) -> BoxedFilter<(Response,)> {
    let app = Arc::clone(app);
    warp::path!("v1" / "lifecycle")
        .and(asked())
        .map(move |asked: Arc<Asked>| from_snapshot(ROUTE, Need::Numbers, (&app, &asked), |snapshot| handle(snapshot, &asked)))
        .boxed()
}

fn handle(snapshot: &Snapshot, asked: &Asked) -> Result<Rendered, Problem> {
    let unit = Query::parse(asked.query(), &["unit"])?.choice("unit", &UNITS)?;
    Ok(render(snapshot, &answer(snapshot, unit).map_err(problem_of)?)?.large(asked.coding))
}
