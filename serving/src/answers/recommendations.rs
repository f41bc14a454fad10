//! What a member should see next: the stored list, filtered, then filled with what is popular, then with the rest of the catalogue.

use std::cell::LazyCell;
use std::collections::HashSet;

use hachi_snapshot::{Course, Language, ListItem, NamedReason, Pseudonym, Reason, ReasonKind, Source, sentence};
use serde::Serialize;

use super::courses::CATALOGUE;
use super::filter::{Filter, Page};
use super::members::been_to;
use super::snapshot::{AnswerError, PopularCourse, Snapshot, Stamp};

/// Shares are shown in steps of 1/1000: they are stored in steps of 1/255, so more digits would claim too much.
const SHARE_STEPS: f32 = 1000.0;

/// One question.
#[derive(Debug)]
pub(crate) struct Question {
    /// What is left out.
    pub(crate) filter: Filter,
    /// Which part of the rest is answered.
    pub(crate) page: Page,
    /// Whose list it is: it is not filled with what they have been to. None where nobody is known, or wants to be.
    pub(crate) member: Option<Pseudonym>,
    /// Whether items say why.
    pub(crate) reasons: Reasons,
}

/// Whether items say why they are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reasons {
    Told(Language),
    Omitted,
}

/// One answer.
#[derive(Debug, Serialize)]
pub(crate) struct Recommendations<'a> {
    recommendation_id: String,
    snapshot: Stamp,
    source: ListSource,
    items: Vec<Item<'a>>,
}

/// Where the list as a whole is from; its last items may be popular ones, or any of the catalogue, either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ListSource {
    Personal,
    Session,
    Popular,
}

#[derive(Debug, Serialize)]
struct Item<'a> {
    course_id: &'a str,
    title: &'a str,
    score: Score,
    source: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasons: Option<Vec<Why<'a>>>,
    /// The reasons in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<String>,
}

/// Shown with the digits it was stored with.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(untagged)]
enum Score {
    Personal(f32),
    Popular(f64),
}

/// One reason, with what it names.
#[derive(Debug, Serialize)]
pub(crate) struct Why<'a> {
    kind: ReasonKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<&'a str>,
    /// Part of the score, from 0 to 1.
    share: f64,
}

/// A course that may be answered.
enum Candidate<'list, 'snapshot> {
    Personal(&'list ListItem, &'snapshot Course),
    Popular(&'snapshot PopularCourse),
    Catalogue(&'snapshot Course),
}

/// Answers from a list and where it is from; an empty one gives what is popular. `of` is who or what the list is of: it decides the
/// list's id, and can't be told from it.
pub(crate) fn answer<'a>(
    snapshot: &'a Snapshot,
    (source, list): (ListSource, &[ListItem]),
    of: &str,
    question: &Question,
) -> Result<Recommendations<'a>, AnswerError> {
    let source = if list.is_empty() { ListSource::Popular } else { source };
    let recommendation_id = snapshot.recommendation_id(of);
    let items = items(snapshot, list, question)?;
    Ok(Recommendations { recommendation_id, snapshot: snapshot.stamp(), source, items })
}

fn items<'a>(snapshot: &'a Snapshot, stored: &[ListItem], question: &Question) -> Result<Vec<Item<'a>>, AnswerError> {
    let personal = stored.iter().map(|item| Ok(Candidate::Personal(item, snapshot.course(item.course)?)));
    let personal = personal.collect::<Result<Vec<_>, AnswerError>>()?;
    let popular = snapshot.popular().iter().map(Candidate::Popular);
    let rest = snapshot.catalogue().map(Candidate::Catalogue);
    // Asked for only where a list has to be filled, which is rare.
    let known = LazyCell::new(|| been_to(snapshot, question.member.as_ref()));
    let fill = popular.chain(rest).filter(|candidate| !known.contains(candidate.course_id()));
    let mut seen: HashSet<&str> = HashSet::new();
    let distinct = personal.into_iter().chain(fill).filter(|candidate| seen.insert(candidate.course_id()));
    let kept = distinct.filter(|candidate| question.filter.keeps(snapshot, candidate.course_id()));
    question.page.of(kept).map(|candidate| candidate.item(snapshot, question.reasons)).collect()
}

impl<'snapshot> Candidate<'_, 'snapshot> {
    fn course_id(&self) -> &'snapshot str {
        match self {
            Self::Personal(_, course) | Self::Catalogue(course) => &course.course_id,
            Self::Popular(course) => &course.course_id,
        }
    }

    fn item(&self, snapshot: &'snapshot Snapshot, reasons: Reasons) -> Result<Item<'snapshot>, AnswerError> {
        let (course_id, title, score, source) = match *self {
            Self::Personal(item, course) => (&course.course_id, &course.title, Score::Personal(item.score), item.source.as_str()),
            Self::Popular(course) => (&course.course_id, &course.title, Score::Popular(course.score), Source::Popular.as_str()),
            Self::Catalogue(course) => (&course.course_id, &course.title, Score::Popular(0.0), CATALOGUE),
        };
        let (reasons, explanation) = match reasons {
            Reasons::Told(language) => {
                let why = self.why(snapshot)?;
                let explanation = in_words(language, &why);
                (Some(why), explanation)
            }
            Reasons::Omitted => (None, None),
        };
        Ok(Item { course_id, title, score, source, reasons, explanation })
    }

    fn why(&self, snapshot: &'snapshot Snapshot) -> Result<Vec<Why<'snapshot>>, AnswerError> {
        match *self {
            Self::Personal(item, _) => item.reasons.iter().map(|reason| Why::of(snapshot, *reason)).collect(),
            Self::Popular(_) => Ok(vec![Why::whole(ReasonKind::Popular)]),
            // Being there is no reason, and the latest need not be new.
            Self::Catalogue(_) => Ok(Vec::new()),
        }
    }
}

impl<'snapshot> Why<'snapshot> {
    /// The only reason there is, which names nothing.
    pub(crate) fn whole(kind: ReasonKind) -> Self {
        Self { kind, id: None, title: None, share: 1.0 }
    }

    /// The only reason there is: a course.
    pub(crate) fn course(course: &'snapshot Course) -> Self {
        Self { kind: ReasonKind::Course, id: Some(&course.course_id), title: Some(&course.title), share: 1.0 }
    }

    fn of(snapshot: &'snapshot Snapshot, reason: Reason) -> Result<Self, AnswerError> {
        let (id, title) = snapshot.named(reason)?;
        let share = f64::from((reason.share() * SHARE_STEPS).round()) / f64::from(SHARE_STEPS);
        Ok(Self { kind: reason.kind, id, title, share })
    }
}

fn in_words(language: Language, reasons: &[Why<'_>]) -> Option<String> {
    let named = reasons.iter().map(|why| NamedReason { kind: why.kind, name: why.title.or(why.id).unwrap_or_default() });
    sentence(language, &named.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::snapshot::tests::{member, snapshot};

    fn check(of: &str, question: Question, expected_source: &str, expected_courses: &[&str]) {
        let (_folder, snapshot) = snapshot();
        let stored = snapshot.list(&member(of)).unwrap().unwrap_or_default();
        let answered = answer(&snapshot, (ListSource::Personal, &stored), of, &question).unwrap();
        let json = serde_json::to_value(&answered).unwrap();
        let courses: Vec<&str> = answered.items.iter().map(|item| item.course_id).collect();
        assert_eq!((json["source"].as_str().unwrap(), courses.as_slice()), (expected_source, expected_courses));
    }

    fn question(exclude: &[&str], offset: usize, limit: usize) -> Question {
        let exclude = exclude.iter().map(|course| (*course).to_owned()).collect();
        Question { filter: Filter::new(exclude, []), page: Page { offset, limit }, member: None, reasons: Reasons::Told(Language::English) }
    }

    #[test]
    fn a_member_gets_the_stored_list_then_what_is_popular() {
        check("ann", question(&[], 0, 10), "personal", &["c2", "c0", "c1"]);
    }

    #[test]
    fn a_stranger_gets_what_is_popular() {
        check("stranger", question(&[], 0, 2), "popular", &["c1", "c0"]);
    }

    #[test]
    fn the_rest_of_the_catalogue_fills_what_is_left() {
        check("stranger", question(&[], 0, 10), "popular", &["c1", "c0", "c2"]);
        check("stranger", question(&["c1", "c0"], 0, 10), "popular", &["c2"]);
        let (_folder, snapshot) = snapshot();
        let answered = answer(&snapshot, (ListSource::Personal, &[]), "stranger", &question(&["c1", "c0"], 0, 10)).unwrap();
        let expected = r#"[{"course_id":"c2","title":"Course two","score":0.0,"source":"catalogue","reasons":[]}]"#;
        assert_eq!(serde_json::to_string(&answered.items).unwrap(), expected);
    }

    #[test]
    fn a_list_is_not_filled_with_what_the_member_has_been_to() {
        let (_folder, snapshot) = snapshot();
        let stored = &snapshot.list(&member("ann")).unwrap().unwrap()[..1];
        let courses = |of: Option<&str>| {
            let question = Question { member: of.map(member), ..question(&[], 0, 10) };
            let answered = answer(&snapshot, (ListSource::Personal, stored), "ann", &question).unwrap();
            answered.items.iter().map(|item| item.course_id).collect::<Vec<_>>()
        };
        assert_eq!(courses(Some("ann")), ["c2", "c1"]);
        assert_eq!(courses(Some("stranger")), ["c2", "c1", "c0"]);
        assert_eq!(courses(None), ["c2", "c1", "c0"]);
    }

    #[test]
    fn excluded_courses_make_room_for_others() {
        check("ann", question(&["c2", "none"], 0, 10), "personal", &["c0", "c1"]);
        check("ann", question(&["c0"], 0, 2), "personal", &["c2", "c1"]);
        let tagged = Filter::new(HashSet::new(), ["rust".to_owned()]);
        check("ann", Question { filter: tagged, ..question(&[], 0, 10) }, "personal", &["c2", "c0"]);
    }

    #[test]
    fn pages_follow_each_other_without_gap_or_overlap() {
        check("ann", question(&[], 0, 2), "personal", &["c2", "c0"]);
        check("ann", question(&[], 2, 2), "personal", &["c1"]);
        check("ann", question(&[], 9, 10), "personal", &[]);
    }

    #[test]
    fn items_say_why_unless_told_not_to() {
        let (_folder, snapshot) = snapshot();
        let stored = snapshot.list(&member("ann")).unwrap().unwrap();
        let render = |reasons| {
            let question = Question { reasons, ..question(&[], 0, 1) };
            serde_json::to_string(&answer(&snapshot, (ListSource::Personal, &stored), "ann", &question).unwrap().items).unwrap()
        };
        let plain = r#"[{"course_id":"c2","title":"Course two","score":0.9,"source":"ials""#;
        let why = r#","reasons":[{"kind":"course","id":"c0","title":"Course zero","share":0.502},{"kind":"behaviour","id":"tag:rust","share":0.251}]"#;
        assert_eq!(render(Reasons::Omitted), format!("{plain}}}]"));
        let told = |words: &str| format!("{plain}{why},\"explanation\":\"{words}\"}}]");
        assert_eq!(render(Reasons::Told(Language::English)), told("because you took “Course zero”"));
        assert_eq!(render(Reasons::Told(Language::Chinese)), told("因为你学过《Course zero》"));
    }
}
