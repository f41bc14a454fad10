//! A planned visit, rendered: sessions in the log, and what the visit leaves in the other tables.

use std::ops::Range;

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, LogNormal};

use crate::day::DayRows;
use crate::hits::{Actor, Query};
use crate::pages::Page;
use crate::planner::{Act, ActKind, DayPlan, Standing, Study, Visit};
use crate::walk::Walk;
use crate::world::World;
use crate::{exposures, impressions, interactions, moderation, payments, ratings};

/// Share of visits that begin before logging in.
const LOGIN_SHARE: f64 = 0.12;
const CATALOG_SHARE: f64 = 0.3;
const FORUM_SHARE: f64 = 0.5;
const ONE_MORE_TOPIC: f64 = 0.7;
const ACCOUNT_SHARE: f64 = 0.07;
/// Share of lessons before which the member goes away, for between forty minutes and four hours: a new session.
const BREAK_SHARE: f64 = 0.12;
const BREAK_MS: Range<u32> = 2_400_000..14_400_000;
/// Time on a lesson: median five minutes, with a long tail below the gap that ends a session.
const MEDIAN_LESSON_MS: f64 = 300_000.0;
const LESSON_SPREAD: f64 = 0.6;
const LONGEST_LESSON_MS: u32 = 1_680_000;

/// Renders a visit with its acts.
pub(crate) fn render((world, plan): (&World, &DayPlan), rng: &mut ChaCha8Rng, rows: &mut DayRows, visit: &Visit, acts: &[Act]) {
    exposures::add(rows, visit);
    let clicked = impressions::add(world, rng, rows, visit);
    let mut walk = Walk {
        hits: &mut rows.hits,
        rng,
        actor: Actor::member(visit.member),
        clock_ms: visit.start_ms,
        query: Query::None,
        lateness: visit.idle_days,
    };
    arrive(&mut walk, clicked);
    for act in acts {
        perform(&mut walk, act);
    }
    if walk.rng.random_bool(FORUM_SHARE) {
        browse_forum(&mut walk, &plan.topics);
    }
    let learned_ms = visit.study.map(|study| learn(&mut walk, study));
    leave(&mut walk, world.member(visit.member).is_staff);
    for act in acts {
        interactions::add_act(world, rng, rows, visit.member, act);
        moderation::review(rng, rows, visit.member, act);
    }
    if let (Some(study), Some(ms)) = (visit.study, learned_ms) {
        finish(world, rng, rows, (visit.member, study, ms));
    }
}

/// What the end of the lessons leaves behind.
fn finish(world: &World, rng: &mut ChaCha8Rng, rows: &mut DayRows, (member, study, ms): (u32, Study, u32)) {
    if study.first_lesson == 1 {
        payments::purchase(world, rng, rows, (member, study.course, ms));
    }
    if study.standing == Standing::Finished {
        interactions::add_completion(rows, member, study.course, ms);
    }
    if study.standing != Standing::Going {
        ratings::add(world, rng, rows, (member, study, ms));
    }
}

fn arrive(walk: &mut Walk, clicked: Option<u16>) {
    if walk.rng.random_bool(LOGIN_SHARE) {
        walk.page(Page::Login);
        walk.wait(40..200);
    }
    walk.page(Page::Home);
    walk.assets(3);
    walk.wait(2_000..12_000);
    if let Some(course) = clicked {
        walk.page_of(Page::Course, u32::from(course), 0);
        walk.wait(4_000..9_000);
    }
}

fn perform(walk: &mut Walk, act: &Act) {
    walk.wait_until(act.at_ms.saturating_sub(6_000));
    let page = match act.kind {
        ActKind::Topic => Page::PostTopic,
        ActKind::Reply | ActKind::Post | ActKind::AnswerAccepted => Page::Reply,
        ActKind::Like => Page::Like,
        ActKind::Share | ActKind::Follow => Page::Topic,
        ActKind::Comment | ActKind::Bookmark => Page::Course,
    };
    let first = if act.kind == ActKind::Topic { Page::NewTopic } else { Page::Topic };
    walk.page_of(first, act.topic, 0);
    walk.wait_until(act.at_ms);
    let subject = if page == Page::Course { u32::from(act.course) } else { act.topic };
    walk.page_of(page, subject, 0);
    walk.wait(300..900);
}

/// Reads some of the recent topics, the latest most of all.
fn browse_forum(walk: &mut Walk, topics: &Range<u32>) {
    walk.wait(3_000..20_000);
    walk.page(Page::Forum);
    while !topics.is_empty() && walk.rng.random_bool(ONE_MORE_TOPIC) {
        walk.wait(5_000..120_000);
        let age = walk.rng.random::<f64>().powi(4) * f64::from(topics.end - topics.start);
        walk.page_of(Page::Topic, topics.end - 1 - age as u32, 0);
    }
}

/// Goes through the lessons; gives the moment at which the last one ends.
fn learn(walk: &mut Walk, study: Study) -> u32 {
    let course = u32::from(study.course);
    walk.wait(5_000..40_000);
    if walk.rng.random_bool(CATALOG_SHARE) {
        walk.page(Page::Courses);
        walk.wait(4_000..30_000);
    }
    if walk.rng.random_bool(0.06) {
        walk.page_of(Page::CourseSlash, course, 0);
        walk.wait(20..90);
    }
    walk.page_of(Page::Course, course, 0);
    for lesson in study.first_lesson..study.first_lesson + study.lessons {
        watch(walk, course, lesson);
    }
    walk.now_ms()
}

fn watch(walk: &mut Walk, course: u32, lesson: u16) {
    if walk.rng.random_bool(BREAK_SHARE) {
        walk.wait(BREAK_MS);
    }
    walk.wait(2_000..15_000);
    walk.page_of(Page::Lesson, course, lesson);
    walk.wait(30..160);
    walk.asset(3);
    walk.asset(4);
    let third = dwell_ms(walk.rng) / 3;
    for _ in 0..3 {
        walk.wait(third * 4 / 5..third * 6 / 5);
        walk.page_of(Page::LessonProgress, course, lesson);
    }
}

fn dwell_ms(rng: &mut ChaCha8Rng) -> u32 {
    let dwell = LogNormal::new(MEDIAN_LESSON_MS.ln(), LESSON_SPREAD).map_or(MEDIAN_LESSON_MS, |law| law.sample(rng));
    (dwell as u32).clamp(20_000, LONGEST_LESSON_MS)
}

fn leave(walk: &mut Walk, is_staff: bool) {
    if walk.rng.random_bool(ACCOUNT_SHARE) {
        walk.wait(3_000..30_000);
        walk.page(Page::Account);
    }
    if !is_staff {
        return;
    }
    for page in [Page::Admin, Page::AdminReports, Page::Admin] {
        walk.wait(10_000..90_000);
        walk.page(page);
    }
}
