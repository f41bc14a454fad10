//! How long a posted session takes: 50 recent courses among 20,000, scores of all and the best 10, in microseconds, one line a part.
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock")]

use std::hint::black_box;
use std::time::Instant;

use hachi_session::{FoldIn, ItemRows, Params, Result, Workspace, best};

const COURSES: usize = 20_000;
const RECENT: usize = 50;
const LIMIT: usize = 10;
const REQUESTS: usize = 2_000;
/// Requests before the first that counts.
const WARM_UP: usize = 50;
/// Courses that histories are drawn from, where item rows are so long that those of all would not fit into memory.
const LONG_ROWS: usize = 500;

fn main() -> Result<()> {
    println!("part            p50 µs   p99 µs");
    fold_in(64)?;
    fold_in(192)?;
    item_rows(200, COURSES)?;
    item_rows(COURSES - 1, LONG_ROWS)?;
    item_rows(COURSES, LONG_ROWS)
}

/// A multiplicative generator: the same numbers at every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below
    }

    fn unit(&mut self) -> f32 {
        self.next(2_001) as f32 / 1_000.0 - 1.0
    }

    /// Distinct numbers below a bound, rising.
    fn rising(&mut self, count: usize, below: usize) -> Vec<u32> {
        let mut found = std::collections::BTreeSet::new();
        while found.len() < count {
            found.insert(self.next(below) as u32);
        }
        found.into_iter().collect()
    }
}

fn fold_in(dim: usize) -> Result<()> {
    let mut numbers = Numbers(8);
    let factors: Vec<f32> = (0..COURSES * dim).map(|_| numbers.unit() / (dim as f32).sqrt()).collect();
    // What it holds costs the same; a multiple of I is close to the Gram matrix of such factors.
    let gram: Vec<f64> =
        (0..dim * dim).map(|place| if place % (dim + 1) == 0 { COURSES as f64 / (3.0 * dim as f64) } else { 0.0 }).collect();
    let model = FoldIn::new(COURSES, factors, gram, Params { dim, alpha0: 0.3, reg: 0.007, nu: 1.0 })?;
    let mut room = Workspace::default();
    measure(&format!("fold in {dim}"), COURSES, |history, scores| model.score(history, &mut room, scores))
}

/// `filled` courses have rows of `entries`, the others none.
fn item_rows(entries: usize, filled: usize) -> Result<()> {
    let mut numbers = Numbers(8);
    let offsets: Vec<usize> = (0..=COURSES).map(|row| row.min(filled) * entries).collect();
    let columns: Vec<u32> = (0..filled).flat_map(|_| row(&mut numbers, entries)).collect();
    let weights: Vec<f32> = columns.iter().map(|_| numbers.unit()).collect();
    let model = ItemRows::new(COURSES, offsets, columns, weights)?;
    measure(&format!("rows of {entries}"), filled, |history, scores| model.score(history, scores))
}

fn row(numbers: &mut Numbers, entries: usize) -> Vec<u32> {
    if entries < COURSES / 2 {
        return numbers.rising(entries, COURSES);
    }
    let missing = numbers.rising(COURSES - entries, COURSES);
    (0..COURSES as u32).filter(|course| missing.binary_search(course).is_err()).collect()
}

fn measure(part: &str, known: usize, mut score: impl FnMut(&[u32], &mut [f32]) -> Result<()>) -> Result<()> {
    let (mut numbers, mut scores) = (Numbers(9), vec![0.0; COURSES]);
    let mut micros = Vec::with_capacity(REQUESTS);
    for request in 0..WARM_UP + REQUESTS {
        let history = numbers.rising(RECENT, known);
        let start = Instant::now();
        score(&history, &mut scores)?;
        black_box(best(&scores, &history, LIMIT)?);
        let taken = start.elapsed().as_secs_f64() * 1e6;
        if request >= WARM_UP {
            micros.push(taken);
        }
    }
    micros.sort_unstable_by(f64::total_cmp);
    println!("{part:<14} {:>7.0} {:>8.0}", micros[REQUESTS / 2], micros[REQUESTS * 99 / 100]);
    Ok(())
}
