//! Properties of logistic regression: its gradient is zero, by plain formulas.

use faer::Mat;
use hachi_solvers::Error;
use hachi_solvers::logistic::{Model, Params, Problem, Report, required_bytes, solve};
use proptest::prelude::*;

fn fit(problem: Problem<'_>, lambda: f64) -> (Model, Report) {
    let params = Params { lambda, ..Params::default() }.check().expect("λ is above 0");
    solve(&problem, &params).expect("the problem is small and penalised")
}

fn row(features: &Mat<f64>, row: usize) -> Vec<f64> {
    features.row(row).iter().copied().collect()
}

fn rows() -> impl Strategy<Value = (Mat<f64>, Vec<bool>, Vec<f64>)> {
    (2..20_usize, 1..4_usize).prop_flat_map(|(rows, features)| {
        let values = prop::collection::vec(-3.0..3.0_f64, rows * features);
        let labels = prop::collection::vec(any::<bool>(), rows);
        (values, labels, prop::collection::vec(0.1..2.0_f64, rows)).prop_map(move |(values, mut labels, weights)| {
            (labels[0], labels[1]) = (true, false);
            (Mat::from_fn(rows, features, |row, column| values[row * features + column]), labels, weights)
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_gradient_is_zero((features, labels, weights) in rows(), lambda in 0.01..3.0_f64) {
        let (model, report) = fit(Problem::weighted(features.as_ref(), &labels, &weights).unwrap(), lambda);
        prop_assert!(report.converged && report.gradient < 1e-4, "{report:?}");
        let miss = |index: usize| weights[index] * (model.probability(&row(&features, index)).unwrap() - f64::from(u8::from(labels[index])));
        prop_assert!((0..labels.len()).map(miss).sum::<f64>().abs() < 1e-4);
        for column in 0..features.ncols() {
            let slope: f64 = (0..labels.len()).map(|index| miss(index) * features[(index, column)]).sum();
            prop_assert!((slope + lambda * model.weights()[column]).abs() < 1e-4);
        }
    }

    #[test]
    fn the_gradient_of_groups_is_zero((features, labels, _) in rows(), cut in 0..20_usize, lambda in 0.01..3.0_f64) {
        let offsets = [0, cut.min(labels.len()), labels.len()];
        let (model, report) = fit(Problem::grouped(features.as_ref(), &labels, &offsets).unwrap(), lambda);
        prop_assert!(report.converged && model.intercept().to_bits() == 0);
        let mut slopes: Vec<f64> = model.weights().iter().map(|weight| lambda * weight).collect();
        for group in offsets.windows(2).map(|pair| pair[0]..pair[1]) {
            let scores: Vec<f64> = group.clone().map(|index| model.score(&row(&features, index)).unwrap().exp()).collect();
            let (sum, wanted) = (scores.iter().sum::<f64>(), labels[group.clone()].iter().filter(|label| **label).count() as f64);
            for (index, score) in group.zip(scores) {
                let miss = wanted * score / sum - f64::from(u8::from(labels[index]));
                slopes.iter_mut().zip(row(&features, index)).for_each(|(slope, value)| *slope += miss * value);
            }
        }
        prop_assert!(slopes.iter().all(|slope| slope.abs() < 1e-4), "{slopes:?}");
    }

    #[test]
    fn order_of_rows_does_not_matter((features, mut labels, _) in rows()) {
        let (model, _) = fit(Problem::new(features.as_ref(), &labels).unwrap(), 0.5);
        labels.reverse();
        let (other, _) = fit(Problem::new(features.as_ref().reverse_rows(), &labels).unwrap(), 0.5);
        prop_assert!((model.intercept() - other.intercept()).abs() < 1e-6);
        prop_assert!(model.weights().iter().zip(other.weights()).all(|(a, b)| (a - b).abs() < 1e-6));
    }

    #[test]
    fn a_weight_of_two_is_the_row_twice((features, labels, _) in rows()) {
        let doubled = Mat::from_fn(features.nrows() + 1, features.ncols(), |row, column| features[(row.saturating_sub(1), column)]);
        let twice: Vec<bool> = std::iter::once(labels[0]).chain(labels.iter().copied()).collect();
        let mut weights = vec![1.0; labels.len()];
        weights[0] = 2.0;
        let (model, _) = fit(Problem::weighted(features.as_ref(), &labels, &weights).unwrap(), 0.5);
        let (other, _) = fit(Problem::new(doubled.as_ref(), &twice).unwrap(), 0.5);
        prop_assert!(model.weights().iter().zip(other.weights()).all(|(a, b)| (a - b).abs() < 1e-6));
    }
}

#[test]
fn a_feature_without_meaning_leaves_the_share_of_true_labels() {
    let features = Mat::full(4, 1, 0.0);
    let (model, _) = fit(Problem::new(features.as_ref(), &[true, true, true, false]).unwrap(), 1.0);
    assert!((model.intercept() - 3.0_f64.ln()).abs() < 1e-6);
    assert!((model.probability(&[5.0]).unwrap() - 0.75).abs() < 1e-7);
}

#[test]
fn a_feature_that_tells_everything_has_a_finite_weight() {
    let features = Mat::from_fn(6, 1, |row, _| if row < 3 { 1e3 } else { -1e3 });
    let labels = [true, true, true, false, false, false];
    let (model, report) = fit(Problem::new(features.as_ref(), &labels).unwrap(), 1e-3);
    assert!(report.converged && model.weights()[0].is_finite() && model.weights()[0] > 0.0);
}

#[test]
fn one_thread_and_two_give_equal_bits() {
    let value = |row: usize, column: usize| ((row * 31 + column * 17) % 97) as f64 / 97.0 - 0.5;
    let features = Mat::from_fn(40_000, 3, value);
    let labels: Vec<bool> = (0..40_000).map(|row| value(row, 1) + value(row * 7, 5) > 0.0).collect();
    let offsets: Vec<usize> = (0..=40_000).step_by(50).collect();
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let rows = || fit(Problem::new(features.as_ref(), &labels).unwrap(), 1.0);
        let groups = || fit(Problem::grouped(features.as_ref(), &labels, &offsets).unwrap(), 1.0);
        pool.install(|| (rows(), groups()))
    };
    assert_eq!(run(1), run(2));
}

#[test]
fn refuses_what_it_cannot_use() {
    let features = Mat::<f64>::identity(2, 2);
    let labels = [true, false];
    let refuse = |problem: Result<Problem<'_>, Error>| problem.unwrap_err();
    assert_eq!(refuse(Problem::new(features.as_ref(), &[true, true])), Error::Empty { what: "rows with a false label" });
    assert_eq!(refuse(Problem::weighted(features.as_ref(), &labels, &[0.0, 1.0])), Error::Empty { what: "rows with a true label" });
    assert_eq!(refuse(Problem::new(Mat::zeros(2, 0).as_ref(), &labels)), Error::Empty { what: "features" });
    assert!(matches!(refuse(Problem::new(features.as_ref(), &[true])), Error::Length { what: "labels", .. }));
    assert!(matches!(refuse(Problem::weighted(features.as_ref(), &labels, &[1.0, -1.0])), Error::Parameter { .. }));
    assert!(matches!(refuse(Problem::grouped(features.as_ref(), &labels, &[0, 1])), Error::Length { found: 1, expected: 2, .. }));
    assert!(matches!(refuse(Problem::grouped(features.as_ref(), &labels, &[])), Error::Length { found: 0, expected: 2, .. }));
    let mut poisoned = features.clone();
    poisoned[(1, 0)] = f64::NAN;
    let message = refuse(Problem::new(poisoned.as_ref(), &labels)).to_string();
    assert_eq!(message, "`features` holds NaN at row 1, column 0, expected a finite number");
    assert!(Params { lambda: 0.0, ..Params::default() }.check().is_err());
    let tight = Params { memory_limit_bytes: 10, ..Params::default() }.check().unwrap();
    assert!(matches!(solve(&Problem::new(features.as_ref(), &labels).unwrap(), &tight), Err(Error::Memory { what: "logistic", .. })));
    let (model, _) = fit(Problem::new(features.as_ref(), &labels).unwrap(), 1.0);
    assert!(matches!(model.score(&[1.0]), Err(Error::Length { found: 1, expected: 2, .. })));
    assert!(required_bytes(10_000_000, 30) < 20_000_000);
}
