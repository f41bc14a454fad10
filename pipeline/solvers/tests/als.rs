//! Properties of ALS for ratings, on small random problems.

use hachi_solvers::als::{Model, Params, Problem, Report, required_bytes, solve};
use hachi_solvers::{Csr, Error};
use proptest::prelude::*;

fn params() -> Params {
    Params { dim: 3, epochs: 4, ..Params::default() }
}

fn fit(courses: usize, rows: &[Vec<(u32, f64)>], params: Params) -> Result<(Model, Report), Error> {
    solve(&Problem::new(Csr::from_rows(courses, rows)?)?, &params.check()?, &|_| {})
}

fn ratings() -> impl Strategy<Value = (usize, Vec<Vec<(u32, f64)>>)> {
    (1..9_usize).prop_flat_map(|courses| {
        let history = prop::collection::btree_map(0..courses as u32, (1..6_u8).prop_map(f64::from), 0..=courses);
        let rows = prop::collection::vec(history.prop_map(|row| row.into_iter().collect::<Vec<_>>()), 1..14);
        (Just(courses), rows.prop_filter("ratings", |rows| rows.iter().any(|row| !row.is_empty())))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn users_solve_their_equations((courses, rows) in ratings()) {
        let (model, report) = fit(courses, &rows, params()).unwrap();
        prop_assert!(report.worst_residual < 1e-10, "residual {}", report.worst_residual);
        let squares = rows.iter().enumerate().flat_map(|(user, row)| row.iter().map(move |entry| (user, entry)));
        let sum: f64 = squares.map(|(user, &(course, rating))| (rating - model.predict(user, course as usize)).powi(2)).sum();
        prop_assert!((report.rmse - (sum / report.ratings as f64).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn folding_in_gives_the_same_bits((courses, rows) in ratings()) {
        let (model, _) = fit(courses, &rows, params()).unwrap();
        for (user, row) in rows.iter().enumerate() {
            let member = model.fold_in(row).unwrap();
            for course in 0..=courses {
                prop_assert_eq!(model.predict_member(&member, course).to_bits(), model.predict(user, course).to_bits());
            }
        }
    }

    #[test]
    fn blocks_hold_the_predictions((courses, rows) in ratings()) {
        let (model, _) = fit(courses, &rows, params()).unwrap();
        let block = model.score_block(0..rows.len()).unwrap();
        for user in 0..rows.len() {
            for course in 0..courses {
                prop_assert!((f64::from(block[(course, user)]) - model.predict(user, course)).abs() < 1e-5);
            }
        }
    }

    #[test]
    fn order_of_users_does_not_matter((courses, mut rows) in ratings()) {
        let (model, _) = fit(courses, &rows, params()).unwrap();
        rows.reverse();
        let (other, _) = fit(courses, &rows, params()).unwrap();
        for user in 0..rows.len() {
            for course in 0..courses {
                let apart = (model.predict(user, course) - other.predict(rows.len() - 1 - user, course)).abs();
                prop_assert!(apart < 1e-8, "apart {apart}");
            }
        }
    }

    #[test]
    fn a_shift_of_all_ratings_shifts_all_predictions((courses, rows) in ratings()) {
        let shifted: Vec<Vec<(u32, f64)>> = rows.iter().map(|row| row.iter().map(|&(course, rating)| (course, rating + 10.0)).collect()).collect();
        let (model, _) = fit(courses, &rows, params()).unwrap();
        let (other, _) = fit(courses, &shifted, params()).unwrap();
        for user in 0..rows.len() {
            prop_assert!((0..courses).all(|course| (other.predict(user, course) - model.predict(user, course) - 10.0).abs() < 1e-8));
        }
    }
}

/// Ratings of two tastes: users of one like what those of the other don't.
fn tastes(users: usize, courses: usize) -> Vec<Vec<(u32, f64)>> {
    let rating = |user: usize, course: usize| if user % 2 == course % 2 { 5.0 } else { 1.0 };
    let seen = |user: usize, course: usize| !(user * 13 + course * 7).is_multiple_of(5);
    (0..users)
        .map(|user| (0..courses).filter(|&course| seen(user, course)).map(|course| (course as u32, rating(user, course))).collect())
        .collect()
}

#[test]
fn finds_tastes_that_biases_cannot() {
    let (model, _) = fit(20, &tastes(40, 20), Params { epochs: 10, ..params() }).unwrap();
    assert!(model.user_bias(0).abs() < 0.5 && model.course_bias(0).abs() < 0.5);
    // Pairs that were held out.
    assert!(model.predict(0, 0) > 4.0 && model.predict(5, 0) < 2.0, "{} and {}", model.predict(0, 0), model.predict(5, 0));
}

#[test]
fn one_thread_and_two_give_equal_bits() {
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| fit(40, &tastes(1500, 40), params()).unwrap())
    };
    assert_eq!(run(1), run(2));
}

#[test]
fn equal_ratings_are_predicted_everywhere() {
    let (model, report) = fit(2, &[vec![(0, 4.0), (1, 4.0)], vec![(1, 4.0)], vec![]], params()).unwrap();
    assert!(report.rmse < 1e-12);
    for (user, course) in [(0, 0), (1, 0), (2, 1), (9, 1), (0, 9), (9, 9)] {
        assert!((model.predict(user, course) - 4.0).abs() < 1e-12);
    }
}

#[test]
fn biases_of_the_known_side_remain() {
    let (model, _) = fit(3, &[vec![(0, 5.0), (1, 3.0)], vec![(0, 4.0), (1, 1.0)], vec![]], params()).unwrap();
    let (mean, of_user, of_course) = (model.mean(), model.user_bias(0), model.course_bias(0));
    assert!(of_user > 0.0 && of_course > 0.0);
    assert_eq!(model.predict(7, 0).to_bits(), (mean + 0.0 + of_course + 0.0).to_bits());
    assert!((model.predict(2, 0) - mean - of_course).abs() < 1e-12, "a user without ratings");
    assert!((model.predict(0, 2) - mean - of_user).abs() < 1e-12, "a course without ratings");
}

#[test]
fn a_single_rating_is_drawn_to_the_mean_of_all() {
    let (model, _) = fit(1, &[vec![(0, 3.0)]], params()).unwrap();
    assert!((model.predict(0, 0) - 3.0).abs() < 1e-12);
}

#[test]
fn refuses_what_it_cannot_use() {
    let one = [vec![(0, 3.0)]];
    let message = |params: Params| params.check().unwrap_err().to_string();
    assert_eq!(message(Params { reg: 0.0, ..params() }), "`reg` is 0, expected a finite number above 0");
    assert_eq!(message(Params { dim: 0, ..params() }), "`dim` is 0, expected 1 to 1024");
    assert_eq!(message(Params { user_bias_reg: f64::NAN, ..params() }), "`user_bias_reg` is NaN, expected a finite number of at least 0");
    assert_eq!(fit(1, &[vec![]], params()).unwrap_err(), Error::Empty { what: "ratings" });
    assert!(matches!(fit(1, &[vec![(0, f64::NAN)]], params()), Err(Error::NotFinite { .. })));
    let huge = [vec![(0, f64::MAX), (1, f64::MAX)]];
    assert!(matches!(fit(2, &huge, params()), Err(Error::NotFinite { matrix: "mean of the ratings", .. })));
    assert!(matches!(fit(1, &one, Params { memory_limit_bytes: 10, ..params() }), Err(Error::Memory { what: "als", .. })));
    let (model, _) = fit(1, &one, params()).unwrap();
    assert!(matches!(model.fold_in(&[(1, 3.0)]), Err(Error::ColumnOutOfRange { .. })));
    assert!(matches!(model.fold_in(&[(0, f64::INFINITY)]), Err(Error::NotFinite { .. })));
    assert!(matches!(model.score_block(0..2), Err(Error::Length { .. })));
    assert!(required_bytes(1_000_000, 20_000, 50_000_000, 20) < 2_000_000_000);
}
