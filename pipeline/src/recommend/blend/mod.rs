//! One model of several: their scores on one scale, weighted by what members took up afterwards.
//!
//! ```text
//! scores of each model ──standing──▶ features ──Σ weight × feature──▶ one score        weights: conditional logit of what was taken up
//! ```
//! Models disagree about scales, so each is seen by how its courses stand within a member: in standard deviations, and by rank. For a
//! member of whom a model knows nothing all courses stand alike, and the others decide.

mod examples;
mod fit;
mod standing;
mod weights;

use std::ops::Range;

use faer::Mat;
use hachi_solvers::Result;

use super::scorers::{Choices, Scorer};
pub use fit::{Params, fit};

use weights::Weights;

/// Fitted models and what each counts.
pub struct Blend {
    scorers: Vec<Box<dyn Scorer>>,
    weights: Weights,
}

impl Blend {
    /// Weighs `scorers`, in the order in which their weights were learned.
    pub fn new(scorers: Vec<Box<dyn Scorer>>, weights: Weights) -> Self {
        Self { scorers, weights }
    }
}

impl Scorer for Blend {
    fn score_block(&self, histories: &Choices, rows: Range<usize>) -> Result<Mat<f32>> {
        let mut blended = Mat::zeros(histories.positives.columns(), rows.len());
        for (model, scorer) in self.scorers.iter().enumerate() {
            let scores = scorer.score_block(histories, rows.clone())?;
            for place in 0..rows.len() {
                let weigh = self.weights.of(model);
                let standing = standing::standing(scores.col_as_slice(place), histories.positives.row_columns(rows.start + place));
                let sums = blended.col_as_slice_mut(place).iter_mut();
                sums.zip(&standing).for_each(|(sum, stands)| *sum += weigh.value(stands) as f32);
            }
        }
        Ok(blended)
    }
}

#[cfg(test)]
mod tests {
    use hachi_solvers::Csr;
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::examples::Questions;
    use super::weights::learn;
    use super::*;

    /// Scores that are known, courses × members.
    struct Known(Mat<f32>);

    impl Scorer for Known {
        fn score_block(&self, _: &Choices, rows: Range<usize>) -> Result<Mat<f32>> {
            Ok(self.0.subcols(rows.start, rows.len()).to_owned())
        }
    }

    const COURSES: usize = 40;
    const MEMBERS: usize = 200;

    /// What each member takes up; the first model nearly knows it, the second guesses, the third knows nothing.
    fn target(member: usize) -> usize {
        member * 7 % COURSES
    }

    fn models() -> Vec<Box<dyn Scorer>> {
        let mut stream = ChaCha8Rng::seed_from_u64(1);
        let mut guesses = || Mat::from_fn(COURSES, MEMBERS, |_, _| stream.random_range(0.0..20.0));
        let (mut knows, guess) = (guesses(), guesses());
        (0..MEMBERS).for_each(|member| knows[(target(member), member)] += 15.0);
        vec![Box::new(Known(knows)), Box::new(Known(guess)), Box::new(Known(Mat::full(COURSES, MEMBERS, 3.0)))]
    }

    fn nothing() -> Csr {
        Csr::from_rows(COURSES, &vec![Vec::new(); MEMBERS]).unwrap()
    }

    fn weights() -> Weights {
        let histories = Choices { positives: nothing(), ratings: None };
        let targets: Vec<[u32; 1]> = (0..MEMBERS).map(|member| [target(member) as u32]).collect();
        let questions = Questions { histories: &histories, owned: &nothing(), targets: targets.iter().map(|target| &target[..]).collect() };
        learn(&models(), &questions, 8, 1 << 30).unwrap()
    }

    #[test]
    fn a_model_counts_as_much_as_it_knows() {
        let weights = weights();
        let counts = [0, 1, 2].map(|model| weights.of(model).deviations.abs() + weights.of(model).log_odds.abs());
        assert!(counts[0] > 4.0 * counts[1] && counts[2] == 0.0, "{counts:?}");
    }

    #[test]
    fn a_blend_ranks_what_was_taken_up_first_whatever_the_blocks() {
        let blend = Blend::new(models(), weights());
        let histories = Choices { positives: nothing(), ratings: None };
        let whole = blend.score_block(&histories, 0..MEMBERS).unwrap();
        assert_eq!(whole.subcols(50, 9).to_owned(), blend.score_block(&histories, 50..59).unwrap());
        let is_first = |member: &usize| (0..COURSES).all(|course| whole[(course, *member)] <= whole[(target(*member), *member)]);
        assert!((0..MEMBERS).filter(is_first).count() > MEMBERS / 2);
    }
}
