//! Properties of the truncated SVD, on small random problems against a dense decomposition.

use faer::Mat;
use hachi_solvers::svd::{Model, Params, Problem, Report, required_bytes, solve};
use hachi_solvers::{Csr, Error};
use proptest::prelude::*;

fn fit(x: &Csr, params: Params) -> Result<(Model, Report), Error> {
    solve(&Problem::new(x.clone())?, &params.check()?)
}

fn dense(csr: &Csr) -> Mat<f64> {
    let mut dense = Mat::zeros(csr.rows(), csr.columns());
    (0..csr.rows()).for_each(|row| csr.row(row).for_each(|(column, value)| dense[(row, column as usize)] = value));
    dense
}

fn wide(matrix: &Mat<f32>) -> Mat<f64> {
    Mat::from_fn(matrix.nrows(), matrix.ncols(), |row, column| f64::from(matrix[(row, column)]))
}

/// U diag(s) Vᵀ, users × courses.
fn product(model: &Model) -> Mat<f64> {
    let (u, v) = (wide(model.user_factors()), wide(model.course_factors()));
    let scaled = Mat::from_fn(u.ncols(), u.nrows(), |user, index| u[(index, user)] * model.singular_values()[index]);
    scaled * v
}

fn matrices() -> impl Strategy<Value = Csr> {
    (1..9_usize).prop_flat_map(|courses| {
        let history = prop::collection::btree_map(0..courses as u32, prop_oneof![Just(1.0), -2.0..3.0_f64], 0..=courses);
        prop::collection::vec(history, 1..14).prop_map(move |rows| {
            let rows: Vec<Vec<(u32, f64)>> = rows.into_iter().map(|row| row.into_iter().collect()).collect();
            Csr::from_rows(courses, &rows).expect("columns are below `courses`")
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn all_directions_give_the_matrix_back(x in matrices()) {
        let (model, report) = fit(&x, Params::default()).unwrap();
        prop_assert!((product(&model) - dense(&x)).norm_max() < 1e-5);
        prop_assert!(report.orthogonality < 1e-10, "orthogonality {}", report.orthogonality);
        prop_assert!((report.explained - 1.0).abs() < 1e-10);
        let expected = dense(&x).singular_values().unwrap();
        for (found, expected) in model.singular_values().iter().zip(&expected) {
            prop_assert!((found - expected).abs() < 1e-6 * (1.0 + expected));
        }
    }

    #[test]
    fn scores_are_projections(x in matrices(), dim in 1..4_usize) {
        let (model, _) = fit(&x, Params { dim, ..Params::default() }).unwrap();
        let v = wide(model.course_factors());
        let expected = v.transpose() * (&v * dense(&x).transpose());
        let found = wide(&model.score_block(&x, 0..x.rows()).unwrap());
        prop_assert!((found - expected).norm_max() < 1e-4);
        for row in 0..x.rows() {
            let history: Vec<(u32, f32)> = x.row(row).map(|(course, value)| (course, value as f32)).collect();
            for (index, value) in model.fold_in(&history).unwrap().iter().enumerate() {
                let expected = model.singular_values()[index] * f64::from(model.user_factors()[(index, row)]);
                prop_assert!((f64::from(*value) - expected).abs() < 1e-4);
            }
        }
    }

    #[test]
    fn order_of_users_does_not_matter(x in matrices()) {
        let reversed: Vec<Vec<(u32, f64)>> = (0..x.rows()).rev().map(|row| x.row(row).collect()).collect();
        let (model, _) = fit(&x, Params::default()).unwrap();
        let (other, _) = fit(&Csr::from_rows(x.columns(), &reversed).unwrap(), Params::default()).unwrap();
        prop_assert!((product(&model) - product(&other).reverse_rows()).norm_max() < 1e-5);
    }
}

/// Two strong directions and much weak noise.
fn community() -> Csr {
    let noise = |user: usize, course: usize| ((user * 7919 + course * 104_729) % 1009) as f64 / 1009.0 - 0.5;
    let value = |user: usize, course: usize| {
        4.0 * f64::from(u8::from(user.is_multiple_of(3))) * (course as f64 / 50.0) + 3.0 * (course % 2) as f64 + 0.2 * noise(user, course)
    };
    let row = |user: usize| (0..50).map(|course| (course as u32, value(user, course))).collect();
    Csr::from_rows(50, &(0..1500).map(row).collect::<Vec<_>>()).expect("columns are below 50")
}

#[test]
fn strong_directions_are_found_exactly() {
    let x = community();
    let (model, report) = fit(&x, Params { dim: 2, oversample: 3, ..Params::default() }).unwrap();
    let expected = dense(&x).singular_values().unwrap();
    assert!((0..2).all(|index| (model.singular_values()[index] / expected[index] - 1.0).abs() < 1e-9));
    assert!(report.dim == 2 && report.explained > 0.97 && report.explained < 1.0);
}

#[test]
fn one_thread_and_two_give_equal_bits() {
    let x = community();
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| fit(&x, Params { dim: 5, ..Params::default() }).unwrap())
    };
    assert_eq!(run(1), run(2));
}

#[test]
fn equal_values_have_one_direction_and_zeros_none() {
    let equal = Csr::from_rows(3, &vec![vec![(0, 2.0), (1, 2.0), (2, 2.0)]; 4]).unwrap();
    let (model, report) = fit(&equal, Params::default()).unwrap();
    assert_eq!((report.dim, model.user_factors().nrows()), (1, 1));
    assert!((model.singular_values()[0] - 48.0_f64.sqrt()).abs() < 1e-12);
    let (nothing, report) = fit(&Csr::from_rows(3, &[vec![], vec![]]).unwrap(), Params::default()).unwrap();
    assert_eq!((report.dim, nothing.user_factors().shape(), nothing.course_factors().shape()), (0, (0, 2), (0, 3)));
    assert_eq!(nothing.score_block(&Csr::from_rows(3, &[vec![(0, 1.0)]]).unwrap(), 0..1).unwrap().norm_max().to_bits(), 0);
}

#[test]
fn refuses_what_it_cannot_use() {
    let one = Csr::from_rows(1, &[vec![(0, 1.0)]]).unwrap();
    assert_eq!(Params { dim: 0, ..Params::default() }.check().unwrap_err().to_string(), "`dim` is 0, expected 1 to 2048");
    assert_eq!(fit(&Csr::from_rows(0, &[vec![]]).unwrap(), Params::default()).unwrap_err(), Error::Empty { what: "courses" });
    assert!(matches!(fit(&one, Params { memory_limit_bytes: 10, ..Params::default() }), Err(Error::Memory { what: "svd", .. })));
    assert!(matches!(fit(&Csr::from_rows(1, &[vec![(0, 1e200)]]).unwrap(), Params::default()), Err(Error::NotFinite { .. })));
    let (model, _) = fit(&one, Params::default()).unwrap();
    assert!(matches!(model.fold_in(&[(0, f32::NAN)]), Err(Error::NotFinite { .. })));
    assert!(matches!(model.score_block(&one, 0..2), Err(Error::Length { .. })));
    assert!(required_bytes(1_000_000, 20_000, 50_000_000, 110) < 5_000_000_000);
}
