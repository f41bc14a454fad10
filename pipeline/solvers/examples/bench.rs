//! Our side of tests/bench/solvers.py, which makes the matrix and runs the peers: seconds of each solver, one JSON object a line.
//!
//!     bench POSITIVES COURSES THREADS PART…     parts: peak, ials-64, ials-192, ials-192-blocks, ease, gram:COURSES
//!
//! POSITIVES is a file of little-endian u32: users, positives, then users + 1 offsets, then the courses of each user, rising.
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock")]

use std::cell::RefCell;
use std::error::Error;
use std::time::Instant;

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par};
use hachi_solvers::{Csr, ease, ials, top};
use rayon::prelude::*;

type Outcome<T> = Result<T, Box<dyn Error>>;

const PEAK_SIZE: usize = 2048;
const EPOCHS: usize = 5;
const REPEATS: usize = 3;
const LIST_LENGTH: usize = 50;
const LIMIT_BYTES: u64 = 8 << 30;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [positives, courses, threads, parts @ ..] = &arguments[..] else { return Err("POSITIVES COURSES THREADS PART…".into()) };
    rayon::ThreadPoolBuilder::new().num_threads(threads.parse()?).build_global()?;
    let positives = read(positives, courses.parse()?)?;
    for part in parts {
        match part.split_once(':').unwrap_or((part, "0")) {
            ("peak", _) => peak(threads.parse()?),
            ("ials-64", _) => ials(part, &positives, 64, None)?,
            ("ials-192", _) => ials(part, &positives, 192, None)?,
            ("ials-192-blocks", _) => ials(part, &positives, 192, Some(64))?,
            ("ease", _) => ease(&positives)?,
            ("gram", size) => gram(size.parse()?)?,
            _ => return Err(format!("`{part}` is no part").into()),
        }
    }
    Ok(())
}

fn read(path: &str, courses: usize) -> Outcome<Csr> {
    let bytes = std::fs::read(path)?;
    let numbers: Vec<u32> = bytes.chunks_exact(4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect();
    let (users, entries) = (numbers[0] as usize, numbers[1] as usize);
    let offsets = numbers[2..users + 3].iter().map(|&offset| offset as usize).collect();
    Ok(Csr::new(courses, offsets, numbers[users + 3..].to_vec(), vec![1.0; entries])?)
}

fn say(part: &str, what: &str, value: f64) {
    println!("{{\"part\": \"{part}\", \"what\": \"{what}\", \"value\": {value}}}");
}

/// The least seconds of some repetitions.
fn least<T>(repeats: usize, mut run: impl FnMut() -> Outcome<T>) -> Outcome<f64> {
    let mut least = f64::INFINITY;
    for _ in 0..repeats {
        let start = Instant::now();
        std::hint::black_box(run()?);
        least = least.min(start.elapsed().as_secs_f64());
    }
    Ok(least)
}

/// Matrix products of every core at once, each on its own matrices: what the machine can do at most, in GFLOP/s.
fn peak(threads: usize) {
    let single = rate(threads, Mat::from_fn(PEAK_SIZE, PEAK_SIZE, |row, column| ((row + 3 * column) % 7) as f32));
    let double = rate(threads, Mat::from_fn(PEAK_SIZE, PEAK_SIZE, |row, column| ((row + 3 * column) % 7) as f64));
    say("peak", "f32_gflops", single);
    say("peak", "f64_gflops", double);
}

fn rate<T: faer::traits::RealField + Send + Sync>(threads: usize, matrix: Mat<T>) -> f64 {
    let mut products = vec![Mat::<T>::zeros(PEAK_SIZE, PEAK_SIZE); threads];
    let mut seconds = f64::INFINITY;
    for _ in 0..EPOCHS {
        let start = Instant::now();
        products.par_iter_mut().for_each(|product| matmul(product, Accum::Replace, &matrix, &matrix, T::one_impl(), Par::Seq));
        seconds = seconds.min(start.elapsed().as_secs_f64());
    }
    threads as f64 * 2.0 * (PEAK_SIZE as f64).powi(3) / seconds / 1e9
}

/// Seconds between epochs, the least of them, and top lists of all users.
fn ials(part: &str, positives: &Csr, dim: usize, block: Option<usize>) -> Outcome<()> {
    let params = ials::Params { dim, block, epochs: EPOCHS, memory_limit_bytes: LIMIT_BYTES, ..ials::Params::default() }.check()?;
    let problem = ials::Problem::new(positives.clone())?;
    let moments = RefCell::new(Vec::new());
    let (model, report) = ials::solve(&problem, &params, &|_| moments.borrow_mut().push(Instant::now()))?;
    let moments = moments.into_inner();
    let epoch = moments.windows(2).map(|pair| (pair[1] - pair[0]).as_secs_f64()).fold(f64::INFINITY, f64::min);
    say(part, "epoch_s", epoch);
    say(part, "worst_residual", report.worst_residual);
    let lists = || Ok(top::lists(positives.rows(), LIST_LENGTH, |users| model.score_users(users), |user| positives.row_columns(user))?);
    say(part, "lists_s", least(REPEATS, lists)?);
    Ok(())
}

fn ease(positives: &Csr) -> Outcome<()> {
    let params = ease::Params { lambda: 1000.0, memory_limit_bytes: LIMIT_BYTES }.check()?;
    let fit = || Ok(ease::solve(ease::Problem::from_positives(positives)?, &params)?);
    say("ease", "fit_s", least(REPEATS, fit)?);
    let (model, report) = fit()?;
    say("ease", "residual", report.residual);
    let lists =
        || Ok(top::lists(positives.rows(), LIST_LENGTH, |rows| model.score_block(positives, rows), |user| positives.row_columns(user))?);
    say("ease", "lists_s", least(REPEATS, lists)?);
    Ok(())
}

/// EASE from a Gram matrix of the form that solvers.py makes too, with the mean of squared weights to compare.
fn gram(courses: usize) -> Outcome<()> {
    let part = format!("gram:{courses}");
    let entry = |row: usize, column: usize| if row == column { 400.0 } else { 40.0 / (1.0 + (row ^ column) as f64).sqrt() };
    let gram = Mat::from_fn(courses, courses, entry);
    let params = ease::Params { lambda: 1000.0, memory_limit_bytes: LIMIT_BYTES }.check()?;
    let mut seconds = f64::INFINITY;
    let mut square = 0.0;
    for _ in 0..REPEATS {
        let problem = ease::Problem::from_gram(gram.clone())?;
        let start = Instant::now();
        let (model, _) = ease::solve(problem, &params)?;
        seconds = seconds.min(start.elapsed().as_secs_f64());
        square = f64::from(model.weights().squared_norm_l2()) / courses as f64;
    }
    say(&part, "fit_s", seconds);
    say(&part, "mean_square", square);
    Ok(())
}
