//! What a member has done and who they are to the site, as the pipeline rendered it.

use std::collections::HashSet;

use hachi_snapshot::{Facet, Pseudonym};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::filter::Page;
use super::snapshot::{AnswerError, Snapshot, Stamp};

/// What a profile tells of the member's use of the site as an analyst sees it: for operators alone.
const ANALYSIS: [&str; 5] = ["recency_days", "rfm_segment", "trend", "week_state", "is_paying"];

/// Courses that a member has been to.
#[derive(Debug, Serialize)]
pub(crate) struct Courses {
    snapshot: Stamp,
    items: Vec<Value>,
}

/// Of a row of [`Courses`], what names the course.
#[derive(Deserialize)]
struct Seen {
    course_id: String,
}

/// What is known of a member.
#[derive(Debug, Serialize)]
pub(crate) struct Profile {
    snapshot: Stamp,
    #[serde(rename = "profile")]
    columns: Map<String, Value>,
    /// Subjects, strongest first.
    interests: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    segments: Option<Value>,
}

/// Who reads a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    /// May see what analysts make of members.
    Operator,
    /// The site, for the member, or the member.
    Member,
}

/// What a member has been to, the last first; nothing for an unknown one.
pub(crate) fn courses(snapshot: &Snapshot, member: Option<&Pseudonym>, page: Page) -> Result<Courses, AnswerError> {
    let rows: Vec<Value> = facet(snapshot, Facet::Courses, member)?.unwrap_or_default();
    let titled = page.of(rows.into_iter()).map(|row| with_title(snapshot, row));
    Ok(Courses { snapshot: snapshot.stamp(), items: titled.collect() })
}

/// The ids of the courses that a member has been to. What can't be read is none: a list must not fail by what it leaves out.
pub(crate) fn been_to(snapshot: &Snapshot, member: Option<&Pseudonym>) -> HashSet<String> {
    let rows: Vec<Seen> = facet(snapshot, Facet::Courses, member).ok().flatten().unwrap_or_default();
    rows.into_iter().map(|row| row.course_id).collect()
}

/// Who a member is; an error for an unknown one.
pub(crate) fn profile(snapshot: &Snapshot, member: Option<&Pseudonym>, reader: Reader) -> Result<Profile, AnswerError> {
    let mut columns: Map<String, Value> =
        facet(snapshot, Facet::Profile, member)?.ok_or_else(|| AnswerError::Missing("member of this id".to_owned()))?;
    if reader == Reader::Member {
        columns.retain(|name, _| !ANALYSIS.contains(&name.as_str()));
    }
    let empty = || Value::Array(Vec::new());
    let segments = match reader {
        Reader::Operator => Some(facet(snapshot, Facet::Segments, member)?.unwrap_or_else(empty)),
        Reader::Member => None,
    };
    let interests = facet(snapshot, Facet::Interests, member)?.unwrap_or_else(empty);
    Ok(Profile { snapshot: snapshot.stamp(), columns, interests, segments })
}

fn facet<T: serde::de::DeserializeOwned>(snapshot: &Snapshot, of: Facet, member: Option<&Pseudonym>) -> Result<Option<T>, AnswerError> {
    let Some(member) = member else { return Ok(None) };
    Ok(snapshot.facet(of, member)?.map(|json| serde_json::from_slice(&json)).transpose()?)
}

fn with_title(snapshot: &Snapshot, mut row: Value) -> Value {
    let title = row["course_id"].as_str().and_then(|id| snapshot.course_of(id)).map(|course| course.title.clone());
    if let (Some(row), Some(title)) = (row.as_object_mut(), title) {
        row.insert("title".to_owned(), Value::String(title));
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::snapshot::tests::{member, snapshot};

    const ALL: Page = Page { offset: 0, limit: 9 };

    #[test]
    fn courses_have_titles_and_strangers_none() {
        let (_folder, snapshot) = snapshot();
        let answered = courses(&snapshot, Some(&member("ann")), ALL).unwrap();
        assert_eq!(answered.items, [serde_json::json!({"course_id": "c0", "progress": 0.5, "title": "Course zero"})]);
        assert!(courses(&snapshot, Some(&member("stranger")), ALL).unwrap().items.is_empty());
        assert!(courses(&snapshot, None, ALL).unwrap().items.is_empty());
    }

    #[test]
    fn what_analysts_make_of_a_member_is_for_operators() {
        let (_folder, snapshot) = snapshot();
        let shown = |reader| serde_json::to_value(profile(&snapshot, Some(&member("ann")), reader).unwrap()).unwrap();
        let (operator, own) = (shown(Reader::Operator), shown(Reader::Member));
        assert_eq!((&operator["profile"]["week_state"], &operator["segments"][0]), (&"new".into(), &"regulars".into()));
        assert_eq!(own["profile"], serde_json::json!({"plan": "pro"}));
        assert!(own.get("segments").is_none() && own["interests"][0]["tag"] == "rust", "{own}");
        assert!(matches!(profile(&snapshot, Some(&member("stranger")), Reader::Operator), Err(AnswerError::Missing(_))));
    }
}
