//! GET /v1/retention

use std::sync::Arc;

use warp::Filter;
use warp::filters::BoxedFilter;
use warp::reply::Response;

use super::app::App;
use super::query::Query;
use super::reply::{from_snapshot, problem_of, render};
use super::request::{Asked, asked};
use crate::answers::retention::{Triangle, answer};
use crate::answers::snapshot::Snapshot;
use crate::auth::Need;
use crate::problem::Problem;
use crate::rendered::Rendered;

pub(crate) const ROUTE: &str = "/v1/retention";
/// The first of each is the default.
const UNITS: [&str; 4] = ["week", "day", "month", WINDOWS];
const COHORT_TYPES: [&str; 3] = ["first_ever", "first_matching", "recurring"];
const CRITERIA: [&str; 2] = ["on", "on_or_after"];
/// Windows counted from each member's own first act; what comes after a window is not told of them.
const WINDOWS: &str = "24h";

pub(crate) fn route(app: &Arc<App>) -> BoxedFilter<(Response,)> {
    let app = Arc::clone(app);
    warp::path!("v1" / "retention")
        .and(asked())
        .map(move |asked: Arc<Asked>| from_snapshot(ROUTE, Need::Numbers, (&app, &asked), |snapshot| handle(snapshot, &asked)))
        .boxed()
}

fn handle(snapshot: &Snapshot, asked: &Asked) -> Result<Rendered, Problem> {
    let query = Query::parse(asked.query(), &["unit", "cohort_type", "criterion"])?;
    let triangle = Triangle {
        unit: query.choice("unit", &UNITS)?,
        cohort_type: query.choice("cohort_type", &COHORT_TYPES)?,
        criterion: query.choice("criterion", &CRITERIA)?,
    };
    if triangle.unit == WINDOWS && triangle.criterion == "on_or_after" {
        return Err(Problem::bad_request("`criterion` must be on where `unit` is 24h"));
    }
    Ok(render(snapshot, &answer(snapshot, triangle).map_err(problem_of)?)?.large(asked.coding))
}
