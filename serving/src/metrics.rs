//! What an operator's monitoring reads. Counts only: labels are route patterns and outcomes, never anything a client chose.

mod by_route;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use by_route::ByRoute;

type Labels<const N: usize> = [(&'static str, &'static str); N];

/// All metrics of one sidecar.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: ByRoute,
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
    /// 1 while the tokens' file can't be used, and older tokens are in force.
    pub(crate) tokens_failing: Gauge,
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
        let mut registry = Registry::with_prefix("hachi");
        let mut metrics = Self {
            requests: ByRoute::new(&mut registry),
            registry,
            in_flight: Gauge::default(),
            connections: Gauge::default(),
            list_failures: Counter::default(),
            impressions: Counter::default(),
            reload_failing: Gauge::default(),
            tokens_failing: Gauge::default(),
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
        to.register("http_requests_in_flight", "Requests being answered", self.in_flight.clone());
        to.register("connections", "Open connections", self.connections.clone());
        to.register("list_failures", "Damaged lists answered with popular courses", self.list_failures.clone());
        to.register("impressions", "Impressions kept for the next batch", self.impressions.clone());
        to.register("reload_failing", "1 while something newer can't be served", self.reload_failing.clone());
        to.register("tokens_failing", "1 while the tokens' file can't be used and older tokens are in force", self.tokens_failing.clone());
        to.register("snapshot_number", "Number of the served snapshot, 0 without one", self.snapshot_number.clone());
        to.register("snapshot_as_of_timestamp_seconds", "Moment the served snapshot describes", self.snapshot_as_of.clone());
        to.register("snapshot_activations", "Snapshots activated, or newly found unusable", self.activations.clone());
    }

    /// Counts one answered request.
    pub(crate) fn answered(&self, route: &'static str, status: u16, seconds: f64) {
        self.requests.answered(route, status, seconds);
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
