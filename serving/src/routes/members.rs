//! GET /v1/users/{id}/courses and GET /v1/users/{id}/profile

use std::sync::Arc;

use warp::Filter;
use warp::filters::BoxedFilter;
use warp::reply::Response;

use super::app::App;
use super::query::{PAGE_PARAMETERS, Query};
use super::reply::{of_member, problem_of, render};
use super::request::{Asked, asked};
use crate::answers::members::{self, Reader};
use crate::auth::Need;

pub(crate) const COURSES_ROUTE: &str = "/v1/users/{id}/courses";
pub(crate) const PROFILE_ROUTE: &str = "/v1/users/{id}/profile";

pub(crate) fn courses(app: &Arc<App>) -> BoxedFilter<(Response,)> {
    let app = Arc::clone(app);
    warp::path!("v1" / "users" / String / "courses")
        .and(asked())
        .map(move |id: String, asked: Arc<Asked>| {
            of_member(
                COURSES_ROUTE,
                |id| Need::Member(Some(id)),
                (&app, &asked, &id),
                |snapshot, id| {
                    let page = Query::parse(asked.query(), &PAGE_PARAMETERS)?.page()?;
                    let answered = members::courses(snapshot, app.members.pseudonym(id).as_ref(), page);
                    render(snapshot, &answered.map_err(problem_of)?)
                },
            )
        })
        .boxed()
}

pub(crate) fn profile(app: &Arc<App>) -> BoxedFilter<(Response,)> {
    let app = Arc::clone(app);
    warp::path!("v1" / "users" / String / "profile")
        .and(asked())
        .map(move |id: String, asked: Arc<Asked>| {
            of_member(
                PROFILE_ROUTE,
                |id| Need::Profile(id),
                (&app, &asked, &id),
                |snapshot, id| {
                    Query::parse(asked.query(), &[])?;
                    let reader = if asked.caller.is_operator() { Reader::Operator } else { Reader::Member };
                    let answered = members::profile(snapshot, app.members.pseudonym(id).as_ref(), reader);
                    render(snapshot, &answered.map_err(problem_of)?)
                },
            )
        })
        .boxed()
}
