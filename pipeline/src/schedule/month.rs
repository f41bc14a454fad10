//! A month by a fake clock: days that are run, killed in the middle, run longer than the time between them, and clocks that change.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Datelike, TimeDelta, TimeZone, Utc};
use chrono_tz::Europe::Berlin as BERLIN;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::keeper::{Turn, begin, end, turn};
use super::{Calendar, Job, Missed, Slot, State, Verdict};

/// A job that is due every day at half past two, when clocks change.
pub fn job(name: &str) -> Job {
    Job {
        name: name.to_owned(),
        calendar: Calendar::new("30 2 * * *", BERLIN).expect("a cron expression"),
        command: vec!["run".to_owned()],
        missed: Missed::RunAll,
        retries: 3,
        backoff: Duration::from_mins(1),
        timeout: Duration::from_hours(1),
    }
}

/// What happened, by job and time.
#[derive(Default)]
struct World {
    /// Commits: what `hachi run` publishes.
    commits: BTreeMap<(String, Slot), usize>,
    /// Ends that were remembered.
    done: BTreeMap<(String, Slot), usize>,
    /// Crashes in all, and those between a commit and its memory.
    crashes: (usize, usize),
}

/// Chances, out of a hundred.
struct Weather {
    crash: u32,
    fails: u32,
    longest: TimeDelta,
}

/// In memory where there is such a folder: a month is synced thousands of times.
fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.expect("a writable folder")
}

/// Lets a scheduler of `jobs` live from `start` to `until`. The machine may crash before a run commits and before its end is
/// remembered; it is then down for up to two days, and what is remembered is read from disk.
fn live(jobs: &[Job], (start, until): (DateTime<Utc>, DateTime<Utc>), weather: &Weather, seed: u64) -> World {
    let folder = folder();
    let folder = State::folder(folder.path());
    let load = || State::load(&folder).expect("what was remembered");
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let (mut world, mut now, mut state) = (World::default(), start, load());
    while now < until {
        let (job, slot, attempt) = match turn(jobs, &mut state, (now, now)).expect("a writable folder") {
            Turn::Begin { job, slot, attempt } => (job, slot, attempt),
            Turn::Wait(next) => {
                now = next.expect("every day has a next");
                continue;
            }
        };
        begin(&mut state, job, (slot, attempt)).expect("a writable folder");
        let is_done = random.random_range(0..100) >= weather.fails || attempt > job.retries;
        let crash = (random.random_range(0..100) < weather.crash).then(|| random.random_bool(0.5));
        if is_done && crash != Some(false) {
            *world.commits.entry((job.name.clone(), slot)).or_default() += 1;
        }
        if let Some(is_late) = crash {
            world.crashes.0 += 1;
            world.crashes.1 += usize::from(is_done && is_late);
            now += TimeDelta::minutes(random.random_range(1..2_880));
            state = load();
            continue;
        }
        now += TimeDelta::minutes(random.random_range(1..=weather.longest.num_minutes()));
        if is_done {
            *world.done.entry((job.name.clone(), slot)).or_default() += 1;
        }
        let verdict = if is_done { Verdict::Done } else { Verdict::MayPass };
        end(&mut state, job, (verdict, "x".to_owned()), now).expect("a writable folder");
    }
    world
}

/// The first moments of a month of 2026 and of the next; clocks go on on March 29 and back on October 25.
fn month(month: u32) -> (DateTime<Utc>, DateTime<Utc>) {
    let first = |month| BERLIN.with_ymd_and_hms(2026, month, 1, 0, 0, 0).single().expect("a midnight").to_utc();
    (first(month), first(month + 1))
}

/// Local days of a month on which `name` was done, with how often.
fn days(world: &World, name: &str, (start, end): (DateTime<Utc>, DateTime<Utc>)) -> Vec<(u32, usize)> {
    let of = world.done.iter().filter(|((job, slot), _)| job == name && *slot >= start && *slot < end);
    of.map(|((_, slot), times)| (slot.with_timezone(&BERLIN).day(), *times)).collect()
}

/// Long enough after a month for a scheduler that crashed to catch up with it.
const AFTER: TimeDelta = TimeDelta::days(45);

#[test]
fn each_day_of_a_month_is_done_once_whatever_happens() {
    let weather = Weather { crash: 12, fails: 20, longest: TimeDelta::hours(28) };
    let mut crashes = (0, 0);
    for of in [3, 10] {
        for seed in 0..40 {
            let (start, end) = month(of);
            let world = live(&[job("nightly")], (start, end + AFTER), &weather, seed);
            let once: Vec<(u32, usize)> = (1..=31).map(|day| (day, 1)).collect();
            assert_eq!(days(&world, "nightly", (start, end)), once, "month {of}, seed {seed}");
            // A commit is repeated only where the crash came before anybody could remember it; its content is the same.
            let again: usize = world.commits.values().map(|times| times - 1).sum();
            let unfinished = world.commits.keys().filter(|slot| !world.done.contains_key(*slot)).count();
            assert_eq!(again + unfinished, world.crashes.1, "month {of}, seed {seed}");
            crashes = (crashes.0 + world.crashes.0, crashes.1 + world.crashes.1);
        }
    }
    assert!(crashes.0 > 500 && crashes.1 > 150, "only {crashes:?} crashes");
}

#[test]
fn a_run_that_takes_longer_than_a_day_leaves_days_out_where_that_is_asked_for() {
    let weather = Weather { crash: 0, fails: 0, longest: TimeDelta::hours(60) };
    for missed in [Missed::RunOnce, Missed::Skip] {
        let world = live(&[Job { missed, ..job("nightly") }], month(10), &weather, 7);
        let days = days(&world, "nightly", month(10));
        assert!((5..31).contains(&days.len()) && days.iter().all(|(_, times)| *times == 1), "{missed:?}: {days:?}");
        assert_eq!(world.commits, world.done);
    }
}

#[test]
fn jobs_take_turns_and_none_is_forgotten() {
    let weather = Weather { crash: 5, fails: 10, longest: TimeDelta::hours(6) };
    let later = Job { calendar: Calendar::new("0 3 * * *", BERLIN).expect("a cron expression"), ..job("later") };
    for seed in 0..20 {
        let (start, end) = month(10);
        let world = live(&[job("nightly"), later.clone()], (start, end + AFTER), &weather, seed);
        for name in ["nightly", "later"] {
            assert_eq!(days(&world, name, (start, end)).len(), 31, "{name}, seed {seed}");
        }
    }
}

#[test]
fn a_loop_that_ends_leaves_what_became_due_meanwhile() {
    let folder = folder();
    let mut state = State::load(&State::folder(folder.path())).expect("nothing is there yet");
    let (jobs, (start, _)) = ([job("nightly")], month(10));
    let late = start + TimeDelta::days(2);
    let Turn::Begin { job, slot, attempt } = turn(&jobs, &mut state, (start, start)).expect("writable") else {
        unreachable!("it never ran")
    };
    begin(&mut state, job, (slot, attempt)).expect("writable");
    assert!(
        matches!(turn(&jobs, &mut state, (late, start)), Ok(Turn::Begin { slot: again, .. }) if again == slot),
        "it was stopped in the middle"
    );
    end(&mut state, job, (Verdict::Done, "x".to_owned()), late).expect("writable");
    assert!(matches!(turn(&jobs, &mut state, (late, start)), Ok(Turn::Wait(None))));
    assert!(matches!(turn(&jobs, &mut state, (late, late)), Ok(Turn::Begin { slot: next, .. }) if next > slot));
}
