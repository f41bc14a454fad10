//! `hachi forget`: a member is erased from the lake, so that nothing in it tells of the member any more, and a proof stays.
//!
//! ```text
//! look what is held ─▶ say it ─▶ register ─▶ run ─▶ look again: nothing ─▶ collect older snapshots
//! ```
//! Killed anywhere in between, the same command does what is left to do; a run in the meantime leaves the member out already.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::Context;
use hachi_snapshot::{Erasure, Garbage, Keep, Lake, LakeError, Manifest, Pseudonym};
use serde_json::{Map, json};

use super::keys::with_keys;
use super::output::thousands;
use super::record::Record;
use super::watch::Watch;
use super::{open, output, pseudonym, run};
use crate::models::Selection;
use crate::publish::WriterLock;
use crate::run::{Extent, Held, Project, held, lake_of, register_erased};

const AFTERWARDS: &str = "The raw files are the site's own: every run rejects the member's rows in them, until the site removes them.";

/// Arguments of `hachi forget`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTERWARDS)]
pub struct Arguments {
    /// Members' ids as the site writes them; `-` reads them from standard input, one a line
    #[arg(required = true, value_name = "MEMBER")]
    ids: Vec<String>,
    /// Only tell what would be removed
    #[arg(long)]
    dry_run: bool,
    /// Threads of the engine and the solvers; default: as configured, else all cores
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// The lake to forget them in; default: as configured
    #[arg(long, value_name = "DIR")]
    lake: Option<PathBuf>,
    /// Print the outcome as JSON
    #[arg(long)]
    json: bool,
}

/// Who is to be forgotten, and what is known of them.
struct Question {
    lake: Lake,
    latest: Option<Manifest>,
    members: Vec<Pseudonym>,
    proofs: Vec<String>,
    held: Held,
}

/// What was done.
struct Answer {
    /// The latest snapshot; none in an empty lake.
    latest: Option<Manifest>,
    collected: Garbage,
}

/// Forgets, and says what came of it.
pub fn forget(path: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let config = with_keys(open::config(path, arguments.lake.as_deref(), arguments.threads.map(usize::from))?)?;
    let key = pseudonym::key(&config)?;
    let ids = distinct(&pseudonym::ids(&arguments.ids)?)?;
    open::share_erasures(&config)?;
    let project = Project::open(config, key)?;
    open::block_on(project.config.engine.threads, async {
        // What is looked at, registered, built and collected belongs together.
        let lock = if arguments.dry_run { None } else { Some(open::writer(&project.config.lake, "forget")?) };
        let question = ask(&project, &ids).await?;
        if !arguments.json {
            announce(&question)?;
        }
        let answer = match &lock {
            Some(lock) => Some(recorded(&project, &question, (lock, path)).await?),
            None => None,
        };
        if arguments.json { print_json(&question, answer.as_ref()) } else { conclude(answer.as_ref()) }
    })
}

/// The ids without blanks around them, each once, in the order given.
fn distinct(ids: &[String]) -> anyhow::Result<Vec<String>> {
    let mut seen = HashSet::new();
    let distinct: Vec<String> =
        ids.iter().map(|id| id.trim()).filter(|id| !id.is_empty() && seen.insert(id.to_owned())).map(str::to_owned).collect();
    if distinct.is_empty() {
        anyhow::bail!("no member's id was given; name one, or give `-` and ids on standard input, one a line");
    }
    Ok(distinct)
}

async fn ask(project: &Project, ids: &[String]) -> anyhow::Result<Question> {
    let lake = lake_of(&project.config)?;
    let latest = lake.latest().await?.manifest;
    let members: Vec<Pseudonym> = ids.iter().map(|id| project.key.pseudonym(id)).collect();
    let key = project.key.erasure_key();
    let proofs = ids.iter().map(|id| key.proof(id)).collect();
    let held = match &latest {
        Some(latest) => held(project, &lake, latest, &members).await?,
        None => Held::nothing(members.len()),
    };
    Ok(Question { lake, latest, members, proofs, held })
}

/// Does it, with an entry in the audit log before and after it.
async fn recorded(project: &Project, question: &Question, run: (&WriterLock, &Path)) -> anyhow::Result<Answer> {
    let details = Map::from_iter([("proofs".to_owned(), json!(question.proofs))]);
    question.lake.probe(&open::run_id()).await?;
    let record = Record::begin(&question.lake, "forget", details).await?;
    let done = Box::pin(carry_out(project, question, run)).await;
    let told = record.end(&done, "forgotten", |answer| answer.latest.as_ref().map(|latest| latest.number)).await;
    let answer = done?;
    told.context("the members are forgotten, but the audit log does not say so; run `hachi forget` again")?;
    Ok(answer)
}

async fn carry_out(project: &Project, question: &Question, run: (&WriterLock, &Path)) -> anyhow::Result<Answer> {
    let day = open::now().with_timezone(&project.config.timezone).date_naive();
    let last = question.latest.as_ref().map(|latest| latest.number);
    let erasures = question.proofs.iter().map(|proof| Erasure::new(proof.clone(), day, last)).collect();
    register_erased(project, &question.lake, &question.held, erasures).await?;
    let Some(latest) = question.latest.clone() else { return Ok(Answer { latest: None, collected: Garbage::default() }) };
    let knowing = Project::open(project.config.clone(), project.key.as_ref().clone())?;
    let erased = knowing.people.erased_fingerprint(&knowing.key);
    let is_published = latest.hashes.erased == erased && question.lake.has_let_go(&latest, first_without(&question.lake, &erased).await?);
    let latest = if is_published { latest } else { Box::pin(publish(&knowing, &latest, run)).await? };
    let left = held(&knowing, &question.lake, &latest, &question.members).await?;
    if !left.is_nothing() {
        let tables = left.tables.into_keys().collect::<Vec<_>>().join(", ");
        anyhow::bail!(
            "snapshot {} still names the member in {tables}; look for a model of your own that does not go by `user_id`",
            latest.number
        );
    }
    // One that was killed after its commit has not come to this.
    question.lake.link_current().await?;
    let keep = Keep { snapshots: usize::MAX, from: first_without(&question.lake, &erased).await?, ..Keep::default() };
    let collected = question.lake.collect(keep, open::now()).await?;
    Ok(Answer { latest: Some(latest), collected })
}

/// Builds everything again as of the moment of the snapshot before, so that nothing but the members is missing from it.
async fn publish(project: &Project, before: &Manifest, (lock, config): (&WriterLock, &Path)) -> anyhow::Result<Manifest> {
    let mut watch = Watch::start("forget", config, Some(&project.config.lake));
    let everything = (Selection::default(), Extent::default());
    // No older snapshot may be kept, anywhere.
    let keep = Keep { from: u64::MAX, ..project.config.keep };
    let published = Box::pin(run::publish_under(lock, (project, before.as_of), (everything, keep), &mut watch)).await;
    let manifest = published.as_ref().map(|published| published.outcome.manifest.clone()).ok();
    watch.end(published)?;
    manifest.context("nothing was published")
}

/// Number of the first snapshot from which on all were made without whom `erased` says.
async fn first_without(lake: &Lake, erased: &str) -> anyhow::Result<u64> {
    let mut first = u64::MAX;
    for number in lake.numbers().await?.into_iter().rev() {
        match lake.manifest(number).await {
            Ok(manifest) if manifest.hashes.erased == erased => first = number,
            Ok(_) => break,
            // The collection tells what to do with it.
            Err(LakeError::Manifest(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(first)
}

fn announce(question: &Question) -> anyhow::Result<()> {
    let Some(latest) = &question.latest else { return output::print("nothing is published yet; who is named will be in no snapshot") };
    let (number, held, given) = (latest.number, &question.held, given(question.members.len()));
    if held.is_nothing() {
        output::print(format_args!("snapshot {number} does not name {given}"))?;
    } else {
        let (rows, tables) = (counted(held.tables.values().sum(), "row"), counted(held.tables.len() as u64, "table"));
        let lists = counted(held.lists, "list");
        output::print(format_args!("snapshot {number} names {given} in {rows} of {tables}, and the sidecar has {lists}"))?;
        let rows = held.tables.iter().map(|(table, rows)| vec![table.clone(), thousands(*rows)]).collect();
        output::print(format_args!("\n{}", output::table(&["table", "rows"], rows, &[1])))?;
    }
    let rows = question.proofs.iter().zip(&held.members).map(|(proof, of)| vec![proof.clone(), thousands(of.tables), thousands(of.rows)]);
    output::print(format_args!("\n{}\n", output::table(&["proof", "tables", "rows"], rows.collect(), &[1, 2])))?;
    output::print(format_args!("forgetting builds again what {given} had a part in, publishes that, and removes all older snapshots"))
}

fn given(members: usize) -> String {
    if members == 1 { "the member".to_owned() } else { format!("the {}", counted(members as u64, "member")) }
}

fn conclude(answer: Option<&Answer>) -> anyhow::Result<()> {
    let Some(answer) = answer else { return output::print("nothing was done") };
    let Some(latest) = &answer.latest else { return output::print("recorded: every run rejects their rows") };
    let Garbage { snapshots, files, orphans, leftovers, .. } = &answer.collected;
    let removed = counted((files.len() + orphans.len() + leftovers.len()) as u64, "file");
    output::print(format_args!("snapshot {} names nobody who was to be forgotten; the proof is in its table `erasures`", latest.number))?;
    output::print(format_args!("removed {} and {removed}", counted(snapshots.len() as u64, "older snapshot")))?;
    output::print("the raw files are yours: remove the rows there, and in `_quarantine` beside them, when you can")
}

fn counted(count: u64, what: &str) -> String {
    format!("{} {what}{}", thousands(count), if count == 1 { "" } else { "s" })
}

fn print_json(question: &Question, answer: Option<&Answer>) -> anyhow::Result<()> {
    let members = question.proofs.iter().zip(&question.held.members);
    let members = members.map(|(proof, held)| json!({ "proof": proof, "tables": held.tables, "rows": held.rows }));
    output::print(serde_json::to_string_pretty(&json!({
        "members": members.collect::<Vec<_>>(),
        "tables": question.held.tables,
        "lists": question.held.lists,
        "before": question.latest.as_ref().map(|latest| latest.number),
        "after": answer.and_then(|answer| answer.latest.as_ref()).map(|latest| latest.number),
        "collected": answer.map(|answer| &answer.collected.snapshots),
        "bytes": answer.map(|answer| answer.collected.bytes()),
    }))?)
}
