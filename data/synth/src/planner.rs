//! Who does what on each day, decided day by day in order, since today depends on yesterday: lessons follow one another,
//! topics are answered, treatment works from the day after exposure.
//!
//! A plan holds visits, not rows; rendering a visit to rows needs nothing but the plan and the world. Progress takes 28 bytes
//! a member, a visit 32 bytes for each member active on the day.

use std::ops::Range;

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::Truth;
use crate::board::Board;
use crate::calendar::{DAY_MS, waking_moment};
use crate::random::{Stream, stream};
use crate::truth::EXPERIMENTS;
use crate::world::World;

mod acts;
mod learning;

pub(crate) use acts::{Act, ActKind};
pub(crate) use learning::{Standing, Study};

/// No course, no topic.
const NONE_COURSE: u16 = u16::MAX;
/// A session that starts later than this goes on after midnight if the member is active on the next day too.
const LATE_EVENING_MS: u32 = DAY_MS - 40 * 60_000;
const FIRST_VISIT_AFTER_JOINING_MS: u32 = 5_000;
const RECENT_COURSES: usize = 5;

/// One member's day.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    pub(crate) member: u32,
    pub(crate) start_ms: u32,
    pub(crate) study: Option<Study>,
    /// Bit e: exposed to experiment e for the first time.
    pub(crate) exposures: u8,
    /// How many days ago the member was last active, if that is one or two: rows may be late by so much.
    pub(crate) idle_days: Option<u8>,
    /// Number of the day's acts that are this visit's; acts are in order of visits.
    pub(crate) acts: u8,
}

/// One day of everyone.
#[derive(Clone, Debug)]
pub(crate) struct DayPlan {
    pub(crate) day: i32,
    pub(crate) visits: Vec<Visit>,
    pub(crate) acts: Vec<Act>,
    /// Topics of earlier days that are still read.
    pub(crate) topics: Range<u32>,
}

/// What changes about a member.
#[derive(Clone, Copy, Debug)]
struct Progress {
    last_active: i32,
    /// Number of the latest topic plus one, or 0.
    topic: u32,
    course: u16,
    next_lesson: u16,
    recent: [u16; RECENT_COURSES],
    exposed: u8,
    stayed_late: bool,
}

/// Plans days in order.
pub(crate) struct Planner<'w> {
    world: &'w World,
    progress: Vec<Progress>,
    board: Board,
    day: i32,
}

impl<'w> Planner<'w> {
    pub(crate) fn new(world: &'w World) -> Self {
        let fresh = Progress {
            last_active: i32::MIN / 2,
            topic: 0,
            course: NONE_COURSE,
            next_lesson: 1,
            recent: [NONE_COURSE; RECENT_COURSES],
            exposed: 0,
            stayed_late: false,
        };
        Self { world, progress: vec![fresh; world.members.len()], board: Board::default(), day: 0 }
    }

    /// The plan of the next day.
    pub(crate) fn next_day(&mut self) -> DayPlan {
        let mut rng = stream(self.world.params.seed, Stream::Plan, self.day as u64);
        let mut arrivals = self.arrivals(&mut rng);
        arrivals.sort_unstable();
        let visits = Vec::with_capacity(arrivals.len());
        let mut plan = DayPlan { day: self.day, visits, acts: Vec::new(), topics: self.board.remembered() };
        for (start_ms, member) in arrivals {
            self.receive(&mut rng, &mut plan, member, start_ms);
        }
        self.day += 1;
        plan
    }

    /// (start, member) of everyone active today.
    fn arrivals(&self, rng: &mut ChaCha8Rng) -> Vec<(u32, u32)> {
        let weekday = self.world.calendar.weekday(self.day);
        let mut arrivals = Vec::new();
        for (index, member) in self.world.members.iter().enumerate() {
            if !member.is_member_on(self.day) {
                continue;
            }
            let index = index as u32;
            let is_first_day = member.joined_day == self.day;
            let probability = Truth::daily_activity(member.engagement, weekday, self.lift(index));
            if is_first_day || rng.random_bool(probability.min(1.0)) {
                arrivals.push((self.start(rng, index), index));
            }
        }
        arrivals
    }

    fn start(&self, rng: &mut ChaCha8Rng, index: u32) -> u32 {
        let member = self.world.member(index);
        let progress = &self.progress[index as usize];
        if member.joined_day == self.day {
            return member.joined_ms + FIRST_VISIT_AFTER_JOINING_MS;
        }
        if progress.stayed_late && progress.last_active == self.day - 1 {
            return rng.random_range(10_000..600_000);
        }
        waking_moment(rng)
    }

    /// The lift of all treatments the member was exposed to on earlier days.
    fn lift(&self, member: u32) -> f64 {
        let exposed = self.progress[member as usize].exposed;
        let mut factor = 1.0;
        for (index, experiment) in EXPERIMENTS.iter().enumerate() {
            if exposed & (1 << index) != 0 && self.world.is_treated(index, member) {
                factor *= 1.0 + experiment.lift;
            }
        }
        factor - 1.0
    }

    fn receive(&mut self, rng: &mut ChaCha8Rng, plan: &mut DayPlan, member: u32, start_ms: u32) {
        let acts_before = plan.acts.len();
        self.act(rng, &mut plan.acts, member, start_ms);
        let acts = (plan.acts.len() - acts_before) as u8;
        let study = self.study(rng, member);
        let idle_days = self.day - self.progress[member as usize].last_active;
        let visit = Visit {
            member,
            start_ms,
            study,
            exposures: self.expose(member),
            idle_days: matches!(idle_days, 1 | 2).then_some(idle_days as u8),
            acts,
        };
        let progress = &mut self.progress[member as usize];
        progress.last_active = self.day;
        progress.stayed_late = start_ms >= LATE_EVENING_MS;
        plan.visits.push(visit);
    }

    /// Exposes the member to every experiment that runs; gives those that are new to the member.
    fn expose(&mut self, member: u32) -> u8 {
        let mut running = 0;
        for index in 0..EXPERIMENTS.len() {
            if self.day >= self.world.experiment_start(index) {
                running |= 1 << index;
            }
        }
        let progress = &mut self.progress[member as usize];
        let new = running & !progress.exposed;
        progress.exposed |= running;
        new
    }
}

#[cfg(test)]
mod tests;
