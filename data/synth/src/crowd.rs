//! Everyone in the log who is not a member: people who look around, crawlers, monitors.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::calendar::{DAY_MS, waking_moment};
use crate::day::DayRows;
use crate::hits::{Actor, Method, Query};
use crate::pages::{MISSING, Page};
use crate::walk::Walk;
use crate::world::World;

/// Guests for each visiting member, and a few more.
const GUESTS_PER_VISIT: f64 = 0.45;
const LEAST_GUESTS: u32 = 6;
/// Requests of crawlers for each other request.
const CRAWLED_SHARE: f64 = 0.10;
/// Crawler k has this much of the crawling, in percent.
const CRAWLER_PERCENT: [u32; 10] = [24, 20, 14, 12, 9, 6, 5, 4, 4, 2];
const HEALTH_CHECKS: u32 = 96;
const HEADS: u32 = 24;

/// Adds the crowd of a day after its visits.
pub(crate) fn add(world: &World, rng: &mut ChaCha8Rng, rows: &mut DayRows, visits: usize) {
    let guests = LEAST_GUESTS + (visits as f64 * GUESTS_PER_VISIT) as u32;
    for number in 0..guests {
        look_around(world, rng, rows, number);
    }
    let crawled = (rows.hits.len() as f64 * CRAWLED_SHARE) as u32;
    for (crawler, percent) in CRAWLER_PERCENT.iter().enumerate() {
        crawl(world, rng, rows, (crawler as u32, (crawled * percent).div_ceil(100)));
    }
    probe(rng, rows, (0, HEALTH_CHECKS, Page::Health, Method::Get));
    probe(rng, rows, (1, HEADS, Page::Home, Method::Head));
}

fn look_around(world: &World, rng: &mut ChaCha8Rng, rows: &mut DayRows, number: u32) {
    let (course, clock_ms) = (u32::from(world.catalog.popular(rng, rows.day)), waking_moment(rng));
    let query = match rng.random_range(0..100) {
        0..6 => Query::PhpSession,
        6..10 => Query::Gclid,
        10..16 => Query::Campaign,
        _ => Query::None,
    };
    let actor = Actor::guest(number);
    let mut walk = Walk { hits: &mut rows.hits, rng, actor, clock_ms, query, lateness: None };
    match walk.rng.random_range(0..10) {
        0..4 => walk.page(Page::Home),
        4..8 => walk.page_of(Page::Course, course, 0),
        8 => walk.page(Page::Forum),
        _ => walk.page(Page::Search),
    }
    walk.assets(3);
    while walk.rng.random_bool(0.55) && !walk.is_over() {
        walk.wait(6_000..180_000);
        look_further(&mut walk, course);
    }
}

fn look_further(walk: &mut Walk, course: u32) {
    match walk.rng.random_range(0..20) {
        0..6 => walk.page(Page::Courses),
        6..12 => walk.page_of(Page::Course, course, 0),
        12..15 => walk.page_of(Page::Lesson, course, 1),
        15..17 => walk.page(Page::Forum),
        17 => walk.request(Page::Missing, 3, 0, 404),
        18 => walk.send(Page::Login, (0, 0), Method::Options, 204),
        // The account is for those who are logged in.
        _ => walk.request(Page::Account, 0, 0, 302),
    }
}

/// Requests spread over the whole day, one in each slot, by night too.
fn crawl(world: &World, rng: &mut ChaCha8Rng, rows: &mut DayRows, (crawler, requests): (u32, u32)) {
    let actor = Actor::crawler(crawler);
    for request in 0..requests {
        let course = world.catalog.popular(rng, rows.day);
        let lesson = rng.random_range(1..=world.catalog.course(course).lessons);
        let clock_ms = slot(rng, request, requests);
        let mut walk = Walk { hits: &mut rows.hits, rng, actor, clock_ms, query: Query::None, lateness: None };
        match walk.rng.random_range(0..20) {
            0 => walk.page(Page::Robots),
            1 => walk.page(Page::Sitemap),
            2 => walk.page(Page::Home),
            3..11 => walk.page_of(Page::Course, u32::from(course), 0),
            11..18 => walk.request(Page::Lesson, u32::from(course), lesson, 403),
            18 => walk.page(Page::Forum),
            _ => {
                let missing = walk.rng.random_range(0..MISSING.len()) as u32;
                walk.request(Page::Missing, missing, 0, 404);
            }
        }
    }
}

fn probe(rng: &mut ChaCha8Rng, rows: &mut DayRows, (number, requests, page, method): (u32, u32, Page, Method)) {
    let actor = Actor::probe(number);
    for request in 0..requests {
        let clock_ms = request * (DAY_MS / requests) + rng.random_range(0..40);
        let mut walk = Walk { hits: &mut rows.hits, rng, actor, clock_ms, query: Query::None, lateness: None };
        walk.send(page, (0, 0), method, page.status());
    }
}

/// A moment in the request's slot of the day; slots are disjoint.
fn slot(rng: &mut ChaCha8Rng, request: u32, requests: u32) -> u32 {
    let width = DAY_MS / requests;
    request * width + rng.random_range(0..width)
}
