//! How a check went, and what that means for the run.

use hachi_snapshot::{Check, Severity};

use super::super::ModelError;
use super::super::header::Checks;

/// What a failure of the checks named `kind`, or of the one named `name`, means.
pub(super) fn severity(checks: &Checks, kind: &str, name: &str) -> Severity {
    if checks.warn.iter().any(|warned| warned == kind || warned == name) { Severity::Warn } else { Severity::Error }
}

/// The outcome of a check that `failing` rows break.
pub(super) fn outcome(table: &str, check: String, severity: Severity, failing: u64) -> Check {
    let detail = match failing {
        0 => String::new(),
        1 => "1 row breaks it".to_owned(),
        rows => format!("{rows} rows break it"),
    };
    Check { model: table.to_owned(), check, passed: failing == 0, severity, failing_rows: failing, detail }
}

/// Whether `check` forbids to publish.
#[must_use]
pub fn blocking(check: &Check) -> bool {
    !check.passed && check.severity == Severity::Error
}

/// An error that names every check among `outcomes`, all of `table`, that forbids to publish.
///
/// # Errors
/// When there is one.
pub fn refuse(table: &str, outcomes: &[Check]) -> Result<(), ModelError> {
    let broken: Vec<String> = outcomes.iter().filter(|c| blocking(c)).map(|c| format!("{}: {}", c.check, c.detail)).collect();
    if broken.is_empty() {
        return Ok(());
    }
    Err(ModelError::Check { table: table.to_owned(), broken: broken.join("; ") })
}
