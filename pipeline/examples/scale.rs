//! Learns for a community of any size, drawn from a seed, and says how long each step took and what memory it needed at most:
//!
//! ```text
//! cargo run --release --example scale -- 1000000 20000 50000000
//! ```

use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use arrow::array::{ArrayRef, BooleanArray, Float64Array, Int64Array, ListArray, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::array::{ListBuilder, StringBuilder};
use hachi::recommend::{LearnInputs, LearnOptions, Step, learn};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Rows of one batch.
const BATCH_ROWS: usize = 1 << 20;
/// The most popular courses are so much more popular than the others as the power says.
const SKEW: i32 = 3;
/// Subjects of courses.
const TAGS: usize = 50;
/// What no step may exceed.
const MEMORY_BYTES: u64 = 8 << 30;
/// Models that count; lists need no others.
const WEIGHTS: [(&str, f64); 5] = [("trending", 1.0), ("ease", 1.0), ("ials", 1.0), ("neighbors", 0.5), ("content", 0.2)];

#[expect(clippy::disallowed_methods, reason = "seconds are told to people")]
fn main() -> anyhow::Result<()> {
    let sizes: Vec<usize> =
        std::env::args().skip(1).map(|text| text.parse().context("expected members, courses, choices")).collect::<Result<_, _>>()?;
    let [members, courses, choices] = sizes[..] else { anyhow::bail!("expected members, courses, choices") };
    let start = Instant::now();
    let inputs = inputs(members, courses, choices)?;
    say("drawn", &start);
    let options = LearnOptions { memory_limit_bytes: MEMORY_BYTES, ..LearnOptions::default() };
    let mut lists = 0;
    let tell = |step: Step| match step {
        Step::Lists { done, of } if done < of && done % (of / 10).max(1) > 20_000 => {}
        step => say(&format!("{step:?}"), &start),
    };
    let learned = learn(inputs, &options, &tell, &mut |batch| {
        lists += batch.num_rows();
        Ok(())
    })?;
    say(&format!("{lists} rows of lists, {:?}", learned.report.rows_by_source), &start);
    Ok(())
}

fn say(what: &str, start: &Instant) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("unknown").trim();
    anstream::println!("{:7.1} s  peak {peak}  {what}", start.elapsed().as_secs_f64());
}

fn inputs(members: usize, courses: usize, choices: usize) -> anyhow::Result<LearnInputs> {
    let mut stream = ChaCha8Rng::seed_from_u64(8);
    let (mut batches, mut rows, mut counts) = (Vec::new(), Rows::default(), vec![0_u32; courses]);
    for member in 0..members {
        let mut chosen: Vec<usize> =
            (0..choices / members.max(1)).map(|_| (courses as f64 * stream.random::<f64>().powi(SKEW)) as usize).collect();
        chosen.sort_unstable();
        chosen.dedup();
        for course in chosen {
            counts[course] += 1;
            rows.push(member, course, stream.random());
        }
        if rows.values.len() >= BATCH_ROWS || member + 1 == members {
            batches.push(std::mem::take(&mut rows).batch()?);
        }
    }
    Ok(LearnInputs {
        course_affinity: batches,
        course_popularity: vec![popularity(&counts)?],
        courses: vec![titles(courses)?],
        course_facts: vec![facts(courses)?],
        blend_weights: vec![weights()?],
        ..LearnInputs::default()
    })
}

#[derive(Default)]
struct Rows {
    members: Vec<String>,
    courses: Vec<String>,
    values: Vec<f64>,
}

impl Rows {
    fn push(&mut self, member: usize, course: usize, value: f64) {
        self.members.push(format!("m{member:08}"));
        self.courses.push(format!("c{course:06}"));
        self.values.push(value);
    }

    fn batch(self) -> anyhow::Result<RecordBatch> {
        let flags = |share: f64| Arc::new(self.values.iter().map(|value| Some(*value < share)).collect::<BooleanArray>()) as ArrayRef;
        let numbers = |scale: f64| Arc::new(Float64Array::from_iter_values(self.values.iter().map(|value| scale * value))) as ArrayRef;
        Ok(RecordBatch::try_from_iter([
            ("user_id", texts(&self.members)),
            ("course_id", texts(&self.courses)),
            ("affinity", numbers(5.0)),
            ("recency", numbers(1.0)),
            ("is_learner", flags(1.0)),
            ("is_completed", flags(0.3)),
        ])?)
    }
}

fn texts(values: &[String]) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

fn ids(courses: usize) -> Vec<String> {
    (0..courses).map(|course| format!("c{course:06}")).collect()
}

fn popularity(counts: &[u32]) -> anyhow::Result<RecordBatch> {
    let mut order: Vec<usize> = (0..counts.len()).collect();
    order.sort_by_key(|course| std::cmp::Reverse(counts[*course]));
    let scores: ArrayRef = Arc::new(Float64Array::from_iter_values(order.iter().map(|course| f64::from(counts[*course]))));
    let courses: Vec<String> = order.iter().map(|course| format!("c{course:06}")).collect();
    let ranks: ArrayRef = Arc::new(Int64Array::from_iter_values(1..=counts.len() as i64));
    Ok(RecordBatch::try_from_iter([("course_id", texts(&courses)), ("rank", ranks), ("score", Arc::clone(&scores)), ("trending", scores)])?)
}

fn titles(courses: usize) -> anyhow::Result<RecordBatch> {
    let ratings: ArrayRef = Arc::new(Float64Array::from(vec![None::<f64>; courses]));
    let ids = texts(&ids(courses));
    Ok(RecordBatch::try_from_iter_with_nullable([
        ("course_id", Arc::clone(&ids), false),
        ("title", ids, true),
        ("bayesian_rating", ratings, true),
    ])?)
}

fn facts(courses: usize) -> anyhow::Result<RecordBatch> {
    let mut tags = ListBuilder::new(StringBuilder::new());
    (0..courses).for_each(|course| tags.append_value([Some(format!("tag {}", course % TAGS)), Some(format!("kind {}", course % 7))]));
    let tags: ListArray = tags.finish();
    let none = || Arc::new(StringArray::from(vec![None::<&str>; courses])) as ArrayRef;
    Ok(RecordBatch::try_from_iter_with_nullable([
        ("course_id", texts(&ids(courses)), false),
        ("title", none(), true),
        ("description", none(), true),
        ("tags", Arc::new(tags) as ArrayRef, true),
        ("author_id", none(), true),
        ("language", none(), true),
        ("price_cents", Arc::new(Int64Array::from(vec![None; courses])) as ArrayRef, true),
        ("published_at", Arc::new(TimestampMicrosecondArray::from(vec![None; courses])) as ArrayRef, true),
    ])?)
}

fn weights() -> anyhow::Result<RecordBatch> {
    let models: ArrayRef = Arc::new(StringArray::from_iter_values(WEIGHTS.map(|(model, _)| model)));
    let values = || Arc::new(Float64Array::from_iter_values(WEIGHTS.map(|(_, weight)| weight))) as ArrayRef;
    Ok(RecordBatch::try_from_iter([("model", models), ("deviations", values()), ("log_odds", values())])?)
}
