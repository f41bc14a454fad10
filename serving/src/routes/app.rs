//! What every route may use: the current snapshot, the members' names, the metrics, what keeps impressions.

use std::sync::Arc;

use crate::auth::Register;
use crate::config::Members;
use crate::current::Current;
use crate::feedback::Feedback;
use crate::metrics::Metrics;

/// Shared by all routes, the server and the reload.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) current: Arc<Current>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) members: Members,
    /// None where nobody is asked who they are.
    pub(crate) tokens: Option<Arc<Register>>,
    /// None where impressions are not kept.
    pub(crate) feedback: Option<Feedback>,
}
