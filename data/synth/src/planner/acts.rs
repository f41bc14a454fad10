//! What a member does in the community during a visit: topics, replies, likes and the rest.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::Planner;
use crate::calendar::DAY_MS;

/// Acts of one visit at most.
const MAX_ACTS: usize = 8;
/// Share of authors who accept an answer on a visit after it.
const ACCEPT_SHARE: f64 = 0.6;
const FIRST_ACT_MS: u32 = 25_000;
/// Milliseconds between acts.
const PAUSE_MS: std::ops::Range<u32> = 15_000..100_000;

/// What was done; the names are those of the column `kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ActKind {
    Topic,
    Post,
    Reply,
    Like,
    Share,
    Comment,
    AnswerAccepted,
    Follow,
    Bookmark,
}

/// One act. `target` is the member it is towards.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Act {
    pub(crate) kind: ActKind,
    pub(crate) at_ms: u32,
    pub(crate) topic: u32,
    pub(crate) course: u16,
    pub(crate) target: Option<u32>,
}

/// Kinds with their frequencies in percent.
const FREQUENCIES: [(ActKind, u32); 8] = [
    (ActKind::Like, 36),
    (ActKind::Reply, 24),
    (ActKind::Topic, 11),
    (ActKind::Comment, 9),
    (ActKind::Bookmark, 7),
    (ActKind::Share, 5),
    (ActKind::Follow, 4),
    (ActKind::Post, 4),
];

impl Planner<'_> {
    pub(super) fn act(&mut self, rng: &mut ChaCha8Rng, acts: &mut Vec<Act>, member: u32, start_ms: u32) {
        let one_more = self.world.member(member).engagement.one_more_act();
        let first = acts.len();
        let mut at_ms = start_ms + FIRST_ACT_MS;
        acts.extend(self.accept(rng, member, at_ms));
        while acts.len() - first < MAX_ACTS && rng.random_bool(one_more) {
            at_ms += rng.random_range(PAUSE_MS);
            if at_ms >= DAY_MS {
                return;
            }
            acts.push(self.one_act(rng, member, at_ms));
        }
    }

    fn accept(&mut self, rng: &mut ChaCha8Rng, member: u32, at_ms: u32) -> Option<Act> {
        let number = self.progress[member as usize].topic.checked_sub(1)?;
        let topic = self.board.topic(number)?;
        let answered_by = topic.answered_by?;
        if topic.is_settled || at_ms >= DAY_MS || !rng.random_bool(ACCEPT_SHARE) {
            return None;
        }
        topic.is_settled = true;
        let (topic, course) = (topic.number, topic.course);
        Some(Act { kind: ActKind::AnswerAccepted, at_ms, topic, course, target: Some(answered_by) })
    }

    fn one_act(&mut self, rng: &mut ChaCha8Rng, member: u32, at_ms: u32) -> Act {
        let kind = draw_kind(rng);
        if kind == ActKind::Topic {
            return self.post_topic(rng, member, at_ms);
        }
        match self.board.pick(rng, member, (self.day, at_ms)) {
            Some(topic) => {
                if kind == ActKind::Reply {
                    topic.answered_by = Some(member);
                }
                Act { kind, at_ms, topic: topic.number, course: topic.course, target: Some(topic.author) }
            }
            None => self.post_topic(rng, member, at_ms),
        }
    }

    fn post_topic(&mut self, rng: &mut ChaCha8Rng, member: u32, at_ms: u32) -> Act {
        let current = self.progress[member as usize].course;
        let is_learning = current != super::NONE_COURSE;
        let course = if is_learning { current } else { self.world.catalog.popular(rng, self.day) };
        let topic = self.board.post(member, course, (self.day, at_ms));
        self.progress[member as usize].topic = topic + 1;
        Act { kind: ActKind::Topic, at_ms, topic, course, target: None }
    }
}

fn draw_kind(rng: &mut ChaCha8Rng) -> ActKind {
    let mut left = rng.random_range(0..FREQUENCIES.iter().map(|(_, percent)| percent).sum());
    for (kind, percent) in FREQUENCIES {
        if left < percent {
            return kind;
        }
        left -= percent;
    }
    ActKind::Like
}
