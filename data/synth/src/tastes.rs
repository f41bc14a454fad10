//! Latent tastes: tags, courses and members are unit vectors in one space.
//!
//! A member with taste x and favourite tag f chooses course j with probability
//!
//! ```text
//! P(j) ∝ popularity(j) · exp(STRENGTH · x·y(j)) · (TAG_MATCH if f ∈ tags(j), else 1)
//! ```

use rand::Rng;
use rand_distr::StandardNormal;

use crate::random::{Stream, stream};

/// Size of the latent space.
pub(crate) const DIMENSIONS: usize = 8;
/// How much taste weighs in a choice.
pub(crate) const STRENGTH: f32 = 2.5;
/// How much more likely a course with the favourite tag is.
pub(crate) const TAG_MATCH: f32 = 2.0;
/// Length of what is a member's own, beside the two favourite tags.
const OWN_TASTE: f32 = 0.6;
const SECOND_TAG: f32 = 0.6;

/// A point of the latent space.
pub(crate) type Vector = [f32; DIMENSIONS];

/// What a member likes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Taste {
    pub(crate) vector: Vector,
    pub(crate) favourite_tag: u8,
}

/// The taste of a member. Drawn anew at each call, since it would take more memory than all else about a member.
pub(crate) fn taste_of(seed: u64, member: u32, tags: &[Vector]) -> Taste {
    let mut rng = stream(seed, Stream::Taste, u64::from(member));
    let favourite = rng.random_range(0..tags.len());
    let second = rng.random_range(0..tags.len());
    let own = random_unit(&mut rng);
    let vector = unit(std::array::from_fn(|d| tags[favourite][d] + SECOND_TAG * tags[second][d] + OWN_TASTE * own[d]));
    Taste { vector, favourite_tag: favourite as u8 }
}

/// One vector a tag.
pub(crate) fn tag_vectors(seed: u64, tags: usize) -> Vec<Vector> {
    let mut rng = stream(seed, Stream::Tags, 0);
    (0..tags).map(|_| random_unit(&mut rng)).collect()
}

pub(crate) fn random_unit(rng: &mut impl Rng) -> Vector {
    unit(std::array::from_fn(|_| rng.sample(StandardNormal)))
}

/// Scaled to length 1; a zero vector stays what it is.
pub(crate) fn unit(vector: Vector) -> Vector {
    let length = dot(&vector, &vector).sqrt();
    if length == 0.0 { vector } else { vector.map(|value| value / length) }
}

pub(crate) fn dot(left: &Vector, right: &Vector) -> f32 {
    left.iter().zip(right).map(|(l, r)| l * r).sum()
}
