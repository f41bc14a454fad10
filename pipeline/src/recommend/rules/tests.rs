//! Each rule by itself, and what holds for all of them.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{Member, Rules, RulesOptions};
use crate::frames::Ids;
use crate::recommend::facts::CourseFacts;

const AS_OF_US: i64 = 1000;

fn ids(count: usize) -> Ids {
    (0..count).map(|course| format!("c{course}")).collect()
}

fn languages() -> Ids {
    ["en", "ja", "zh-cn"].into_iter().collect()
}

fn rules(options: &RulesOptions, facts: &[CourseFacts]) -> Rules {
    Rules::new(options, (&ids(facts.len()), facts), &languages(), AS_OF_US)
}

fn off() -> RulesOptions {
    RulesOptions { exclude_owned: false, exclude_completed: false, ..RulesOptions::default() }
}

fn lists(pairs: &[(&str, &[&str])]) -> BTreeMap<String, Vec<String>> {
    pairs.iter().map(|(key, values)| ((*key).to_owned(), values.iter().map(|value| (*value).to_owned()).collect())).collect()
}

#[test]
fn owned_and_completed_courses_are_excluded_separately() {
    let check = |exclude_owned, exclude_completed, expected: &[u32]| {
        let rules = rules(&RulesOptions { exclude_owned, exclude_completed, ..off() }, &vec![CourseFacts::default(); 4]);
        assert_eq!(rules.excluded(Member { owned: &[0, 1, 2], completed: &[1, 3], ..Member::default() }), expected);
    };
    check(true, true, &[0, 1, 2, 3]);
    check(true, false, &[0, 2]);
    check(false, true, &[1, 3]);
    check(false, false, &[]);
}

#[test]
fn what_is_not_published_yet_or_costs_too_much_is_hidden() {
    let course = |published_at_us, price_cents| CourseFacts { price_cents, published_at_us, ..CourseFacts::default() };
    let facts = [course(Some(AS_OF_US), Some(100)), course(Some(AS_OF_US + 1), None), course(None, Some(101)), course(None, None)];
    assert_eq!(rules(&RulesOptions::default(), &facts).excluded(Member::default()), [1]);
    let cheap = RulesOptions { price_max_cents: Some(100), ..off() };
    assert_eq!(rules(&cheap, &facts).excluded(Member::default()), [1, 2]);
}

#[test]
fn prerequisites_are_completed_first() {
    let prerequisites = lists(&[("c2", &["c0", "c1"]), ("c3", &["gone"]), ("nowhere", &["c0"])]);
    let rules = rules(&RulesOptions { prerequisites, ..off() }, &vec![CourseFacts::default(); 4]);
    let excluded = |completed: &[u32]| rules.excluded(Member { completed, owned: &[0, 1], ..Member::default() });
    assert_eq!((excluded(&[]), excluded(&[0]), excluded(&[0, 1])), (vec![2], vec![2], vec![]));
    assert_eq!(rules.unknown(), ["gone", "nowhere"]);
}

#[test]
fn courses_are_in_a_language_that_the_member_reads() {
    let course = |language: &str| CourseFacts { language: Some(language.to_owned()), ..CourseFacts::default() };
    let facts = [course("en"), course("zh"), course("zh-tw"), course("fr"), CourseFacts::default()];
    let options = RulesOptions { same_language: true, fallback_languages: lists(&[("ja", &["en", "zh"])]), ..off() };
    let excluded = |options: &RulesOptions, language| rules(options, &facts).excluded(Member { language, ..Member::default() });
    assert_eq!(excluded(&options, languages().index_of("en")), [1, 2, 3]);
    assert_eq!(excluded(&options, languages().index_of("ja")), [3]);
    assert_eq!(excluded(&options, languages().index_of("zh-cn")), [0, 3]);
    assert!(excluded(&options, None).is_empty());
    assert!(excluded(&RulesOptions { same_language: false, ..options }, languages().index_of("en")).is_empty());
}

#[test]
fn boosts_multiply_and_are_bounded() {
    let tagged = |tags: &[&str]| CourseFacts { tags: tags.iter().map(|tag| (*tag).to_owned()).collect(), ..CourseFacts::default() };
    let facts = [tagged(&["a", "b"]), tagged(&["a"]), tagged(&[]), tagged(&["c"])];
    let mut options = off();
    options.boosts.tags = [("a", 2.0), ("b", 1.5), ("c", 0.5)].map(|(tag, boost)| (tag.to_owned(), boost)).into();
    options.boosts.courses = [("c1", 10.0), ("none", 2.0)].map(|(course, boost)| (course.to_owned(), boost)).into();
    let rules = rules(&options, &facts);
    let boosted = |score| (0..4).map(|course| rules.boosted(course, score)).collect::<Vec<_>>();
    assert_eq!(boosted(2.0), [6.0, 20.0, 2.0, 1.0]);
    assert_eq!(boosted(-3.0), [-1.0, -0.3, -3.0, -6.0]);
    assert_eq!(rules.unknown(), ["none"]);
}

#[test]
fn an_author_has_no_more_than_the_cap() {
    let by = |author: &str| CourseFacts { author: Some(author.to_owned()), ..CourseFacts::default() };
    let facts = [by("ann"), by("ann"), by("bob"), CourseFacts::default(), by("ann"), CourseFacts::default(), by("bob")];
    let listed = |max_per_author| {
        let rules = rules(&RulesOptions { max_per_author, ..off() }, &facts);
        let mut authors = rules.authors();
        (0..7).filter(|&course| authors.admit(course)).take(4).collect::<Vec<u32>>()
    };
    assert_eq!((listed(None), listed(Some(1)), listed(Some(2))), (vec![0, 1, 2, 3], vec![0, 2, 3, 5], vec![0, 1, 2, 3]));
}

fn facts() -> impl Strategy<Value = Vec<CourseFacts>> {
    let language = proptest::option::of(proptest::sample::select(vec!["en", "zh", "fr"]));
    let course = (language, proptest::option::of(0..200_i64), proptest::option::of(0..2000_i64));
    let course = course.prop_map(|(language, price_cents, published_at_us)| CourseFacts {
        language: language.map(str::to_owned),
        price_cents,
        published_at_us,
        ..CourseFacts::default()
    });
    proptest::collection::vec(course, 6)
}

fn courses() -> impl Strategy<Value = Vec<u32>> {
    proptest::sample::subsequence((0..6).collect::<Vec<u32>>(), 0..6)
}

proptest! {
    /// The rules said again, course by course.
    #[test]
    fn excluded_is_what_each_course_is_asked(
        facts in facts(),
        (owned, completed) in (courses(), courses()),
        switches in any::<[bool; 3]>(),
        (price_max_cents, language) in (proptest::option::of(0..200_i64), proptest::option::of(0..3_u32)),
    ) {
        let [exclude_owned, exclude_completed, same_language] = switches;
        let prerequisites = lists(&[("c5", &["c0", "c1"])]);
        let options = RulesOptions { exclude_owned, exclude_completed, same_language, price_max_cents, prerequisites, ..off() };
        let excluded = rules(&options, &facts).excluded(Member { language, owned: &owned, completed: &completed });
        let speaks = language.map(|index| ["en", "ja", "zh"][index as usize]).filter(|_| same_language);
        let has = |courses: &[u32], course: u32| courses.contains(&course);
        let expected: Vec<u32> = (0..6).filter(|&course| {
            let facts = &facts[course as usize];
            (exclude_completed && has(&completed, course))
                || (exclude_owned && has(&owned, course) && !has(&completed, course))
                || facts.published_at_us.is_some_and(|at| at > AS_OF_US)
                || price_max_cents.zip(facts.price_cents).is_some_and(|(most, price)| price > most)
                || speaks.zip(facts.language.as_deref()).is_some_and(|(own, other)| own != other)
                || (course == 5 && !(has(&completed, 0) && has(&completed, 1)))
        }).collect();
        prop_assert_eq!(excluded, expected);
    }

    #[test]
    fn boosts_keep_the_sign_and_the_order(boost in 0.1..10.0_f64, one in -5.0..5.0_f32, other in -5.0..5.0_f32) {
        let mut options = off();
        options.boosts.courses.insert("c0".to_owned(), boost);
        let rules = rules(&options, &[CourseFacts::default()]);
        let (boosted, others) = (rules.boosted(0, one), rules.boosted(0, other));
        prop_assert!(boosted.signum() == one.signum() && (boosted >= one) == (boost as f32 >= 1.0 || one == 0.0));
        prop_assert!(one.total_cmp(&other) == boosted.total_cmp(&others) || boosted.total_cmp(&others).is_eq());
    }
}
