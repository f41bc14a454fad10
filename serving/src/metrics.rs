//! What an operator's monitoring reads. Counts only: labels are route patterns and outcomes, never anything a client chose.

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

type Labels<const N: usize> = [(&'static str, &'static str); N];

/// Upper bounds in seconds: a list takes microseconds, the request limit is 2 s.
const DURATION_BOUNDS_S: [f64; 10] = [0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.005, 0.025, 0.1, 0.5, 2.0];

/// All metrics of one sidecar.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Labels<2>, Counter>,
    durations: Family<Labels<1>, Histogram, fn() -> Histogram>,
    /// Requests being answered.
    pub(crate) in_flight: Gauge,
    /// Open connections.
    pub(crate) connections: Gauge,
    /// Lists that could not be read, and were answered with popular courses.
    pub(crate) list_failures: Counter,
    /// Impressions that are on the disk.
    pub(crate) impressions: Counter,
    /// 1 while something newer than the served snapshot can't be served.
    pub(crate) reload_failing: Gauge,
    snapshot_number: Gauge,
    snapshot_as_of: Gauge,
    activations: Family<Labels<1>, Counter>,
}

/// How looking at a new snapshot ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Activation {
    /// It is served.
    Success,
    /// The old one is still served.
    Failure,
}

impl Activation {
    fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
        }
    }
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("hachi"),
            requests: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(DURATION_BOUNDS_S)),
            in_flight: Gauge::default(),
            connections: Gauge::default(),
            list_failures: Counter::default(),
            impressions: Counter::default(),
            reload_failing: Gauge::default(),
            snapshot_number: Gauge::default(),
            snapshot_as_of: Gauge::default(),
            activations: Family::default(),
        };
        metrics.register();
        // Present from the start, so that a rate over them starts at zero.
        metrics.activations.get_or_create(&[("result", Activation::Success.as_str())]).inc_by(0);
        metrics.activations.get_or_create(&[("result", Activation::Failure.as_str())]).inc_by(0);
        metrics
    }

    fn register(&mut self) {
        let to = &mut self.registry;
        to.register("http_requests", "Requests answered, by route and status class", self.requests.clone());
        to.register("http_request_duration_seconds", "Time from head to answer, by route", self.durations.clone());
        to.register("http_requests_in_flight", "Requests being answered", self.in_flight.clone());
        to.register("connections", "Open connections", self.connections.clone());
        to.register("list_failures", "Damaged lists answered with popular courses", self.list_failures.clone());
        to.register("impressions", "Impressions kept for the next batch", self.impressions.clone());
        to.register("reload_failing", "1 while something newer can't be served", self.reload_failing.clone());
        to.register("snapshot_number", "Number of the served snapshot, 0 without one", self.snapshot_number.clone());
        to.register("snapshot_as_of_timestamp_seconds", "Moment the served snapshot describes", self.snapshot_as_of.clone());
        to.register("snapshot_activations", "Snapshots activated, or newly found unusable", self.activations.clone());
    }

    /// Counts one answered request.
    pub(crate) fn answered(&self, route: &'static str, status: u16, seconds: f64) {
        self.requests.get_or_create(&[("route", route), ("class", class(status))]).inc();
        self.durations.get_or_create(&[("route", route)]).observe(seconds);
    }

    /// Counts one attempt to activate a snapshot.
    pub(crate) fn tried(&self, result: Activation) {
        self.activations.get_or_create(&[("result", result.as_str())]).inc();
    }

    /// Says which snapshot is served: its number, and its moment in seconds since 1970.
    pub(crate) fn serves(&self, number: u64, as_of_s: i64) {
        self.snapshot_number.set(i64::try_from(number).unwrap_or(i64::MAX));
        self.snapshot_as_of.set(as_of_s);
    }

    /// Everything, as OpenMetrics text.
    pub(crate) fn render(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

fn class(status: u16) -> &'static str {
    match status {
        ..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        500.. => "5xx",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renders_what_was_counted() {
        let metrics = Metrics::new();
        metrics.answered("/livez", 204, 0.001);
        metrics.tried(Activation::Failure);
        metrics.serves(42, 1_700_000_000);
        let text = metrics.render().unwrap();
        for line in [
            "hachi_http_requests_total{route=\"/livez\",class=\"2xx\"} 1",
            "hachi_snapshot_activations_total{result=\"failure\"} 1",
            "hachi_snapshot_activations_total{result=\"success\"} 0",
            "hachi_snapshot_number 42",
            "hachi_snapshot_as_of_timestamp_seconds 1700000000",
        ] {
            assert!(text.contains(line), "`{line}` is not in:\n{text}");
        }
    }
}
