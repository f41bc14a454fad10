//! Lessons of a visit: one course at a time, lesson by lesson, to the end or until it is dropped.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::{NONE_COURSE, Planner, Progress};
use crate::Engagement;

/// Share of visits without a lesson.
const FORUM_ONLY_SHARE: f64 = 0.15;
/// Share of visits with lessons after which the course is dropped, for a course that is neither liked nor disliked.
const DROP_SHARE: f64 = 0.05;
const MAX_LESSONS: u16 = 7;

/// How a course stands at the end of a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Going,
    Finished,
    Dropped,
}

/// The lessons of one visit, all of one course.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Study {
    pub(crate) course: u16,
    /// Counts from 1.
    pub(crate) first_lesson: u16,
    pub(crate) lessons: u16,
    pub(crate) standing: Standing,
}

impl Planner<'_> {
    pub(super) fn study(&mut self, rng: &mut ChaCha8Rng, member: u32) -> Option<Study> {
        if rng.random_bool(FORUM_ONLY_SHARE) {
            return None;
        }
        if self.progress[member as usize].course == NONE_COURSE {
            self.enrol(rng, member);
        }
        let engagement = self.world.member(member).engagement;
        let progress = &mut self.progress[member as usize];
        let course = self.world.catalog.course(progress.course);
        let left = course.lessons - progress.next_lesson + 1;
        let lessons = draw_lessons(rng, engagement).min(left);
        let is_dropped = rng.random_bool(DROP_SHARE * f64::from(-course.quality).exp().min(2.0));
        let standing = match (lessons == left, is_dropped) {
            (true, _) => Standing::Finished,
            (false, true) => Standing::Dropped,
            (false, false) => Standing::Going,
        };
        let study = Study { course: progress.course, first_lesson: progress.next_lesson, lessons, standing };
        advance(progress, study);
        Some(study)
    }

    fn enrol(&mut self, rng: &mut ChaCha8Rng, member: u32) {
        let taste = self.world.catalog.taste(member);
        let progress = &mut self.progress[member as usize];
        progress.course = self.world.catalog.choose(rng, &taste, self.day, &progress.recent);
        progress.next_lesson = 1;
    }
}

fn advance(progress: &mut Progress, study: Study) {
    progress.next_lesson += study.lessons;
    if study.standing != Standing::Going {
        progress.recent.rotate_right(1);
        progress.recent[0] = study.course;
        progress.course = NONE_COURSE;
    }
}

fn draw_lessons(rng: &mut ChaCha8Rng, engagement: Engagement) -> u16 {
    let one_more = match engagement {
        Engagement::Casual => 0.45,
        Engagement::Regular => 0.6,
        Engagement::Devoted => 0.68,
    };
    let mut lessons = 1;
    while lessons < MAX_LESSONS && rng.random_bool(one_more) {
        lessons += 1;
    }
    lessons
}
