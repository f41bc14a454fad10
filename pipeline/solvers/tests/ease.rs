//! Properties of EASE, on small random problems against a dense reference.

use faer::Mat;
use faer::linalg::solvers::Solve;
use hachi_solvers::ease::{Model, Params, Problem, Report, required_bytes, solve};
use hachi_solvers::{Csr, Error};
use proptest::prelude::*;

fn params(lambda: f64) -> Params {
    Params { lambda, ..Params::default() }
}

fn fit(positives: &Csr, lambda: f64) -> Result<(Model, Report), Error> {
    solve(Problem::from_positives(positives)?, &params(lambda).check()?)
}

fn dense(csr: &Csr) -> Mat<f64> {
    let mut dense = Mat::zeros(csr.rows(), csr.columns());
    (0..csr.rows()).for_each(|row| csr.row(row).for_each(|(column, value)| dense[(row, column as usize)] = value));
    dense
}

/// W by the textbook: dense, explicit inverse by LU.
fn reference(x: &Mat<f64>, lambda: f64) -> Mat<f64> {
    let identity = Mat::<f64>::identity(x.ncols(), x.ncols());
    let inverse = (x.transpose() * x + &identity * faer::Scale(lambda)).partial_piv_lu().solve(&identity);
    Mat::from_fn(x.ncols(), x.ncols(), |row, column| if row == column { 0.0 } else { -inverse[(row, column)] / inverse[(column, column)] })
}

fn wide(matrix: faer::MatRef<'_, f32>) -> Mat<f64> {
    Mat::from_fn(matrix.nrows(), matrix.ncols(), |row, column| f64::from(matrix[(row, column)]))
}

fn positives() -> impl Strategy<Value = Csr> {
    (1..9_usize).prop_flat_map(|courses| {
        let history = prop::collection::btree_map(0..courses as u32, prop_oneof![3 => Just(1.0), 1 => -2.0..3.0_f64], 0..=courses);
        prop::collection::vec(history, 1..14).prop_map(move |rows| {
            let rows: Vec<Vec<(u32, f64)>> = rows.into_iter().map(|row| row.into_iter().collect()).collect();
            Csr::from_rows(courses, &rows).expect("columns are below `courses`")
        })
    })
}

fn rows_of(csr: &Csr) -> Vec<Vec<(u32, f64)>> {
    (0..csr.rows()).map(|row| csr.row(row).collect()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn equals_the_dense_reference(positives in positives(), lambda in 0.1..20.0_f64) {
        let (model, report) = fit(&positives, lambda).unwrap();
        let expected = reference(&dense(&positives), lambda);
        prop_assert!((wide(model.weights()) - &expected).norm_max() < 1e-6 * (1.0 + expected.norm_max()));
        prop_assert!(report.residual < 1e-5, "residual {}", report.residual);
        prop_assert!((0..model.courses()).all(|course| model.weights()[(course, course)].to_bits() == 0));
    }

    #[test]
    fn the_gram_matrix_gives_the_same_weights(positives in positives()) {
        let x = dense(&positives);
        let gram = Problem::from_gram(x.transpose() * &x).unwrap();
        let (from_gram, _) = solve(gram, &params(0.5).check().unwrap()).unwrap();
        let (model, _) = fit(&positives, 0.5).unwrap();
        prop_assert!((wide(model.weights()) - wide(from_gram.weights())).norm_max() < 1e-6);
    }

    #[test]
    fn neither_order_nor_names_matter(positives in positives()) {
        let last = positives.columns() as u32 - 1;
        let renamed = |row: &Vec<(u32, f64)>| row.iter().rev().map(|&(course, value)| (last - course, value)).collect();
        let rows: Vec<Vec<(u32, f64)>> = rows_of(&positives).iter().rev().map(renamed).collect();
        let (model, _) = fit(&positives, 0.5).unwrap();
        let (other, _) = fit(&Csr::from_rows(positives.columns(), &rows).unwrap(), 0.5).unwrap();
        let back = other.weights().reverse_rows_and_cols();
        prop_assert!((wide(model.weights()) - wide(back)).norm_max() < 1e-6);
    }

    #[test]
    fn scores_are_what_the_history_adds(positives in positives()) {
        let (model, _) = fit(&positives, 1.0).unwrap();
        let block = model.score_block(&positives, 0..positives.rows()).unwrap();
        let expected = wide(model.weights()).transpose() * dense(&positives).transpose();
        prop_assert!((wide(block.as_ref()) - expected).norm_max() < 1e-4);
        for row in 0..positives.rows() {
            let history: Vec<(u32, f32)> = positives.row(row).map(|(course, value)| (course, value as f32)).collect();
            let mut scores = vec![7.0; model.courses()];
            model.score(&history, &mut scores).unwrap();
            for (course, score) in scores.iter().enumerate() {
                prop_assert!((score - block[(course, row)]).abs() < 1e-4);
                let sum: f32 = history.iter().map(|&(past, weight)| weight * model.adds(past as usize)[course]).sum();
                prop_assert!((score - sum).abs() < 1e-4);
            }
        }
    }
}

fn community(users: usize, courses: usize) -> Csr {
    let likes = |user: usize, course: usize| (user * 13 + course * 7) % 23 < 2 || user % 19 == course % 19;
    let row = |user: usize| (0..courses).filter(|&course| likes(user, course)).map(|course| (course as u32, 1.0)).collect();
    Csr::from_rows(courses, &(0..users).map(row).collect::<Vec<_>>()).expect("columns are below `courses`")
}

#[test]
fn one_thread_and_two_give_equal_bits() {
    let positives = community(400, 700);
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| fit(&positives, 10.0).unwrap())
    };
    let (one, two) = (run(1), run(2));
    assert_eq!(one, two);
    let expected = reference(&dense(&positives), 10.0);
    assert!((wide(one.0.weights()) - &expected).norm_max() < 1e-6 * expected.norm_max());
}

#[test]
fn courses_of_one_kind_recommend_each_other() {
    let rows: Vec<Vec<(u32, f64)>> = (0..20).map(|user| (0..3).map(|at| (at + 3 * (user % 2), 1.0)).collect()).collect();
    let (model, _) = fit(&Csr::from_rows(6, &rows).unwrap(), 1.0).unwrap();
    let mut scores = [0.0; 6];
    model.score(&[(0, 1.0), (1, 1.0)], &mut scores).unwrap();
    assert!(scores[2] > 0.9 && scores[3..].iter().all(|score| score.abs() < 1e-6), "{scores:?}");
}

#[test]
fn one_user_and_one_course_are_enough() {
    let (model, report) = fit(&Csr::from_rows(1, &[vec![(0, 1.0)]]).unwrap(), 1.0).unwrap();
    assert_eq!(model.weights()[(0, 0)].to_bits(), 0);
    assert!((report.smallest_pivot - 2.0).abs() < 1e-12);
    let (nothing, _) = fit(&Csr::from_rows(2, &[vec![]]).unwrap(), 1.0).unwrap();
    assert_eq!(nothing.weights().norm_max().to_bits(), 0);
}

#[test]
fn refuses_what_it_cannot_use() {
    let twins = Csr::from_rows(2, &[vec![(0, 1.0), (1, 1.0)]]).unwrap();
    let singular = Error::NotPositiveDefinite { what: "course", row: 1, pivot: 1, remedy: "lambda" };
    assert_eq!(fit(&twins, 0.0).unwrap_err(), singular);
    assert_eq!(fit(&twins, f64::NAN).unwrap_err().to_string(), "`lambda` is NaN, expected a finite number of at least 0");
    assert_eq!(fit(&Csr::from_rows(0, &[vec![]]).unwrap(), 1.0).unwrap_err(), Error::Empty { what: "courses" });
    let mut gram = Mat::<f64>::identity(2, 2);
    gram[(1, 0)] = f64::INFINITY;
    let message = Problem::from_gram(gram).unwrap_err().to_string();
    assert_eq!(message, "`Gram matrix` holds inf at row 1, column 0, expected a finite number");
    assert!(matches!(Problem::from_gram(Mat::zeros(2, 1)), Err(Error::Length { .. })));
    let (model, _) = fit(&twins, 1.0).unwrap();
    let mut scores = [0.0; 2];
    assert!(matches!(model.score(&[(0, f32::NAN)], &mut scores), Err(Error::NotFinite { .. })));
    assert!(matches!(model.score(&[(2, 1.0)], &mut scores), Err(Error::ColumnOutOfRange { .. })));
    assert!(matches!(model.score(&[], &mut scores[..1]), Err(Error::Length { .. })));
    assert!(matches!(model.score_block(&twins, 0..2), Err(Error::Length { found: 2, expected: 1, .. })));
}

#[test]
fn a_product_of_other_courses_or_no_numbers_is_refused() {
    let (model, valid) = (fit(&community(2, 4), 1.0).unwrap().0, params(1.0).check().unwrap());
    let refused = |product| model.clone().towards_product(product, &valid).unwrap_err();
    assert!(matches!(refused(Mat::zeros(1, model.courses())), Error::Length { found: 1, .. }));
    let product = Mat::from_fn(model.courses(), model.courses(), |_, _| f32::NAN);
    assert!(matches!(refused(product), Error::NotFinite { .. }));
}

#[test]
fn memory_is_checked_before_it_is_used() {
    let positives = community(3, 100);
    let tight = Params { memory_limit_bytes: 1000, ..Params::default() }.check().unwrap();
    let refused = solve(Problem::from_positives(&positives).unwrap(), &tight).unwrap_err();
    assert!(matches!(refused, Error::Memory { what: "ease", limit: 1000, .. }));
    assert!(required_bytes(20_000) < 6_000_000_000);
    assert!(required_bytes(600_000) > 4_000_000_000_000);
}

/// Targets in the places of the positives, worth less the later the user.
fn faded(positives: &Csr) -> Csr {
    let row =
        |row: usize| positives.row(row).map(|(course, _)| (course, 0.5_f64.powf(row as f64 / 3.0 + f64::from(course) / 5.0))).collect();
    Csr::from_rows(positives.columns(), &(0..positives.rows()).map(row).collect::<Vec<Vec<(u32, f64)>>>()).expect("the same places")
}

proptest! {
    #[test]
    fn other_targets_solve_their_normal_equations(positives in positives(), lambda in 0.5..5.0_f64) {
        let targets = faded(&positives);
        let valid = params(lambda).check().unwrap();
        let model = fit(&positives, lambda).unwrap().0.towards((&positives, &targets), &valid).unwrap();
        let (x, y, b) = (dense(&positives), dense(&targets), wide(model.weights()));
        // What is left but for the diagonal, which is held at 0.
        let gradient = x.transpose() * (&x * &b - &y) + &b * faer::Scale(lambda);
        for column in 0..x.ncols() {
            prop_assert!(b[(column, column)] == 0.0);
            for row in (0..x.ncols()).filter(|row| *row != column) {
                prop_assert!(gradient[(row, column)].abs() < 1e-3 * (1.0 + gradient.norm_max()), "{row} {column} {gradient:?}");
            }
        }
    }

    #[test]
    fn their_product_with_the_positives_gives_the_same_weights(positives in positives()) {
        let targets = faded(&positives);
        let valid = params(2.0).check().unwrap();
        let plain = fit(&positives, 2.0).unwrap().0;
        let product = dense(&targets).transpose() * dense(&positives);
        let product = Mat::from_fn(product.nrows(), product.ncols(), |row, column| product[(row, column)] as f32);
        let (of_product, of_rows) = (plain.clone().towards_product(product, &valid).unwrap(), plain.towards((&positives, &targets), &valid).unwrap());
        prop_assert!((wide(of_product.weights()) - wide(of_rows.weights())).norm_max() < 1e-4);
    }

    #[test]
    fn the_positives_as_targets_change_nothing(positives in positives()) {
        let valid = params(2.0).check().unwrap();
        let plain = fit(&positives, 2.0).unwrap().0;
        let same = plain.clone().towards((&positives, &positives), &valid).unwrap();
        prop_assert!((wide(plain.weights()) - wide(same.weights())).norm_max() < 1e-4);
    }
}
