//! Candidates in an order that is not all of one kind: maximal marginal relevance.
//!
//! ```text
//! next = argmax_i  (1 − λ) · relevance(i) − λ · max_{j chosen} similarity(i, j)
//! ```
//! after Carbonell and Goldstein 1998. The relevance is the score between the candidates' least (0) and greatest (1), so that a
//! clear winner stays first; a similarity below 0 counts as 0, because being opposite is no merit. Where similarities come from
//! is the caller's.

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Diversity {
    /// λ, 0 to 1: 0 is the order of the scores, 1 looks at similarity alone after the first.
    pub lambda: f32,
    /// Items wanted.
    pub limit: usize,
}

/// The positions of up to `limit` candidates in their new order; ties go to the earlier one. O(limit × candidates).
///
/// `scores` fall along the candidates. `similarities(i, out)` writes the similarity of candidate `i` to each candidate into
/// `out`, −1 to 1. `admit(i)` is asked once for each candidate that would be next: one that it refuses is left out, and the next
/// takes its place.
pub fn diversify(
    scores: &[f32],
    Diversity { lambda, limit }: Diversity,
    mut similarities: impl FnMut(usize, &mut [f32]),
    mut admit: impl FnMut(usize) -> bool,
) -> Vec<usize> {
    if lambda <= 0.0 {
        return (0..scores.len()).filter(|&candidate| admit(candidate)).take(limit).collect();
    }
    let relevance = relevance(scores);
    let (mut nearest, mut to_chosen) = (vec![0.0_f32; scores.len()], vec![0.0_f32; scores.len()]);
    let mut open: Vec<usize> = (0..scores.len()).collect();
    let mut chosen = Vec::with_capacity(limit.min(scores.len()));
    while chosen.len() < limit {
        let value = |candidate: usize| (1.0 - lambda) * relevance[candidate] - lambda * nearest[candidate];
        let better = |best: usize, place: usize| if value(open[place]) > value(open[best]) { place } else { best };
        let Some(best) = (0..open.len()).reduce(better) else { break };
        // Kept in order, because ties go to the earlier one.
        let candidate = open.remove(best);
        if !admit(candidate) {
            continue;
        }
        chosen.push(candidate);
        if chosen.len() < limit {
            similarities(candidate, &mut to_chosen);
            nearest.iter_mut().zip(&to_chosen).for_each(|(nearest, similarity)| *nearest = nearest.max(*similarity));
        }
    }
    chosen
}

/// Scores from 0, the least, to 1, the greatest; all 1 where they are equal.
fn relevance(scores: &[f32]) -> Vec<f32> {
    let least = scores.iter().copied().fold(f32::INFINITY, f32::min);
    let greatest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let spread = greatest - least;
    scores.iter().map(|score| if spread > 0.0 { (score - least) / spread } else { 1.0 }).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Candidates of one kind are alike.
    fn by_kind(kinds: &[u8]) -> impl FnMut(usize, &mut [f32]) + '_ {
        move |candidate, out| out.iter_mut().zip(kinds).for_each(|(out, kind)| *out = f32::from(u8::from(*kind == kinds[candidate])))
    }

    fn check(lambda: f32, limit: usize, expected: &[usize]) {
        let kinds = [0, 0, 0, 1, 1, 2];
        let scores = [1.0, 0.9, 0.8, 0.7, 0.6, 0.0];
        assert_eq!(diversify(&scores, Diversity { lambda, limit }, by_kind(&kinds), |_| true), expected, "λ = {lambda}");
    }

    #[test]
    fn lambda_trades_scores_for_variety() {
        check(0.0, 4, &[0, 1, 2, 3]);
        check(0.05, 4, &[0, 1, 2, 3]);
        check(0.2, 4, &[0, 3, 1, 2]);
        check(0.6, 4, &[0, 3, 5, 1]);
        check(1.0, 6, &[0, 3, 5, 1, 2, 4]);
        check(0.5, 0, &[]);
        check(0.5, 9, &[0, 3, 5, 1, 2, 4]);
    }

    #[test]
    fn who_is_refused_makes_room() {
        let scores = [3.0, 2.0, 1.0];
        for lambda in [0.0, 0.3] {
            let order = diversify(&scores, Diversity { lambda, limit: 2 }, |_, out| out.fill(0.0), |candidate| candidate != 1);
            assert_eq!(order, [0, 2], "λ = {lambda}");
        }
    }

    #[test]
    fn opposites_gain_nothing() {
        let opposite = |_: usize, out: &mut [f32]| out.fill(-1.0);
        assert_eq!(diversify(&[3.0, 2.0, 1.0], Diversity { lambda: 0.9, limit: 3 }, opposite, |_| true), [0, 1, 2]);
    }

    fn falling() -> impl Strategy<Value = Vec<f32>> {
        proptest::collection::vec(-3.0..3.0_f32, 0..20).prop_map(|mut scores| {
            scores.sort_unstable_by(|left, right| right.total_cmp(left));
            scores
        })
    }

    proptest! {
        #[test]
        fn nothing_changes_without_lambda(scores in falling(), limit in 0..25_usize) {
            let order = diversify(&scores, Diversity { lambda: 0.0, limit }, |_, out| out.fill(1.0), |_| true);
            prop_assert_eq!(order, (0..scores.len().min(limit)).collect::<Vec<_>>());
        }

        #[test]
        fn a_tiny_lambda_changes_nothing_where_all_differ_equally(scores in falling(), limit in 0..25_usize, lambda in 0.01..0.99_f32) {
            let order = diversify(&scores, Diversity { lambda, limit }, |_, out| out.fill(0.5), |_| true);
            prop_assert_eq!(order, (0..scores.len().min(limit)).collect::<Vec<_>>());
        }

        #[test]
        fn each_is_chosen_once_and_the_first_stays(
            (scores, lambda) in (falling(), 0.0..0.9_f32),
            kinds in proptest::collection::vec(0..3_u8, 20),
        ) {
            let order = diversify(&scores, Diversity { lambda, limit: 50 }, by_kind(&kinds), |_| true);
            prop_assert_eq!(order.first().copied(), (!scores.is_empty()).then_some(0));
            let mut sorted = order;
            sorted.sort_unstable();
            prop_assert_eq!(sorted, (0..scores.len()).collect::<Vec<_>>());
        }
    }
}
