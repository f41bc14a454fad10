//! POST /v1/impressions

use std::convert::Infallible;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use warp::filters::BoxedFilter;
use warp::http::StatusCode;
use warp::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use warp::reply::Response;
use warp::{Filter, Reply};

use super::app::App;
use super::query::Query;
use super::reply::named;
use super::request::{Posted, Whole, posted};
use crate::auth::Need;
use crate::feedback::Refused;
use crate::problem::Problem;

pub(crate) const ROUTE: &str = "/v1/impressions";
/// Rows of one request.
const ROWS_MAX: usize = 500;
/// Bytes of an id.
const ID_BYTES_MAX: usize = 256;
/// Bytes of a source's name.
const SOURCE_BYTES_MAX: usize = 32;
/// A place further down is not seen.
const RANK_MAX: u32 = 1_000;
/// How old an impression may be: a phone may have been away.
const AGE_MAX: TimeDelta = TimeDelta::days(7);
/// How far a client's clock may be ahead.
const AHEAD_MAX: TimeDelta = TimeDelta::minutes(5);

/// What is posted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shown {
    /// Who saw it; a member's token says it too.
    user_id: Option<String>,
    impressions: Vec<Impression>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Impression {
    recommendation_id: String,
    course_id: String,
    rank: Whole,
    source: String,
    #[serde(default)]
    clicked: bool,
    ts: Option<DateTime<Utc>>,
}

/// A row as the pipeline reads it: the raw table `impressions`.
#[derive(Debug, Serialize)]
struct Row<'a> {
    ts: DateTime<Utc>,
    recommendation_id: &'a str,
    user_id: &'a str,
    course_id: &'a str,
    rank: u32,
    source: &'a str,
    clicked: bool,
}

#[derive(Serialize)]
struct Accepted {
    accepted: usize,
}

pub(crate) fn route(app: &Arc<App>) -> BoxedFilter<(Response,)> {
    let app = Arc::clone(app);
    warp::path!("v1" / "impressions")
        .and(posted())
        .and_then(move |posted| {
            let app = Arc::clone(&app);
            async move { Ok::<_, Infallible>(named(ROUTE, keep(&app, &posted).await.unwrap_or_else(Problem::into_response))) }
        })
        .boxed()
}

async fn keep(app: &App, posted: &Posted) -> Result<Response, Problem> {
    let caller = &posted.asked.caller;
    caller.check(Need::Member(None))?;
    Query::parse(posted.asked.query(), &[])?;
    let Some(feedback) = &app.feedback else {
        return Err(Problem::not_found("this sidecar keeps no impressions; it is started with `--feedback` to keep them"));
    };
    let shown: Shown = posted.json()?;
    caller.check(Need::Member(shown.user_id.as_deref()))?;
    let user_id = shown.user_id.as_deref().or(caller.member()).ok_or_else(|| Problem::bad_request("`user_id` is missing"))?;
    let lines = lines(user_id, &shown.impressions, now())?;
    feedback.keep(lines).await.map_err(refusal)?;
    let accepted = shown.impressions.len();
    app.metrics.impressions.inc_by(accepted as u64);
    accepted_response(&Accepted { accepted })
}

fn lines(user_id: &str, impressions: &[Impression], now: DateTime<Utc>) -> Result<Vec<u8>, Problem> {
    check_text("user_id", user_id, ID_BYTES_MAX)?;
    if impressions.is_empty() || impressions.len() > ROWS_MAX {
        return Err(Problem::bad_request(format!("`impressions` must have 1 to {ROWS_MAX} rows")));
    }
    let mut lines = Vec::new();
    for impression in impressions {
        let row = impression.row(user_id, now)?;
        serde_json::to_writer(&mut lines, &row).map_err(|_| Problem::internal())?;
        lines.push(b'\n');
    }
    Ok(lines)
}

impl Impression {
    fn row<'a>(&'a self, user_id: &'a str, now: DateTime<Utc>) -> Result<Row<'a>, Problem> {
        check_text("recommendation_id", &self.recommendation_id, ID_BYTES_MAX)?;
        check_text("course_id", &self.course_id, ID_BYTES_MAX)?;
        check_text("source", &self.source, SOURCE_BYTES_MAX)?;
        if !(1..=RANK_MAX).contains(&self.rank.0) {
            return Err(Problem::bad_request(format!("`rank` must be a whole number from 1 to {RANK_MAX}")));
        }
        let ts = self.ts.unwrap_or(now);
        if ts < now - AGE_MAX || ts > now + AHEAD_MAX {
            return Err(Problem::bad_request("`ts` must be of the last 7 days"));
        }
        // A clock that is ahead would have the row rejected as one of the future.
        let ts = ts.min(now);
        let Self { recommendation_id, course_id, rank, source, clicked, .. } = self;
        Ok(Row { ts, recommendation_id, user_id, course_id, rank: rank.0, source, clicked: *clicked })
    }
}

fn check_text(name: &str, text: &str, bytes_max: usize) -> Result<(), Problem> {
    if text.trim().is_empty() || text.len() > bytes_max {
        return Err(Problem::bad_request(format!("`{name}` must be a text of 1 to {bytes_max} bytes")));
    }
    Ok(())
}

fn refusal(refused: Refused) -> Problem {
    match refused {
        Refused::Busy => Problem::unavailable("too many impressions wait to be kept"),
        Refused::Full => Problem::new(StatusCode::INSUFFICIENT_STORAGE, "there is no room for more impressions"),
        Refused::Failed => Problem::internal(),
    }
}

fn accepted_response(accepted: &Accepted) -> Result<Response, Problem> {
    let body = serde_json::to_vec(accepted).map_err(|_| Problem::internal())?;
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::ACCEPTED;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

#[expect(clippy::disallowed_methods, reason = "an impression without an instant was made now")]
fn now() -> DateTime<Utc> {
    Utc::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn impression(json: &str) -> Impression {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn rows_are_what_the_pipeline_reads() {
        let shown = [impression(r#"{"recommendation_id":"r","course_id":"c","rank":2,"source":"ials","clicked":true}"#)];
        let text = String::from_utf8(lines("李 雷", &shown, DateTime::UNIX_EPOCH).unwrap()).unwrap();
        let expected = r#"{"ts":"1970-01-01T00:00:00Z","recommendation_id":"r","user_id":"李 雷","course_id":"c","rank":2,"source":"ials","clicked":true}"#;
        assert_eq!(text, format!("{expected}\n"));
    }

    #[test]
    fn what_no_site_would_send_is_refused() {
        let refused = |json: &str| lines("ann", &[impression(json)], DateTime::UNIX_EPOCH).is_err();
        assert!(refused(r#"{"recommendation_id":"r","course_id":"c","rank":0,"source":"ials"}"#));
        assert!(refused(r#"{"recommendation_id":" ","course_id":"c","rank":1,"source":"ials"}"#));
        assert!(refused(r#"{"recommendation_id":"r","course_id":"c","rank":1,"source":"ials","ts":"1969-12-01T00:00:00Z"}"#));
        assert!(refused(r#"{"recommendation_id":"r","course_id":"c","rank":1,"source":"ials","ts":"1970-01-01T00:06:00Z"}"#));
        assert!(lines("ann", &[], DateTime::UNIX_EPOCH).is_err());
    }
}
