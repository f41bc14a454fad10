//! A lake whose one serving file has as many members as wanted, for measurements; and its snapshot published again and again.
//!
//! ```text
//! lake make DIR MEMBERS [ITEMS]      members m0, m1, …, each with a list of so many items, 50 by default
//! lake again DIR COUNT EVERY_MS      the same files under new numbers: what a sidecar swaps in costs nothing to make
//! ```
//! The pseudonym key is `DIR/../key`.
#![expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]

use std::error::Error;
use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use chrono::DateTime;
use hachi_snapshot::{Course, Lake, ListItem, Manifest, Pseudonym, PseudonymKey, Reason, ReasonKind, ServeWriter, Source};

const COURSES: u32 = 20_000;
const ITEMS: u32 = 50;
const KEY: [u8; 32] = [7; 32];
/// Lists that are made before they are written.
const BATCH: usize = 1 << 16;

type Outcome = Result<(), Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["make", lake, members] => make(Path::new(lake), members.parse()?, ITEMS).await,
        ["make", lake, members, items] => make(Path::new(lake), members.parse()?, items.parse()?).await,
        ["again", lake, count, every_ms] => again(Path::new(lake), count.parse()?, every_ms.parse()?).await,
        _ => Err("lake make DIR MEMBERS [ITEMS] | lake again DIR COUNT EVERY_MS".into()),
    }
}

async fn make(folder: &Path, members: u32, items: u32) -> Outcome {
    let lake = Lake::local(folder)?;
    write_key(&folder.join("../key"))?;
    let (key, started) = (PseudonymKey::new(KEY), Instant::now());
    let mut names: Vec<(Pseudonym, u32)> = (0..members).map(|member| (key.pseudonym(&format!("m{member}")), member)).collect();
    names.sort_unstable_by_key(|(name, _)| *name.as_bytes());
    let path = "serve/run-1/serve.redb";
    let file = lake.file(path)?;
    let mut writer = ServeWriter::create(&file)?;
    writer.put_courses((0..COURSES).map(|at| Course {
        course_id: format!("course-{at}"),
        title: format!("A course about subject {at}"),
        tags: Vec::new(),
        published_at: None,
    }))?;
    for batch in names.chunks(BATCH) {
        writer.put_lists(batch.iter().map(|(name, member)| (*name, list(*member, items))))?;
    }
    let popular: Vec<_> = (0..100).map(popular).collect();
    writer.put_document("popular", &serde_json::to_vec(&popular)?)?;
    writer.finish()?;
    let mut manifest = Manifest::draft("run-1", DateTime::UNIX_EPOCH, "lake");
    manifest.hashes.key = key.fingerprint();
    manifest.serve.push(lake.seal(path).await?);
    lake.commit(manifest).await?;
    println!("{members} members, {} bytes, {:.1} s", fs::metadata(&file)?.len(), started.elapsed().as_secs_f64());
    Ok(())
}

async fn again(folder: &Path, count: u32, every_ms: u64) -> Outcome {
    let lake = Lake::local(folder)?;
    for _ in 0..count {
        let latest = lake.latest().await?.manifest.ok_or("nothing is published there")?;
        let number = latest.number;
        lake.commit(latest.again(format!("run-{}", number + 1), number, "lake")).await?;
        tokio::time::sleep(Duration::from_millis(every_ms)).await;
    }
    Ok(())
}

/// Neighbouring members have other courses.
fn list(member: u32, items: u32) -> Vec<ListItem> {
    let course = |at: u32| member.wrapping_mul(2_654_435_761).wrapping_add(at.wrapping_mul(7_919)) % COURSES;
    let item = |at: u32| ListItem {
        course: course(at),
        score: 1.0 / (at + 1) as f32,
        source: Source::Ials,
        reasons: [Reason::new(ReasonKind::Course, course(at + items), 0.5)].into_iter().collect(),
    };
    (0..items).map(item).collect()
}

fn popular(at: u32) -> serde_json::Value {
    serde_json::json!({ "course_id": format!("course-{at}"), "title": format!("A course about subject {at}"), "score": 1.0, "learners": 9 })
}

fn write_key(path: &Path) -> Outcome {
    let mut file = fs::File::options().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    Ok(writeln!(file, "{}", "07".repeat(KEY.len()))?)
}
