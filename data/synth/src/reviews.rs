//! Review texts in Chinese or English that go with the stars.
//!
//! A review is an opening, one to three remarks on aspects of the course, and sometimes a close. Remarks are good or bad with a
//! chance that depends on the stars, so that a four-star review may well complain.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::course_titles::TOPICS;
use crate::review_phrases::{Aspect, CHINESE, ENGLISH, Phrases};
use crate::world::World;

/// Share of ratings with a review.
const REVIEWED_SHARE: f64 = 0.72;
/// Chance that a remark is good, for one to five stars.
const GOOD_REMARK: [f64; 5] = [0.05, 0.2, 0.5, 0.85, 0.97];
const CLOSE_SHARE: f64 = 0.45;
/// Share of members in whose reviews the opening is left out.
const BLUNT_SHARE: f64 = 0.2;

/// A review of `course` by `member` who gave it `stars`, or none.
pub(crate) fn compose(world: &World, rng: &mut ChaCha8Rng, (member, course, stars): (u32, u16, u8)) -> Option<String> {
    if !rng.random_bool(REVIEWED_SHARE) {
        return None;
    }
    let phrases = if world.member(member).writes_chinese() { &CHINESE } else { &ENGLISH };
    let topic = &TOPICS[usize::from(world.catalog.course(course).tags[0])];
    let name = if world.member(member).writes_chinese() { topic.chinese } else { topic.english };
    let sentences = sentences(phrases, rng, stars);
    Some(sentences.join(phrases.between).replace("{}", name))
}

fn sentences(phrases: &Phrases, rng: &mut ChaCha8Rng, stars: u8) -> Vec<&'static str> {
    let mut sentences = Vec::with_capacity(5);
    if !rng.random_bool(BLUNT_SHARE) {
        sentences.push(any(rng, phrases.openings[usize::from(stars) - 1]));
    }
    let mut aspect = rng.random_range(0..phrases.aspects.len());
    for _ in 0..rng.random_range(1..=3) {
        sentences.push(remark(&phrases.aspects[aspect], rng, stars));
        // A step that is coprime to the number of aspects never comes back to one that was mentioned.
        aspect = (aspect + 3) % phrases.aspects.len();
    }
    if rng.random_bool(CLOSE_SHARE) {
        sentences.push(any(rng, if stars >= 4 { phrases.recommend } else { phrases.warn }));
    }
    sentences
}

fn remark(aspect: &Aspect, rng: &mut ChaCha8Rng, stars: u8) -> &'static str {
    let is_good = rng.random_bool(GOOD_REMARK[usize::from(stars) - 1]);
    any(rng, if is_good { aspect.good } else { aspect.bad })
}

fn any(rng: &mut ChaCha8Rng, phrases: &'static [&'static str]) -> &'static str {
    phrases[rng.random_range(0..phrases.len())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Stream, stream};
    use std::collections::BTreeSet;

    #[test]
    fn reviews_vary() {
        let mut rng = stream(3, Stream::Day, 0);
        for phrases in [&CHINESE, &ENGLISH] {
            let texts: BTreeSet<String> = (0..500).map(|_| sentences(phrases, &mut rng, 4).concat()).collect();
            assert!(texts.len() > 400, "only {} different reviews of 500", texts.len());
        }
    }

    #[test]
    fn aspects_are_not_repeated() {
        assert_ne!(CHINESE.aspects.len() % 3, 0);
        assert_ne!(ENGLISH.aspects.len() % 3, 0);
    }
}
