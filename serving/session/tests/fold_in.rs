//! Folded-in factors solve their system, and scores are their products with every course. Only what is public is used.

use hachi_session::{Error, FoldIn, List, MAX_DIM, Params, Workspace};
use proptest::prelude::*;

/// What the system must hold to, times the size of its terms.
const TOLERANCE: f64 = 1e-9;

#[derive(Debug, Clone)]
struct Given {
    courses: usize,
    factors: Vec<f32>,
    params: Params,
}

impl Given {
    fn row(&self, course: usize) -> impl Iterator<Item = f64> {
        self.factors[course * self.params.dim..][..self.params.dim].iter().map(|value| f64::from(*value))
    }

    fn gram(&self) -> Vec<f64> {
        let dim = self.params.dim;
        let mut gram = vec![0.0; dim * dim];
        for course in 0..self.courses {
            let row: Vec<f64> = self.row(course).collect();
            gram.iter_mut().enumerate().for_each(|(place, sum)| *sum += row[place / dim] * row[place % dim]);
        }
        gram
    }

    fn model(&self) -> FoldIn<'_> {
        FoldIn::new(self.courses, &self.factors, self.gram(), self.params).expect("a model of its own shape")
    }

    fn product(&self, course: usize, factor: &[f64]) -> f64 {
        self.row(course).zip(factor).map(|(left, right)| left * right).sum()
    }

    /// System · `factor` − right-hand side by its definition, without a matrix, relative to the largest of the terms.
    fn residual(&self, history: &[u32], factor: &[f64]) -> f64 {
        let penalty = self.params.reg * (history.len() as f64 + self.params.alpha0 * self.courses as f64).powf(self.params.nu);
        let mut sums: Vec<f64> = factor.iter().map(|value| penalty * value).collect();
        let mut size = sums.iter().fold(1.0, |size: f64, sum| size.max(sum.abs()));
        for course in 0..self.courses {
            let product = self.product(course, factor);
            let past = if history.contains(&(course as u32)) { product - 1.0 } else { 0.0 };
            let weight = self.params.alpha0 * product + past;
            self.row(course).zip(&mut sums).for_each(|(value, sum)| {
                *sum += weight * value;
                size = size.max((weight * value).abs());
            });
        }
        sums.iter().fold(0.0, |worst: f64, sum| worst.max(sum.abs())) / size
    }
}

fn given() -> impl Strategy<Value = (Given, Vec<u32>)> {
    (1..40_usize, 1..24_usize).prop_flat_map(|(courses, dim)| {
        let factors = prop::collection::vec(-1.0..1.0_f32, courses * dim);
        let params = (0.0..2.0_f64, 0.001..1.0_f64, 0.0..=1.0_f64).prop_map(move |(alpha0, reg, nu)| Params { dim, alpha0, reg, nu });
        let history = prop::sample::subsequence((0..courses as u32).collect::<Vec<_>>(), 0..=courses);
        ((factors, params).prop_map(move |(factors, params)| Given { courses, factors, params }), history)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_factor_solves_its_system((given, history) in given()) {
        let (model, mut room) = (given.model(), Workspace::default());
        let factor = model.solve(&history, &mut room).unwrap().to_vec();
        let residual = given.residual(&history, &factor);
        prop_assert!(history.is_empty() || residual < TOLERANCE, "{}", residual);
        prop_assert!(!history.is_empty() || factor.iter().all(|value| *value == 0.0));
    }

    #[test]
    fn scores_are_products_with_every_course((given, history) in given()) {
        let (model, mut room) = (given.model(), Workspace::default());
        let mut scores = vec![f32::NAN; given.courses];
        model.score(&history, &mut room, &mut scores).unwrap();
        let factor = model.solve(&history, &mut room).unwrap();
        for (course, score) in scores.iter().enumerate() {
            let size: f64 = given.row(course).zip(factor).map(|(left, right)| (left * right).abs()).sum();
            prop_assert!((f64::from(*score) - given.product(course, factor)).abs() <= 1e-5 * size);
        }
    }

    /// A workspace holds nothing of the request before, nor of another model's.
    #[test]
    fn a_used_workspace_gives_the_same_bits((first, past) in given(), (second, history) in given()) {
        let mut used = Workspace::default();
        first.model().solve(&past, &mut used).unwrap();
        let (model, mut fresh) = (second.model(), Workspace::default());
        prop_assert_eq!(model.solve(&history, &mut used), model.solve(&history, &mut fresh));
    }
}

const ONE: Params = Params { dim: 1, alpha0: 0.5, reg: 0.25, nu: 1.0 };

#[test]
fn one_course_and_one_dimension_are_solved_by_hand() {
    let model = FoldIn::new(1, vec![2.0], vec![4.0], ONE).unwrap();
    let (mut room, mut scores) = (Workspace::default(), [f32::NAN]);
    let expected = 2.0 / (0.5 * 4.0 + 4.0 + 0.25 * (1.0 + 0.5));
    assert!((model.solve(&[0], &mut room).unwrap()[0] - expected).abs() < 1e-15);
    model.score(&[0], &mut room, &mut scores).unwrap();
    assert!((f64::from(scores[0]) - 2.0 * expected).abs() < 1e-6);
    model.score(&[], &mut room, &mut scores).unwrap();
    assert_eq!(scores[0].to_bits(), 0);
}

#[test]
fn the_longest_factor_is_solved() {
    let params = Params { dim: MAX_DIM, ..ONE };
    let factors = (0..3 * MAX_DIM).map(|place| ((place * 31) % 17) as f32 / 17.0 - 0.5).collect();
    let given = Given { courses: 3, factors, params };
    let mut room = Workspace::default();
    let factor = given.model().solve(&[0, 2], &mut room).unwrap().to_vec();
    assert!(given.residual(&[0, 2], &factor) < TOLERANCE);
}

#[test]
fn bad_sessions_are_refused_and_leave_the_scores_as_they_were() {
    let model = FoldIn::new(2, vec![1.0, 2.0], vec![5.0], ONE).unwrap();
    let (mut room, mut scores) = (Workspace::default(), [7.0; 2]);
    let mut refuse = |history: &[u32]| model.score(history, &mut room, &mut scores).unwrap_err();
    assert_eq!(refuse(&[1, 0]), Error::Order { list: List::History, course: 0 });
    assert_eq!(refuse(&[1, 1]), Error::Order { list: List::History, course: 1 });
    assert_eq!(refuse(&[0, 2]), Error::OutOfRange { list: List::History, course: 2, courses: 2 });
    assert_eq!(scores.map(f32::to_bits), [7.0_f32; 2].map(f32::to_bits));
    assert_eq!(model.score(&[0], &mut room, &mut [0.0]).unwrap_err(), Error::Length { what: "scores", found: 1, expected: 2 });
}

#[test]
fn bad_models_are_refused() {
    let new = |courses, factors: &[f32], gram: &[f64]| FoldIn::new(courses, factors.to_vec(), gram.to_vec(), ONE).unwrap_err();
    assert_eq!(new(2, &[1.0], &[1.0]), Error::Length { what: "factors", found: 1, expected: 2 });
    assert_eq!(new(1, &[1.0], &[]), Error::Length { what: "gram", found: 0, expected: 1 });
    assert!(matches!(new(1, &[f32::NAN], &[1.0]), Error::NotFinite { what: "factors", place: 0, .. }));
    assert!(matches!(new(1, &[1.0], &[f64::INFINITY]), Error::NotFinite { what: "gram", place: 0, .. }));
    let wide = FoldIn::new(0, vec![], vec![], Params { dim: MAX_DIM + 1, ..ONE }).unwrap_err();
    assert_eq!(wide.to_string(), "`dim` is 513, expected 1 to 512");
}

#[test]
fn a_system_without_a_penalty_names_its_pivot() {
    let params = Params { dim: 2, alpha0: 0.0, reg: 0.0, nu: 1.0 };
    let model = FoldIn::new(1, vec![1.0, 2.0], vec![1.0, 2.0, 2.0, 4.0], params).unwrap();
    assert_eq!(model.solve(&[0], &mut Workspace::default()), Err(Error::NotPositiveDefinite { pivot: 1 }));
}
