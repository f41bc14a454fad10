//! Exit codes that scripts can rely on, and the last words on stderr.

use std::io;

use anstyle::{AnsiColor, Style};
use hachi_snapshot::ErasureError;

use super::audit::BrokenAudit;
use super::verify::Damaged;
use crate::config::ConfigError;
use crate::evaluate::EvaluateError;
use crate::ingest::IngestError;
use crate::models::ModelError;
use crate::recommend::LearnError;
use crate::run::{RollbackError, RunError};
use crate::sources::SourceError;

/// Anything without a code of its own.
pub const FAILURE: u8 = 1;
/// The command line is wrong; clap's own code.
pub const USAGE: u8 = 2;
/// `hachi.toml`, a model or a selection is wrong.
pub const CONFIGURATION: u8 = 3;
/// The site's data can't be used.
pub const INPUT: u8 = 4;
/// A blocking check failed; nothing was published.
pub const CHECK: u8 = 5;
/// A file of a snapshot is missing or changed.
pub const DAMAGE: u8 = 6;
/// The audit log is not what was written.
pub const AUDIT: u8 = 7;

/// The exit code for `error`.
#[must_use]
pub fn code(error: &anyhow::Error) -> u8 {
    if broken_source(error).is_some() {
        return INPUT;
    }
    if let Some(run) = error.downcast_ref::<RunError>() {
        return run_code(run);
    }
    if let Some(rollback) = error.downcast_ref::<RollbackError>() {
        return rollback_code(rollback);
    }
    if let Some(model) = error.downcast_ref::<ModelError>() {
        return model_code(model);
    }
    if let Some(evaluate) = error.downcast_ref::<EvaluateError>() {
        return evaluate_code(evaluate);
    }
    match () {
        () if error.is::<ConfigError>() => CONFIGURATION,
        () if error.is::<BrokenAudit>() => AUDIT,
        () if error.is::<Damaged>() => DAMAGE,
        () if error.is::<SourceError>() || error.is::<IngestError>() => INPUT,
        () => FAILURE,
    }
}

fn run_code(error: &RunError) -> u8 {
    match error {
        RunError::Config(_) | RunError::OtherKey | RunError::OtherErased | RunError::Erasure(ErasureError::OtherKey { .. }) => {
            CONFIGURATION
        }
        RunError::Source(_) | RunError::NoDays => INPUT,
        RunError::Model(model) => model_code(model),
        _ => FAILURE,
    }
}

fn rollback_code(error: &RollbackError) -> u8 {
    match error {
        RollbackError::OtherKey(_) | RollbackError::OtherErased(_) => CONFIGURATION,
        RollbackError::Damaged { .. } => DAMAGE,
        RollbackError::Run(run) => run_code(run),
        _ => FAILURE,
    }
}

fn model_code(error: &ModelError) -> u8 {
    match error {
        ModelError::Check { .. } => CHECK,
        ModelError::Engine(_) => FAILURE,
        _ => CONFIGURATION,
    }
}

fn evaluate_code(error: &EvaluateError) -> u8 {
    match error {
        EvaluateError::Spec(_) | EvaluateError::Cutoff(_) => USAGE,
        EvaluateError::Learn(LearnError::NoRatings { .. }) => INPUT,
        EvaluateError::Learn(_) | EvaluateError::Score { .. } | EvaluateError::Matrix(_) => FAILURE,
        _ => INPUT,
    }
}

/// Whether `error` only says that nobody reads stdout any more, as in `hachi plan | head`.
#[must_use]
pub fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>()).any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

/// `error: what: because`, each cause once: several of our errors pass their cause's words through.
#[must_use]
pub fn message(error: &anyhow::Error) -> String {
    let bold = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
    let words = match broken_source(error) {
        // What the engine was doing when it met the file helps nobody.
        Some(source) => source.to_string(),
        None => words(error),
    };
    format!("{bold}error{bold:#}: {words}")
}

/// A source that broke, maybe while the engine read it: it is then below the engine's own errors.
fn broken_source(error: &anyhow::Error) -> Option<&SourceError> {
    error.chain().find_map(|cause| cause.downcast_ref::<SourceError>())
}

fn words(error: &anyhow::Error) -> String {
    let mut words: Vec<String> = Vec::new();
    for text in error.chain().map(ToString::to_string) {
        if words.last().is_none_or(|last| !last.contains(&text)) {
            words.push(text);
        }
    }
    words.join(": ")
}
