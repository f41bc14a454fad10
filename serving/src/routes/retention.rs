//! GET /v1/retention

use std::sync::Arc;

use warp::Filter;
use warp::filters::BoxedFilter;
use warp::reply::Response;

use super::app::App;
use super::query::Query;
use super::reply::{Rendered, from_snapshot, problem_of, render};
use super::request::asked;
use crate::answers::retention::{Triangle, answer};
use crate::answers::snapshot::Snapshot;
use crate::problem::Problem;

const ROUTE: &str = "/v1/retention";
/// The first of each is the default.
const UNITS: [&str; 3] = ["week", "day", "month"];
const COHORT_TYPES: [&str; 2] = ["first_ever", "recurring"];
const CRITERIA: [&str; 2] = ["on", "on_or_after"];

pub(crate) fn route(app: &Arc<App>) -> BoxedFilter<(Response,)> {
    let app = Arc::clone(app);
    warp::path!("v1" / "retention")
        .and(asked())
        .map(move |asked| from_snapshot(ROUTE, &app, &asked, |snapshot| handle(snapshot, &asked.query)))
        .boxed()
}

fn handle(snapshot: &Snapshot, query: &str) -> Result<Rendered, Problem> {
    let query = Query::parse(query, &["unit", "cohort_type", "criterion"])?;
    let triangle = Triangle {
        unit: query.choice("unit", &UNITS)?,
        cohort_type: query.choice("cohort_type", &COHORT_TYPES)?,
        criterion: query.choice("criterion", &CRITERIA)?,
    };
    render(snapshot, &answer(snapshot, triangle).map_err(problem_of)?)
}
