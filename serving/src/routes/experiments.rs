//! GET /v1/experiments

use std::sync::Arc;

use warp::Filter;
use warp::filters::BoxedFilter;
use warp::reply::Response;

use super::app::App;
use super::query::Query;
use super::reply::{from_snapshot, problem_of, render};
use super::request::{Asked, asked};
use crate::answers::experiments::answer;
use crate::auth::Need;

pub(crate) const ROUTE: &str = "/v1/experiments";

pub(crate) fn route(app: &Arc<App>) -> BoxedFilter<(Response,)> {
    let app = Arc::clone(app);
    warp::path!("v1" / "experiments")
        .and(asked())
        .map(move |asked: Arc<Asked>| {
            from_snapshot(ROUTE, Need::Numbers, (&app, &asked), |snapshot| {
                Query::parse(asked.query(), &[])?;
                Ok(render(snapshot, &answer(snapshot).map_err(problem_of)?)?.large(asked.coding))
            })
        })
        .boxed()
}
