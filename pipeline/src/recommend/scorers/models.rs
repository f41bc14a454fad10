//! The scorers: each hands a block to its solver's model.

use std::ops::Range;

use faer::Mat;
use hachi_solvers::{Error, Result, als, ease, ials, neighbors, svd};

use super::{Choices, Member, Scorer};
use crate::recommend::content::Content;

/// A place that no solver has: a course that nobody rated.
const UNKNOWN_COURSE: usize = usize::MAX;

/// The same scores for everyone.
pub(super) struct Same(pub Vec<f64>);

/// Members that are added before the logarithm, so that a course without any has one.
const SMOOTHING: f64 = 0.01;

impl Same {
    /// How popular courses are, on the scale of log-odds: beside others, twice as many members count the same wherever they are.
    pub fn popular(members: &[f64]) -> Self {
        Self(members.iter().map(|members| (members + SMOOTHING).ln()).collect())
    }
}

impl Scorer for Same {
    fn score_block(&self, _: &Choices, rows: Range<usize>) -> Result<Mat<f32>> {
        Ok(Mat::from_fn(self.0.len(), rows.len(), |course, _| self.0[course] as f32))
    }
}

impl Scorer for ease::Model {
    fn score_block(&self, histories: &Choices, rows: Range<usize>) -> Result<Mat<f32>> {
        self.score_block(&histories.positives, rows)
    }

    fn explain(&self, histories: &Choices, row: usize, courses: &[u32]) -> Result<Option<Mat<f64>>> {
        Ok(Some(parts(histories, row, courses, |past, course| f64::from(self.adds(past as usize)[course as usize]))))
    }
}

impl Scorer for ials::Model {
    fn score_block(&self, histories: &Choices, rows: Range<usize>) -> Result<Mat<f32>> {
        self.score_block(&histories.positives, rows)
    }

    fn explain(&self, histories: &Choices, row: usize, courses: &[u32]) -> Result<Option<Mat<f64>>> {
        self.explain(histories.positives.row_columns(row), courses).map(Some)
    }
}

impl Scorer for svd::Model {
    fn score_block(&self, histories: &Choices, rows: Range<usize>) -> Result<Mat<f32>> {
        self.score_block(&histories.positives, rows)
    }

    fn explain(&self, histories: &Choices, row: usize, courses: &[u32]) -> Result<Option<Mat<f64>>> {
        let factor = |course: u32| self.course_factors().col_as_slice(course as usize);
        let product = |(left, right): (&f32, &f32)| f64::from(*left) * f64::from(*right);
        Ok(Some(parts(histories, row, courses, |past, course| factor(past).iter().zip(factor(course)).map(product).sum())))
    }
}

impl Scorer for neighbors::Model {
    fn score_block(&self, histories: &Choices, rows: Range<usize>) -> Result<Mat<f32>> {
        self.score_block(&histories.positives, rows)
    }

    fn explain(&self, histories: &Choices, row: usize, courses: &[u32]) -> Result<Option<Mat<f64>>> {
        let similarity = |past: u32, course: u32| {
            let nearest = self.neighbours().row_columns(course as usize).binary_search(&past);
            nearest.map_or(0.0, |place| self.neighbours().row_values(course as usize)[place])
        };
        Ok(Some(parts(histories, row, courses, similarity)))
    }
}

impl Scorer for Content {
    fn score_block(&self, histories: &Choices, rows: Range<usize>) -> Result<Mat<f32>> {
        Content::score_block(self, &histories.positives, rows)
    }

    fn explain(&self, histories: &Choices, row: usize, courses: &[u32]) -> Result<Option<Mat<f64>>> {
        Ok(Some(self.contributions(&histories.positives.row(row).collect::<Vec<_>>(), courses)))
    }
}

/// History × courses of a model whose score is Σ weight · `adds(past, course)` over the history.
fn parts(histories: &Choices, row: usize, courses: &[u32], adds: impl Fn(u32, u32) -> f64) -> Mat<f64> {
    let history: Vec<(u32, f64)> = histories.positives.row(row).collect();
    Mat::from_fn(history.len(), courses.len(), |past, course| history[past].1 * adds(history[past].0, courses[course]))
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

#[cfg(test)]
mod tests {
    use hachi_solvers::Csr;

    use crate::recommend::content::{Content, ContentOptions};
    use crate::recommend::facts::CourseFacts;
    use crate::recommend::{Choices, ModelSpec, Training};

    /// Thirty members, of whom one has nothing, and one everything.
    fn training() -> Training {
        let chosen = |user: u32| (0..12_u32).filter(move |course| user == 29 || user > 0 && (user * 7 + course * course) % 5 < 2);
        let rows: Vec<Vec<(u32, f64)>> = (0..30).map(|user| chosen(user).map(|course| (course, 1.0)).collect()).collect();
        let facts: Vec<CourseFacts> =
            (0..12).map(|course| CourseFacts { tags: vec![format!("tag {}", course % 3)], ..CourseFacts::default() }).collect();
        let content = Content::new(&facts, &ContentOptions::default(), 1 << 30).unwrap();
        Training {
            choices: Choices { positives: Csr::from_rows(12, &rows).unwrap(), ratings: None },
            popularity: vec![1.0; 12],
            trending: None,
            recency: None,
            quality: None,
            content: Some(std::sync::Arc::new(content)),
        }
    }

    #[test]
    fn parts_of_a_score_add_up_to_it() {
        let training = training();
        let courses: Vec<u32> = (0..12).collect();
        for name in ["ease", "ials", "svd", "neighbors", "content"] {
            let mut spec = ModelSpec::named(name).unwrap();
            if name == "svd" {
                spec.set("dim", "4").unwrap();
            }
            let scorer = spec.fit(&training).unwrap();
            let scores = scorer.score_block(&training.choices, 0..30).unwrap();
            for row in 0..30 {
                let parts = scorer.explain(&training.choices, row, &courses).unwrap().unwrap();
                assert_eq!((parts.nrows(), parts.ncols()), (training.choices.positives.row_columns(row).len(), 12));
                for course in 0..12 {
                    let sum: f64 = parts.col_as_slice(course).iter().sum();
                    assert!(
                        (sum - f64::from(scores[(course, row)])).abs() < 1e-4,
                        "{name} {row} {course}: {sum} {}",
                        scores[(course, row)]
                    );
                }
            }
        }
        assert!(ModelSpec::Popular.fit(&training).unwrap().explain(&training.choices, 1, &courses).unwrap().is_none());
    }
}
