//! The best courses of many members, a block of members at a time. What a score means belongs to the models.

use std::cmp::Ordering;
use std::ops::Range;

use faer::Mat;
use rayon::prelude::*;

use crate::error::Result;

/// Members scored at once by one thread: their scores stay near the core for a few thousand courses.
pub const MEMBERS_PER_BLOCK: usize = 64;
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

/// The `limit` best courses by `scores` (one per course) without those `excluded` (rising), best first.
///
/// Ties go to the lower index; NaN never enters.
pub fn best(scores: &[f32], excluded: &[u32], limit: usize) -> Vec<Scored> {
    let mut pool = Pool { limit, threshold: None, kept: Vec::new() };
    for (chunk, lane) in scores.chunks(LANE).enumerate() {
        if pool.may_enter(lane) {
            pool.offer(chunk * LANE, lane, excluded);
        }
    }
    pool.finish()
}

/// The lists of members 0..`members`, in order: `score` gives a block's scores (courses × members of the range), `excluded` the
/// courses (rising) that a member must not be given. Blocks run in parallel and never hold members × courses together.
///
/// # Errors
/// The first error of `score`, in the order of members.
pub fn lists<'e, S, X>(members: usize, limit: usize, score: S, excluded: X) -> Result<Vec<Vec<Scored>>>
where
    S: Fn(Range<usize>) -> Result<Mat<f32>> + Sync,
    X: Fn(usize) -> &'e [u32] + Sync,
{
    let block = |index: usize| {
        let first = index * MEMBERS_PER_BLOCK;
        let range = first..members.min(first + MEMBERS_PER_BLOCK);
        let mut scores = score(range.clone())?;
        let places = range.zip(0..scores.ncols());
        Ok(places.map(|(member, place)| best_allowed(scores.col_as_slice_mut(place), excluded(member), limit)).collect())
    };
    let blocks: Vec<Result<Vec<Vec<Scored>>>> =
        (0..members.div_ceil(MEMBERS_PER_BLOCK)).into_par_iter().with_max_len(1).map(block).collect();
    let mut lists = Vec::with_capacity(members);
    for block in blocks {
        lists.extend(block?);
    }
    Ok(lists)
}

/// Marks what is excluded, because that often scores high and would pass the threshold again and again.
fn best_allowed(scores: &mut [f32], excluded: &[u32], limit: usize) -> Vec<Scored> {
    for &course in excluded {
        if let Some(score) = scores.get_mut(course as usize) {
            *score = f32::NAN;
        }
    }
    best(scores, &[], limit)
}

/// Candidates of one member: at most twice the limit, then cut back to the limit, whose worst score is the threshold from then on.
struct Pool {
    limit: usize,
    threshold: Option<f32>,
    kept: Vec<Scored>,
}

impl Pool {
    /// Whether any score of the lane passes. Counted without branches, so that it becomes a few comparisons of vectors.
    fn may_enter(&self, lane: &[f32]) -> bool {
        let Some(threshold) = self.threshold else { return self.limit > 0 };
        lane.iter().map(|score| u8::from(*score > threshold)).sum::<u8>() > 0
    }

    fn offer(&mut self, first: usize, lane: &[f32], excluded: &[u32]) {
        for (offset, &score) in lane.iter().enumerate() {
            let course = (first + offset) as u32;
            // Courses come in rising order, so one that equals the threshold loses its tie.
            let passes = self.threshold.map_or(!score.is_nan(), |threshold| score > threshold);
            if passes && excluded.binary_search(&course).is_err() {
                self.kept.push(Scored { course, score });
                self.cut_if_full();
            }
        }
    }

    fn cut_if_full(&mut self) {
        if self.kept.len() >= 2 * self.limit {
            self.cut();
        }
    }

    fn cut(&mut self) {
        if self.kept.len() < self.limit || self.limit == 0 {
            return;
        }
        let (_, worst, _) = self.kept.select_nth_unstable_by(self.limit - 1, better_first);
        self.threshold = Some(worst.score);
        self.kept.truncate(self.limit);
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
            limit in 0..40_usize,
        ) {
            let excluded: Vec<u32> = excluded.into_iter().collect();
            prop_assert_eq!(best(&scores, &excluded, limit), plain(&scores, &excluded, limit));
        }
    }

    #[test]
    fn lists_cover_every_member_in_order_whatever_the_threads() {
        let members = 3 * MEMBERS_PER_BLOCK + 1;
        let value = |course: usize, member: usize| ((course * 31 + member * 17) % 101) as f32;
        let score = |rows: Range<usize>| Ok(Mat::from_fn(90, rows.len(), |course, place| value(course, rows.start + place)));
        let excluded: Vec<Vec<u32>> = (0..members as u32).map(|member| vec![member % 90]).collect();
        let found = lists(members, 5, score, |member| &excluded[member]).unwrap();
        for (member, list) in found.iter().enumerate() {
            let scores: Vec<f32> = (0..90).map(|course| value(course, member)).collect();
            assert_eq!(*list, plain(&scores, &excluded[member], 5));
        }
        assert_eq!(found.len(), members);
    }

    #[test]
    fn an_error_of_one_block_is_the_error_of_all() {
        let refuse = |_: Range<usize>| Err(crate::Error::Empty { what: "courses" });
        assert_eq!(lists(1, 5, refuse, |_| &[]).unwrap_err(), crate::Error::Empty { what: "courses" });
        assert_eq!(lists(0, 5, refuse, |_| &[]).unwrap(), Vec::<Vec<Scored>>::new());
    }
}
