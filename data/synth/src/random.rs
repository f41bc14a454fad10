//! Where chance comes from: counter-based streams, one for each purpose and index, and fingerprints for fixed traits.
//!
//! A stream depends on nothing but seed, purpose and index. Hence any day can be rendered without the days before it.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// The purpose of a stream of random numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stream {
    Roster = 1,
    Catalog = 2,
    Tags = 3,
    Taste = 4,
    Plan = 5,
    Day = 6,
    Members = 7,
}

/// The trait of a member or visitor that a fingerprint decides, so that it needs no memory.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Trait {
    Variant = 1,
    Address = 2,
    Agent = 3,
    Visitor = 4,
    Trial = 5,
    Refund = 6,
    Guest = 7,
}

const STREAM_BITS: u32 = 48;

pub(crate) fn stream(seed: u64, purpose: Stream, index: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(((purpose as u64) << STREAM_BITS) | index);
    rng
}

/// 64 bits that belong to (seed, trait, index), by the finaliser of SplitMix64.
pub(crate) fn fingerprint(seed: u64, which: Trait, index: u64) -> u64 {
    mix(mix(seed ^ ((which as u64) << 56)) ^ index)
}

fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
