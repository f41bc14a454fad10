//! Properties of iALS, on small random problems against a dense reference of each row.

use faer::Mat;
use faer::linalg::solvers::Solve;
use hachi_solvers::ials::{Model, Monitor, Params, Problem, Report, solve};
use hachi_solvers::{Csr, Error};
use proptest::prelude::*;

fn params() -> Params {
    Params { dim: 4, reg: 0.05, alpha0: 0.2, epochs: 3, seed: 1, memory_limit_bytes: 1 << 30, ..Params::default() }
}

fn csr(courses: usize, histories: &[Vec<u32>]) -> Csr {
    let rows: Vec<Vec<(u32, f64)>> = histories.iter().map(|history| history.iter().map(|&course| (course, 1.0)).collect()).collect();
    Csr::from_rows(courses, &rows).expect("columns are below `courses`")
}

fn fit(courses: usize, histories: &[Vec<u32>], params: Params) -> Result<(Model, Report), Error> {
    solve(&Problem::new(csr(courses, histories))?, &params.check()?, &|_| {})
}

/// One user's factor by the textbook: dense, in double precision, by LU.
fn reference(model: &Model, history: &[u32]) -> Mat<f64> {
    let h = Mat::from_fn(model.course_factors().nrows(), model.course_factors().ncols(), |row, course| {
        f64::from(model.course_factors()[(row, course)])
    });
    let chosen = Mat::from_fn(h.nrows(), history.len(), |row, place| h[(row, history[place] as usize)]);
    let params = model.params().get();
    let penalty = params.reg * (history.len() as f64 + params.alpha0 * h.ncols() as f64).powf(params.nu);
    let mut system = &h * h.transpose() * faer::Scale(params.alpha0) + &chosen * chosen.transpose();
    (0..h.nrows()).for_each(|index| system[(index, index)] += penalty);
    system.partial_piv_lu().solve(chosen * Mat::<f64>::full(history.len(), 1, 1.0))
}

fn histories() -> impl Strategy<Value = (usize, Vec<Vec<u32>>)> {
    (1..9_usize).prop_flat_map(|courses| {
        let history = prop::collection::btree_set(0..courses as u32, 0..=courses).prop_map(|set| set.into_iter().collect());
        (Just(courses), prop::collection::vec(history, 1..14))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_user_equals_the_dense_reference((courses, histories) in histories()) {
        let (model, report) = fit(courses, &histories, params()).unwrap();
        for (user, history) in histories.iter().enumerate() {
            let expected = reference(&model, history);
            for row in 0..expected.nrows() {
                let found = f64::from(model.user_factors()[(row, user)]);
                prop_assert!((found - expected[(row, 0)]).abs() < 1e-3 * (1.0 + expected.norm_max()), "user {user}: {found}");
            }
        }
        prop_assert!(report.worst_residual < 1e-4, "residual {}", report.worst_residual);
    }

    #[test]
    fn folding_in_gives_the_same_bits((courses, histories) in histories()) {
        let (model, _) = fit(courses, &histories, params()).unwrap();
        for (user, history) in histories.iter().enumerate() {
            prop_assert_eq!(model.fold_in(history).unwrap(), model.user_factors().col_as_slice(user));
        }
    }

    #[test]
    fn contributions_add_up_to_the_score((courses, histories) in histories()) {
        let (model, _) = fit(courses, &histories, params()).unwrap();
        let all: Vec<u32> = (0..courses as u32).collect();
        for (user, history) in histories.iter().enumerate() {
            let parts = model.explain(history, &all).unwrap();
            for course in 0..courses {
                let score: f32 = (0..4).map(|row| model.user_factors()[(row, user)] * model.course_factors()[(row, course)]).sum();
                let sum: f64 = (0..history.len()).map(|place| parts[(place, course)]).sum();
                prop_assert!((sum - f64::from(score)).abs() < 1e-4, "{sum} against {score}");
            }
        }
    }

    #[test]
    fn order_of_users_does_not_matter((courses, mut histories) in histories()) {
        let (model, _) = fit(courses, &histories, params()).unwrap();
        histories.reverse();
        let (other, _) = fit(courses, &histories, params()).unwrap();
        let apart = (model.course_factors() - other.course_factors()).norm_max();
        prop_assert!(apart < 1e-2 * (1.0 + model.course_factors().norm_max()), "apart {apart}");
    }
}

fn community(users: usize, courses: usize) -> Vec<Vec<u32>> {
    let likes = |user: usize, course: usize| (user * 13 + course * 7) % 11 < 2 || user % 5 == course % 5;
    (0..users).map(|user| (0..courses).filter(|&course| likes(user, course)).map(|course| course as u32).collect()).collect()
}

#[test]
fn one_thread_and_two_give_equal_bits() {
    let histories = community(2500, 40);
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| fit(40, &histories, Params { dim: 17, monitor: Monitor::Loss, ..params() }).unwrap())
    };
    let ((one, first), (two, second)) = (run(1), run(2));
    assert_eq!(one.user_factors(), two.user_factors());
    assert_eq!(one.course_factors(), two.course_factors());
    assert_eq!(first, second);
}

#[test]
fn the_loss_falls() {
    let (_, report) = fit(30, &community(200, 30), Params { epochs: 5, monitor: Monitor::Loss, ..params() }).unwrap();
    assert_eq!(report.losses.len(), 5);
    assert!(report.losses.windows(2).all(|pair| pair[1] <= pair[0] * (1.0 + 1e-6)), "{:?}", report.losses);
}

#[test]
fn one_block_of_all_dimensions_is_the_exact_solve() {
    let run = |block| fit(30, &community(200, 30), Params { dim: 19, block, ..params() }).unwrap().0;
    let (exact, blocks) = (run(None), run(Some(19)));
    let apart = (exact.user_factors().transpose() * exact.course_factors() - blocks.user_factors().transpose() * blocks.course_factors())
        .norm_max();
    assert!(apart < 1e-3, "apart {apart}");
}

#[test]
fn blocks_lower_the_loss_to_that_of_exact_solves() {
    let run = |block, epochs| {
        let params = Params { dim: 19, block, epochs, monitor: Monitor::Loss, ..params() };
        fit(30, &community(200, 30), params).unwrap()
    };
    let (model, report) = run(Some(5), 60);
    assert!(report.losses.windows(2).all(|pair| pair[1] <= pair[0] * (1.0 + 1e-6)), "{:?}", report.losses);
    let (last, exact) = (report.losses[59], run(None, 60).1.losses[59]);
    assert!((last / exact - 1.0).abs() < 0.02, "{last} against {exact}");
    let history = &community(200, 30)[7];
    assert_eq!(model.fold_in(history).unwrap(), model.user_factors().col_as_slice(7));
}

#[test]
fn blocks_of_scores_are_products_of_factors() {
    let histories = community(70, 30);
    let (model, _) = fit(30, &histories, params()).unwrap();
    let scores = model.score_users(10..70).unwrap();
    let folded = model.score_block(&csr(30, &histories), 10..70).unwrap();
    assert_eq!(scores, folded);
    for user in [10, 69] {
        let factor = model.user_factors().col_as_slice(user);
        for course in 0..30 {
            let score: f32 = factor.iter().zip(model.course_factors().col_as_slice(course)).map(|(a, b)| a * b).sum();
            assert!((score - scores[(course, user - 10)]).abs() < 1e-5);
        }
    }
    assert!(matches!(model.score_users(0..71), Err(Error::Length { found: 71, expected: 70, .. })));
    assert!(matches!(model.score_block(&csr(31, &[vec![]]), 0..1), Err(Error::Length { found: 31, expected: 30, .. })));
}

#[test]
fn likes_rank_above_the_rest() {
    let histories: Vec<Vec<u32>> = (0..20).map(|user| if user % 2 == 0 { vec![0, 1, 2] } else { vec![3, 4, 5] }).collect();
    let (model, _) = fit(6, &histories, params()).unwrap();
    let factor = model.fold_in(&[0, 1]).unwrap();
    let score = |course: usize| -> f32 { factor.iter().zip(model.course_factors().col_as_slice(course)).map(|(a, b)| a * b).sum() };
    assert!(score(2) > 0.5 && score(2) > score(3).abs() + 0.3, "{} against {}", score(2), score(3));
}

#[test]
fn without_a_penalty_too_few_courses_are_singular() {
    let refused = fit(1, &[vec![], vec![0]], Params { reg: 0.0, ..params() }).unwrap_err();
    assert!(matches!(refused, Error::NotPositiveDefinite { what: "user", row: 1, remedy: "reg", .. }), "{refused}");
}

#[test]
fn long_histories_take_several_blocks() {
    let histories = vec![(0..600).collect::<Vec<u32>>(), vec![1, 5, 599]];
    let (model, report) = fit(600, &histories, params()).unwrap();
    assert!(report.worst_residual < 1e-4, "{}", report.worst_residual);
    assert_eq!(model.fold_in(&histories[0]).unwrap(), model.user_factors().col_as_slice(0));
}

#[test]
fn refuses_what_it_cannot_use() {
    let check = |change: fn(&mut Params)| {
        let mut params = params();
        change(&mut params);
        params.check().unwrap_err().to_string()
    };
    assert_eq!(check(|params| params.dim = 0), "`dim` is 0, expected 1 to 4096");
    assert_eq!(check(|params| params.reg = f64::NAN), "`reg` is NaN, expected a finite number of at least 0");
    assert_eq!(check(|params| params.nu = 1.5), "`nu` is 1.5, expected 0 to 1");
    assert_eq!(fit(0, &[vec![]], params()).unwrap_err(), Error::Empty { what: "courses" });
    assert!(Csr::from_rows(1, &[vec![(0, f64::NAN)]]).is_err());
    let tight = Params { memory_limit_bytes: 10, ..params() };
    assert!(matches!(fit(1, &[vec![0]], tight), Err(Error::Memory { what: "ials", .. })));
    let (model, _) = fit(2, &[vec![0, 1]], params()).unwrap();
    assert_eq!(model.fold_in(&[1, 1]).unwrap_err(), Error::ColumnOrder { row: 0, column: 1 });
    assert_eq!(model.explain(&[0], &[2]).unwrap_err(), Error::ColumnOutOfRange { row: 0, column: 2, columns: 2 });
}

#[test]
fn progress_counts_epochs() {
    let seen = std::cell::RefCell::new(Vec::new());
    let problem = Problem::new(csr(1, &[vec![0]])).unwrap();
    solve(&problem, &params().check().unwrap(), &|epoch| seen.borrow_mut().push((epoch.number, epoch.of))).unwrap();
    assert_eq!(seen.into_inner(), [(1, 3), (2, 3), (3, 3)]);
}
