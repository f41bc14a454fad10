//! `hachi audit`: who did what to the lake, and whether that record is what was written.

use std::path::{Path, PathBuf};

use hachi_snapshot::{AuditEntry, Broken, Lake, LakeError, Manifest, Verdict};

use super::{open, output};
use crate::run::open_lake;

const MEANING: &str = "Exit code of --verify: 0 where all is sound, 7 where the log is not what was written";

/// Arguments of `hachi audit`.
#[derive(Debug, clap::Args)]
#[command(after_help = MEANING)]
pub struct Arguments {
    /// Only the last N entries
    #[arg(long, value_name = "N")]
    last: Option<usize>,
    /// Check that no entry was changed, moved or removed since it was written, and name the first that was
    #[arg(long, conflicts_with = "last")]
    verify: bool,
    /// The lake to read; default: as configured
    #[arg(long, value_name = "DIR")]
    lake: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A log that can't be trusted.
#[derive(Debug, thiserror::Error)]
#[error(
    "the audit log `{}` can't be trusted from entry {} on{}: {}; compare it with a backup, and ask who could write to the lake",
    log.display(), broken.entry, line(broken), broken.why
)]
pub struct BrokenAudit {
    log: PathBuf,
    broken: Broken,
}

fn line(broken: &Broken) -> String {
    broken.line.map(|line| format!(" (line {line})")).unwrap_or_default()
}

/// Shows or verifies the log.
pub fn audit(config: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let config = open::config(config, arguments.lake.as_deref(), None)?;
    let lake = open_lake(&config)?;
    open::block_on(1, async {
        lake.audit().pull().await?;
        if arguments.verify {
            return verify(&lake, arguments.json).await;
        }
        let entries = lake.audit().entries()?;
        let first = entries.len() - arguments.last.unwrap_or(usize::MAX).min(entries.len());
        show(&entries[first..], arguments.json)
    })
}

fn show(entries: &[AuditEntry], json: bool) -> anyhow::Result<()> {
    if json {
        return output::print(serde_json::to_string_pretty(entries)?);
    }
    let number = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
    let rows = entries.iter().map(|entry| {
        let act = &entry.act;
        let details = act.details.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ");
        let who = format!("{}@{}", act.actor.user, act.actor.host);
        let when = act.at.format("%Y-%m-%d %H:%M:%SZ").to_string();
        vec![entry.number.to_string(), when, who, act.action.clone(), act.outcome.clone(), number(act.before), number(act.after), details]
    });
    output::print(output::table(&["entry", "when", "who", "action", "outcome", "before", "after", "details"], rows.collect(), &[0, 5, 6]))
}

async fn verify(lake: &Lake, json: bool) -> anyhow::Result<()> {
    let verdict = lake.audit().verify(&manifests(lake).await?)?;
    if json {
        output::print(serde_json::to_string_pretty(&verdict)?)?;
    } else {
        tell(&verdict)?;
    }
    match verdict.broken {
        Some(broken) => Err(BrokenAudit { log: lake.audit().path(), broken }.into()),
        None => Ok(()),
    }
}

fn tell(verdict: &Verdict) -> anyhow::Result<()> {
    output::print(format_args!("{} entries follow each other", verdict.entries))?;
    for line in &verdict.torn {
        output::print(format_args!("line {line} was left by a crash, as the entry after it says"))?;
    }
    if verdict.is_tail_torn {
        output::print("the last line was left by a crash; the next entry will say so")?;
    }
    for number in &verdict.untold {
        let causes = "the process was killed just then, or the end of the log was cut off";
        output::print(format_args!("no entry says that snapshot {number} was published: {causes}"))?;
    }
    Ok(())
}

/// All manifests that can be read: what is torn names nothing.
async fn manifests(lake: &Lake) -> anyhow::Result<Vec<Manifest>> {
    let mut manifests = Vec::new();
    for number in lake.numbers().await? {
        match lake.manifest(number).await {
            Ok(manifest) => manifests.push(manifest),
            Err(LakeError::Manifest(reason)) => tracing::warn!(number, "manifest {number} is ignored: {reason}"),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(manifests)
}
