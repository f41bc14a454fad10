//! What someone should see next by the courses just looked at: scored when asked, by the models that the snapshot carries.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use hachi_session::{FoldIn, ItemRows, Params, Workspace, best};
use hachi_snapshot::{ItemReasons, ListItem, Reason, ReasonKind, SessionModel, Source};

use super::recommendations::{ListSource, Question, Recommendations, answer};
use super::snapshot::{AnswerError, Snapshot};

/// Reasons told of one course at most.
const REASONS_MAX: usize = 3;

/// The models, ready to be asked from any thread.
#[derive(Debug)]
pub(crate) struct Scorer {
    /// Index into the snapshot's courses, by the models' places.
    courses: Vec<u32>,
    places: HashMap<u32, u32>,
    fold_in: Option<FoldIn<'static>>,
    rows: Option<ItemRows<'static>>,
    /// Rooms of requests that are over, for those to come.
    rooms: Mutex<Vec<Workspace>>,
}

/// The scores of both models, each in standard deviations of its own, 0 where there is no such model.
struct Scores {
    rows: Vec<f32>,
    factors: Vec<f32>,
}

impl Scorer {
    /// Takes the models, looking at every value once.
    pub(crate) fn new(model: SessionModel) -> Result<Self, hachi_session::Error> {
        let count = model.courses.len();
        let fold_in = model.factors.map(|fit| {
            let params = Params { dim: fit.dim as usize, alpha0: fit.alpha0, reg: fit.reg, nu: fit.nu };
            FoldIn::new(count, fit.values, fit.gram, params)
        });
        let rows = model.rows.map(|rows| {
            let offsets: Vec<usize> = rows.offsets.iter().map(|offset| *offset as usize).collect();
            ItemRows::new(count, offsets, rows.columns, rows.weights)
        });
        let places = model.courses.iter().copied().zip(0..).collect();
        Ok(Self { places, courses: model.courses, fold_in: fold_in.transpose()?, rows: rows.transpose()?, rooms: Mutex::default() })
    }

    /// The best courses for a history, which are none of it; none where the models know nothing of it. Indices are the snapshot's.
    fn list(&self, history: &[u32], left_out: &[bool], limit: usize) -> Result<Vec<ListItem>, hachi_session::Error> {
        let mut history: Vec<u32> = history.iter().filter_map(|course| self.places.get(course).copied()).collect();
        history.sort_unstable();
        history.dedup();
        if history.is_empty() {
            return Ok(Vec::new());
        }
        let scores = self.scores(&history)?;
        let sums: Vec<f32> = scores.rows.iter().zip(&scores.factors).map(|(row, factor)| row + factor).collect();
        let excluded: Vec<u32> =
            (0..).zip(&self.courses).filter(|(_, course)| left_out[**course as usize]).map(|(place, _)| place).collect();
        let found = best(&sums, &excluded, limit)?;
        // Below its mean a course is no better than what is popular.
        let wanted = found.into_iter().filter(|scored| scored.score > 0.0);
        Ok(wanted.map(|scored| self.item(&history, scored.course, &scores)).collect())
    }

    fn scores(&self, history: &[u32]) -> Result<Scores, hachi_session::Error> {
        let zeros = || vec![0.0; self.courses.len()];
        let mut scores = Scores { rows: zeros(), factors: zeros() };
        if let Some(rows) = &self.rows {
            rows.score(history, &mut scores.rows)?;
            standardise(&mut scores.rows);
        }
        if let Some(fold_in) = &self.fold_in {
            let mut room = self.rooms().pop().unwrap_or_default();
            fold_in.score(history, &mut room, &mut scores.factors)?;
            self.rooms().push(room);
            standardise(&mut scores.factors);
        }
        Ok(scores)
    }

    /// Nothing can panic while the rooms are held, and whatever is in one is overwritten.
    fn rooms(&self) -> std::sync::MutexGuard<'_, Vec<Workspace>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn item(&self, history: &[u32], place: u32, scores: &Scores) -> ListItem {
        let (row, factor) = (scores.rows[place as usize], scores.factors[place as usize]);
        let source = if row >= factor { Source::Ease } else { Source::Ials };
        ListItem { course: self.courses[place as usize], score: row + factor, source, reasons: self.reasons(history, place) }
    }

    /// What courses of the history add to the score of a course, strongest first; shares are of all that they add.
    fn reasons(&self, history: &[u32], place: u32) -> ItemReasons {
        let Some(rows) = &self.rows else { return ItemReasons::new() };
        let added = history.iter().map(|past| (*past, rows.weight(*past, place))).filter(|(_, weight)| *weight > 0.0);
        let mut added: Vec<(u32, f32)> = added.collect();
        let total: f32 = added.iter().map(|(_, weight)| weight).sum();
        added.sort_by(|left, right| right.1.total_cmp(&left.1));
        let told = added.into_iter().take(REASONS_MAX);
        told.map(|(past, weight)| Reason::new(ReasonKind::Course, self.courses[past as usize], weight / total)).collect()
    }
}

/// Answers from the courses that a question's session names; those that the snapshot doesn't know say nothing.
pub(crate) fn answer_session<'a>(
    snapshot: &'a Snapshot,
    recent: &[String],
    question: Question,
) -> Result<Recommendations<'a>, AnswerError> {
    let filter = question.filter.without(recent.iter().cloned());
    let history: Vec<u32> = recent.iter().filter_map(|id| snapshot.index_of(id)).collect();
    let items = match snapshot.scorer() {
        Some(scorer) => scorer.list(&history, &filter.left_out(snapshot), question.page.limit)?,
        None => Vec::new(),
    };
    let question = Question { filter, ..question };
    answer(snapshot, (ListSource::Session, &items), &recent.join("\n"), &question)
}

/// Subtracts the mean and divides by the standard deviation, so that models can be added up; scores that are all equal become zeros.
fn standardise(scores: &mut [f32]) {
    let count = scores.len() as f64;
    let mean = scores.iter().map(|score| f64::from(*score)).sum::<f64>() / count;
    let variance = scores.iter().map(|score| (f64::from(*score) - mean).powi(2)).sum::<f64>() / count;
    let scale = if variance > 0.0 { variance.sqrt().recip() } else { 0.0 };
    scores.iter_mut().for_each(|score| *score = ((f64::from(*score) - mean) * scale) as f32);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::filter::{Filter, Page};
    use crate::answers::recommendations::Reasons;
    use crate::answers::snapshot::tests::snapshot;

    fn check(recent: &[&str], filter: Filter, expected_source: &str, expected_courses: &[&str]) {
        let (_folder, snapshot) = snapshot();
        let recent: Vec<String> = recent.iter().map(|id| (*id).to_owned()).collect();
        let question = Question { filter, page: Page { offset: 0, limit: 9 }, member: None, reasons: Reasons::Omitted };
        let json = serde_json::to_value(answer_session(&snapshot, &recent, question).unwrap()).unwrap();
        let courses: Vec<&str> = json["items"].as_array().unwrap().iter().map(|item| item["course_id"].as_str().unwrap()).collect();
        assert_eq!((json["source"].as_str().unwrap(), courses.as_slice()), (expected_source, expected_courses), "{json}");
    }

    #[test]
    fn scores_the_session_and_fills_with_what_is_popular() {
        check(&["c0"], Filter::default(), "session", &["c2", "c1"]);
        check(&["c0", "c0", "unknown"], Filter::default(), "session", &["c2", "c1"]);
    }

    #[test]
    fn a_session_that_says_nothing_gets_what_is_popular() {
        check(&[], Filter::default(), "popular", &["c1", "c0", "c2"]);
        check(&["unknown"], Filter::default(), "popular", &["c1", "c0", "c2"]);
    }

    #[test]
    fn filters_hold_for_scored_courses_too() {
        check(&["c0"], Filter::default().without(["c2".to_owned()]), "popular", &["c1"]);
        let tagged = |tag: &str| Filter::new(std::collections::HashSet::new(), [tag.to_owned()]);
        check(&["c0"], tagged("sql"), "session", &["c2"]);
        check(&["c1"], tagged("sql"), "popular", &["c2"]);
        check(&["c0"], tagged("none"), "popular", &[]);
    }

    #[test]
    fn reasons_name_the_courses_of_the_session() {
        let (_folder, snapshot) = snapshot();
        let items = snapshot.scorer().unwrap().list(&[0], &[true, false, false], 9).unwrap();
        assert_eq!(items[0].course, 2);
        assert_eq!(items[0].reasons.as_slice(), [Reason::new(ReasonKind::Course, 0, 1.0)]);
    }

    #[test]
    fn equal_scores_are_zeros() {
        let standardised = |mut scores: [f32; 2]| {
            standardise(&mut scores);
            // Bits, so that no `-0` or rounding hides.
            scores.map(f32::to_bits)
        };
        assert_eq!(standardised([3.0, 3.0]), [0.0_f32, 0.0].map(f32::to_bits));
        assert_eq!(standardised([1.0, 3.0]), [-1.0_f32, 1.0].map(f32::to_bits));
    }
}
