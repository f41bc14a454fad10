//! The table `moderation`: what moderators do about posts.

use arrow::record_batch::RecordBatch;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::SynthError;
use crate::calendar::DAY_MS;
use crate::day::DayRows;
use crate::planner::{Act, ActKind};
use crate::schema::SideTable;
use crate::world::World;
use crate::write::{texts, timestamps};

/// Share of posts on which a moderator acts.
const UPHELD_SHARE: f64 = 0.02;
/// Milliseconds until a moderator acts.
const DELAY_MS: std::ops::Range<u32> = 120_000..7_200_000;
const ACTIONS: [&str; 6] = ["delete_post", "delete_post", "delete_post", "warn", "warn", "mute"];
const REASONS: [Option<&str>; 6] = [Some("spam"), Some("advertising"), Some("off_topic"), Some("abuse"), Some("plagiarism"), None];

/// One row: a measure against a member.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measure {
    pub(crate) ms: u32,
    pub(crate) member: u32,
    action: &'static str,
    reason: Option<&'static str>,
}

/// Reviews an act, if it is one that shows text to others.
pub(crate) fn review(rng: &mut ChaCha8Rng, rows: &mut DayRows, member: u32, act: &Act) {
    let is_text = matches!(act.kind, ActKind::Topic | ActKind::Post | ActKind::Reply | ActKind::Comment);
    if !is_text || !rng.random_bool(UPHELD_SHARE) {
        return;
    }
    let ms = (act.at_ms + rng.random_range(DELAY_MS)).min(DAY_MS - 1);
    let action = ACTIONS[rng.random_range(0..ACTIONS.len())];
    let reason = REASONS[rng.random_range(0..REASONS.len())];
    rows.moderation.push(Measure { ms, member, action, reason });
}

pub(crate) fn batch(world: &World, day: i32, rows: &[Measure]) -> Result<RecordBatch, SynthError> {
    let columns = vec![
        timestamps(rows.iter().map(|row| Some(world.calendar.micros(day, row.ms)))),
        texts(rows.iter().map(|row| Some(world.user_id(row.member)))),
        texts(rows.iter().map(|row| Some(row.action))),
        texts(rows.iter().map(|row| row.reason)),
    ];
    Ok(RecordBatch::try_new(SideTable::Moderation.schema(), columns)?)
}
