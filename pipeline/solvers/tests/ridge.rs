//! Properties of ridge, on small random problems against a dense reference.

use faer::Mat;
use faer::linalg::solvers::Solve;
use hachi_solvers::ridge::{Model, Params, Problem, Report, required_bytes, solve};
use hachi_solvers::{Csr, Error};
use proptest::prelude::*;

const LIMIT_BYTES: u64 = 1 << 30;

fn params(lambda: f64) -> Params {
    Params { lambda, memory_limit_bytes: LIMIT_BYTES }
}

fn fit(behaviours: &Mat<f64>, affinities: &Csr, lambda: f64) -> Result<(Model, Report), Error> {
    solve(&Problem::new(behaviours.as_ref(), affinities)?, &params(lambda).check()?)
}

fn sparse(dense: &Mat<f64>) -> Csr {
    let row = |member: usize| (0..dense.ncols()).map(move |course| (course as u32, dense[(member, course)])).filter(|entry| entry.1 != 0.0);
    Csr::from_rows(dense.ncols(), &(0..dense.nrows()).map(|member| row(member).collect()).collect::<Vec<_>>())
        .expect("columns are below the width")
}

fn centred(matrix: &Mat<f64>) -> Mat<f64> {
    let mean = |column: usize| (0..matrix.nrows()).map(|row| matrix[(row, column)]).sum::<f64>() / matrix.nrows() as f64;
    Mat::from_fn(matrix.nrows(), matrix.ncols(), |row, column| matrix[(row, column)] - mean(column))
}

/// W by the textbook: dense, centred on both sides, explicit inverse.
fn reference(behaviours: &Mat<f64>, affinities: &Mat<f64>, lambda: f64) -> Mat<f64> {
    let (b, a) = (centred(behaviours), centred(affinities));
    let mut system = b.transpose() * &b;
    (0..b.ncols()).for_each(|index| system[(index, index)] += lambda * b.nrows() as f64);
    let identity = Mat::<f64>::identity(b.ncols(), b.ncols());
    let inverse = system.partial_piv_lu().solve(&identity);
    inverse * (b.transpose() * a)
}

fn distance(left: &Mat<f64>, right: &Mat<f64>) -> f64 {
    (left - right).norm_max()
}

fn matrices() -> impl Strategy<Value = (Mat<f64>, Mat<f64>)> {
    (2..12_usize, 1..5_usize, 1..7_usize).prop_flat_map(|(members, behaviours, courses)| {
        let dense = prop::collection::vec(-3.0..3.0_f64, members * behaviours);
        let scarce = prop::collection::vec(prop_oneof![3 => Just(0.0), 1 => 0.1..2.0_f64], members * courses);
        (dense, scarce).prop_map(move |(dense, scarce)| {
            let b = Mat::from_fn(members, behaviours, |row, column| dense[row * behaviours + column]);
            (b, Mat::from_fn(members, courses, |row, column| scarce[row * courses + column]))
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn equals_the_dense_reference((b, a) in matrices(), lambda in 0.01..2.0_f64) {
        let (model, report) = fit(&b, &sparse(&a), lambda).unwrap();
        prop_assert!(distance(&model.weights().to_owned(), &reference(&b, &a, lambda)) < 1e-9);
        prop_assert!(report.residual < 1e-12, "residual {}", report.residual);
        prop_assert!(report.smallest_pivot <= report.largest_pivot);
    }

    #[test]
    fn order_of_members_does_not_matter((b, a) in matrices()) {
        let reversed = |matrix: &Mat<f64>| matrix.reverse_rows().to_owned();
        let (model, _) = fit(&b, &sparse(&a), 0.5).unwrap();
        let (other, _) = fit(&reversed(&b), &sparse(&reversed(&a)), 0.5).unwrap();
        prop_assert!(distance(&model.weights().to_owned(), &other.weights().to_owned()) < 1e-10);
    }

    #[test]
    fn contributions_and_the_mean_add_up_to_the_score((b, a) in matrices()) {
        let (model, _) = fit(&b, &sparse(&a), 0.1).unwrap();
        let scores = model.predict(b.as_ref()).unwrap();
        for course in 0..a.ncols() {
            let member: Vec<f64> = b.row(0).iter().copied().collect();
            let sum: f64 = model.contributions(&member, course).unwrap().iter().sum();
            prop_assert!((sum + model.course_means()[course] - scores[(0, course)]).abs() < 1e-10);
        }
    }
}

#[test]
fn one_thread_and_two_give_equal_bits() {
    let value = |row: usize, column: usize| ((row * 31 + column * 17) % 97) as f64 / 97.0;
    let b = Mat::from_fn(3000, 9, value);
    let a = Mat::from_fn(3000, 300, |row, column| if (row + column) % 50 == 0 { value(column, row) } else { 0.0 });
    let csr = sparse(&a);
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| fit(&b, &csr, 0.1).unwrap())
    };
    assert_eq!(run(1), run(2));
}

#[test]
fn dependent_behaviours_need_a_penalty() {
    let b = Mat::from_fn(4, 2, |row, _| row as f64);
    let a = sparse(&Mat::from_fn(4, 1, |row, _| (row % 2) as f64));
    let refused = fit(&b, &a, 0.0).unwrap_err();
    assert_eq!(refused, Error::NotPositiveDefinite { what: "behaviour", row: 1, pivot: 1, remedy: "lambda" });
    assert!(fit(&b, &a, 0.1).is_ok());
}

#[test]
fn one_member_predicts_its_own_affinity() {
    let (model, _) = fit(&Mat::full(1, 2, 7.0), &sparse(&Mat::full(1, 1, 2.0)), 1.0).unwrap();
    assert!((model.predict(Mat::full(1, 2, 7.0).as_ref()).unwrap()[(0, 0)] - 2.0).abs() < 1e-12);
}

#[test]
fn refuses_what_it_cannot_use() {
    let good = Mat::<f64>::identity(2, 2);
    let a = sparse(&good);
    let mut poisoned = good.clone();
    poisoned[(1, 0)] = f64::NAN;
    let message = fit(&poisoned, &a, 1.0).unwrap_err().to_string();
    assert_eq!(message, "`behaviours` holds NaN at row 1, column 0, expected a finite number");
    assert_eq!(fit(&Mat::zeros(0, 2), &a, 1.0).unwrap_err(), Error::Empty { what: "members" });
    assert!(matches!(fit(&Mat::zeros(3, 2), &a, 1.0), Err(Error::Length { found: 2, expected: 3, .. })));
    let message = fit(&good, &a, -1.0).unwrap_err().to_string();
    assert_eq!(message, "`lambda` is -1, expected a finite number of at least 0");
}

#[test]
fn memory_is_checked_before_it_is_used() {
    let b = Mat::<f64>::identity(2, 2);
    let a = sparse(&b);
    let tight = Params { lambda: 1.0, memory_limit_bytes: 100 }.check().unwrap();
    let refused = solve(&Problem::new(b.as_ref(), &a).unwrap(), &tight).unwrap_err();
    assert!(matches!(refused, Error::Memory { what: "ridge", limit: 100, .. }));
    assert!(required_bytes(1_000_000, 1000, 1_000_000, 1) > 8_000_000_000);
}
