//! Requests counted and timed by route. A route is looked up by its labels once: hashing them for every request would cost more than
//! what is counted.

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::Labels;

/// Upper bounds in seconds: a list takes microseconds, the request limit is 2 s.
const DURATION_BOUNDS_S: [f64; 10] = [0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.005, 0.025, 0.1, 0.5, 2.0];
/// By the first digit of a status.
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// All routes that have answered.
#[derive(Debug)]
pub(super) struct ByRoute {
    requests: Family<Labels<2>, Counter>,
    durations: Family<Labels<1>, Histogram, fn() -> Histogram>,
    /// As many as there are patterns, so that the first compared are nearly always the right ones.
    known: RwLock<Vec<Arc<Known>>>,
}

/// One route's own.
#[derive(Debug)]
struct Known {
    route: &'static str,
    requests: [OnceLock<Counter>; CLASSES.len()],
    duration: Histogram,
}

impl ByRoute {
    pub(super) fn new(to: &mut Registry) -> Self {
        let requests = Family::default();
        let durations = Family::new_with_constructor((|| Histogram::new(DURATION_BOUNDS_S)) as fn() -> Histogram);
        to.register("http_requests", "Requests answered, by route and status class", requests.clone());
        to.register("http_request_duration_seconds", "Time from head to answer, by route", durations.clone());
        Self { requests, durations, known: RwLock::default() }
    }

    /// Counts one answered request.
    pub(super) fn answered(&self, route: &'static str, status: u16, seconds: f64) {
        let known = self.find(route).unwrap_or_else(|| self.add(route));
        let class = usize::from(status / 100).clamp(1, CLASSES.len()) - 1;
        known.requests[class].get_or_init(|| self.requests.get_or_create_owned(&[("route", route), ("class", CLASSES[class])])).inc();
        known.duration.observe(seconds);
    }

    fn find(&self, route: &'static str) -> Option<Arc<Known>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.iter().find(|known| known.route == route).cloned()
    }

    fn add(&self, route: &'static str) -> Arc<Known> {
        // Two of one route, where two requests are the first at once, count into the same metrics.
        let duration = self.durations.get_or_create_owned(&[("route", route)]);
        let known = Arc::new(Known { route, requests: Default::default(), duration });
        self.known.write().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&known));
        known
    }
}
