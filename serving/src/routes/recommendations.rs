//! GET /v1/users/{id}/recommendations

use std::sync::Arc;

use hachi_snapshot::{ListItem, Pseudonym};
use warp::Filter;
use warp::filters::BoxedFilter;
use warp::reply::Response;

use super::app::App;
use super::languages::{self, language};
use super::query::Query;
use super::reply::{of_member, problem_of, render};
use super::request::{Asked, asked};
use crate::answers::recommendations::{ListSource, Question, Reasons, answer};
use crate::answers::snapshot::Snapshot;
use crate::auth::Need;
use crate::config::Members;
use crate::problem::Problem;
use crate::rendered::Rendered;

pub(crate) const ROUTE: &str = "/v1/users/{id}/recommendations";
const PARAMETERS: [&str; 6] = ["limit", "offset", "exclude", "tag", "explain", languages::PARAMETER];

pub(crate) fn route(app: &Arc<App>) -> BoxedFilter<(Response,)> {
    let app = Arc::clone(app);
    warp::path!("v1" / "users" / String / "recommendations")
        .and(asked())
        .map(move |id: String, asked: Arc<Asked>| {
            of_member(ROUTE, |id| Need::Member(Some(id)), (&app, &asked, &id), |snapshot, id| handle(&app, snapshot, id, &asked))
        })
        .boxed()
}

fn handle(app: &App, snapshot: &Snapshot, id: &str, asked: &Asked) -> Result<Rendered, Problem> {
    let question = question(asked)?;
    // An id that can't be anybody's is a stranger's.
    let member = app.members.pseudonym(id);
    let stored = member.and_then(|member| stored(app, snapshot, &member)).unwrap_or_default();
    // Who has no list may have refused one, and gets what everybody gets.
    let question = Question { member: member.filter(|_| !stored.is_empty()), ..question };
    let of = member.map(|member| member.to_string()).unwrap_or_default();
    let answered = answer(snapshot, (ListSource::Personal, &stored), &of, &question).map_err(problem_of)?;
    render(snapshot, &answered).map(Rendered::by_language)
}

fn question(asked: &Asked) -> Result<Question, Problem> {
    let query = Query::parse(asked.query(), &PARAMETERS)?;
    let language = language(&query, asked.accept_language())?;
    let reasons = if query.choice("explain", &["true", "false"])? == "true" { Reasons::Told(language) } else { Reasons::Omitted };
    Ok(Question { filter: query.filter()?, page: query.page()?, member: None, reasons })
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
    pub(super) fn pseudonym(&self, id: &str) -> Option<Pseudonym> {
        match self {
            Self::Ids(key) => Some(key.pseudonym(id)),
            Self::Pseudonyms => id.parse().ok(),
        }
    }
}
