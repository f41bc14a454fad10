//! The best courses of many members, a block of members at a time. What a score means belongs to the models.

use std::ops::Range;

use faer::Mat;
use hachi_session::{Scored, best};
use rayon::prelude::*;

use crate::error::Result;

/// Members scored at once by one thread: their scores stay near the core for a few thousand courses.
pub const MEMBERS_PER_BLOCK: usize = 64;

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
    // Nothing is left to exclude, which is all that could be wrong.
    best(scores, &[], limit).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(scores: &[f32], excluded: &[u32], limit: usize) -> Vec<Scored> {
        let allowed = (0..scores.len() as u32).filter(|course| !excluded.contains(course));
        let mut all: Vec<Scored> = allowed.map(|course| Scored { course, score: scores[course as usize] }).collect();
        all.sort_by(|left, right| right.score.total_cmp(&left.score).then(left.course.cmp(&right.course)));
        all.truncate(limit);
        all
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
