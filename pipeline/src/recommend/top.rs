//! The best of many scores. What the scores mean belongs to `lists` and `similar`.

use std::cmp::Ordering;

/// The `limit` best indices below `count` that are not in `excluded` (rising), best first; ties go to the lower index.
pub(super) fn top(count: usize, excluded: &[u32], limit: usize, score: impl Fn(u32) -> f64) -> Vec<u32> {
    let mut skip = excluded.iter().copied().peekable();
    best((0..count as u32).filter(|index| skip.next_if_eq(index).is_none()), limit, score)
}

/// The `limit` best of `indices`, best first; ties go to the lower index.
pub fn best(indices: impl Iterator<Item = u32>, limit: usize, score: impl Fn(u32) -> f64) -> Vec<u32> {
    let mut best: Vec<(f64, u32)> = indices.map(|index| (score(index), index)).collect();
    if best.len() > limit {
        best.select_nth_unstable_by(limit, better_first);
        best.truncate(limit);
    }
    best.sort_unstable_by(better_first);
    best.into_iter().map(|(_, index)| index).collect()
}

fn better_first(left: &(f64, u32), right: &(f64, u32)) -> Ordering {
    right.0.total_cmp(&left.0).then(left.1.cmp(&right.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_go_to_the_lower_index_and_excluded_stay_out() {
        let scores = [1.0, 3.0, 2.0, 3.0, 2.0];
        let check =
            |excluded: &[u32], limit, expected: &[u32]| assert_eq!(top(5, excluded, limit, |index| scores[index as usize]), expected);
        check(&[], 3, &[1, 3, 2]);
        check(&[1, 4], 2, &[3, 2]);
        check(&[], 9, &[1, 3, 2, 4, 0]);
        check(&[0, 1, 2, 3, 4], 2, &[]);
    }
}
