//! What a reader with pencil and paper finds: unknowns that follow from the sums they are in, along any number of sets of lines.
//!
//! Gauss and Jordan's elimination of sparse rows, modulo a prime: sums of ones have coefficients that no prime of this size divides
//! by accident in tables of any size we publish. An unknown follows where a row is left with it alone.

use std::collections::{BTreeMap, BTreeSet};

/// 2³¹ − 1: products of two remainders fit 64 bits.
const PRIME: u64 = (1 << 31) - 1;
/// Coefficients touched at most; beyond that nobody solves it by chance, and we don't know.
const WORK_MAX: usize = 5_000_000;

/// Coefficient by unknown; none is 0.
type Row = BTreeMap<usize, u64>;

/// The unknowns that `equations`, each a sum of distinct unknowns that is known, determine; none where that is too much work.
pub(super) fn solved(equations: &[Vec<usize>]) -> Option<BTreeSet<usize>> {
    let mut work = 0;
    let mut rows: BTreeMap<usize, Row> = BTreeMap::new();
    for equation in equations {
        let mut row: Row = equation.iter().map(|&unknown| (unknown, 1)).collect();
        reduce(&mut row, &rows, &mut work)?;
        if let Some((&pivot, _)) = row.first_key_value() {
            rows.insert(pivot, scaled(row, pivot));
        }
    }
    let mut done: BTreeMap<usize, Row> = BTreeMap::new();
    for (pivot, mut row) in rows.into_iter().rev() {
        reduce(&mut row, &done, &mut work)?;
        done.insert(pivot, row);
    }
    Some(done.iter().filter(|(_, row)| row.len() == 1).map(|(&pivot, _)| pivot).collect())
}

/// Takes the pivots of `rows` out of `row`.
fn reduce(row: &mut Row, rows: &BTreeMap<usize, Row>, work: &mut usize) -> Option<()> {
    let mut from = 0;
    while let Some((&unknown, &factor)) = row.range(from..).find(|(unknown, _)| rows.contains_key(unknown)) {
        let pivot_row = &rows[&unknown];
        *work += pivot_row.len() + row.len();
        if *work > WORK_MAX {
            return None;
        }
        for (&other, &coefficient) in pivot_row {
            let slot = row.entry(other).or_insert(0);
            *slot = (*slot + (PRIME - factor) * coefficient) % PRIME;
        }
        row.retain(|_, coefficient| *coefficient != 0);
        from = unknown + 1;
    }
    Some(())
}

/// The row with coefficient 1 at `pivot`.
fn scaled(row: Row, pivot: usize) -> Row {
    let inverse = power(row[&pivot], PRIME - 2);
    row.into_iter().map(|(unknown, coefficient)| (unknown, coefficient * inverse % PRIME)).collect()
}

fn power(base: u64, exponent: u64) -> u64 {
    let bits = (0..u64::BITS).rev().map(|bit| exponent >> bit & 1);
    bits.fold(1, |product, bit| product * product % PRIME * if bit == 1 { base } else { 1 } % PRIME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_unknowns_of_a_sum_are_not_told_apart() {
        assert_eq!(solved(&[vec![1, 2], vec![3, 4]]), Some(BTreeSet::new()));
        assert_eq!(solved(&[vec![1, 2], vec![2]]), Some(BTreeSet::from([1, 2])));
    }

    #[test]
    fn what_joins_two_circles_follows() {
        // Rows a b | c d and columns of two squares that cell 4 alone joins.
        let squares = [vec![0, 1, 4], vec![2, 3], vec![0, 2], vec![1, 3], vec![5, 6], vec![7, 8], vec![4, 5, 7], vec![6, 8]];
        assert_eq!(solved(&squares), Some(BTreeSet::from([4])));
    }
}
