//! SIGKILL of a publication while it waits for the store, before or after a request is carried out.

use super::faults::{Moment, Plan};
use super::server::Server;
use super::{DAYS, Machine, run, seen};
use crate::patience::wait;
use crate::torture::places;

/// Requests at which it is killed where not at all.
const SOME: u64 = 5;

#[test]
fn a_run_is_killed_at_any_request() {
    let published = Server::start();
    let first = Machine::new(&published);
    first.run(DAYS[0]).ok();
    let before = seen(&published).expect("a snapshot").number;
    let counted = Server::like(&published);
    first.another_at(&counted).run(DAYS[1]).ok();
    let last = counted.requests();
    let (mut old, mut new) = (0, 0);
    for (place, moment) in places(last, SOME).into_iter().flat_map(|place| [(place, Moment::Before), (place, Moment::After)]) {
        let server = Server::like(&published);
        let machine = first.another_at(&server);
        server.plan(Plan::Stall(place, moment));
        let mut child = machine.site.start(&mut machine.command(&run(DAYS[1])));
        wait(|| server.is_stalled(), || format!("request {place} of {last} never came: {:?}", server.asked()));
        // SIGKILL: nothing of the run can clean up.
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
        server.plan(Plan::Never);
        let now = seen(&server).expect("a snapshot").number;
        assert!(now == before || now == before + 1, "{now} after a kill {moment:?} request {place}");
        *if now == before { &mut old } else { &mut new } += 1;
        // On this machine or on another.
        let next = if place % 2 == 0 { machine } else { first.another_at(&server) };
        next.run(DAYS[1]).ok();
        assert_eq!(seen(&server).and_then(|latest| latest.parent), Some(now));
    }
    println!("killed before and after some or all of {last} requests: {old} times the old snapshot, {new} times the new one");
    assert!(old > 0 && new > 0, "{old} old, {new} new");
}
