//! Uses the neighbours of courses to score histories.

use std::ops::Range;

use faer::Mat;

use crate::error::{Error, Result};
use crate::histories::{check_block, check_one};
use crate::sparse::Csr;

/// The nearest courses of each course.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    neighbours: Csr,
    /// Row i: the courses whose neighbour i is.
    neighbour_of: Csr,
}

impl Model {
    pub(super) fn new(neighbours: Csr) -> Self {
        Self { neighbour_of: neighbours.transposed(), neighbours }
    }

    /// Courses × courses: row i holds the at most k nearest courses of course i, without itself, and their similarities, above zero.
    pub fn neighbours(&self) -> &Csr {
        &self.neighbours
    }

    /// Writes the score of each course to `out`.
    ///
    /// # Errors
    /// [`Error::Length`] if `out` has another length, [`Error::ColumnOutOfRange`] or [`Error::ColumnOrder`] for a bad history,
    /// [`Error::NotFinite`] for a bad weight.
    pub fn score(&self, history: &[(u32, f32)], out: &mut [f32]) -> Result<()> {
        if out.len() != self.neighbours.rows() {
            return Err(Error::Length { what: "scores", found: out.len(), expected: self.neighbours.rows() });
        }
        check_one(history, self.neighbours.rows())?;
        out.fill(0.0);
        history.iter().for_each(|&(course, weight)| self.add(course, weight, out));
        Ok(())
    }

    /// Scores of some `rows` of `histories` (members × courses) as courses × rows, on the calling thread.
    ///
    /// # Errors
    /// [`Error::Length`] if the histories have other courses or fewer rows.
    pub fn score_block(&self, histories: &Csr, rows: Range<usize>) -> Result<Mat<f32>> {
        check_block(histories, &rows, self.neighbours.rows())?;
        let mut scores = Mat::zeros(self.neighbours.rows(), rows.len());
        for (place, row) in rows.enumerate() {
            let out = scores.col_as_slice_mut(place);
            histories.row(row).for_each(|(course, weight)| self.add(course, weight as f32, out));
        }
        Ok(scores)
    }

    fn add(&self, course: u32, weight: f32, out: &mut [f32]) {
        self.neighbour_of.row(course as usize).for_each(|(other, similarity)| out[other as usize] += weight * similarity as f32);
    }
}
