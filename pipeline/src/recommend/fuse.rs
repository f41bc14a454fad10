//! Several rankings into one, for members of whom no model of choices knows anything: reciprocal rank fusion.
//!
//! ```text
//! score(i) = Σ over rankings 1 / (60 + rank of i)
//! ```
//! An item's source is the ranking that has it best, the first one on ties.

use std::collections::BTreeMap;

use super::item::Place;

/// Damps the lead of first ranks; 60 as in Cormack, Clarke and Büttcher 2009.
const RANK_OFFSET: usize = 60;

/// Fuses rankings (best first); ties go to the lower course.
pub(super) fn fuse(rankings: &[(&'static str, Vec<u32>)]) -> Vec<Place> {
    let mut fused: BTreeMap<u32, (f64, usize, &'static str)> = BTreeMap::new();
    for (source, ranking) in rankings {
        for (&course, rank) in ranking.iter().zip(1..) {
            let entry = fused.entry(course).or_insert((0.0, rank, *source));
            entry.0 += 1.0 / (RANK_OFFSET + rank) as f64;
            if rank < entry.1 {
                (entry.1, entry.2) = (rank, *source);
            }
        }
    }
    let mut places: Vec<Place> =
        fused.into_iter().map(|(course, (score, _, source))| Place { course, score: score as f32, source }).collect();
    places.sort_by(|left, right| right.score.total_cmp(&left.score).then(left.course.cmp(&right.course)));
    places
}

#[cfg(test)]
mod tests {
    use super::super::item::{POPULAR, RIDGE};
    use super::*;

    #[test]
    fn agreement_wins_and_the_better_rank_names_the_source() {
        let places = fuse(&[(RIDGE, vec![7, 8, 9]), (POPULAR, vec![9, 8])]);
        let order: Vec<_> = places.iter().map(|place| (place.course, place.source)).collect();
        assert_eq!(order, [(9, POPULAR), (8, RIDGE), (7, RIDGE)]);
        assert!((places[0].score - (1.0 / 63.0 + 1.0 / 61.0) as f32).abs() < 1e-9);
    }

    #[test]
    fn ties_go_to_the_lower_course_and_the_first_ranking() {
        let places = fuse(&[(RIDGE, vec![5]), (POPULAR, vec![2])]);
        assert_eq!(places.iter().map(|place| place.course).collect::<Vec<_>>(), [2, 5]);
        assert_eq!(fuse(&[(RIDGE, vec![5]), (POPULAR, vec![5])])[0].source, RIDGE);
    }
}
