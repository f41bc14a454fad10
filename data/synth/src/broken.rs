//! Rows that cannot be used, a few of each kind, so that what rejects them has something to reject.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::BrokenKind;
use crate::calendar::waking_moment;
use crate::day::DayRows;
use crate::hits::{Actor, Hit, Method, Query, When};
use crate::pages::Page;
use crate::ratings::Rating;
use crate::world::World;

/// One row of each kind in so many days, and one at least.
const DAYS_PER_ROW: u32 = 30;
/// Guests with this number and above have broken rows; far more than there are guests on a day.
const FIRST_BROKEN_GUEST: u32 = 1 << 29;

/// How many rows of each kind a community of so many days has.
pub(crate) fn rows_by_kind(days: u32) -> Vec<(BrokenKind, u64)> {
    BrokenKind::ALL.map(|kind| (kind, u64::from(rows_of_each(days)))).to_vec()
}

/// Adds the broken rows of a day, if it has any.
pub(crate) fn add(world: &World, rng: &mut ChaCha8Rng, rows: &mut DayRows) {
    let days = world.params.days;
    let count = rows_of_each(days);
    let due = (0..count).filter(|row| (row * days / count) as i32 == rows.day).count();
    for _ in 0..due {
        for kind in BrokenKind::ALL {
            add_one(world, rng, rows, kind);
        }
    }
}

fn rows_of_each(days: u32) -> u32 {
    days.div_ceil(DAYS_PER_ROW)
}

fn add_one(world: &World, rng: &mut ChaCha8Rng, rows: &mut DayRows, kind: BrokenKind) {
    let ms = waking_moment(rng);
    if kind.table() == "access_log" {
        let (page, when) = match kind {
            BrokenKind::LogWithoutPath => (Page::Nowhere, When::OnTime),
            _ => (Page::Home, When::BeforeEpoch),
        };
        let actor = Actor::guest(FIRST_BROKEN_GUEST + kind as u32);
        let (method, query) = (Method::Get, Query::None);
        rows.hits.push(Hit { ms, actor, subject: 0, lesson: 0, status: 200, page, method, when, query });
        return;
    }
    let course = world.catalog.popular(rng, rows.day);
    let member = rng.random_range(0..world.params.members);
    let fine = Rating { ts: world.calendar.micros(rows.day, ms), member: Some(member), course, value: 5.0, review: None };
    rows.ratings.push(break_rating(fine, kind));
}

fn break_rating(rating: Rating, kind: BrokenKind) -> Rating {
    match kind {
        BrokenKind::NegativeRating => Rating { value: -1.0, ..rating },
        BrokenKind::NanRating => Rating { value: f64::NAN, ..rating },
        BrokenKind::RatingAboveScale => Rating { value: 99.0, ..rating },
        BrokenKind::RatingWithoutUser => Rating { member: None, ..rating },
        _ => Rating { ts: before_epoch(rating.ts), ..rating },
    }
}

/// A moment of 1969 that keeps what distinguishes a timestamp within a day.
pub(crate) fn before_epoch(ts: i64) -> i64 {
    const DAY_US: i64 = 86_400_000_000;
    ts.rem_euclid(DAY_US) - DAY_US
}
