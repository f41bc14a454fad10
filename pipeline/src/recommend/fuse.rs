//! Several rankings into one list: reciprocal rank fusion, then popular courses where places are left.
//!
//! ```text
//! score(i) = Σ over models 1 / (60 + rank of i)
//! ```
//! An item's source is the model that ranked it best, iALS on ties. A popular course that fills a place counts as if ranked
//! behind the whole list, so that scores fall along the list.

use std::collections::BTreeMap;

/// Damps the lead of first ranks; 60 as in Cormack, Clarke and Büttcher 2009.
const RANK_OFFSET: usize = 60;

/// What put an item on a list, in order of precedence on ties.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    Ials,
    Ridge,
    Popular,
}

impl Source {
    /// Its name in the tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ials => "ials",
            Self::Ridge => "ridge",
            Self::Popular => "popular",
        }
    }
}

/// A place on a list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    /// Index of the course, in the space of the rankings.
    pub course: u32,
    /// The fused score; comparable within a list only.
    pub score: f32,
    pub source: Source,
}

/// Fuses rankings (best first) into the `limit` best places; ties go to the lower course.
pub(super) fn fuse(rankings: &[(Source, Vec<u32>)], limit: usize) -> Vec<Place> {
    let mut fused: BTreeMap<u32, (f64, usize, Source)> = BTreeMap::new();
    for (source, ranking) in rankings {
        for (&course, rank) in ranking.iter().zip(1..) {
            let entry = fused.entry(course).or_insert((0.0, rank, *source));
            entry.0 += reciprocal(rank);
            (entry.1, entry.2) = (entry.1, entry.2).min((rank, *source));
        }
    }
    let mut places: Vec<Place> =
        fused.into_iter().map(|(course, (score, _, source))| Place { course, score: score as f32, source }).collect();
    places.sort_by(|left, right| right.score.total_cmp(&left.score).then(left.course.cmp(&right.course)));
    places.truncate(limit);
    places
}

/// Fills `places` up to `limit` with popular courses that are neither listed nor in `owned` (rising).
pub(super) fn fill(places: &mut Vec<Place>, popular: &[u32], owned: &[u32], limit: usize) {
    for (&course, rank) in popular.iter().zip(1..) {
        if places.len() >= limit {
            return;
        }
        let known = owned.binary_search(&course).is_ok() || places.iter().any(|place| place.course == course);
        if !known {
            places.push(Place { course, score: reciprocal(limit + rank) as f32, source: Source::Popular });
        }
    }
}

fn reciprocal(rank: usize) -> f64 {
    1.0 / (RANK_OFFSET + rank) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agreement_wins_and_the_better_rank_names_the_source() {
        let rankings = [(Source::Ials, vec![7, 8, 9]), (Source::Ridge, vec![9, 8])];
        let places = fuse(&rankings, 3);
        let order: Vec<_> = places.iter().map(|place| (place.course, place.source)).collect();
        assert_eq!(order, [(9, Source::Ridge), (8, Source::Ials), (7, Source::Ials)]);
        assert!((places[0].score - (1.0 / 63.0 + 1.0 / 61.0) as f32).abs() < 1e-9);
    }

    #[test]
    fn ties_go_to_the_lower_course() {
        let places = fuse(&[(Source::Ials, vec![5]), (Source::Ridge, vec![2])], 5);
        assert_eq!(places.iter().map(|place| place.course).collect::<Vec<_>>(), [2, 5]);
    }

    #[test]
    fn popular_courses_fill_what_is_left_at_falling_scores() {
        let mut places = fuse(&[(Source::Ials, vec![1])], 4);
        fill(&mut places, &[3, 1, 2, 4, 5], &[2], 3);
        assert_eq!(places.iter().map(|place| place.course).collect::<Vec<_>>(), [1, 3, 4]);
        assert!(places.windows(2).all(|pair| pair[0].score > pair[1].score));
        assert_eq!(places[2].source, Source::Popular);
    }
}
