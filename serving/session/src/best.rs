//! The best of many scores. What a score means belongs to the models.

use std::cmp::Ordering;

use crate::error::{List, Result, check_rising};

/// Scores looked at together.
const LANE: usize = 16;

/// A course and its score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored {
    /// Index of the course.
    pub course: u32,
    /// Its score.
    pub score: f32,
}

/// The `limit` best courses by `scores` (one per course) without those `excluded` (course indices, rising), best first.
///
/// Ties go to the lower index; NaN never enters. One pass over the scores, which sorts what it keeps alone.
///
/// # Errors
/// [`crate::Error::OutOfRange`] or [`crate::Error::Order`] for bad excluded courses.
pub fn best(scores: &[f32], excluded: &[u32], limit: usize) -> Result<Vec<Scored>> {
    check_rising(List::Excluded, excluded, scores.len())?;
    let mut pool = Pool { limit, threshold: None, kept: Vec::new(), excluded };
    // What lies beyond the indices of courses is no course.
    for (first, lane) in (0..=u32::MAX).step_by(LANE).zip(scores.chunks(LANE)) {
        if pool.may_enter(lane) {
            (first..=u32::MAX).zip(lane).for_each(|(course, &score)| pool.offer(Scored { course, score }));
        }
    }
    Ok(pool.finish())
}

/// Candidates: at most twice the limit, then cut back to the limit, whose worst score is the threshold from then on.
struct Pool<'e> {
    limit: usize,
    threshold: Option<f32>,
    kept: Vec<Scored>,
    /// Those not yet passed.
    excluded: &'e [u32],
}

impl Pool<'_> {
    /// Whether any score of the lane passes. Counted without branches, so that it becomes a few comparisons of vectors.
    fn may_enter(&self, lane: &[f32]) -> bool {
        let Some(threshold) = self.threshold else { return self.limit > 0 };
        lane.iter().map(|score| u8::from(*score > threshold)).sum::<u8>() > 0
    }

    fn offer(&mut self, offered: Scored) {
        // Courses come in rising order, so one that equals the threshold loses its tie.
        let passes = self.threshold.map_or(!offered.score.is_nan(), |threshold| offered.score > threshold);
        if passes && !self.excludes(offered.course) {
            self.kept.push(offered);
            if self.kept.len() >= self.limit.saturating_mul(2) {
                self.cut();
            }
        }
    }

    /// Courses are asked for in rising order, so the list is walked once.
    fn excludes(&mut self, course: u32) -> bool {
        let passed = self.excluded.iter().take_while(|excluded| **excluded < course).count();
        self.excluded = &self.excluded[passed..];
        self.excluded.first() == Some(&course)
    }

    fn cut(&mut self) {
        if let Some(last) = self.limit.checked_sub(1).filter(|last| *last < self.kept.len()) {
            let (_, worst, _) = self.kept.select_nth_unstable_by(last, better_first);
            self.threshold = Some(worst.score);
            self.kept.truncate(self.limit);
        }
    }

    fn finish(mut self) -> Vec<Scored> {
        self.cut();
        self.kept.sort_unstable_by(better_first);
        self.kept
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "sorting hands out references")]
fn better_first(left: &Scored, right: &Scored) -> Ordering {
    right.score.partial_cmp(&left.score).unwrap_or(Ordering::Equal).then(left.course.cmp(&right.course))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use proptest::prelude::*;

    fn plain(scores: &[f32], excluded: &[u32], limit: usize) -> Vec<Scored> {
        let allowed = (0..scores.len() as u32).filter(|course| !excluded.contains(course) && !scores[*course as usize].is_nan());
        let mut all: Vec<Scored> = allowed.map(|course| Scored { course, score: scores[course as usize] }).collect();
        all.sort_by(better_first);
        all.truncate(limit);
        all
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Few different values, so that most scores are tied.
        #[test]
        fn equals_sorting_everything(
            scores in prop::collection::vec(prop_oneof![9 => (0..6_u8).prop_map(f32::from), 1 => Just(f32::NAN), 1 => Just(-0.0)], 0..300),
            excluded in prop::collection::btree_set(0..300_u32, 0..40),
            limit in prop_oneof![0..40_usize, Just(usize::MAX)],
        ) {
            let excluded: Vec<u32> = excluded.into_iter().filter(|course| (*course as usize) < scores.len()).collect();
            prop_assert_eq!(best(&scores, &excluded, limit).unwrap(), plain(&scores, &excluded, limit));
        }
    }

    #[test]
    fn infinity_is_a_score_and_nothing_is_excluded_twice() {
        let scores = [f32::NEG_INFINITY, f32::NAN, f32::INFINITY];
        let courses = |excluded: &[u32]| best(&scores, excluded, 3).map(|list| list.iter().map(|scored| scored.course).collect::<Vec<_>>());
        assert_eq!(courses(&[]), Ok(vec![2, 0]));
        assert_eq!(courses(&[2]), Ok(vec![0]));
        assert_eq!(courses(&[1, 1]), Err(Error::Order { list: List::Excluded, course: 1 }));
        assert_eq!(courses(&[3]), Err(Error::OutOfRange { list: List::Excluded, course: 3, courses: 3 }));
    }
}
