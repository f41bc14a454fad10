//! What a course in a history adds to the score of other courses, added up over the history. How the weights come about belongs to the
//! solvers.

use std::borrow::Cow;

use crate::error::{Error, List, Result, check_finite, check_length, check_rising};
use crate::vectors::add;

/// Weights W of an item–item model, courses × courses, in compressed sparse rows: row j holds what course j in a history adds to each
/// score.
///
/// ```text
/// score(i) = Σ_j W_ji       sum over the history
/// ```
/// Borrows or owns its slices: `ItemRows<'static>` is made from vectors.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemRows<'a> {
    offsets: Cow<'a, [usize]>,
    columns: Cow<'a, [u32]>,
    weights: Cow<'a, [f32]>,
}

impl<'a> ItemRows<'a> {
    /// Takes the three arrays: row j is `offsets[j]..offsets[j + 1]` of `columns`, which rise, and `weights`, which are finite. There are
    /// courses + 1 offsets; entries that are not stored are zero. A row that stores every course, zeros as well, is added without
    /// looking at its columns, in less than half the time. Looks at every value once.
    ///
    /// # Errors
    /// [`Error::Length`] or [`Error::Offsets`] where arrays disagree, [`Error::OutOfRange`] or [`Error::Order`] for bad columns,
    /// [`Error::NotFinite`].
    pub fn new(
        courses: usize,
        offsets: impl Into<Cow<'a, [usize]>>,
        columns: impl Into<Cow<'a, [u32]>>,
        weights: impl Into<Cow<'a, [f32]>>,
    ) -> Result<Self> {
        let rows = Self { offsets: offsets.into(), columns: columns.into(), weights: weights.into() };
        check_length("offsets", rows.offsets.len(), courses.saturating_add(1))?;
        rows.check_lengths()?;
        (0..courses).try_for_each(|row| rows.check_row(row))?;
        check_finite("weights", &rows.weights)?;
        Ok(rows)
    }

    /// Courses, all of which are scored.
    pub fn courses(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Writes the score of every course for a history (course indices, rising) into `scores`, one per course; after an error they are as
    /// they were. An empty history gives zeros.
    ///
    /// # Errors
    /// [`Error::Length`] for another number of scores, [`Error::OutOfRange`] or [`Error::Order`] for a bad history.
    pub fn score(&self, history: &[u32], scores: &mut [f32]) -> Result<()> {
        check_length("scores", scores.len(), self.courses())?;
        check_rising(List::History, history, self.courses())?;
        scores.fill(0.0);
        history.iter().for_each(|&course| self.add_row(course as usize, scores));
        Ok(())
    }

    /// What course `from` in a history adds to the score of course `to`; 0 where nothing is stored, or there is no such course.
    pub fn weight(&self, from: u32, to: u32) -> f32 {
        let row = from as usize;
        let (Some(&start), Some(&end)) = (self.offsets.get(row), self.offsets.get(row + 1)) else { return 0.0 };
        self.columns[start..end].binary_search(&to).map_or(0.0, |place| self.weights[start + place])
    }

    fn add_row(&self, row: usize, scores: &mut [f32]) {
        let range = self.offsets[row]..self.offsets[row + 1];
        let (columns, weights) = (&self.columns[range.clone()], &self.weights[range]);
        // Columns rise, so a row with as many entries as courses names them all in order.
        if weights.len() == scores.len() {
            add(scores, weights);
        } else {
            columns.iter().zip(weights).for_each(|(&column, weight)| scores[column as usize] += weight);
        }
    }

    fn check_lengths(&self) -> Result<()> {
        let (first, last) = (self.offsets.first().copied(), self.offsets.last().copied());
        check_length("entries before the first item row", first.unwrap_or_default(), 0)?;
        check_length("columns", self.columns.len(), last.unwrap_or_default())?;
        check_length("weights", self.weights.len(), self.columns.len())
    }

    fn check_row(&self, row: usize) -> Result<()> {
        let (start, end, entries) = (self.offsets[row], self.offsets[row + 1], self.columns.len());
        match self.columns.get(start..end) {
            Some(columns) => check_rising(List::Row(row), columns, self.courses()),
            None => Err(Error::Offsets { row, start, end, entries }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sparse(courses: usize, dense: &[f32]) -> ItemRows<'static> {
        let (mut offsets, mut columns, mut weights) = (vec![0], Vec::new(), Vec::new());
        for row in dense.chunks_exact(courses) {
            let stored = (0..courses as u32).zip(row).filter(|(_, weight)| **weight > -1.0);
            stored.for_each(|(column, weight)| {
                columns.push(column);
                weights.push(*weight);
            });
            offsets.push(columns.len());
        }
        ItemRows::new(courses, offsets, columns, weights).unwrap()
    }

    /// Weights, small whole numbers; -1 is for what is not stored.
    fn dense() -> impl Strategy<Value = (usize, Vec<f32>, Vec<u32>)> {
        (1..12_usize).prop_flat_map(|courses| {
            let weights = prop::collection::vec((-1..5_i8).prop_map(f32::from), courses * courses);
            let history = prop::sample::subsequence((0..courses as u32).collect::<Vec<_>>(), 0..=courses);
            (Just(courses), prop_oneof![weights, prop::collection::vec(Just(2.0_f32), courses * courses)], history)
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn scores_equal_the_dense_product((courses, weights, history) in dense()) {
            let mut scores = vec![f32::NAN; courses];
            sparse(courses, &weights).score(&history, &mut scores).unwrap();
            for (course, score) in scores.iter().enumerate() {
                let plain: f32 = history.iter().map(|&past| weights[past as usize * courses + course].max(0.0)).sum();
                prop_assert!((score - plain).abs() < 1e-6, "{} is not {}", score, plain);
            }
        }
    }

    #[test]
    fn arrays_that_disagree_are_refused() {
        let new = |offsets: &[usize], columns: &[u32], weights: &[f32]| {
            ItemRows::new(2, offsets.to_vec(), columns.to_vec(), weights.to_vec()).unwrap_err()
        };
        assert_eq!(new(&[0, 0], &[], &[]), Error::Length { what: "offsets", found: 2, expected: 3 });
        assert_eq!(new(&[1, 1, 1], &[0], &[1.0]), Error::Length { what: "entries before the first item row", found: 1, expected: 0 });
        assert_eq!(new(&[0, 1, 2], &[0], &[1.0]), Error::Length { what: "columns", found: 1, expected: 2 });
        assert_eq!(new(&[0, 1, 1], &[0], &[]), Error::Length { what: "weights", found: 0, expected: 1 });
        assert_eq!(new(&[0, 2, 1], &[0], &[1.0]), Error::Offsets { row: 0, start: 0, end: 2, entries: 1 });
        assert_eq!(new(&[0, 0, 1], &[2], &[1.0]), Error::OutOfRange { list: List::Row(1), course: 2, courses: 2 });
        assert_eq!(new(&[0, 2, 2], &[1, 1], &[1.0, 1.0]), Error::Order { list: List::Row(0), course: 1 });
        assert!(matches!(new(&[0, 1, 1], &[0], &[f32::NAN]), Error::NotFinite { what: "weights", place: 0, .. }));
    }

    #[test]
    fn a_bad_session_leaves_the_scores_as_they_were() {
        let rows = sparse(2, &[1.0, 2.0, 3.0, 4.0]);
        let mut scores = [7.0; 2];
        assert_eq!(rows.score(&[0], &mut [0.0; 3]), Err(Error::Length { what: "scores", found: 3, expected: 2 }));
        assert_eq!(rows.score(&[1, 0], &mut scores), Err(Error::Order { list: List::History, course: 0 }));
        assert_eq!(rows.score(&[2], &mut scores), Err(Error::OutOfRange { list: List::History, course: 2, courses: 2 }));
        assert_eq!(scores.map(f32::to_bits), [7.0_f32; 2].map(f32::to_bits));
        assert_eq!(rows.score(&[], &mut scores), Ok(()));
        assert_eq!(scores.map(f32::to_bits), [0; 2]);
    }
}
