//! One model of several: their scores on one scale, weighted by what members took up afterwards.
//!
//! ```text
//! scores of each model ──standing──▶ features ──Σ weight × feature──▶ one score        weights: of what was taken up
//! ```
//! Models disagree about scales, so each is seen by how its courses stand within a member: in standard deviations, and by rank. For a
//! member of whom a model knows nothing all courses stand alike, and the others decide.

mod fit;
mod likely;
mod pools;
mod questions;
mod search;
mod standing;
mod weights;

use std::ops::Range;

use faer::Mat;
use hachi_solvers::Result;

use super::scorers::{Choices, Scorer};
pub use fit::{Params, fit, rehearse};
pub use questions::Questions;
use standing::Ladder;
pub use weights::{Weight, weigh};

/// A model that was fitted.
pub struct Fitted {
    /// Its name.
    pub name: &'static str,
    /// What it says.
    pub scorer: Box<dyn Scorer>,
}

/// Fitted models and what each counts.
pub struct Blend {
    models: Vec<Fitted>,
    weights: Vec<Weight>,
    ladder: Ladder,
}

/// What each model says about a block of members: courses × members each; nothing of a model that counts nothing.
pub struct BlockScores(Vec<Option<Mat<f32>>>);

impl Blend {
    /// Weighs `models`, of so many courses; one that has no weight counts nothing.
    pub fn new(models: Vec<Fitted>, weights: &[Weight], courses: usize) -> Self {
        let none = |model| Weight { model, deviations: 0.0, log_odds: 0.0 };
        let weight = |model: &Fitted| weights.iter().find(|weight| weight.model == model.name).copied().unwrap_or(none(model.name));
        Self { weights: models.iter().map(weight).collect(), models, ladder: Ladder::new(courses) }
    }

    /// The models, in the order of all that is said by model.
    pub fn models(&self) -> &[Fitted] {
        &self.models
    }

    /// The models, to be weighed anew.
    #[must_use]
    pub fn into_models(self) -> Vec<Fitted> {
        self.models
    }

    /// Asks each model about the members whose histories are `rows`.
    ///
    /// # Errors
    /// As [`Scorer::score_block`].
    pub fn ask(&self, histories: &Choices, rows: Range<usize>) -> Result<BlockScores> {
        let ask =
            |(model, weight): (&Fitted, &Weight)| weight.counts().then(|| model.scorer.score_block(histories, rows.clone())).transpose();
        self.models.iter().zip(&self.weights).map(ask).collect::<Result<_>>().map(BlockScores)
    }

    /// What each model adds to the scores of the member at `place` of the block: models × courses. The courses of `had` (rising) are
    /// not in the running.
    pub fn parts(&self, BlockScores(scores): &BlockScores, place: usize, had: &[u32]) -> Vec<Vec<f32>> {
        let courses = self.ladder.courses();
        let part = |(weight, scores): (&Weight, &Option<Mat<f32>>)| match scores {
            Some(scores) => {
                self.ladder.standings(scores.col_as_slice(place), had).iter().map(|stands| weight.value(stands) as f32).collect()
            }
            None => vec![0.0; courses],
        };
        self.weights.iter().zip(scores).map(part).collect()
    }
}

impl Scorer for Blend {
    fn score_block(&self, histories: &Choices, rows: Range<usize>) -> Result<Mat<f32>> {
        let scores = self.ask(histories, rows.clone())?;
        let mut blended = Mat::zeros(histories.positives.columns(), rows.len());
        for (place, row) in rows.enumerate() {
            let sums = blended.col_as_slice_mut(place);
            for part in self.parts(&scores, place, histories.positives.row_columns(row)) {
                sums.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
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

    fn models() -> Vec<Fitted> {
        let mut stream = ChaCha8Rng::seed_from_u64(1);
        let mut guesses = || Mat::from_fn(COURSES, MEMBERS, |_, _| stream.random_range(0.0..20.0));
        let (mut knows, guess) = (guesses(), guesses());
        (0..MEMBERS).for_each(|member| knows[(target(member), member)] += 15.0);
        let scores = [("knows", knows), ("guesses", guess), ("nothing", Mat::full(COURSES, MEMBERS, 3.0))];
        scores.into_iter().map(|(name, scores)| Fitted { name, scorer: Box::new(Known(scores)) }).collect()
    }

    fn nothing() -> Csr {
        Csr::from_rows(COURSES, &vec![Vec::new(); MEMBERS]).unwrap()
    }

    fn weights() -> Vec<Weight> {
        let histories = Choices { positives: nothing(), ratings: None };
        let targets: Vec<[u32; 1]> = (0..MEMBERS).map(|member| [target(member) as u32]).collect();
        let questions = Questions { histories: &histories, owned: &nothing(), targets: targets.iter().map(|target| &target[..]).collect() };
        weigh(&models(), &questions, 1 << 30).unwrap()
    }

    #[test]
    fn a_model_counts_as_much_as_it_knows() {
        let weights = weights();
        let counts = [0, 1, 2].map(|model| weights[model].deviations.abs() + weights[model].log_odds.abs());
        assert!(counts[0] > 4.0 * counts[1] && counts[2] == 0.0, "{counts:?}");
    }

    #[test]
    fn a_blend_ranks_what_was_taken_up_first_whatever_the_blocks() {
        let blend = Blend::new(models(), &weights(), COURSES);
        let histories = Choices { positives: nothing(), ratings: None };
        let whole = blend.score_block(&histories, 0..MEMBERS).unwrap();
        assert_eq!(whole.subcols(50, 9).to_owned(), blend.score_block(&histories, 50..59).unwrap());
        let is_first = |member: &usize| (0..COURSES).all(|course| whole[(course, *member)] <= whole[(target(*member), *member)]);
        assert!((0..MEMBERS).filter(is_first).count() > MEMBERS / 2);
    }
}
