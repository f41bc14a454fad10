//! One actor's way through the site: a clock that only moves forward, and requests in its course.
//!
//! No two requests of an actor share a millisecond, so no row repeats another unless that is intended.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::calendar::DAY_MS;
use crate::hits::{Actor, Hit, Method, Query, When};
use crate::pages::Page;

/// Share of page requests that go wrong, in 10,000.
const SERVER_ERRORS: u32 = 25;
const NOT_FOUND: u32 = 35;
/// Share of rows that are late, among those of visits that may have late rows.
const LATE_SHARE: f64 = 0.006;
/// Share of assets that are not in the browser's cache.
const COLD_ASSET_SHARE: f64 = 0.25;

/// A way through the site. Requests after midnight are dropped: they belong to another day.
pub(crate) struct Walk<'a> {
    pub(crate) hits: &'a mut Vec<Hit>,
    pub(crate) rng: &'a mut ChaCha8Rng,
    pub(crate) actor: Actor,
    pub(crate) clock_ms: u32,
    pub(crate) query: Query,
    /// By how many days rows may be late.
    pub(crate) lateness: Option<u8>,
}

impl Walk<'_> {
    pub(crate) fn wait(&mut self, milliseconds: std::ops::Range<u32>) {
        self.clock_ms = self.clock_ms.saturating_add(self.rng.random_range(milliseconds));
    }

    /// Waits until a moment, unless it has passed.
    pub(crate) fn wait_until(&mut self, ms: u32) {
        self.clock_ms = self.clock_ms.max(ms);
    }

    pub(crate) fn is_over(&self) -> bool {
        self.clock_ms >= DAY_MS
    }

    /// The clock, held within the day.
    pub(crate) fn now_ms(&self) -> u32 {
        self.clock_ms.min(DAY_MS - 1)
    }

    /// Asks for a page of the site as such.
    pub(crate) fn page(&mut self, page: Page) {
        self.page_of(page, 0, 0);
    }

    /// Asks for a page of a course or topic; a few requests go wrong.
    pub(crate) fn page_of(&mut self, page: Page, subject: u32, lesson: u16) {
        let status = match self.rng.random_range(0..10_000) {
            0..SERVER_ERRORS => 500,
            luck if luck < SERVER_ERRORS + NOT_FOUND && page == Page::Topic => 404,
            _ => page.status(),
        };
        self.request(page, subject, lesson, status);
    }

    /// Asks for an asset, mostly to hear that the cached one is still good.
    pub(crate) fn asset(&mut self, asset: u32) {
        let status = if self.rng.random_bool(COLD_ASSET_SHARE) { 200 } else { 304 };
        self.request(Page::Asset, asset, 0, status);
    }

    /// Asks for the assets from the first on, in quick succession.
    pub(crate) fn assets(&mut self, count: u32) {
        for asset in 0..count {
            self.wait(15..120);
            self.asset(asset);
        }
    }

    pub(crate) fn request(&mut self, page: Page, subject: u32, lesson: u16, status: u16) {
        self.send(page, (subject, lesson), page.method(), status);
    }

    pub(crate) fn send(&mut self, page: Page, (subject, lesson): (u32, u16), method: Method, status: u16) {
        if self.is_over() {
            return;
        }
        let when = self.when();
        let (ms, actor, query) = (self.clock_ms, self.actor, self.query);
        self.hits.push(Hit { ms, actor, subject, lesson, status, page, method, when, query });
        self.clock_ms += 1;
    }

    fn when(&mut self) -> When {
        match self.lateness {
            Some(days) if self.rng.random_bool(LATE_SHARE) => When::Late(days),
            _ => When::OnTime,
        }
    }
}
