//! All routes as one filter, the busiest first.

use std::sync::Arc;

use warp::Filter;
use warp::filters::BoxedFilter;
use warp::reply::Response;

use super::app::App;
use super::{courses, experiments, impressions, kpis, lifecycle, members, models, operations, pages, recommendations, retention, session};
use crate::problem;

/// Every request gets a response: what no route answers is a problem.
pub(crate) fn all(app: &Arc<App>) -> BoxedFilter<(Response,)> {
    recommendations::route(app)
        .or(session::route(app))
        .unify()
        .or(courses::boards(app))
        .unify()
        .or(courses::similar(app))
        .unify()
        .or(members::courses(app))
        .unify()
        .or(members::profile(app))
        .unify()
        .or(impressions::route(app))
        .unify()
        .or(kpis::all(app))
        .unify()
        .or(kpis::series(app))
        .unify()
        .or(retention::route(app))
        .unify()
        .or(lifecycle::route(app))
        .unify()
        .or(models::route(app))
        .unify()
        .or(experiments::route(app))
        .unify()
        .or(pages::all())
        .unify()
        .or(operations::all(app))
        .unify()
        .recover(problem::of_rejection)
        .unify()
        .boxed()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The routes by name; a new one is described before it is added here.
    const ROUTES: [&str; 20] = [
        recommendations::ROUTE,
        session::ROUTE,
        courses::POPULAR_ROUTE,
        courses::TRENDING_ROUTE,
        courses::LATEST_ROUTE,
        courses::SIMILAR_ROUTE,
        members::COURSES_ROUTE,
        members::PROFILE_ROUTE,
        impressions::ROUTE,
        kpis::ALL_ROUTE,
        kpis::SERIES_ROUTE,
        retention::ROUTE,
        lifecycle::ROUTE,
        models::ROUTE,
        experiments::ROUTE,
        operations::LIVE_ROUTE,
        operations::READY_ROUTE,
        operations::STATUS_ROUTE,
        operations::METRICS_ROUTE,
        operations::DESCRIPTION_ROUTE,
    ];

    #[test]
    fn every_route_is_described() {
        let description: serde_json::Value = serde_json::from_slice(operations::DESCRIPTION).unwrap();
        let described: BTreeSet<&str> = description["paths"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(described, BTreeSet::from(ROUTES));
    }
}
