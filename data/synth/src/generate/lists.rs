//! The tables `members` and `courses`, written before the days.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Int32Array, Int64Array, ListBuilder, StringBuilder};
use arrow::record_batch::RecordBatch;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::catalog::Course;
use crate::course_titles::TOPICS;
use crate::random::{Stream, stream};
use crate::world::World;
use crate::write::{TableFolder, texts, timestamps};
use crate::{SynthError, TableSummary, schema};

pub(super) const MEMBERS: &str = "members";
pub(super) const COURSES: &str = "courses";
const BATCH_ROWS: usize = 8_192;
const REFERRED_SHARE: f64 = 0.18;
/// Attempts to find someone who was a member when the referred one joined.
const MAX_DRAWS: u32 = 4;
/// Courses come out at nine in the morning.
const PUBLISHED_MS: u32 = 9 * 3_600_000;

pub(super) fn write_members(world: &World, out: &Path) -> Result<TableSummary, SynthError> {
    let mut rng = stream(world.params.seed, Stream::Members, 0);
    let mut table = TableFolder::create(out, MEMBERS, schema::members())?;
    let indices: Vec<u32> = (0..world.params.members).collect();
    for chunk in indices.chunks(BATCH_ROWS) {
        table.write(&members(world, &mut rng, chunk)?)?;
    }
    table.finish()
}

fn members(world: &World, rng: &mut ChaCha8Rng, chunk: &[u32]) -> Result<RecordBatch, SynthError> {
    let rows = || chunk.iter().map(|index| world.member(*index));
    let joined_at = rows().map(|member| Some(world.calendar.micros(member.joined_day, member.joined_ms)));
    let columns: Vec<ArrayRef> = vec![
        texts(chunk.iter().map(|index| Some(world.user_id(*index)))),
        timestamps(joined_at),
        texts(chunk.iter().map(|index| referrer(world, rng, *index).map(|referrer| world.user_id(referrer)))),
        texts(rows().map(|member| Some(member.plan.name()))),
        texts(rows().map(|member| Some(member.country().language))),
        texts(rows().map(|member| Some(member.country().code))),
        Arc::new(rows().map(|member| Some(member.is_staff)).collect::<BooleanArray>()),
    ];
    Ok(RecordBatch::try_new(schema::members(), columns)?)
}

/// Who brought a member: someone who joined earlier and was still there, or nobody.
fn referrer(world: &World, rng: &mut ChaCha8Rng, member: u32) -> Option<u32> {
    if member == 0 || !rng.random_bool(REFERRED_SHARE) {
        return None;
    }
    let joined_day = world.member(member).joined_day;
    let mut draws = (0..MAX_DRAWS).map(|_| rng.random_range(0..member));
    draws.find(|other| world.member(*other).is_member_on(joined_day))
}

pub(super) fn write_courses(world: &World, out: &Path) -> Result<TableSummary, SynthError> {
    let mut table = TableFolder::create(out, COURSES, schema::courses())?;
    for chunk in world.catalog.courses.chunks(BATCH_ROWS) {
        table.write(&courses(world, chunk)?)?;
    }
    table.finish()
}

fn courses(world: &World, rows: &[Course]) -> Result<RecordBatch, SynthError> {
    let published_at = |course: &Course| world.calendar.micros(course.published_day, PUBLISHED_MS);
    let columns: Vec<ArrayRef> = vec![
        texts(rows.iter().map(|course| Some(&course.id))),
        texts(rows.iter().map(|course| Some(&course.title))),
        tags(rows),
        texts(rows.iter().map(|course| Some(world.user_id(course.author)))),
        timestamps(rows.iter().map(|course| Some(published_at(course)))),
        Arc::new(Int32Array::from_iter_values(rows.iter().map(|course| i32::from(course.lessons)))),
        texts(rows.iter().map(|course| Some(course.language))),
        Arc::new(Int64Array::from_iter_values(rows.iter().map(|course| i64::from(course.price_cents)))),
        texts(rows.iter().map(|course| Some(&course.description))),
    ];
    Ok(RecordBatch::try_new(schema::courses(), columns)?)
}

fn tags(rows: &[Course]) -> ArrayRef {
    let mut tags = ListBuilder::new(StringBuilder::new());
    for course in rows {
        for tag in &course.tags {
            tags.values().append_value(TOPICS[usize::from(*tag)].tag);
        }
        tags.append(true);
    }
    Arc::new(tags.finish())
}
