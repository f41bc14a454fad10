//! GET /v1/users/{id}/recommendations

use std::sync::Arc;

use hachi_snapshot::{ListItem, Pseudonym};
use warp::Filter;
use warp::filters::BoxedFilter;
use warp::reply::Response;

use super::app::App;
use super::languages::{self, language};
use super::query::Query;
use super::reply::{Rendered, from_snapshot, problem_of, render};
use super::request::{Asked, asked, decode_id};
use crate::answers::recommendations::{Question, Reasons, answer};
use crate::answers::snapshot::Snapshot;
use crate::config::Members;
use crate::problem::Problem;

const ROUTE: &str = "/v1/users/{id}/recommendations";
const PARAMETERS: [&str; 5] = ["limit", "offset", "exclude", "explain", languages::PARAMETER];
const DEFAULT_LIMIT: usize = 10;
/// Items in one answer at most, on every list.
pub(crate) const LIMIT_MAX: usize = 100;
/// Further than any list is long.
const OFFSET_MAX: usize = 100_000;

pub(crate) fn route(app: &Arc<App>) -> BoxedFilter<(Response,)> {
    let app = Arc::clone(app);
    warp::path!("v1" / "users" / String / "recommendations")
        .and(asked())
        .map(move |id: String, asked| from_snapshot(ROUTE, &app, &asked, |snapshot| handle(&app, snapshot, &id, &asked)))
        .boxed()
}

fn handle(app: &App, snapshot: &Snapshot, id: &str, asked: &Asked) -> Result<Rendered, Problem> {
    let question = question(app.members.pseudonym(&decode_id(id)?), asked)?;
    let stored = question.member.and_then(|member| stored(app, snapshot, &member));
    let answered = answer(snapshot, stored.as_deref(), &question).map_err(problem_of)?;
    render(snapshot, &answered).map(Rendered::by_language)
}

fn question(member: Option<Pseudonym>, asked: &Asked) -> Result<Question, Problem> {
    let query = Query::parse(&asked.query, &PARAMETERS)?;
    let language = language(&query, asked.accept_language.as_deref())?;
    let reasons = if query.choice("explain", &["true", "false"])? == "true" { Reasons::Told(language) } else { Reasons::Omitted };
    Ok(Question {
        member,
        offset: query.number("offset", 0, 0..=OFFSET_MAX)?,
        limit: query.number("limit", DEFAULT_LIMIT, 1..=LIMIT_MAX)?,
        exclude: query.list("exclude")?,
        reasons,
    })
}

/// A damaged list must not leave a member's page empty: the answer is then what a stranger gets.
fn stored(app: &App, snapshot: &Snapshot, member: &Pseudonym) -> Option<Vec<ListItem>> {
    snapshot.list(member).unwrap_or_else(|error| {
        app.metrics.list_failures.inc();
        let number = snapshot.stamp().number;
        tracing::error!(number, error = &error as &dyn std::error::Error, "a list is damaged and was answered with popular courses");
        None
    })
}

impl Members {
    /// Whose list to look for; none where the id can't be a pseudonym and there is no key to make it one.
    fn pseudonym(&self, id: &str) -> Option<Pseudonym> {
        match self {
            Self::Ids(key) => Some(key.pseudonym(id)),
            Self::Pseudonyms => id.parse().ok(),
        }
    }
}
