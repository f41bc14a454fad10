//! Exit codes that scripts can rely on, and the last words on stderr. That of a wrong command line is clap's own; the table in
//! docs/data-engineers.md has the same words.

use std::io;

use anstyle::{AnsiColor, Style};
use hachi_snapshot::{ErasureError, HomeError, ProbeError};

use super::audit::BrokenAudit;
use super::verify::Damaged;
use crate::config::ConfigError;
use crate::engine::KeyringError;
use crate::evaluate::EvaluateError;
use crate::ingest::IngestError;
use crate::models::ModelError;
use crate::publish::LockError;
use crate::recommend::LearnError;
use crate::run::{RollbackError, RunError};
use crate::schedule::Verdict;
use crate::sources::SourceError;

/// Anything without a code of its own: disk, memory, a snapshot published meanwhile.
pub const FAILURE: u8 = 1;
/// The command line is wrong.
pub const USAGE: u8 = 2;
/// `hachi.toml`, a model or a selection is wrong; a key is missing.
pub const CONFIGURATION: u8 = 3;
/// The site's data can't be used: a missing folder, file or column, a damaged file.
pub const INPUT: u8 = 4;
/// A blocking check failed, or a source is older than it may be; nothing was published.
pub const CHECK: u8 = 5;
/// A file of a snapshot is missing or changed (`hachi verify`, `hachi rollback`).
pub const DAMAGE: u8 = 6;
/// The audit log is not what was written.
pub const AUDIT: u8 = 7;
/// Another process writes to the lake or into the raw table, or schedules.
pub const LOCKED: u8 = 75; // EX_TEMPFAIL, which mailers and schedulers know for "try again later"
/// Told to stop by SIGTERM or SIGINT; nothing was published.
pub const STOPPED: u8 = 143; // what a shell says of a program that SIGTERM has ended

/// The exit code for `error`.
#[must_use]
pub fn code(error: &anyhow::Error) -> u8 {
    if locked_file(error).is_some() {
        return CONFIGURATION;
    }
    if let Some(source) = broken_source(error) {
        return source_code(source);
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
        () if error.is::<ConfigError>() || error.is::<HomeError>() => CONFIGURATION,
        () if matches!(error.downcast_ref(), Some(ProbeError::Unconditional { .. })) => CONFIGURATION,
        () if error.is::<BrokenAudit>() => AUDIT,
        () if error.is::<Damaged>() => DAMAGE,
        () if matches!(error.downcast_ref(), Some(LockError::Held { .. })) => LOCKED,
        () if matches!(error.downcast_ref(), Some(IngestError::Busy { .. })) => LOCKED,
        () if error.is::<SourceError>() || error.is::<IngestError>() => INPUT,
        () => FAILURE,
    }
}

fn source_code(error: &SourceError) -> u8 {
    if matches!(error, SourceError::System { .. }) { FAILURE } else { INPUT }
}

fn run_code(error: &RunError) -> u8 {
    match error {
        RunError::Config(_)
        | RunError::Home(_)
        | RunError::OtherKey
        | RunError::OtherErased
        | RunError::Erasure(ErasureError::OtherKey { .. }) => CONFIGURATION,
        RunError::Source(source) => source_code(source),
        RunError::NoDays => INPUT,
        RunError::Model(model) => model_code(model),
        RunError::Stopped => STOPPED,
        RunError::Ingest(IngestError::Busy { .. }) => LOCKED,
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

/// What the exit code of a job means to whoever scheduled it. Data and disks may be in order again a little later.
#[must_use]
pub fn verdict(code: i32) -> Verdict {
    match u8::try_from(code) {
        Ok(0) => Verdict::Done,
        Ok(LOCKED) => Verdict::Busy,
        Ok(USAGE | CONFIGURATION | CHECK) => Verdict::CantPass,
        _ => Verdict::MayPass,
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
    format!("{bold}error{bold:#}: {}", words(error))
}

/// What went wrong, and because of what.
#[must_use]
pub fn words(error: &anyhow::Error) -> String {
    // What the engine was doing when it met the file helps nobody.
    let locked = locked_file(error).filter(|_| error.downcast_ref::<RollbackError>().is_none());
    let told = broken_source(error).map(ToString::to_string).or_else(|| locked.map(ToString::to_string));
    told.unwrap_or_else(|| chain(error))
}

/// An encrypted file without its key, maybe below the engine's own errors.
fn locked_file(error: &anyhow::Error) -> Option<&KeyringError> {
    error.chain().find_map(|cause| cause.downcast_ref()).filter(|error| **error != KeyringError::Random)
}

/// A source that broke, maybe while the engine read it: it is then below the engine's own errors.
fn broken_source(error: &anyhow::Error) -> Option<&SourceError> {
    error.chain().find_map(|cause| cause.downcast_ref::<SourceError>())
}

fn chain(error: &anyhow::Error) -> String {
    let mut words: Vec<String> = Vec::new();
    for text in error.chain().map(ToString::to_string) {
        if words.last().is_none_or(|last| !last.contains(&text)) {
            words.push(text);
        }
    }
    words.join(": ")
}
