//! A run that has published, as its report tells it.

use crate::commands::summary::Facts;
use crate::config::Config;
use crate::observability::{RunReport, SourceRows, StepAction};
use crate::run::RunOutcome;

/// A run that has published.
#[derive(Debug)]
pub struct Published {
    /// What came out.
    pub outcome: RunOutcome,
    /// What the snapshot says of it.
    pub facts: Facts,
    /// The configuration it ran with.
    pub config: Config,
}

impl Published {
    /// Fills in what is known of a run that has published.
    pub fn fill(&self, report: &mut RunReport) {
        let manifest = &self.outcome.manifest;
        report.lake.clone_from(&self.config.lake);
        report.content_hash = Some(manifest.content_hash.clone());
        report.steps.clone_from(&self.outcome.steps);
        report.contract.clone_from(&self.outcome.contract);
        report.tables = manifest.tables.iter().map(|table| (table.name.clone(), table.rows)).collect();
        report.warnings = manifest.checks.iter().filter(|check| !check.passed).cloned().collect();
        let Facts { sources, rejects, kpis, gate } = self.facts.clone();
        (report.sources, report.rejects, report.kpis, report.gate) = (sources, rejects, kpis, gate);
        let is_counted = !report.sources.is_empty();
        let sum = |of: fn(&SourceRows) -> u64| is_counted.then(|| report.sources.iter().map(of).sum());
        let (read, kept, rejected) = (sum(|s| s.rows_read), sum(|s| s.rows_kept), sum(|s| s.rows_rejected));
        let run = &mut report.run;
        (run.rows_read, run.rows_kept, run.rows_rejected) = (read, kept, rejected);
        (run.number, run.watermark) = (Some(manifest.number), manifest.watermark);
        let reused = report.steps.iter().filter(|step| step.action == StepAction::Reuse).count();
        (run.models_built, run.models_reused) = (Some((report.steps.len() - reused) as u64), Some(reused as u64));
        run.rows_written = Some(report.steps.iter().filter_map(|step| step.rows).sum());
    }
}
