//! Lists that are the same for everybody: popular courses, and courses similar to one.

use hachi_snapshot::similar_document;
use serde::Serialize;
use serde_json::Value;

use super::snapshot::{AnswerError, PopularCourse, Snapshot, Stamp};

/// A list with its attribution.
#[derive(Debug, Serialize)]
pub(crate) struct CourseList<T> {
    recommendation_id: String,
    snapshot: Stamp,
    source: &'static str,
    items: Vec<T>,
}

/// The most popular courses, at most `limit`.
pub(crate) fn popular(snapshot: &Snapshot, limit: usize) -> CourseList<&PopularCourse> {
    let items = snapshot.popular().iter().take(limit).collect();
    CourseList { recommendation_id: snapshot.recommendation_id("popular"), snapshot: snapshot.stamp(), source: "popular", items }
}

/// The courses most similar to one, at most `limit`; an error where there is no such course.
pub(crate) fn similar(snapshot: &Snapshot, course_id: &str, limit: usize) -> Result<CourseList<Value>, AnswerError> {
    if !snapshot.has_course(course_id) {
        return Err(AnswerError::Missing(format!("course `{course_id}`")));
    }
    let name = similar_document(course_id);
    let mut items: Vec<Value> = match snapshot.document(&name, String::new) {
        Ok(json) => serde_json::from_slice(&json)?,
        // A course without neighbours.
        Err(AnswerError::Missing(_)) => Vec::new(),
        Err(error) => return Err(error),
    };
    items.truncate(limit);
    Ok(CourseList { recommendation_id: snapshot.recommendation_id(&name), snapshot: snapshot.stamp(), source: "similar", items })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::snapshot::tests::snapshot;

    #[test]
    fn limits_both_lists() {
        let (_folder, snapshot) = snapshot();
        assert_eq!(popular(&snapshot, 1).items.len(), 1);
        assert_eq!(popular(&snapshot, 9).items.len(), 2);
        assert_eq!(similar(&snapshot, "c0", 1).unwrap().items.len(), 1);
    }

    #[test]
    fn a_course_without_neighbours_is_no_error_but_an_unknown_one_is() {
        let (_folder, snapshot) = snapshot();
        assert!(similar(&snapshot, "c1", 5).unwrap().items.is_empty());
        let error = similar(&snapshot, "c9", 5).unwrap_err();
        assert_eq!(error.to_string(), "this snapshot holds no course `c9`");
    }
}
