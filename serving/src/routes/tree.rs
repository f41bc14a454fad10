//! All routes as one filter, the busiest first.

use std::sync::Arc;

use warp::Filter;
use warp::filters::BoxedFilter;
use warp::reply::Response;

use super::app::App;
use super::{courses, kpis, operations, recommendations, retention};
use crate::problem;

/// Every request gets a response: what no route answers is a problem.
pub(crate) fn all(app: &Arc<App>) -> BoxedFilter<(Response,)> {
    recommendations::route(app)
        .or(courses::popular(app))
        .unify()
        .or(courses::similar(app))
        .unify()
        .or(kpis::all(app))
        .unify()
        .or(kpis::series(app))
        .unify()
        .or(retention::route(app))
        .unify()
        .or(operations::all(app))
        .unify()
        .recover(problem::of_rejection)
        .unify()
        .boxed()
}
