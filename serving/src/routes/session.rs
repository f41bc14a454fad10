//! POST /v1/recommendations

use std::sync::Arc;

use serde::Deserialize;
use warp::filters::BoxedFilter;
use warp::reply::Response;
use warp::{Filter, Reply};

use super::app::App;
use super::languages::preferred_or;
use super::query::{DEFAULT_LIMIT, LIMIT_MAX, Query};
use super::reply::{named, posted_to_snapshot, problem_of, render};
use super::request::{Posted, Whole, posted};
use crate::answers::filter::{Filter as Courses, Page};
use crate::answers::recommendations::{Question, Reasons};
use crate::answers::session::answer_session;
use crate::answers::snapshot::Snapshot;
use crate::auth::Need;
use crate::problem::Problem;
use crate::rendered::Rendered;

pub(crate) const ROUTE: &str = "/v1/recommendations";
/// Courses of a session; a longer one says no more.
const RECENT_MAX: usize = 200;
/// Courses left out.
const EXCLUDE_MAX: usize = 1_000;
/// Subjects.
const TAGS_MAX: usize = 50;

/// What is posted. Nothing of it is kept.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Session {
    /// Courses just looked at.
    recent: Vec<String>,
    limit: Option<Whole>,
    #[serde(default)]
    exclude: Vec<String>,
    #[serde(default)]
    tags: Vec<String>,
    /// Whose session it is, so that a refusal is heeded; a member's token says it too.
    user_id: Option<String>,
    explain: Option<bool>,
    #[serde(default)]
    lang: Spoken,
}

/// Language of the explanations.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Spoken {
    #[default]
    Auto,
    En,
    Zh,
}

pub(crate) fn route(app: &Arc<App>) -> BoxedFilter<(Response,)> {
    let app = Arc::clone(app);
    warp::path!("v1" / "recommendations").and(posted()).map(move |posted| respond(&app, &posted)).boxed()
}

fn respond(app: &App, posted: &Posted) -> Response {
    // Who may not ask at all is told so before anything is read.
    let session = posted.asked.caller.check(Need::Member(None)).and_then(|()| posted.json::<Session>());
    match session {
        Ok(session) => posted_to_snapshot(ROUTE, Need::Member(session.user_id.as_deref()), (app, &posted.asked), |snapshot| {
            Query::parse(posted.asked.query(), &[])?;
            handle(app, snapshot, &session, posted)
        }),
        Err(problem) => named(ROUTE, problem.into_response()),
    }
}

fn handle(app: &App, snapshot: &Snapshot, session: &Session, posted: &Posted) -> Result<Rendered, Problem> {
    let question = session.question(posted.asked.accept_language())?;
    let member = session.user_id.as_deref().or_else(|| posted.asked.caller.member());
    let member = member.and_then(|id| app.members.pseudonym(id));
    let is_refused = member.map_or(Ok(false), |member| snapshot.is_refused(&member)).map_err(problem_of)?;
    // Who refuses personalisation gets what is popular: the session counts for nothing but what is left out.
    let recent: &[String] = if is_refused { &[] } else { &session.recent };
    let filter = question.filter.without(session.recent.iter().cloned());
    let member = member.filter(|_| !is_refused);
    let answered = answer_session(snapshot, recent, Question { filter, member, ..question }).map_err(problem_of)?;
    render(snapshot, &answered).map(|rendered| rendered.by_language().unstored())
}

impl Session {
    fn question(&self, accepted: Option<&str>) -> Result<Question, Problem> {
        at_most("recent", self.recent.len(), RECENT_MAX)?;
        at_most("exclude", self.exclude.len(), EXCLUDE_MAX)?;
        at_most("tags", self.tags.len(), TAGS_MAX)?;
        let limit = self.limit.map_or(DEFAULT_LIMIT, |limit| limit.0 as usize);
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(Problem::bad_request(format!("`limit` must be a whole number from 1 to {LIMIT_MAX}")));
        }
        let asked = match self.lang {
            Spoken::Auto => "auto",
            Spoken::En => "en",
            Spoken::Zh => "zh",
        };
        let reasons = if self.explain == Some(false) { Reasons::Omitted } else { Reasons::Told(preferred_or(asked, accepted)) };
        let filter = Courses::new(self.exclude.iter().cloned().collect(), self.tags.iter().cloned());
        Ok(Question { filter, page: Page { offset: 0, limit }, member: None, reasons })
    }
}

fn at_most(what: &str, count: usize, most: usize) -> Result<(), Problem> {
    if count <= most { Ok(()) } else { Err(Problem::bad_request(format!("`{what}` has {count} values, but may have {most}"))) }
}
