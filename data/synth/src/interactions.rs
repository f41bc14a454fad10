//! The table `interactions`: what members do towards one another, and courses they complete.

use arrow::record_batch::RecordBatch;
use rand_chacha::ChaCha8Rng;

use crate::SynthError;
use crate::day::DayRows;
use crate::forum_phrases;
use crate::pages::topic_id;
use crate::planner::{Act, ActKind};
use crate::schema::SideTable;
use crate::world::World;
use crate::write::{texts, timestamps};

/// What an interaction is about.
#[derive(Clone, Copy, Debug)]
enum Target {
    Topic(u32),
    Course(u16),
    Member(u32),
}

/// One row.
#[derive(Clone, Debug)]
pub(crate) struct Interaction {
    pub(crate) ms: u32,
    pub(crate) member: u32,
    kind: &'static str,
    target_member: Option<u32>,
    target: Target,
    course: Option<u16>,
    text: Option<String>,
}

pub(crate) fn add_act(world: &World, rng: &mut ChaCha8Rng, rows: &mut DayRows, member: u32, act: &Act) {
    let target = match (act.kind, act.target) {
        (ActKind::Follow, Some(other)) => Target::Member(other),
        (ActKind::Comment | ActKind::Bookmark, _) => Target::Course(act.course),
        _ => Target::Topic(act.topic),
    };
    let target_member = match act.kind {
        ActKind::Comment => Some(world.catalog.course(act.course).author),
        ActKind::Bookmark => None,
        _ => act.target,
    };
    rows.interactions.push(Interaction {
        ms: act.at_ms,
        member,
        kind: name(act.kind),
        target_member,
        target,
        course: (act.kind != ActKind::Follow).then_some(act.course),
        text: forum_phrases::text(world, rng, member, act),
    });
}

pub(crate) fn add_completion(rows: &mut DayRows, member: u32, course: u16, ms: u32) {
    rows.interactions.push(Interaction {
        ms,
        member,
        kind: "complete",
        target_member: None,
        target: Target::Course(course),
        course: Some(course),
        text: None,
    });
}

pub(crate) fn batch(world: &World, day: i32, rows: &[Interaction]) -> Result<RecordBatch, SynthError> {
    let course_id = |course: u16| world.catalog.course(course).id.clone();
    let target_id = |target: Target| match target {
        Target::Topic(number) => topic_id(number).to_string(),
        Target::Course(course) => course_id(course),
        Target::Member(member) => world.user_id(member).to_string(),
    };
    let columns = vec![
        timestamps(rows.iter().map(|row| Some(world.calendar.micros(day, row.ms)))),
        texts(rows.iter().map(|row| Some(world.user_id(row.member)))),
        texts(rows.iter().map(|row| Some(row.kind))),
        texts(rows.iter().map(|row| row.target_member.map(|member| world.user_id(member)))),
        texts(rows.iter().map(|row| Some(target_id(row.target)))),
        texts(rows.iter().map(|row| row.course.map(course_id))),
        texts(rows.iter().map(|row| row.text.as_ref())),
    ];
    Ok(RecordBatch::try_new(SideTable::Interactions.schema(), columns)?)
}

const fn name(kind: ActKind) -> &'static str {
    match kind {
        ActKind::Topic => "topic",
        ActKind::Post => "post",
        ActKind::Reply => "reply",
        ActKind::Like => "like",
        ActKind::Share => "share",
        ActKind::Comment => "comment",
        ActKind::AnswerAccepted => "answer_accepted",
        ActKind::Follow => "follow",
        ActKind::Bookmark => "bookmark",
    }
}
