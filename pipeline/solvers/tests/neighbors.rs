//! Properties of neighbours, on small random problems against a plain reference.

use hachi_solvers::neighbors::{Model, Params, Problem, Report, Weighting, alphas, predict, required_bytes, solve};
use hachi_solvers::{Csr, Error};
use proptest::prelude::*;

fn csr(courses: usize, rows: &[Vec<(u32, f64)>]) -> Csr {
    Csr::from_rows(courses, rows).expect("columns are below `courses`")
}

fn fit(positives: &Csr, params: Params) -> Result<(Model, Report), Error> {
    solve(&Problem::new(positives.clone())?, &params.check()?)
}

fn value(csr: &Csr, row: usize, column: usize) -> f64 {
    csr.row(row).find(|entry| entry.0 as usize == column).map_or(0.0, |entry| entry.1)
}

fn cosine(csr: &Csr, left: usize, right: usize) -> f64 {
    let product = |a, b| -> f64 { (0..csr.rows()).map(|row| value(csr, row, a) * value(csr, row, b)).sum() };
    let scale = (product(left, left) * product(right, right)).sqrt();
    if scale > 0.0 { product(left, right) / scale } else { 0.0 }
}

fn positives() -> impl Strategy<Value = Csr> {
    (1..9_usize).prop_flat_map(|courses| {
        let history = prop::collection::btree_map(0..courses as u32, prop_oneof![Just(1.0), 0.1..3.0_f64], 0..=courses);
        prop::collection::vec(history, 1..14)
            .prop_map(move |rows| csr(courses, &rows.into_iter().map(|row| row.into_iter().collect()).collect::<Vec<Vec<_>>>()))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn similarities_are_cosines_and_the_nearest_are_kept(positives in positives(), k in 1..5_usize) {
        let (model, report) = fit(&positives, Params { k, ..Params::default() }).unwrap();
        let courses = positives.columns();
        for course in 0..courses {
            let kept: Vec<(u32, f64)> = model.neighbours().row(course).collect();
            prop_assert!(kept.iter().all(|&(other, found)| (found - cosine(&positives, course, other as usize)).abs() < 1e-6));
            let others = (0..courses).filter(|&other| other != course).map(|other| cosine(&positives, course, other));
            let mut expected: Vec<f64> = others.filter(|found| *found > 0.0).collect();
            expected.sort_by(|a, b| b.total_cmp(a));
            expected.truncate(k);
            prop_assert_eq!(kept.len(), expected.len());
            let least = kept.iter().map(|entry| entry.1).fold(f64::INFINITY, f64::min);
            prop_assert!(expected.last().is_none_or(|last| (last - least).abs() < 1e-6));
        }
        prop_assert_eq!(report.neighbours, model.neighbours().entries());
    }

    #[test]
    fn scores_sum_similarities_of_the_history(positives in positives()) {
        let (model, _) = fit(&positives, Params { k: 3, ..Params::default() }).unwrap();
        let block = model.score_block(&positives, 0..positives.rows()).unwrap();
        for row in 0..positives.rows() {
            let history: Vec<(u32, f32)> = positives.row(row).map(|(course, weight)| (course, weight as f32)).collect();
            let mut scores = vec![7.0; positives.columns()];
            model.score(&history, &mut scores).unwrap();
            for (course, score) in scores.iter().enumerate() {
                let sum: f64 = model.neighbours().row(course).map(|(other, similarity)| similarity * value(&positives, row, other as usize)).sum();
                prop_assert!((f64::from(*score) - sum).abs() < 1e-5);
                prop_assert!((score - block[(course, row)]).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn order_of_users_does_not_matter(positives in positives(), bm25 in any::<bool>()) {
        let weighting = if bm25 { Weighting::Bm25 } else { Weighting::Cosine };
        let params = Params { weighting, ..Params::default() };
        let reversed: Vec<Vec<(u32, f64)>> = (0..positives.rows()).rev().map(|row| positives.row(row).collect()).collect();
        let (model, _) = fit(&positives, params).unwrap();
        let (other, _) = fit(&csr(positives.columns(), &reversed), params).unwrap();
        for course in 0..positives.columns() {
            for (a, b) in model.neighbours().row(course).zip(other.neighbours().row(course)) {
                prop_assert!(a.0 == b.0 && (a.1 - b.1).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn alphas_are_shares(similarities in prop::collection::vec(-2.0..3.0_f64, 0..9)) {
        let found = alphas(&similarities).unwrap();
        let sum: f64 = similarities.iter().map(|value| value.max(0.0)).sum();
        for (alpha, similarity) in found.iter().zip(&similarities) {
            prop_assert!((alpha * sum - similarity.max(0.0)).abs() < 1e-12);
        }
        let total: f64 = found.iter().sum();
        prop_assert!((sum + total).abs() < 1e-300 || (total - 1.0).abs() < 1e-12);
    }
}

#[test]
fn bm25_prefers_users_with_short_histories() {
    let everything = (0..6).map(|course| (course, 1.0)).collect::<Vec<_>>();
    let rows = vec![vec![(0, 1.0), (1, 1.0)], everything.clone(), vec![(2, 1.0)], vec![(3, 1.0)]];
    let similarity = |weighting, other| {
        let (model, _) = fit(&csr(6, &rows), Params { weighting, ..Params::default() }).unwrap();
        value(model.neighbours(), 0, other)
    };
    assert!(similarity(Weighting::Bm25, 1) > 0.999, "chosen by the same two");
    assert!((similarity(Weighting::Cosine, 2) - 0.5).abs() < 1e-6);
    assert!(similarity(Weighting::Bm25, 2) < 0.25, "they share but the one who chose everything");
}

#[test]
fn ties_go_to_the_lower_index() {
    let (model, _) = fit(&csr(4, &[vec![(0, 1.0), (1, 1.0), (2, 1.0), (3, 1.0)]]), Params { k: 2, ..Params::default() }).unwrap();
    assert_eq!(model.neighbours().row_columns(3), [0, 1]);
    assert_eq!(model.neighbours().row_columns(0), [1, 2]);
}

#[test]
fn predictions_are_weighted_means_of_neighbours() {
    let affinities = csr(3, &[vec![(0, 1.0)], vec![(0, 0.5), (2, 2.0)], vec![(1, 9.0)]]);
    let check = |found: Vec<f64>, expected: &[f64]| {
        assert!(found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-15), "{found:?}");
    };
    let weights = alphas(&[3.0, 1.0, -1.0]).unwrap();
    check(weights.clone(), &[0.75, 0.25, 0.0]);
    check(predict(&weights, &[0, 1, 2], &affinities).unwrap(), &[0.875, 0.0, 0.5]);
    check(predict(&[], &[], &affinities).unwrap(), &[0.0; 3]);
    assert!(matches!(predict(&[1.0], &[3], &affinities), Err(Error::Length { found: 3, expected: 4, .. })));
    assert!(matches!(predict(&[1.0], &[], &affinities), Err(Error::Length { found: 1, expected: 0, .. })));
    check(alphas(&[f64::MAX, f64::MAX]).unwrap(), &[0.5, 0.5]);
    assert!(matches!(alphas(&[1.0, f64::NAN]), Err(Error::NotFinite { column: 1, .. })));
}

#[test]
fn one_thread_and_two_give_equal_bits() {
    let likes = |user: usize, course: usize| (user * 13 + course * 7) % 11 < 2;
    let row = |user: usize| (0..90).filter(|&course| likes(user, course)).map(|course| (course as u32, 1.0)).collect();
    let positives = csr(90, &(0..300).map(row).collect::<Vec<_>>());
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| fit(&positives, Params { k: 7, ..Params::default() }).unwrap())
    };
    assert_eq!(run(1), run(2));
}

#[test]
fn one_course_has_no_neighbours_and_bad_input_is_refused() {
    let (model, report) = fit(&csr(1, &[vec![(0, 1.0)], vec![]]), Params::default()).unwrap();
    assert_eq!((model.neighbours().entries(), report.neighbours), (0, 0));
    let mut score = [1.0];
    model.score(&[(0, 1.0)], &mut score).unwrap();
    assert_eq!(score[0].to_bits(), 0);
    assert!(matches!(model.score(&[(0, f32::INFINITY)], &mut score), Err(Error::NotFinite { .. })));
    assert!(matches!(model.score_block(&csr(2, &[vec![]]), 0..1), Err(Error::Length { .. })));
    assert_eq!(fit(&csr(0, &[vec![]]), Params::default()).unwrap_err(), Error::Empty { what: "courses" });
    assert_eq!(Params { k: 0, ..Params::default() }.check().unwrap_err().to_string(), "`k` is 0, expected at least 1");
    let negative = fit(&csr(1, &[vec![(0, -1.0)]]), Params { weighting: Weighting::Bm25, ..Params::default() });
    assert!(matches!(negative, Err(Error::Parameter { .. })));
    assert!(matches!(fit(&csr(1, &[vec![(0, 1e200)]]), Params::default()), Err(Error::NotFinite { .. })));
    let tight = Params { memory_limit_bytes: 10, ..Params::default() };
    assert!(matches!(fit(&csr(1, &[vec![]]), tight), Err(Error::Memory { what: "neighbors", .. })));
    assert!(required_bytes(10, 1000, 10, 5000) < required_bytes(10, 1000, 10, 500) * 3);
}
