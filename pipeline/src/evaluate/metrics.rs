//! What ranks are worth, by member. Intervals belong to `intervals`.
//!
//! ```text
//! hr@k      1 if any target is among the first k
//! recall@k  targets among the first k / targets
//! ndcg@k    Σ 1 / log₂(rank + 1) over targets among the first k, divided by its highest value: that of min(k, targets) in front
//! mrr@k     1 / rank of the first target, if it is among the first k
//! map@k     Σ precision at the rank of each target among the first k / min(k, targets)
//! rmse, mae of predicted ratings over all pairs
//! ```

use super::dataset::Dataset;
use super::judge::Judged;

/// Where lists are cut by default.
pub const DEFAULT_CUTOFFS: [usize; 6] = [1, 5, 10, 20, 50, 100];
/// Longest cutoff.
pub(super) const CUTOFF_MAX: usize = 1000;
/// Courses of a list that are looked at for themselves: coverage, novelty, diversity and popularity are told up to here.
pub(super) const LIST_LENGTH: usize = 20;

/// A number of each member, whose weighted mean is a metric.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Column {
    /// Such as `ndcg@10`.
    pub name: String,
    /// One for each member.
    pub sums: Vec<f64>,
    /// What the sums are divided by; 0 for a member of whom the metric says nothing. Without: 1 for all.
    pub weights: Option<Vec<f64>>,
    /// Whether the metric is the root of the mean.
    pub is_root: bool,
}

impl Column {
    /// A column of means.
    pub fn of(name: String, sums: Vec<f64>) -> Self {
        Self { name, sums, weights: None, is_root: false }
    }

    /// The metric over members counted so many times; NaN where no member has it.
    pub fn value(&self, counts: &[f64]) -> f64 {
        let weighted = |values: &[f64]| values.iter().zip(counts).map(|(value, count)| value * count).sum::<f64>();
        let weight = self.weights.as_deref().map_or_else(|| counts.iter().sum(), weighted);
        let mean = weighted(&self.sums) / weight;
        if self.is_root { mean.sqrt() } else { mean }
    }
}

/// A metric of the ranks of one member's targets.
type Measure = fn(ranks: &[u32], targets: usize, cutoff: usize) -> f64;

const MEASURES: [(&str, Measure); 5] =
    [("hr", hit_rate), ("recall", recall), ("ndcg", ndcg), ("mrr", reciprocal_rank), ("map", average_precision)];

/// The columns of ranks at every cutoff.
pub(super) fn ranking_columns(dataset: &Dataset, judged: &[Judged], cutoffs: &[usize]) -> Vec<Column> {
    let mut columns = Vec::new();
    for (name, measure) in MEASURES {
        for &cutoff in cutoffs {
            let of_member = |(judged, asked): (&Judged, &super::dataset::Asked)| measure(&judged.ranks, asked.targets_in_all, cutoff);
            columns.push(Column::of(format!("{name}@{cutoff}"), judged.iter().zip(&dataset.asked).map(of_member).collect()));
        }
    }
    columns
}

/// `rmse` and `mae`, if the model predicts ratings and the test has them.
pub(super) fn rating_columns(judged: &[Judged]) -> Vec<Column> {
    if judged.iter().all(|judged| judged.errors.is_empty()) {
        return Vec::new();
    }
    let weights: Vec<f64> = judged.iter().map(|judged| judged.errors.len() as f64).collect();
    let column = |name: &str, is_root: bool, of: fn(f64) -> f64| Column {
        name: name.to_owned(),
        sums: judged.iter().map(|judged| judged.errors.iter().copied().map(of).sum()).collect(),
        weights: Some(weights.clone()),
        is_root,
    };
    vec![column("rmse", true, |error| error * error), column("mae", false, f64::abs)]
}

fn hits(ranks: &[u32], cutoff: usize) -> &[u32] {
    &ranks[..ranks.partition_point(|&rank| rank as usize <= cutoff)]
}

fn hit_rate(ranks: &[u32], _: usize, cutoff: usize) -> f64 {
    if hits(ranks, cutoff).is_empty() { 0.0 } else { 1.0 }
}

fn recall(ranks: &[u32], targets: usize, cutoff: usize) -> f64 {
    hits(ranks, cutoff).len() as f64 / targets as f64
}

fn ndcg(ranks: &[u32], targets: usize, cutoff: usize) -> f64 {
    let gain = |rank: u32| 1.0 / f64::from(rank + 1).log2();
    let ideal: f64 = (1..=targets.min(cutoff) as u32).map(gain).sum();
    // From zero, because an empty sum of floats is −0.
    hits(ranks, cutoff).iter().copied().map(gain).fold(0.0, |sum, gain| sum + gain) / ideal
}

fn reciprocal_rank(ranks: &[u32], _: usize, cutoff: usize) -> f64 {
    hits(ranks, cutoff).first().map_or(0.0, |&rank| 1.0 / f64::from(rank))
}

fn average_precision(ranks: &[u32], targets: usize, cutoff: usize) -> f64 {
    let precisions = hits(ranks, cutoff).iter().zip(1..).map(|(&rank, found)| f64::from(found) / f64::from(rank));
    precisions.fold(0.0, |sum, precision| sum + precision) / targets.min(cutoff) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(measure: Measure, ranks: &[u32], targets: usize, cutoff: usize, expected: f64) {
        let found = measure(ranks, targets, cutoff);
        assert!((found - expected).abs() < 1e-12, "{found}, expected {expected}");
    }

    #[test]
    fn known_by_hand() {
        check(hit_rate, &[3, 11], 2, 10, 1.0);
        check(hit_rate, &[11], 1, 10, 0.0);
        check(recall, &[3, 11], 4, 10, 0.25);
        check(reciprocal_rank, &[3, 4], 2, 10, 1.0 / 3.0);
        check(reciprocal_rank, &[3, 4], 2, 2, 0.0);
        check(average_precision, &[1, 3], 3, 10, (1.0 + 2.0 / 3.0) / 3.0);
        check(average_precision, &[2], 5, 3, 0.5 / 3.0);
        check(ndcg, &[2], 1, 10, 1.0 / 3f64.log2());
        check(ndcg, &[1, 3], 2, 10, (1.0 + 0.5) / (1.0 + 1.0 / 3f64.log2()));
        check(ndcg, &[1], 50, 1, 1.0);
        check(ndcg, &[], 2, 10, 0.0);
    }

    #[test]
    fn the_root_is_of_the_mean_over_pairs() {
        let judged = [vec![1.0, -1.0, 2.0], vec![], vec![-2.0]].map(|errors| Judged { errors, ..Judged::default() });
        let columns = rating_columns(&judged);
        assert!((columns[0].value(&[1.0; 3]) - (10.0_f64 / 4.0).sqrt()).abs() < 1e-12);
        assert!((columns[1].value(&[1.0; 3]) - 1.5).abs() < 1e-12);
        assert!((columns[1].value(&[1.0, 5.0, 0.0]) - 4.0 / 3.0).abs() < 1e-12);
        assert!(rating_columns(&judged[1..2]).is_empty());
    }
}
