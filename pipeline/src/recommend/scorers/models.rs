//! The scorers: each hands a block to its solver's model.

use std::ops::Range;

use faer::Mat;
use hachi_solvers::{Error, Result, als, ease, ials, neighbors, svd};

use super::{Choices, Member, Scorer};

/// A place that no solver has: a course that nobody rated.
const UNKNOWN_COURSE: usize = usize::MAX;

/// The same scores for everyone.
pub(super) struct Popular(pub Vec<f64>);

impl Scorer for Popular {
    fn score_block(&self, _: &Choices, rows: Range<usize>) -> Result<Mat<f32>> {
        Ok(Mat::from_fn(self.0.len(), rows.len(), |course, _| self.0[course] as f32))
    }
}

impl Scorer for ease::Model {
    fn score_block(&self, histories: &Choices, rows: Range<usize>) -> Result<Mat<f32>> {
        self.score_block(&histories.positives, rows)
    }
}

impl Scorer for ials::Model {
    fn score_block(&self, histories: &Choices, rows: Range<usize>) -> Result<Mat<f32>> {
        self.score_block(&histories.positives, rows)
    }
}

impl Scorer for svd::Model {
    fn score_block(&self, histories: &Choices, rows: Range<usize>) -> Result<Mat<f32>> {
        self.score_block(&histories.positives, rows)
    }
}

impl Scorer for neighbors::Model {
    fn score_block(&self, histories: &Choices, rows: Range<usize>) -> Result<Mat<f32>> {
        self.score_block(&histories.positives, rows)
    }
}

impl Scorer for als::Model {
    /// Courses by the rating that the member would give.
    fn score_block(&self, histories: &Choices, rows: Range<usize>) -> Result<Mat<f32>> {
        let ratings = histories.ratings.as_ref().ok_or(Error::Empty { what: "ratings of histories" })?;
        let mut scores = Mat::zeros(ratings.columns(), rows.len());
        for (place, row) in rows.enumerate() {
            let member = self.fold_in(&ratings.row(row).collect::<Vec<_>>())?;
            let column = scores.col_as_slice_mut(place).iter_mut().enumerate();
            column.for_each(|(course, score)| *score = self.predict_member(&member, course) as f32);
        }
        Ok(scores)
    }

    fn ratings(&self, member: Member<'_>, courses: &[Option<u32>]) -> Result<Option<Vec<f64>>> {
        let places = courses.iter().map(|course| course.map_or(UNKNOWN_COURSE, |course| course as usize));
        if let Some(user) = member.trained {
            return Ok(Some(places.map(|course| self.predict(user as usize, course)).collect()));
        }
        let folded = self.fold_in(member.history)?;
        Ok(Some(places.map(|course| self.predict_member(&folded, course)).collect()))
    }
}
