//! How a model's courses stand within one member, on a scale that all models share.

/// A course beside the others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Standing {
    /// Its score less the mean, in standard deviations; 0 where all are equal.
    pub deviations: f64,
    /// ln((n − r + ½) / (r − ½)) of its rank r among n, the mean rank where several are equal: ±ln(2n − 1) at the ends, 0 in the middle.
    pub log_odds: f64,
}

/// Numbers of [`Standing`].
pub(super) const FEATURES: usize = 2;

/// Tells how courses stand, of so many at most; its logarithms are taken once.
pub(super) struct Ladder {
    /// ln(k / 2) at k.
    half_logs: Vec<f64>,
}

impl Ladder {
    /// For up to `courses` courses.
    pub fn new(courses: usize) -> Self {
        Self { half_logs: (0..=2 * courses).map(|half| (half as f64 / 2.0).ln()).collect() }
    }

    /// Courses at most.
    pub fn courses(&self) -> usize {
        self.half_logs.len() / 2
    }

    /// How each course stands among those that are not in `had` (rising), which stand in the middle themselves; what is no number
    /// counts as the lowest.
    pub fn standings(&self, scores: &[f32], had: &[u32]) -> Vec<Standing> {
        let order = falling(scores, had);
        let score = |place: &u64| score_of(*place);
        let count = order.len();
        let mean = order.iter().map(score).sum::<f64>() / count.max(1) as f64;
        let variance = order.iter().map(|place| (score(place) - mean).powi(2)).sum::<f64>() / count.max(1) as f64;
        // Equal scores leave a variance of rounding errors, which must not be blown up.
        let deviation = if variance > (mean * f64::from(f32::EPSILON)).powi(2) { variance.sqrt() } else { f64::INFINITY };
        let mut standings = vec![Standing { deviations: 0.0, log_odds: 0.0 }; scores.len()];
        let mut before = 0;
        for equals in order.chunk_by(|left, right| left >> 32 == right >> 32) {
            // Twice the mean rank of the equal ones, less 1.
            let half = 2 * before + equals.len();
            let log_odds = self.half_logs[2 * count - half] - self.half_logs[half];
            let stands = Standing { deviations: (score(&equals[0]) - mean) / deviation, log_odds };
            equals.iter().for_each(|&place| standings[course_of(place)] = stands);
            before += equals.len();
        }
        standings
    }
}

/// Courses that are not in `had`, best first: the score as a number that rises as it falls, above the index.
fn falling(scores: &[f32], had: &[u32]) -> Vec<u64> {
    let lowest = scores.iter().copied().filter(|score| score.is_finite()).fold(f32::INFINITY, f32::min);
    let mut had = had.iter().copied().peekable();
    let others = (0..scores.len() as u32).filter(|course| had.next_if_eq(course).is_none());
    let key = |course: u32| {
        let score = scores[course as usize];
        // A zero has two signs, and a score that is none counts as the lowest.
        let bits = (if score.is_finite() { score } else { lowest.min(f32::MAX) } + 0.0).to_bits();
        let rising = if bits >> 31 == 1 { !bits } else { bits | 1 << 31 };
        u64::from(!rising) << 32 | u64::from(course)
    };
    let mut order: Vec<u64> = others.map(key).collect();
    order.sort_unstable();
    order
}

/// The low half of a place in the order.
fn course_of(place: u64) -> usize {
    (place & u64::from(u32::MAX)) as usize
}

/// The score that the high half stands for.
fn score_of(place: u64) -> f64 {
    let rising = !((place >> 32) as u32);
    let bits = if rising >> 31 == 1 { rising & !(1 << 31) } else { !rising };
    f64::from(f32::from_bits(bits))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(scores: &[f32], had: &[u32]) -> Vec<Standing> {
        Ladder::new(scores.len()).standings(scores, had)
    }

    #[test]
    fn ranks_and_deviations_do_not_depend_on_the_scale() {
        let (small, large) = (standing(&[0.1, 0.3, 0.2], &[]), standing(&[110.0, 130.0, 120.0, 900.0], &[3]));
        for (left, right) in small.iter().zip(&large) {
            assert!((left.deviations - right.deviations).abs() < 1e-5);
            assert!((left.log_odds - right.log_odds).abs() < 1e-12);
        }
        assert!((small[1].log_odds - 5_f64.ln()).abs() < 1e-12 && small[2].log_odds.abs() < 1e-12);
    }

    #[test]
    fn a_model_that_knows_nothing_says_nothing() {
        for scores in [[0.0, 0.0, 0.0], [0.7, 0.7, 0.7]] {
            assert!(standing(&scores, &[]).iter().all(|stands| stands.deviations == 0.0 && stands.log_odds.abs() < 1e-12));
        }
        assert!(standing(&[], &[]).is_empty());
        assert_eq!(standing(&[5.0, 1.0], &[0, 1]), [Standing { deviations: 0.0, log_odds: 0.0 }; 2]);
    }

    #[test]
    fn what_is_no_number_is_the_lowest() {
        let stands = standing(&[1.0, f32::NAN, 2.0, f32::NEG_INFINITY], &[]);
        assert_eq!(stands[1], stands[3]);
        assert!(stands[1].log_odds < 0.0 && stands[2].log_odds > stands[0].log_odds);
        assert!(stands.iter().all(|stands| stands.deviations.is_finite()));
    }
}
