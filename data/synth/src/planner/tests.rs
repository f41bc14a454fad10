//! The planner against the truth it promises.

use super::*;
use crate::{Params, ValidParams};

/// Standard errors a count may be off.
const STANDARD_ERRORS: f64 = 4.5;

fn world(members: u32, days: u32) -> World {
    World::new(ValidParams::try_from(&Params { members, days, ..Params::default() }).unwrap())
}

#[test]
fn activity_is_as_true_as_said() {
    let world = world(4_000, 12);
    let mut planner = Planner::new(&world);
    let (mut expected, mut variance, mut seen) = (0.0, 0.0, 0.0);
    for day in 0..12 {
        for (index, member) in world.members.iter().enumerate() {
            if member.is_member_on(day) && member.joined_day < day {
                let weekday = world.calendar.weekday(day);
                let p = Truth::daily_activity(member.engagement, weekday, planner.lift(index as u32));
                expected += p;
                variance += p * (1.0 - p);
            }
        }
        let visits = planner.next_day().visits;
        seen += visits.iter().filter(|visit| world.member(visit.member).joined_day < day).count() as f64;
    }
    assert!((seen - expected).abs() <= STANDARD_ERRORS * variance.sqrt(), "{seen} visits, expected {expected}");
}

#[test]
fn lessons_follow_one_another() {
    let world = world(200, 30);
    let mut planner = Planner::new(&world);
    let mut expected: Vec<(u16, u16)> = vec![(NONE_COURSE, 1); 200];
    for _ in 0..30 {
        for visit in planner.next_day().visits {
            let Some(study) = visit.study else { continue };
            let place = &mut expected[visit.member as usize];
            if place.0 == NONE_COURSE {
                *place = (study.course, 1);
            }
            assert_eq!((study.course, study.first_lesson), *place);
            let is_going = study.standing == Standing::Going;
            *place = if is_going { (study.course, study.first_lesson + study.lessons) } else { (NONE_COURSE, 1) };
        }
    }
}

#[test]
fn nobody_answers_before_the_question() {
    let world = world(400, 20);
    let mut planner = Planner::new(&world);
    let mut posted = std::collections::BTreeMap::new();
    let mut replies = 0;
    for day in 0..20 {
        for act in planner.next_day().acts {
            if act.kind == ActKind::Topic {
                posted.insert(act.topic, (day, act.at_ms));
            } else {
                replies += 1;
                assert!(posted[&act.topic] < (day, act.at_ms), "{act:?}");
            }
        }
    }
    assert!(replies > 100, "only {replies} acts");
}

#[test]
fn progress_takes_twenty_eight_bytes() {
    assert!(size_of::<Progress>() <= 28, "{}", size_of::<Progress>());
    assert!(size_of::<Visit>() <= 32, "{}", size_of::<Visit>());
}
