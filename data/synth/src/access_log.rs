//! The access log of one day: sorted requests, written out row by row.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int32Builder, Int64Builder, StringBuilder, TimestampMicrosecondBuilder};
use arrow::record_batch::RecordBatch;
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use crate::agents::{BROWSERS, CRAWLERS, PROBES};
use crate::broken::before_epoch;
use crate::day::DayRows;
use crate::hits::{Hit, Query, When, Who};
use crate::pages::{self, Page};
use crate::random::Trait;
use crate::world::World;
use crate::write::TableFile;
use crate::{LogCounts, SynthError, schema};

/// Rows handed to the Parquet writer at once.
const BATCH_ROWS: usize = 8_192;
/// Share of rows that were shipped twice.
const DUPLICATE_SHARE: f64 = 0.001;
const DURATION_SPREAD: f32 = 0.5;
/// Addresses of guests come from the 22 bits of 100.64.0.0/10.
const GUEST_ADDRESSES: u64 = 1 << 22;
/// Three guests in five keep a cookie.
const COOKIE_FIFTHS: u32 = 3;
/// Referers of guests by rank; most have none.
const REFERERS: [Option<&str>; 8] = [
    None,
    None,
    Some("https://www.baidu.com/"),
    None,
    Some("https://www.google.com/"),
    None,
    Some("https://juejin.cn/"),
    Some("https://news.ycombinator.com/"),
];
const OWN_REFERER: &str = "https://hachi.example/";

/// Sorts a day's hits and writes them; gives the counts and the bytes of the file.
pub(crate) fn write(world: &World, rng: &mut ChaCha8Rng, rows: &mut DayRows, path: &Path) -> Result<(LogCounts, u64), SynthError> {
    rows.hits.sort_unstable_by_key(|hit| (timestamp(world, rows.day, hit), hit.actor));
    let mut file = TableFile::create(path.to_owned(), schema::access_log())?;
    let mut columns = Columns::default();
    let mut counts = LogCounts::default();
    for hit in &rows.hits {
        let duration_ms = duration_ms(rng, hit);
        let is_shipped_twice = hit.page != Page::Nowhere && hit.when == When::OnTime && rng.random_bool(DUPLICATE_SHARE);
        for _ in 0..=u64::from(is_shipped_twice) {
            columns.push(world, timestamp(world, rows.day, hit), hit, duration_ms);
            count(&mut counts, hit);
        }
        counts.duplicate_rows += u64::from(is_shipped_twice);
        if columns.len() >= BATCH_ROWS {
            file.write(&columns.take()?)?;
        }
    }
    file.write(&columns.take()?)?;
    Ok((counts, file.finish()?))
}

fn timestamp(world: &World, day: i32, hit: &Hit) -> i64 {
    match hit.when {
        When::OnTime => world.calendar.micros(day, hit.ms),
        When::Late(days) => world.calendar.micros(day - i32::from(days), hit.ms),
        When::BeforeEpoch => before_epoch(world.calendar.micros(day, hit.ms)),
    }
}

fn duration_ms(rng: &mut ChaCha8Rng, hit: &Hit) -> i64 {
    let spread = DURATION_SPREAD * rng.sample::<f32, _>(StandardNormal);
    (hit.page.median_duration_ms() * spread.exp()) as i64
}

fn count(counts: &mut LogCounts, hit: &Hit) {
    counts.rows += 1;
    counts.asset_rows += u64::from(hit.page == Page::Asset);
    counts.late_rows += u64::from(matches!(hit.when, When::Late(_)));
    match hit.actor.who() {
        Who::Member(_) if hit.page != Page::Login => counts.member_rows += 1,
        Who::Member(_) | Who::Guest(_) => counts.guest_rows += 1,
        Who::Crawler(_) => counts.crawler_rows += 1,
        Who::Probe(_) => counts.probe_rows += 1,
    }
}

/// The columns of a batch being filled, in the order of the schema.
#[derive(Default)]
struct Columns {
    ts: TimestampMicrosecondBuilder,
    path: StringBuilder,
    user_id: StringBuilder,
    visitor_id: StringBuilder,
    ip: StringBuilder,
    method: StringBuilder,
    status: Int32Builder,
    bytes: Int64Builder,
    referer: StringBuilder,
    user_agent: StringBuilder,
    duration_ms: Int64Builder,
    rows: usize,
}

impl Columns {
    fn len(&self) -> usize {
        self.rows
    }

    fn push(&mut self, world: &World, ts: i64, hit: &Hit, duration_ms: i64) {
        self.ts.append_value(ts);
        self.push_path(world, hit);
        self.push_actor(world, hit);
        self.method.append_value(hit.method.name());
        self.status.append_value(i32::from(hit.status));
        self.bytes.append_value(pages::bytes(hit));
        self.duration_ms.append_value(duration_ms);
        self.rows += 1;
    }

    fn push_path(&mut self, world: &World, hit: &Hit) {
        if hit.page == Page::Nowhere {
            return self.path.append_null();
        }
        pages::write_path(&mut self.path, hit, &world.catalog).expect(TEXT_NEVER_FAILS);
        if hit.page != Page::Asset {
            self.push_query(world, hit);
        }
        self.path.append_value("");
    }

    fn push_query(&mut self, world: &World, hit: &Hit) {
        let token = || world.fingerprint(Trait::Guest, u64::from(hit.ms / 3_600_000) << 32 | u64::from(hit.subject));
        let written = match hit.query {
            Query::None => Ok(()),
            Query::PhpSession => write!(self.path, "?phpsessid={:016x}", token()),
            Query::Gclid => write!(self.path, "?gclid=Cj0K{:012x}", token() >> 16),
            Query::Campaign => self.path.write_str("?utm_source=newsletter"),
        };
        written.expect(TEXT_NEVER_FAILS);
    }

    fn push_actor(&mut self, world: &World, hit: &Hit) {
        match hit.actor.who() {
            Who::Member(member) => self.push_member(world, hit, member),
            Who::Guest(number) => self.push_guest(world, number),
            Who::Crawler(crawler) => self.push_machine(CRAWLERS[crawler], crawler),
            Who::Probe(probe) => self.push_machine(PROBES[probe], CRAWLERS.len() + probe),
        }
    }

    fn push_member(&mut self, world: &World, hit: &Hit, member: u32) {
        let index = u64::from(member);
        if hit.page == Page::Login {
            // Until the answer to the log-in, the site knows only the cookie.
            self.user_id.append_null();
        } else {
            append(&mut self.user_id, format_args!("{}", world.user_id(member)));
        }
        append(&mut self.visitor_id, format_args!("v{:012x}", world.fingerprint(Trait::Visitor, index) >> 16));
        let [a, b, c, ..] = world.fingerprint(Trait::Address, index).to_le_bytes();
        append(&mut self.ip, format_args!("10.{a}.{b}.{c}"));
        self.referer.append_value(OWN_REFERER);
        self.user_agent.append_value(browser(world.fingerprint(Trait::Agent, index)));
    }

    /// A guest of a day differs from every other of the day by the address.
    fn push_guest(&mut self, world: &World, number: u32) {
        // An odd factor permutes the addresses.
        let address = u64::from(number).wrapping_mul(0x9_e377) % GUEST_ADDRESSES;
        let traits = world.fingerprint(Trait::Guest, u64::from(number));
        self.user_id.append_null();
        if number % 5 < COOKIE_FIFTHS {
            append(&mut self.visitor_id, format_args!("g{:012x}", traits >> 16));
        } else {
            self.visitor_id.append_null();
        }
        let (a, b, c) = (64 + (address >> 16), address >> 8 & 0xff, address & 0xff);
        append(&mut self.ip, format_args!("100.{a}.{b}.{c}"));
        self.referer.append_option(REFERERS[(traits % REFERERS.len() as u64) as usize]);
        self.user_agent.append_value(browser(traits >> 3));
    }

    fn push_machine(&mut self, agent: &str, machine: usize) {
        self.user_id.append_null();
        self.visitor_id.append_null();
        append(&mut self.ip, format_args!("192.0.2.{}", machine + 1));
        self.referer.append_null();
        self.user_agent.append_value(agent);
    }

    fn take(&mut self) -> Result<RecordBatch, SynthError> {
        self.rows = 0;
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.ts.finish().with_timezone("UTC")),
            Arc::new(self.path.finish()),
            Arc::new(self.user_id.finish()),
            Arc::new(self.visitor_id.finish()),
            Arc::new(self.ip.finish()),
            Arc::new(self.method.finish()),
            Arc::new(self.status.finish()),
            Arc::new(self.bytes.finish()),
            Arc::new(self.referer.finish()),
            Arc::new(self.user_agent.finish()),
            Arc::new(self.duration_ms.finish()),
        ];
        Ok(RecordBatch::try_new(schema::access_log(), columns)?)
    }
}

const TEXT_NEVER_FAILS: &str = "a text in memory takes any text";

fn append(column: &mut StringBuilder, text: std::fmt::Arguments<'_>) {
    column.write_fmt(text).expect(TEXT_NEVER_FAILS);
    column.append_value("");
}

fn browser(traits: u64) -> &'static str {
    BROWSERS[(traits % BROWSERS.len() as u64) as usize]
}
