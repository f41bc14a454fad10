//! The loss with its gradient and Hessian at given weights, summed over blocks of rows in a fixed order.

use faer::Mat;
use rayon::prelude::*;

use super::problem::{Problem, Rows};

/// Rows (or, of groups, the least number of rows) in one task.
pub(super) const BLOCK_ROWS: usize = 8192;

/// Loss, gradient and the lower triangle of the Hessian.
#[derive(Debug, Clone)]
pub(super) struct Sums {
    pub loss: f64,
    pub gradient: Vec<f64>,
    pub hessian: Mat<f64>,
}

/// Where the sums are taken.
#[derive(Clone, Copy)]
struct Point<'a> {
    problem: &'a Problem<'a>,
    unknowns: &'a [f64],
}

impl Sums {
    fn zero(unknowns: usize) -> Self {
        Self { loss: 0.0, gradient: vec![0.0; unknowns], hessian: Mat::zeros(unknowns, unknowns) }
    }

    /// Of all rows and the penalty. The unknowns are the weights, then the intercept where there is one.
    pub(super) fn at(problem: &Problem<'_>, unknowns: &[f64], lambda: f64) -> Self {
        let blocks = blocks(problem);
        let parts: Vec<Self> =
            blocks.into_par_iter().map(|(first, last)| Self::of_block(Point { problem, unknowns }, first, last)).collect();
        let mut total = Self::zero(unknowns.len());
        parts.iter().for_each(|part| total.add(part));
        for (index, weight) in unknowns.iter().enumerate().take(problem.features.ncols()) {
            total.loss += lambda / 2.0 * weight * weight;
            total.gradient[index] += lambda * weight;
            total.hessian[(index, index)] += lambda;
        }
        total
    }

    fn add(&mut self, part: &Self) {
        self.loss += part.loss;
        self.gradient.iter_mut().zip(&part.gradient).for_each(|(sum, value)| *sum += value);
        self.hessian += &part.hessian;
    }

    fn of_block(point: Point<'_>, first: usize, last: usize) -> Self {
        let mut sums = Self::zero(point.unknowns.len());
        let mut row_values = vec![1.0; point.unknowns.len()];
        match point.problem.rows {
            Rows::Equal => (first..last).for_each(|row| sums.add_row(point, row, 1.0, &mut row_values)),
            Rows::Weighted(weights) => {
                (first..last).for_each(|row| sums.add_row(point, row, weights[row], &mut row_values));
            }
            Rows::Grouped(offsets) => {
                (first..last).for_each(|group| sums.add_group(point, offsets[group]..offsets[group + 1], &mut row_values));
            }
        }
        sums
    }

    fn add_row(&mut self, point: Point<'_>, row: usize, weight: f64, values: &mut [f64]) {
        let Point { problem, unknowns } = point;
        load(problem, row, values);
        let score = dot(values, unknowns);
        let signed = if problem.labels[row] { score } else { -score };
        let probability = probability(score);
        self.loss += weight * log_one_plus_exp(-signed);
        let miss = probability - f64::from(u8::from(problem.labels[row]));
        self.add_to_gradient(values, weight * miss);
        self.add_to_hessian(values, weight * probability * (1.0 - probability));
    }

    fn add_group(&mut self, point: Point<'_>, rows: std::ops::Range<usize>, values: &mut [f64]) {
        let Point { problem, unknowns } = point;
        let wanted = problem.labels[rows.clone()].iter().filter(|label| **label).count() as f64;
        if wanted == 0.0 {
            return;
        }
        let scores: Vec<f64> = rows.clone().map(|row| dot(load(problem, row, values), unknowns)).collect();
        let largest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = scores.iter().map(|score| (score - largest).exp()).sum();
        let mut mean = vec![0.0; values.len()];
        for (row, score) in rows.zip(&scores) {
            let share = (score - largest).exp() / sum;
            let values = load(problem, row, values);
            mean.iter_mut().zip(values).for_each(|(mean, value)| *mean += share * value);
            self.add_to_hessian(values, wanted * share);
            if problem.labels[row] {
                self.loss += largest + sum.ln() - score;
                self.add_to_gradient(values, -1.0);
            }
        }
        self.add_to_gradient(&mean, wanted);
        self.add_to_hessian(&mean, -wanted);
    }

    fn add_to_gradient(&mut self, values: &[f64], factor: f64) {
        self.gradient.iter_mut().zip(values).for_each(|(sum, value)| *sum += factor * value);
    }

    fn add_to_hessian(&mut self, values: &[f64], factor: f64) {
        for (column, &value) in values.iter().enumerate() {
            let sums = &mut self.hessian.col_as_slice_mut(column)[column..];
            sums.iter_mut().zip(&values[column..]).for_each(|(sum, other)| *sum += factor * value * other);
        }
    }
}

/// Ranges of rows, or of groups, that one task sums.
fn blocks(problem: &Problem<'_>) -> Vec<(usize, usize)> {
    let Rows::Grouped(offsets) = problem.rows else {
        let rows = problem.labels.len();
        return (0..rows).step_by(BLOCK_ROWS).map(|first| (first, rows.min(first + BLOCK_ROWS))).collect();
    };
    let (mut blocks, mut first) = (Vec::new(), 0);
    for last in 1..offsets.len() {
        if offsets[last] - offsets[first] >= BLOCK_ROWS || last + 1 == offsets.len() {
            blocks.push((first, last));
            first = last;
        }
    }
    blocks
}

/// Writes the row's features to `values`; what is beyond them stays, one for the intercept.
fn load<'v>(problem: &Problem<'_>, row: usize, values: &'v mut [f64]) -> &'v [f64] {
    (0..problem.features.ncols()).for_each(|column| values[column] = problem.features[(row, column)]);
    values
}

/// 1 / (1 + exp(−score)), without overflow.
pub(super) fn probability(score: f64) -> f64 {
    if score >= 0.0 { 1.0 / (1.0 + (-score).exp()) } else { score.exp() / (1.0 + score.exp()) }
}

fn log_one_plus_exp(value: f64) -> f64 {
    value.max(0.0) + (-value.abs()).exp().ln_1p()
}

pub(super) fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(a, b)| a * b).sum()
}
