//! Content as a whole: small cases by hand, and what holds for any courses and histories.

use hachi_solvers::{Csr, Error};
use proptest::prelude::*;

use super::{Content, ContentOptions};
use crate::recommend::facts::CourseFacts;

const LIMIT_BYTES: u64 = 1 << 30;

fn course(title: &str, tags: &[&str]) -> CourseFacts {
    let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
    CourseFacts { title: (!title.is_empty()).then(|| title.to_owned()), tags, ..CourseFacts::default() }
}

fn content(facts: &[CourseFacts]) -> Content {
    Content::new(facts, &ContentOptions::default(), LIMIT_BYTES).unwrap()
}

/// Two on Rust in two languages, two on cooking, one of which nothing is said.
fn catalogue() -> Vec<CourseFacts> {
    vec![
        course("Rust in practice", &["rust"]),
        course("Rust 实战", &["rust", "web"]),
        course("Cooking at home", &["food"]),
        course("Home baking", &["food"]),
        course("", &[]),
    ]
}

#[test]
fn a_history_reaches_courses_of_its_subject_in_any_language() {
    let content = content(&catalogue());
    let histories = Csr::from_rows(5, &[vec![(0, 2.0)], vec![(2, 1.0), (4, 9.0)], vec![(4, 1.0)], vec![]]).unwrap();
    let scores = content.score_block(&histories, 0..4).unwrap();
    let of = |member: usize| scores.col_as_slice(member);
    assert!((of(0)[0] - 1.0).abs() < 1e-6 && of(0)[1] > 0.3, "{:?}", of(0));
    assert_eq!(of(0)[2..], [0.0; 3]);
    assert!(of(1)[3] > 0.5 && of(1)[0] == 0.0, "{:?}", of(1));
    assert_eq!((of(2), of(3)), (&[0.0; 5][..], &[0.0; 5][..]));
}

#[test]
fn tags_and_words_have_the_shares_that_options_say() {
    // The same tag, no common word: two thirds. The same words, no common tag: one third.
    let facts = [course("alpha", &["x"]), course("beta", &["x"]), course("alpha", &["y"])];
    let shares = content(&facts);
    assert!((shares.cosine(0, 1) - 2.0 / 3.0).abs() < 1e-6 && (shares.cosine(0, 2) - 1.0 / 3.0).abs() < 1e-6);
    let of = |tags, words| Content::new(&facts, &ContentOptions { tags, words }, LIMIT_BYTES);
    assert!((of(1.0, 0.0).unwrap().cosine(0, 1) - 1.0).abs() < 1e-6);
    assert!((of(0.0, 1.0).unwrap().cosine(0, 1)).abs() < 1e-6);
    assert!(of(0.0, 0.0).is_err() && of(-1.0, 1.0).is_err() && of(1.0, f64::NAN).is_err());
}

#[test]
fn rare_tags_say_more_than_common_ones() {
    let facts = [course("", &["common", "rare"]), course("", &["common"]), course("", &["rare"]), course("", &["common", "x"])];
    let content = content(&facts);
    assert!(content.cosine(0, 2) > content.cosine(0, 1));
    assert_eq!(content.similar(0, 9).iter().map(|near| near.0).collect::<Vec<_>>(), [2, 1, 3]);
    assert_eq!(content.similar(1, 1).len(), 1);
    assert!(content.similar(2, 9).iter().all(|(other, _)| *other == 0));
}

#[test]
fn tags_tell_their_part_of_a_score() {
    let content = content(&catalogue());
    let parts = content.tag_contributions(&[(0, 3.0), (2, 1.0)], 1);
    assert_eq!(parts.iter().map(|(tag, _)| content.tags().get(*tag as usize)).collect::<Vec<_>>(), ["rust"]);
    let words_too: f64 = content.contributions(&[(0, 3.0), (2, 1.0)], &[1]).col_as_slice(0).iter().sum();
    assert!(parts[0].1 > 0.0 && parts[0].1 < words_too);
    assert!(content.tag_contributions(&[(4, 1.0)], 1).is_empty());
}

#[test]
fn what_does_not_fit_is_refused() {
    let content = content(&catalogue());
    let other = Csr::from_rows(3, &[vec![(0, 1.0)]]).unwrap();
    assert!(matches!(content.score_block(&other, 0..1), Err(Error::Length { found: 3, expected: 5, .. })));
    assert!(matches!(Content::new(&catalogue(), &ContentOptions::default(), 100), Err(Error::Memory { .. })));
}

#[test]
fn no_courses_and_no_texts_are_no_error() {
    let none = content(&[]);
    assert_eq!((none.courses(), none.similar(0, 3).len(), none.cosine(0, 1)), (0, 0, 0.0));
    let silent = content(&vec![CourseFacts::default(); 3]);
    let histories = Csr::from_rows(3, &[vec![(0, 1.0)]]).unwrap();
    assert_eq!(silent.score_block(&histories, 0..1).unwrap().col_as_slice(0), [0.0; 3]);
    assert_eq!(silent.contributions(&[(0, 1.0)], &[1]).col_as_slice(0), [0.0]);
}

fn facts() -> impl Strategy<Value = Vec<CourseFacts>> {
    let tags = proptest::sample::subsequence(vec!["a", "b", "c", "d"], 0..4);
    let words = proptest::collection::vec(proptest::sample::select(vec!["rust", "web", "数据", "learn", "deep"]), 0..5);
    proptest::collection::vec((words, tags).prop_map(|(words, tags)| course(&words.join(" "), &tags)), 1..9)
}

fn history() -> impl Strategy<Value = Vec<(u32, f64)>> {
    proptest::collection::btree_map(0_u32..8, prop_oneof![-5.0..5.0_f64, Just(0.0), Just(1e300)], 0..6)
        .prop_map(|history| history.into_iter().collect())
}

proptest! {
    #[test]
    fn vectors_have_length_one_and_cosines_are_symmetric(facts in facts()) {
        let content = content(&facts);
        for one in 0..facts.len() as u32 {
            let own = content.cosine(one, one);
            prop_assert!((own - 1.0).abs() < 1e-5 || (own == 0.0 && content.row(one).is_empty()));
            for other in 0..facts.len() as u32 {
                prop_assert_eq!(content.cosine(one, other).to_bits(), content.cosine(other, one).to_bits());
            }
        }
    }

    #[test]
    fn contributions_add_up_to_the_score(facts in facts(), history in history()) {
        let content = content(&facts);
        let history: Vec<(u32, f64)> = history.into_iter().filter(|(course, _)| (*course as usize) < facts.len()).collect();
        let histories = Csr::from_rows(facts.len(), std::slice::from_ref(&history)).unwrap();
        let scores = content.score_block(&histories, 0..1).unwrap();
        for course in 0..facts.len() {
            let score = f64::from(scores[(course, 0)]);
            let whole: f64 = content.contributions(&history, &[course as u32]).col_as_slice(0).iter().sum();
            prop_assert!((score - whole).abs() < 1e-5 && score.abs() <= 1.0 + 1e-5, "{} {}", score, whole);
            let tags: f64 = content.tag_contributions(&history, course as u32).iter().map(|(_, part)| part).sum();
            prop_assert!(tags.abs() <= 1.0 + 1e-5);
        }
    }

    #[test]
    fn cosines_agree_however_they_are_asked_for(facts in facts(), limit in 1..9_usize) {
        let content = content(&facts);
        let all: Vec<u32> = (0..facts.len() as u32).collect();
        let (mut said, mut cosines) = (Vec::new(), vec![0.0; facts.len()]);
        for &course in &all {
            content.cosines(course, &all, (&mut said, &mut cosines));
            for (&other, &cosine) in all.iter().zip(&cosines) {
                prop_assert!((f64::from(cosine) - content.cosine(course, other)).abs() < 1e-6);
            }
            let similar = content.similar(course, limit);
            prop_assert!(similar.len() <= limit && similar.iter().all(|(other, cosine)| *other != course && *cosine > 0.0));
            prop_assert!(similar.windows(2).all(|pair| (-pair[0].1, pair[0].0) < (-pair[1].1, pair[1].0)));
        }
    }

    #[test]
    fn a_block_scores_as_its_rows_do_and_as_on_one_thread(facts in facts(), one in history(), other in history()) {
        let fits = |history: Vec<(u32, f64)>| history.into_iter().filter(|(course, _)| (*course as usize) < facts.len()).collect();
        let histories = Csr::from_rows(facts.len(), &[fits(one), fits(other)]).unwrap();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let alone = pool.install(|| content(&facts));
        let content = content(&facts);
        prop_assert_eq!(&alone, &content);
        let block = content.score_block(&histories, 0..2).unwrap();
        for row in 0..2 {
            let own = content.score_block(&histories, row..row + 1).unwrap();
            prop_assert_eq!(block.col_as_slice(row), own.col_as_slice(0));
        }
    }
}
