//! Lists that are the same for everybody: popular, trending and latest courses, and courses similar to one.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use hachi_snapshot::{Course, ReasonKind, similar_document};
use serde::{Deserialize, Serialize};

use super::filter::{Filter, Page};
use super::recommendations::Why;
use super::snapshot::{AnswerError, Snapshot, Stamp};

/// The source of what is on a list because the catalogue has it, and nothing else: it fills what filters leave empty.
pub(crate) const CATALOGUE: &str = "catalogue";

/// A list with its attribution.
#[derive(Debug, Serialize)]
pub(crate) struct CourseList<'a> {
    recommendation_id: String,
    snapshot: Stamp,
    source: &'static str,
    items: Vec<Item<'a>>,
}

#[derive(Debug, Serialize)]
struct Item<'a> {
    course_id: &'a str,
    title: &'a str,
    /// Orders one list; means nothing between lists.
    score: f64,
    source: &'static str,
    reasons: Vec<Why<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    learners: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    published_at: Option<DateTime<Utc>>,
}

/// A course of a document of similar ones.
#[derive(Deserialize)]
struct Similar {
    course_id: String,
    #[serde(default)]
    score: f64,
}

/// A list for everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Board {
    /// What most members take.
    Popular,
    /// What most members take now.
    Trending,
    /// What was published last.
    Latest,
}

impl Board {
    fn name(self) -> &'static str {
        match self {
            Self::Popular => "popular",
            Self::Trending => "trending",
            Self::Latest => "latest",
        }
    }

    /// What belongs on the board, then the rest of the catalogue where the board does not hold all of it anyway.
    fn items(self, snapshot: &Snapshot) -> Box<dyn Iterator<Item = Item<'_>> + '_> {
        if self == Self::Latest {
            return self.own(snapshot);
        }
        let mut seen = HashSet::new();
        Box::new(self.own(snapshot).chain(snapshot.catalogue().map(unchosen)).filter(move |item| seen.insert(item.course_id)))
    }

    fn own(self, snapshot: &Snapshot) -> Box<dyn Iterator<Item = Item<'_>> + '_> {
        match self {
            Self::Popular => {
                Box::new(snapshot.popular().iter().map(move |course| Item {
                    learners: Some(course.learners),
                    ..self.item(&course.course_id, &course.title, course.score)
                }))
            }
            Self::Trending => Box::new(snapshot.trending().map(move |course| Item {
                learners: Some(course.learners),
                ..self.item(&course.course_id, &course.title, course.trending)
            })),
            Self::Latest => Box::new(snapshot.latest().map(move |(course, at)| Item {
                published_at: Some(at),
                ..self.item(&course.course_id, &course.title, at.timestamp() as f64)
            })),
        }
    }

    fn item<'a>(self, course_id: &'a str, title: &'a str, score: f64) -> Item<'a> {
        let kind = if self == Self::Latest { ReasonKind::New } else { ReasonKind::Popular };
        Item { course_id, title, score, source: self.name(), reasons: vec![Why::whole(kind)], learners: None, published_at: None }
    }
}

/// One page of a list for everybody.
pub(crate) fn board<'a>(snapshot: &'a Snapshot, board: Board, filter: &Filter, page: Page) -> CourseList<'a> {
    let kept = board.items(snapshot).filter(|item| filter.keeps(snapshot, item.course_id));
    let recommendation_id = snapshot.recommendation_id(board.name());
    CourseList { recommendation_id, snapshot: snapshot.stamp(), source: board.name(), items: page.of(kept).collect() }
}

/// One page of the courses most similar to one; an error where there is no such course.
pub(crate) fn similar<'a>(snapshot: &'a Snapshot, course_id: &str, filter: &Filter, page: Page) -> Result<CourseList<'a>, AnswerError> {
    let Some(origin) = snapshot.course_of(course_id) else { return Err(AnswerError::Missing(format!("course `{course_id}`"))) };
    let name = similar_document(course_id);
    let stored: Vec<Similar> = match snapshot.document(&name, String::new) {
        Ok(json) => serde_json::from_slice(&json)?,
        // A course without neighbours.
        Err(AnswerError::Missing(_)) => Vec::new(),
        Err(error) => return Err(error),
    };
    // A course that is gone from the catalogue has no title to show.
    let known = stored.into_iter().filter_map(|similar| Some((snapshot.course_of(&similar.course_id)?, similar.score)));
    let items = known.map(|(course, score)| neighbour(origin, course, score)).filter(|item| filter.keeps(snapshot, item.course_id));
    let recommendation_id = snapshot.recommendation_id(&name);
    Ok(CourseList { recommendation_id, snapshot: snapshot.stamp(), source: "similar", items: page.of(items).collect() })
}

/// Nothing speaks for it but that it is there.
fn unchosen(course: &Course) -> Item<'_> {
    let (reasons, learners, published_at) = (Vec::new(), None, course.published_at);
    Item { course_id: &course.course_id, title: &course.title, score: 0.0, source: CATALOGUE, reasons, learners, published_at }
}

fn neighbour<'a>(origin: &'a Course, course: &'a Course, score: f64) -> Item<'a> {
    let (learners, published_at) = (None, None);
    let reasons = vec![Why::course(origin)];
    Item { course_id: &course.course_id, title: &course.title, score, source: "similar", reasons, learners, published_at }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::snapshot::tests::snapshot;

    const ALL: Page = Page { offset: 0, limit: 9 };

    fn check(of: Board, filter: Filter, page: Page, expected: &[&str]) {
        let (_folder, snapshot) = snapshot();
        let list = board(&snapshot, of, &filter, page);
        let courses: Vec<&str> = list.items.iter().map(|item| item.course_id).collect();
        assert_eq!(courses, expected, "{of:?}");
    }

    fn tagged(tag: &str) -> Filter {
        Filter::new(HashSet::new(), [tag.to_owned()])
    }

    #[test]
    fn boards_have_their_own_order() {
        check(Board::Popular, Filter::default(), ALL, &["c1", "c0", "c2"]);
        check(Board::Trending, Filter::default(), ALL, &["c0", "c1", "c2"]);
        check(Board::Latest, Filter::default(), ALL, &["c2", "c0"]);
    }

    #[test]
    fn filters_act_before_the_page_is_cut() {
        let one = Page { offset: 0, limit: 1 };
        check(Board::Popular, Filter::default().without(["c1".to_owned()]), one, &["c0"]);
        check(Board::Popular, tagged("RUST"), one, &["c0"]);
        check(Board::Popular, tagged("none"), one, &[]);
        check(Board::Popular, Filter::default(), Page { offset: 1, limit: 9 }, &["c0", "c2"]);
    }

    #[test]
    fn the_rest_of_the_catalogue_fills_what_filters_leave_empty() {
        check(Board::Popular, tagged("sql"), ALL, &["c2"]);
        check(Board::Trending, Filter::default().without(["c0".to_owned(), "c1".to_owned()]), ALL, &["c2"]);
        let (_folder, snapshot) = snapshot();
        let list = serde_json::to_value(board(&snapshot, Board::Popular, &tagged("sql"), ALL)).unwrap();
        let expected = serde_json::json!([{
            "course_id": "c2", "title": "Course two", "score": 0.0, "source": "catalogue", "reasons": [],
            "published_at": "1969-12-31T23:59:50Z",
        }]);
        assert_eq!((&list["source"], &list["items"]), (&"popular".into(), &expected));
    }

    #[test]
    fn a_course_without_neighbours_is_no_error_but_an_unknown_one_is() {
        let (_folder, snapshot) = snapshot();
        let one = similar(&snapshot, "c0", &Filter::default(), Page { offset: 0, limit: 1 }).unwrap();
        assert_eq!((one.items.len(), one.items[0].reasons[0].title), (1, Some("Course zero")));
        assert!(similar(&snapshot, "c1", &Filter::default(), ALL).unwrap().items.is_empty());
        let error = similar(&snapshot, "c9", &Filter::default(), ALL).unwrap_err();
        assert_eq!(error.to_string(), "this snapshot holds no course `c9`");
    }
}
