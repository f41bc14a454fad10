//! Tables at random, the same ones in every run, against the attacker.

use arrow::array::RecordBatch;

use super::super::Released;
use super::{PARTS, attacker, numbers, released, table};

/// A stream of numbers that look like chance.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// 0 to `n` − 1.
    pub fn below(&mut self, n: u64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n) as i64
    }

    /// Often small, sometimes `least`, sometimes large.
    fn size(&mut self, least: i64) -> i64 {
        match self.below(4) {
            0 => least,
            1 => least.max(self.below(6)),
            _ => least.max(self.below(60)),
        }
    }
}

type Rows = Vec<(String, String, Option<i64>, Option<i64>)>;

fn rows(random: &mut Random, tags: usize, plans: usize, least: i64) -> Rows {
    let names = (0..tags).flat_map(|tag| (0..plans).map(move |plan| (format!("t{tag}"), format!("p{plan}"))));
    let row = |(tag, plan): (String, String)| {
        let size = random.size(least);
        let gone = random.size(0).min(size);
        (tag, plan, Some(size), Some(if random.below(2) == 0 { gone } else { size - gone }))
    };
    names.map(row).collect()
}

/// A table of all tags and plans.
pub fn grid(random: &mut Random, tags: usize, plans: usize) -> RecordBatch {
    table(&rows(random, tags, plans, 1))
}

const SETS: [&[&[&str]]; 4] = [&[&["tag"]], &[&["tag"], &["plan"]], &[&["tag", "plan"]], &[&["tag"], &["plan"], &["tag", "plan"]]];

/// Where lines cross, a cell alone in one of them is told by that one's total, and can't be hidden for another.
fn least(sets: &[&[&str]]) -> i64 {
    i64::from(sets.len() > 1)
}

fn privacy(sets: &[&[&str]]) -> String {
    format!("{PARTS}\ntotals = {sets:?}")
}

#[test]
fn no_snapshot_tells_a_hidden_number() {
    for seed in 0..400 {
        let mut random = Random::new(seed);
        let k = 3 + random.below(4) as u64;
        let (tags, plans) = (2 + random.below(5) as usize, 2 + random.below(5) as usize);
        let sets = SETS[seed as usize % SETS.len()];
        let exact = table(&rows(&mut random, tags, plans, least(sets)));
        let out = released(&privacy(sets), &exact, k, None);
        attacker::assert_safe(&exact, &out, k, sets);
    }
}

#[test]
fn one_member_between_two_snapshots_stays_unknown() {
    for seed in 0..400 {
        let mut random = Random::new(1000 + seed);
        let sets = SETS[seed as usize % SETS.len()];
        let mut rows = rows(&mut random, 4, 3, least(sets));
        let exact = table(&rows);
        let first = released(&privacy(sets), &exact, 5, None);
        let changed = random.below(12) as usize;
        let (size, kept) = (rows[changed].2.unwrap_or(0), rows[changed].3.unwrap_or(0));
        rows[changed].2 = Some(size + 1);
        rows[changed].3 = Some(kept + random.below(2));
        let exact_then = table(&rows);
        let second = released(&privacy(sets), &exact_then, 5, Some(&first));
        attacker::assert_safe(&exact_then, &second, 5, sets);
        attacker::assert_safe_together([(&exact, &first), (&exact_then, &second)], 5, sets);
    }
}

#[test]
fn numbers_that_wander_never_change_by_few() {
    let sets: &[&[&str]] = &[&["tag"]];
    for seed in 0..40 {
        let mut random = Random::new(5000 + seed);
        let mut rows = rows(&mut random, 5, 2, least(sets));
        let mut last: Option<(Rows, Released)> = None;
        for _ in 0..15 {
            for row in &mut rows {
                let size = (row.2.unwrap_or(0) + random.below(9) - 4).max(0);
                row.2 = Some(size);
                row.3 = Some((row.3.unwrap_or(0) + random.below(9) - 4).clamp(0, size));
            }
            let out = released(&privacy(sets), &table(&rows), 5, last.as_ref().map(|(_, out)| out));
            attacker::assert_safe(&table(&rows), &out, 5, sets);
            if let Some((_, before)) = &last {
                assert_steps(before, &out);
            }
            last = Some((rows.clone(), out));
        }
    }
}

/// What is shown in both differs by nothing or by enough.
fn assert_steps(before: &Released, now: &Released) {
    for column in ["size", "kept"] {
        let both = numbers(before, column).into_iter().zip(numbers(now, column));
        both.filter_map(|(then, now)| then.zip(now)).for_each(|(then, now)| {
            assert!(then == now || then.abs_diff(now) >= 5, "{column}: {then} → {now}");
        });
    }
}
