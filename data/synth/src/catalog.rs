//! The courses: tags, latent vector, popularity, and how a member chooses among them.

use rand::Rng;
use rand::seq::SliceRandom;
use rand_distr::StandardNormal;

use crate::ValidParams;
use crate::course_titles::{DESCRIPTIONS, FORMATS, TOPICS};
use crate::random::{Stream, stream};
use crate::tastes::{self, STRENGTH, TAG_MATCH, Taste, Vector, dot, random_unit, tag_vectors, unit};

/// Draws after which a choice falls on popularity alone; about sixteen are needed on average.
const MAX_DRAWS: u32 = 200;
/// popularity = 1 / (rank + ZIPF_SHIFT)^ZIPF_EXPONENT
const ZIPF_SHIFT: f64 = 2.0;
const ZIPF_EXPONENT: f64 = 0.8;
/// Length of a course's own vector beside those of its tags.
const OWN_VECTOR: f32 = 0.5;
/// Share of courses published before the start; the others follow during the first three quarters.
const PUBLISHED_BEFORE_SHARE: f64 = 0.85;
const PRICES_CENTS: [u32; 5] = [0, 4_900, 9_900, 12_900, 19_900];
/// Authors are among the members who joined first: one in so many.
const AUTHOR_FRACTION: u32 = 20;

/// A course.
#[derive(Clone, Debug)]
pub(crate) struct Course {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) description: String,
    /// Indices into the topics; the first is the main one.
    pub(crate) tags: Vec<u8>,
    pub(crate) author: u32,
    pub(crate) published_day: i32,
    pub(crate) lessons: u16,
    pub(crate) language: &'static str,
    pub(crate) price_cents: u32,
    /// What ratings gain or lose for the course's sake.
    pub(crate) quality: f32,
    vector: Vector,
}

/// All courses, in no particular order.
#[derive(Clone, Debug)]
pub(crate) struct Catalog {
    seed: u64,
    pub(crate) courses: Vec<Course>,
    tag_vectors: Vec<Vector>,
    /// Running sums of popularity.
    popularity: Vec<f64>,
}

impl Catalog {
    pub(crate) fn new(params: &ValidParams) -> Self {
        let tag_vectors = tag_vectors(params.seed, TOPICS.len());
        let mut rng = stream(params.seed, Stream::Catalog, 0);
        let courses = (0..params.courses).map(|number| draw(&mut rng, number, params, &tag_vectors)).collect();
        let popularity = running_popularity(&mut rng, params.courses as usize);
        Self { seed: params.seed, courses, tag_vectors, popularity }
    }

    pub(crate) fn course(&self, course: u16) -> &Course {
        &self.courses[usize::from(course)]
    }

    pub(crate) fn taste(&self, member: u32) -> Taste {
        tastes::taste_of(self.seed, member, &self.tag_vectors)
    }

    /// x·y of the header in [`tastes`], from -1 to 1.
    pub(crate) fn affinity(&self, taste: &Taste, course: u16) -> f32 {
        dot(&taste.vector, &self.course(course).vector)
    }

    /// Any course out on `day`, by popularity alone. The first course is always out.
    pub(crate) fn popular(&self, rng: &mut impl Rng, day: i32) -> u16 {
        for _ in 0..MAX_DRAWS {
            let course = self.draw_popular(rng);
            if self.course(course).published_day <= day {
                return course;
            }
        }
        0
    }

    /// A course out on `day` and not in `except`, by the law in [`tastes`]: drawn by popularity, kept in proportion to
    /// taste and tag.
    pub(crate) fn choose(&self, rng: &mut impl Rng, taste: &Taste, day: i32, except: &[u16]) -> u16 {
        let bound = STRENGTH.exp() * TAG_MATCH;
        for _ in 0..MAX_DRAWS {
            let course = self.draw_popular(rng);
            let tag = if self.course(course).tags.contains(&taste.favourite_tag) { TAG_MATCH } else { 1.0 };
            let weight = (STRENGTH * self.affinity(taste, course)).exp() * tag;
            let is_open = self.course(course).published_day <= day && !except.contains(&course);
            if rng.random::<f32>() * bound < weight && is_open {
                return course;
            }
        }
        self.popular(rng, day)
    }

    fn draw_popular(&self, rng: &mut impl Rng) -> u16 {
        let total = self.popularity[self.popularity.len() - 1];
        let point = rng.random::<f64>() * total;
        let course = self.popularity.partition_point(|sum| *sum <= point);
        course.min(self.popularity.len() - 1) as u16
    }
}

fn draw(rng: &mut impl Rng, number: u32, params: &ValidParams, tag_vectors: &[Vector]) -> Course {
    let tags = draw_tags(rng, number);
    let own = random_unit(rng);
    let topic = &TOPICS[usize::from(tags[0])];
    let round = number as usize / TOPICS.len();
    let format = &FORMATS[(round + usize::from(tags[0])) % FORMATS.len()];
    let edition = edition(round / FORMATS.len());
    let is_chinese = rng.random_bool(0.7);
    let (name, words) = if is_chinese { (topic.chinese, format.chinese) } else { (topic.english, format.english) };
    let (english, chinese) = DESCRIPTIONS[rng.random_range(0..DESCRIPTIONS.len())];
    Course {
        id: format!("{}-{}{edition}", topic.tag, format.slug),
        title: format!("{name} {words}{}", edition.replace('-', " ")),
        description: (if is_chinese { chinese } else { english }).replace("{}", name),
        author: rng.random_range(0..params.members.div_ceil(AUTHOR_FRACTION)),
        published_day: draw_published_day(rng, number, params.days as i32),
        lessons: rng.random_range(4..=16),
        language: if is_chinese { "zh" } else { "en" },
        price_cents: PRICES_CENTS[rng.random_range(0..PRICES_CENTS.len())],
        quality: 0.45 * rng.sample::<f32, _>(StandardNormal),
        vector: unit(std::array::from_fn(|d| OWN_VECTOR * own[d] + tags.iter().map(|tag| tag_vectors[usize::from(*tag)][d]).sum::<f32>())),
        tags,
    }
}

/// "" for the first course of a topic and format, then "-2", "-3", …
fn edition(repeats: usize) -> String {
    if repeats == 0 { String::new() } else { format!("-{}", repeats + 1) }
}

fn draw_tags(rng: &mut impl Rng, number: u32) -> Vec<u8> {
    let mut tags = vec![(number as usize % TOPICS.len()) as u8];
    for _ in 0..rng.random_range(0..=2) {
        let tag = rng.random_range(0..TOPICS.len()) as u8;
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

fn draw_published_day(rng: &mut impl Rng, number: u32, days: i32) -> i32 {
    let is_out_before = number == 0 || rng.random_bool(PUBLISHED_BEFORE_SHARE);
    if is_out_before { rng.random_range(-720..-200) } else { rng.random_range(-200..=days * 3 / 4) }
}

fn running_popularity(rng: &mut impl Rng, courses: usize) -> Vec<f64> {
    let mut ranks: Vec<usize> = (0..courses).collect();
    ranks.shuffle(rng);
    let mut sum = 0.0;
    let running = ranks.into_iter().map(|rank| {
        sum += (rank as f64 + ZIPF_SHIFT).powf(-ZIPF_EXPONENT);
        sum
    });
    running.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Params;
    use std::collections::BTreeSet;

    #[test]
    fn course_ids_are_unique_in_a_large_catalog() {
        let params = Params { courses: Some(2_000), ..Params::default() };
        let catalog = Catalog::new(&ValidParams::try_from(&params).unwrap());
        let ids: BTreeSet<&str> = catalog.courses.iter().map(|course| course.id.as_str()).collect();
        assert_eq!(ids.len(), 2_000);
    }

    #[test]
    fn members_choose_what_they_like() {
        let catalog = Catalog::new(&ValidParams::try_from(&Params::default()).unwrap());
        let mut rng = stream(1, Stream::Plan, 0);
        let mut gain = 0.0;
        for member in 0..500 {
            let taste = catalog.taste(member);
            let chosen = catalog.choose(&mut rng, &taste, 90, &[]);
            let popular = catalog.popular(&mut rng, 90);
            gain += catalog.affinity(&taste, chosen) - catalog.affinity(&taste, popular);
        }
        assert!(gain / 500.0 > 0.2, "mean gain in affinity is {}", gain / 500.0);
    }
}
