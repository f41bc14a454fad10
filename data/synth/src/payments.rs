//! The table `payments`: membership by month or year, refunds, and courses bought one by one.
//!
//! What is due on a day follows from the member alone, so no ledger is kept. Amounts are positive; `kind` says which way
//! the money goes.

use std::sync::Arc;

use arrow::array::Int64Array;
use arrow::record_batch::RecordBatch;
use chrono::{Datelike, Months, NaiveDate};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::calendar::DAY_MS;
use crate::day::DayRows;
use crate::members::Member;
use crate::random::Trait;
use crate::schema::SideTable;
use crate::world::World;
use crate::write::{texts, timestamps};
use crate::{Plan, SynthError};

/// Membership begins to cost after 3 to 14 days.
const SHORTEST_TRIAL_DAYS: u64 = 3;
const TRIAL_SPREAD_DAYS: u64 = 12;
/// One payment in so many is refunded, 1 to 10 days later.
const PAYMENTS_PER_REFUND: u64 = 40;
const LONGEST_REFUND_DAYS: u64 = 10;
/// Share of course starts for which a free member buys the course.
const PURCHASE_SHARE: f64 = 0.1;
const CENTS_PER_USD_CENT: u32 = 7;

/// One row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Payment {
    pub(crate) ms: u32,
    pub(crate) member: u32,
    kind: &'static str,
    amount_cents: i64,
    plan: Option<Plan>,
    /// First day, and the day after the last one.
    period: Option<(i32, i32)>,
}

/// Adds the membership payments and refunds of a day, which may lie before the start.
pub(crate) fn add_due(world: &World, rows: &mut DayRows) {
    let today = world.calendar.date(rows.day);
    for (index, member) in world.members.iter().enumerate() {
        let Some(months) = months(member.plan) else { continue };
        if member.joined_day > rows.day || member.gone_day < rows.day - LONGEST_REFUND_DAYS as i32 {
            continue;
        }
        let index = index as u32;
        if let Some((kind, period)) = due(world, (index, member), months, today) {
            let amount_cents = price_cents(member);
            let ms = (world.fingerprint(Trait::Trial, u64::from(index)) >> 32) as u32 % DAY_MS;
            let (plan, period) = (Some(member.plan), Some(period));
            rows.payments.push(Payment { ms, member: index, kind, amount_cents, plan, period });
        }
    }
}

/// What is due today: a payment for the period that begins, or the refund of the period that runs.
fn due(world: &World, (index, member): (u32, &Member), months: u32, today: NaiveDate) -> Option<(&'static str, (i32, i32))> {
    let trial_days = SHORTEST_TRIAL_DAYS + world.fingerprint(Trait::Trial, u64::from(index)) % TRIAL_SPREAD_DAYS;
    let first = world.calendar.date(member.joined_day + trial_days as i32);
    if today < first {
        return None;
    }
    let mut period = elapsed_months(first, today) / months;
    let mut begins = first.checked_add_months(Months::new(period * months))?;
    if begins > today {
        period -= 1;
        begins = first.checked_add_months(Months::new(period * months))?;
    }
    let ends = first.checked_add_months(Months::new((period + 1) * months))?;
    let days = (world.calendar.day(begins), world.calendar.day(ends));
    let is_paid = days.0 < member.gone_day;
    let refund = refund_days(world, index, period).filter(|days| (today - begins).num_days() == i64::from(*days));
    match (is_paid, begins == today, refund) {
        (true, true, _) => Some(("payment", days)),
        (true, false, Some(_)) => Some(("refund", days)),
        _ => None,
    }
}

/// After how many days the payment of a period is refunded, if it is.
fn refund_days(world: &World, member: u32, period: u32) -> Option<u32> {
    let luck = world.fingerprint(Trait::Refund, u64::from(period) << 32 | u64::from(member));
    let days = 1 + (luck >> 32) % LONGEST_REFUND_DAYS;
    luck.is_multiple_of(PAYMENTS_PER_REFUND).then_some(days as u32)
}

/// Calendar months between two dates, by month numbers alone.
fn elapsed_months(from: NaiveDate, to: NaiveDate) -> u32 {
    let months = (to.year() - from.year()) * 12 + to.month() as i32 - from.month() as i32;
    months.unsigned_abs()
}

const fn months(plan: Plan) -> Option<u32> {
    match plan {
        Plan::Free => None,
        Plan::Monthly => Some(1),
        Plan::Yearly => Some(12),
    }
}

fn price_cents(member: &Member) -> i64 {
    match (member.plan, member.country().currency) {
        (Plan::Yearly, "CNY") => 49_800,
        (Plan::Yearly, _) => 8_900,
        (_, "CNY") => 4_900,
        _ => 900,
    }
}

/// Adds the purchase of a course that a free member starts at `ms`, if it costs anything and is bought.
pub(crate) fn purchase(world: &World, rng: &mut ChaCha8Rng, rows: &mut DayRows, (member, course, ms): (u32, u16, u32)) {
    let price = world.catalog.course(course).price_cents;
    let buyer = world.member(member);
    if buyer.plan != Plan::Free || price == 0 || !rng.random_bool(PURCHASE_SHARE) {
        return;
    }
    let price = if buyer.country().currency == "CNY" { price } else { price / CENTS_PER_USD_CENT };
    let amount_cents = i64::from(price);
    rows.payments.push(Payment { ms, member, kind: "purchase", amount_cents, plan: None, period: None });
}

pub(crate) fn batch(world: &World, day: i32, rows: &[Payment]) -> Result<RecordBatch, SynthError> {
    let midnight = |day: i32| world.calendar.micros(day, 0);
    let columns = vec![
        timestamps(rows.iter().map(|row| Some(world.calendar.micros(day, row.ms)))),
        texts(rows.iter().map(|row| Some(world.user_id(row.member)))),
        texts(rows.iter().map(|row| Some(row.kind))),
        Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.amount_cents))),
        texts(rows.iter().map(|row| Some(world.member(row.member).country().currency))),
        texts(rows.iter().map(|row| row.plan.map(Plan::name))),
        timestamps(rows.iter().map(|row| row.period.map(|period| midnight(period.0)))),
        timestamps(rows.iter().map(|row| row.period.map(|period| midnight(period.1)))),
    ];
    Ok(RecordBatch::try_new(SideTable::Payments.schema(), columns)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::members::HISTORY_DAYS;
    use crate::{Params, ValidParams};
    use std::collections::BTreeMap;

    #[test]
    fn periods_follow_one_another_without_gaps() {
        let world = World::new(ValidParams::try_from(&Params { members: 400, ..Params::default() }).unwrap());
        let mut paid_until = BTreeMap::new();
        for day in -HISTORY_DAYS..90 {
            let mut rows = DayRows { day, ..DayRows::default() };
            add_due(&world, &mut rows);
            for row in rows.payments.iter().filter(|row| row.kind == "payment") {
                let (begins, ends) = row.period.unwrap();
                assert_eq!(begins, day);
                assert!(begins < world.member(row.member).gone_day);
                assert_eq!(paid_until.insert(row.member, ends).unwrap_or(begins), begins);
            }
        }
        assert!(paid_until.len() > 100, "only {} payers", paid_until.len());
    }
}
