//! Intervals by drawing members again (Efron 1979): which numbers, belongs to `intervals`.
//!
//! Draws depend on the number of members alone, so that two models of the same members can be compared draw by draw.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

/// Draws of all members.
pub const REPLICATES: usize = 1000;
/// Seed of all draws; each is a stream of its own.
const SEED: u64 = 8;
/// Shares of the draws below the interval's ends.
const ENDS: [f64; 2] = [0.025, 0.975];

/// A value with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Over all members as they are.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Estimate {
    /// The value, with the percentiles of the draws; a draw that says nothing is left out.
    pub(super) fn of(value: f64, draws: impl Iterator<Item = f64>) -> Self {
        let mut draws: Vec<f64> = draws.filter(|draw| draw.is_finite()).collect();
        draws.sort_unstable_by(f64::total_cmp);
        let [low, high] = ENDS.map(|share| quantile(&draws, share).unwrap_or(value));
        Self { value, low, high }
    }
}

/// What `statistic` says of each draw, which counts how often each member was drawn.
pub(super) fn draws<T: Send>(members: usize, statistic: impl Fn(&[f64]) -> T + Sync) -> Vec<T> {
    let draw = |replicate: usize| {
        let mut stream = ChaCha8Rng::seed_from_u64(SEED);
        stream.set_stream(replicate as u64);
        let mut counts = vec![0.0; members];
        (0..members).for_each(|_| counts[stream.random_range(0..members)] += 1.0);
        statistic(&counts)
    };
    (0..REPLICATES).into_par_iter().map(draw).collect()
}

/// Between the two nearest of the sorted values, by distance.
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let place = share * sorted.len().checked_sub(1)? as f64;
    let (low, high) = (sorted.get(place.floor() as usize)?, sorted.get(place.ceil() as usize)?);
    Some(low + (high - low) * place.fract())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_values() {
        let check = |share, expected: f64| assert!((quantile(&[0.0, 1.0, 4.0], share).unwrap() - expected).abs() < 1e-12);
        check(0.0, 0.0);
        check(0.25, 0.5);
        check(0.75, 2.5);
        check(1.0, 4.0);
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    fn the_interval_of_a_mean_is_about_two_standard_errors() {
        let values: Vec<f64> = (0..400).map(|member| f64::from(member % 2)).collect();
        let mean = |counts: &[f64]| counts.iter().zip(&values).map(|(count, value)| count * value).sum::<f64>() / 400.0;
        let drawn = draws(400, mean);
        let estimate = Estimate::of(0.5, drawn.iter().copied());
        assert!((estimate.low - 0.451).abs() < 0.006 && (estimate.high - 0.549).abs() < 0.006, "{estimate:?}");
        assert_eq!(drawn, draws(400, mean));
    }
}
