//! `hachi check`: is everything in order for a run? Nothing is computed or written to the lake.

use std::path::Path;

use super::{open, output, schedule};
use crate::run::check as check_project;

/// Validates configuration, sources and all SQL.
pub fn check(config: &Path) -> anyhow::Result<()> {
    let project = open::project_as_known(open::config(config, None, None)?)?;
    schedule::understand(&project.config.jobs)?;
    let now = open::now();
    open::block_on(project.config.engine.threads, async {
        let found = check_project(&project, now).await?;
        let rows = found.sources.iter().map(|s| vec![s.source.clone(), s.files.to_string(), output::thousands(s.rows)]);
        output::print(format_args!("{}", output::table(&["source", "files", "rows"], rows.collect(), &[1, 2])))?;
        for warning in &found.warnings {
            output::print(format_args!("warning: {} {}: {}", warning.model, warning.check, warning.detail))?;
        }
        output::print(format_args!("ok: {} and {} models", config.display(), found.models))?;
        Ok(())
    })
}
