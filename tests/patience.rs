//! Waiting for another process, without a clock: so many looks, then the test fails.

use std::thread::sleep;
use std::time::Duration;

const LOOKS: usize = 6_000;
const PAUSE: Duration = Duration::from_millis(10);

/// Looks again and again whether `is_done`; the test fails with `state` after about a minute.
#[track_caller]
pub fn wait(is_done: impl Fn() -> bool, state: impl Fn() -> String) {
    for _ in 0..LOOKS {
        if is_done() {
            return;
        }
        sleep(PAUSE);
    }
    assert!(is_done(), "not in time: {}", state());
}
