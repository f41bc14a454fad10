//! GET /v1/kpis and GET /v1/kpis/{name}

use std::sync::Arc;

use warp::Filter;
use warp::filters::BoxedFilter;
use warp::reply::Response;

use super::app::App;
use super::query::Query;
use super::reply::{from_snapshot, problem_of, render};
use super::request::{Asked, asked, decode_id};
use crate::answers::kpis::{self, Days};
use crate::auth::Need;
use crate::problem::Problem;

pub(crate) const ALL_ROUTE: &str = "/v1/kpis";
pub(crate) const SERIES_ROUTE: &str = "/v1/kpis/{name}";

pub(crate) fn all(app: &Arc<App>) -> BoxedFilter<(Response,)> {
    let app = Arc::clone(app);
    warp::path!("v1" / "kpis")
        .and(asked())
        .map(move |asked: Arc<Asked>| {
            from_snapshot(ALL_ROUTE, Need::Numbers, (&app, &asked), |snapshot| {
                Query::parse(asked.query(), &[])?;
                Ok(render(snapshot, &kpis::all(snapshot).map_err(problem_of)?)?.large(asked.coding))
            })
        })
        .boxed()
}

pub(crate) fn series(app: &Arc<App>) -> BoxedFilter<(Response,)> {
    let app = Arc::clone(app);
    warp::path!("v1" / "kpis" / String)
        .and(asked())
        .map(move |name: String, asked: Arc<Asked>| {
            from_snapshot(SERIES_ROUTE, Need::Numbers, (&app, &asked), |snapshot| {
                let (name, days) = (decode_id(&name)?, days(asked.query())?);
                Ok(render(snapshot, &kpis::series(snapshot, &name, days).map_err(problem_of)?)?.large(asked.coding))
            })
        })
        .boxed()
}

fn days(query: &str) -> Result<Days, Problem> {
    let query = Query::parse(query, &["from", "to"])?;
    let days = Days { from: query.day("from")?, to: query.day("to")? };
    match (days.from, days.to) {
        (Some(from), Some(to)) if from > to => Err(Problem::bad_request(format!("`from` is {from}, after `to`, which is {to}"))),
        _ => Ok(days),
    }
}
