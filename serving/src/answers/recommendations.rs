//! What a member should see next: the stored list, filtered, then filled with what is popular.

use std::collections::HashSet;

use hachi_snapshot::{Course, Language, ListItem, NamedReason, Pseudonym, Reason, ReasonKind, Source, sentence};
use serde::Serialize;

use super::snapshot::{AnswerError, PopularCourse, Snapshot, Stamp};

/// Shares are shown in steps of 1/1000: they are stored in steps of 1/255, so more digits would claim too much.
const SHARE_STEPS: f32 = 1000.0;

/// One question.
#[derive(Debug)]
pub(crate) struct Question {
    /// Whose list; none for somebody who can't be anybody known.
    pub(crate) member: Option<Pseudonym>,
    /// Items skipped, after filtering.
    pub(crate) offset: usize,
    /// Items answered at most.
    pub(crate) limit: usize,
    /// Courses to leave out.
    pub(crate) exclude: HashSet<String>,
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

/// Where the list as a whole is from; its last items may be popular ones either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum ListSource {
    Personal,
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

#[derive(Debug, Serialize)]
struct Why<'a> {
    kind: ReasonKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    /// Part of the score, from 0 to 1.
    share: f64,
}

/// A course that may be answered.
enum Candidate<'list, 'snapshot> {
    Personal(&'list ListItem, &'snapshot Course),
    Popular(&'snapshot PopularCourse),
}

/// Answers from a member's `stored` list; none or an empty one gives what is popular.
pub(crate) fn answer<'a>(
    snapshot: &'a Snapshot,
    stored: Option<&[ListItem]>,
    question: &Question,
) -> Result<Recommendations<'a>, AnswerError> {
    let stored = stored.unwrap_or_default();
    let source = if stored.is_empty() { ListSource::Popular } else { ListSource::Personal };
    let member = question.member.map(|member| member.to_string()).unwrap_or_default();
    let recommendation_id = snapshot.recommendation_id(&member);
    let items = items(snapshot, stored, question)?;
    Ok(Recommendations { recommendation_id, snapshot: snapshot.stamp(), source, items })
}

fn items<'a>(snapshot: &'a Snapshot, stored: &[ListItem], question: &Question) -> Result<Vec<Item<'a>>, AnswerError> {
    let personal = stored.iter().map(|item| Ok(Candidate::Personal(item, snapshot.course(item.course)?)));
    let personal = personal.collect::<Result<Vec<_>, AnswerError>>()?;
    let popular = snapshot.popular().iter().map(Candidate::Popular);
    let mut seen: HashSet<&str> = question.exclude.iter().map(String::as_str).collect();
    let kept = personal.into_iter().chain(popular).filter(|candidate| seen.insert(candidate.course_id()));
    let page = kept.skip(question.offset).take(question.limit);
    page.map(|candidate| candidate.item(snapshot, question.reasons)).collect()
}

impl<'snapshot> Candidate<'_, 'snapshot> {
    fn course_id(&self) -> &'snapshot str {
        match self {
            Self::Personal(_, course) => &course.course_id,
            Self::Popular(course) => &course.course_id,
        }
    }

    fn item(&self, snapshot: &'snapshot Snapshot, reasons: Reasons) -> Result<Item<'snapshot>, AnswerError> {
        let (course_id, title, score, source) = match *self {
            Self::Personal(item, course) => (&course.course_id, &course.title, Score::Personal(item.score), item.source.as_str()),
            Self::Popular(course) => (&course.course_id, &course.title, Score::Popular(course.score), Source::Popular.as_str()),
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
            Self::Popular(_) => Ok(vec![Why { kind: ReasonKind::Popular, id: None, title: None, share: 1.0 }]),
        }
    }
}

impl<'snapshot> Why<'snapshot> {
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

    fn check(question: Question, expected_source: &str, expected_courses: &[&str]) {
        let (_folder, snapshot) = snapshot();
        let stored = question.member.and_then(|member| snapshot.list(&member).unwrap());
        let answered = answer(&snapshot, stored.as_deref(), &question).unwrap();
        let json = serde_json::to_value(&answered).unwrap();
        let courses: Vec<&str> = answered.items.iter().map(|item| item.course_id).collect();
        assert_eq!((json["source"].as_str().unwrap(), courses.as_slice()), (expected_source, expected_courses));
    }

    fn question(id: &str, exclude: &[&str]) -> Question {
        let exclude = exclude.iter().map(|course| (*course).to_owned()).collect();
        Question { member: Some(member(id)), offset: 0, limit: 10, exclude, reasons: Reasons::Told(Language::English) }
    }

    #[test]
    fn a_member_gets_the_stored_list_then_what_is_popular() {
        check(question("ann", &[]), "personal", &["c2", "c0", "c1"]);
    }

    #[test]
    fn a_stranger_gets_what_is_popular() {
        check(question("stranger", &[]), "popular", &["c1", "c0"]);
        check(Question { member: None, ..question("", &[]) }, "popular", &["c1", "c0"]);
    }

    #[test]
    fn excluded_courses_make_room_for_others() {
        check(question("ann", &["c2", "none"]), "personal", &["c0", "c1"]);
        check(Question { limit: 2, ..question("ann", &["c0"]) }, "personal", &["c2", "c1"]);
    }

    #[test]
    fn pages_follow_each_other_without_gap_or_overlap() {
        check(Question { limit: 2, ..question("ann", &[]) }, "personal", &["c2", "c0"]);
        check(Question { limit: 2, offset: 2, ..question("ann", &[]) }, "personal", &["c1"]);
        check(Question { offset: 9, ..question("ann", &[]) }, "personal", &[]);
    }

    #[test]
    fn items_say_why_unless_told_not_to() {
        let (_folder, snapshot) = snapshot();
        let stored = snapshot.list(&member("ann")).unwrap();
        let render = |reasons| {
            let question = Question { limit: 1, reasons, ..question("ann", &[]) };
            serde_json::to_string(&answer(&snapshot, stored.as_deref(), &question).unwrap().items).unwrap()
        };
        let plain = r#"[{"course_id":"c2","title":"Course two","score":0.9,"source":"ials""#;
        let why = r#","reasons":[{"kind":"course","id":"c0","title":"Course zero","share":0.502},{"kind":"behaviour","id":"tag:rust","share":0.251}]"#;
        assert_eq!(render(Reasons::Omitted), format!("{plain}}}]"));
        let told = |words: &str| format!("{plain}{why},\"explanation\":\"{words}\"}}]");
        assert_eq!(render(Reasons::Told(Language::English)), told("because you took “Course zero”"));
        assert_eq!(render(Reasons::Told(Language::Chinese)), told("因为你学过《Course zero》"));
    }
}
