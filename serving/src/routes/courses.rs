//! GET /v1/courses/popular and GET /v1/courses/{id}/similar

use std::sync::Arc;

use warp::Filter;
use warp::filters::BoxedFilter;
use warp::reply::Response;

use super::app::App;
use super::query::Query;
use super::recommendations::LIMIT_MAX;
use super::reply::{from_snapshot, problem_of, render};
use super::request::{asked, decode_id};
use crate::answers::courses;
use crate::problem::Problem;

const POPULAR_ROUTE: &str = "/v1/courses/popular";
const SIMILAR_ROUTE: &str = "/v1/courses/{id}/similar";
const DEFAULT_LIMIT: usize = 10;

pub(crate) fn popular(app: &Arc<App>) -> BoxedFilter<(Response,)> {
    let app = Arc::clone(app);
    warp::path!("v1" / "courses" / "popular")
        .and(asked())
        .map(move |asked| {
            from_snapshot(POPULAR_ROUTE, &app, &asked, |snapshot| render(snapshot, &courses::popular(snapshot, limit(&asked.query)?)))
        })
        .boxed()
}

pub(crate) fn similar(app: &Arc<App>) -> BoxedFilter<(Response,)> {
    let app = Arc::clone(app);
    warp::path!("v1" / "courses" / String / "similar")
        .and(asked())
        .map(move |id: String, asked| {
            from_snapshot(SIMILAR_ROUTE, &app, &asked, |snapshot| {
                let list = courses::similar(snapshot, &decode_id(&id)?, limit(&asked.query)?);
                render(snapshot, &list.map_err(problem_of)?)
            })
        })
        .boxed()
}

fn limit(query: &str) -> Result<usize, Problem> {
    Query::parse(query, &["limit"])?.number("limit", DEFAULT_LIMIT, 1..=LIMIT_MAX)
}
