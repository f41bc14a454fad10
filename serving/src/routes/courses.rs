//! GET /v1/courses/popular, /trending and /latest, and GET /v1/courses/{id}/similar

use std::sync::Arc;

use warp::Filter;
use warp::filters::BoxedFilter;
use warp::reply::Response;

use super::app::App;
use super::query::{LIST_PARAMETERS, Query};
use super::reply::{from_snapshot, problem_of, render};
use super::request::{Asked, asked, decode_id};
use crate::answers::courses::{self, Board};
use crate::auth::Need;

pub(crate) const POPULAR_ROUTE: &str = "/v1/courses/popular";
pub(crate) const TRENDING_ROUTE: &str = "/v1/courses/trending";
pub(crate) const LATEST_ROUTE: &str = "/v1/courses/latest";
pub(crate) const SIMILAR_ROUTE: &str = "/v1/courses/{id}/similar";

pub(crate) fn boards(app: &Arc<App>) -> BoxedFilter<(Response,)> {
    let popular = board(app, "popular", (POPULAR_ROUTE, Board::Popular));
    let trending = board(app, "trending", (TRENDING_ROUTE, Board::Trending));
    let latest = board(app, "latest", (LATEST_ROUTE, Board::Latest));
    popular.or(trending).unify().or(latest).unify().boxed()
}

fn board(app: &Arc<App>, segment: &'static str, (route, board): (&'static str, Board)) -> BoxedFilter<(Response,)> {
    let app = Arc::clone(app);
    warp::path!("v1" / "courses" / ..)
        .and(warp::path(segment))
        .and(warp::path::end())
        .and(asked())
        .map(move |asked: Arc<Asked>| {
            from_snapshot(route, Need::Courses, (&app, &asked), |snapshot| {
                let query = Query::parse(asked.query(), &LIST_PARAMETERS)?;
                render(snapshot, &courses::board(snapshot, board, &query.filter()?, query.page()?))
            })
        })
        .boxed()
}

pub(crate) fn similar(app: &Arc<App>) -> BoxedFilter<(Response,)> {
    let app = Arc::clone(app);
    warp::path!("v1" / "courses" / String / "similar")
        .and(asked())
        .map(move |id: String, asked: Arc<Asked>| {
            from_snapshot(SIMILAR_ROUTE, Need::Courses, (&app, &asked), |snapshot| {
                let query = Query::parse(asked.query(), &LIST_PARAMETERS)?;
                let list = courses::similar(snapshot, &decode_id(&id)?, &query.filter()?, query.page()?);
                render(snapshot, &list.map_err(problem_of)?)
            })
        })
        .boxed()
}
