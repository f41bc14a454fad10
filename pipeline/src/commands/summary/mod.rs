//! What a person wants to see of a snapshot; every number is asked of the published tables.

mod triangle;

use std::net::SocketAddr;

use anstyle::{AnsiColor, Style};
use arrow::array::RecordBatch;
use hachi_snapshot::{Language, Manifest, NamedReason, ReasonKind, sentence};

use super::output::{self, thousands};
use crate::engine::EngineError;
use crate::models::Parameters;
use crate::run::{Project, RunOutcome, Snapshot, latest_snapshot};

const SOURCES: &str = include_str!("sources.sql");
const REASONS: &str = include_str!("reasons.sql");
const RETENTION: &str = include_str!("retention.sql");
const KPIS: &str = include_str!("kpis.sql");
const RECOMMENDATIONS: &str = include_str!("recommendations.sql");

/// Prints what a run published.
pub async fn print_run(project: &Project, outcome: &RunOutcome) -> anyhow::Result<()> {
    let snapshot = latest_snapshot(&project.config).await?;
    print_rows(&snapshot).await?;
    let manifest = &outcome.manifest;
    print_warnings(manifest)?;
    heading("Tables")?;
    let rows = manifest.tables.iter().map(|t| vec![t.name.clone(), thousands(t.rows)]);
    output::print(format_args!("{}", output::table(&["table", "rows"], rows.collect(), &[1])))?;
    let slowest = outcome.seconds.iter().max_by(|a, b| a.1.total_cmp(&b.1));
    if let Some((name, seconds)) = slowest {
        let all: f64 = outcome.seconds.iter().map(|s| s.1).sum();
        output::print(format_args!("\n{} steps in {all:.1} s; the longest, `{name}`, took {seconds:.1} s", outcome.seconds.len()))?;
    }
    print_snapshot(project, manifest)
}

/// Prints the outcome of a run for scripts.
pub async fn print_json(project: &Project, outcome: &RunOutcome) -> anyhow::Result<()> {
    let snapshot = latest_snapshot(&project.config).await?;
    let mut sources = arrow::json::ArrayWriter::new(Vec::new());
    sources.write_batches(&ask(&snapshot, SOURCES).await?.iter().collect::<Vec<_>>())?;
    sources.finish()?;
    let sources: serde_json::Value = serde_json::from_slice(&sources.into_inner()).unwrap_or_default();
    let manifest = &outcome.manifest;
    let json = serde_json::json!({
        "number": manifest.number,
        "run_id": manifest.run_id,
        "as_of": manifest.as_of,
        "watermark": manifest.watermark,
        "content_hash": manifest.content_hash,
        "lake": project.config.lake,
        "sources": sources,
        "warnings": manifest.checks.iter().filter(|c| !c.passed).collect::<Vec<_>>(),
        "contract": outcome.contract,
        "tables": manifest.tables.iter().map(|t| (t.name.clone(), t.rows)).collect::<std::collections::BTreeMap<_, _>>(),
        "seconds": outcome.seconds.iter().cloned().collect::<std::collections::BTreeMap<_, _>>(),
    });
    output::print(format_args!("{}", serde_json::to_string_pretty(&json)?))?;
    Ok(())
}

/// Prints the tour of a demo: rows, retention, KPIs, and what `member` is recommended.
pub async fn print_demo(project: &Project, outcome: &RunOutcome, member: Option<&str>) -> anyhow::Result<()> {
    let snapshot = latest_snapshot(&project.config).await?;
    print_rows(&snapshot).await?;
    heading("Retention: members active in the weeks after their first")?;
    output::print(format_args!("{}", triangle::render(&ask(&snapshot, RETENTION).await?)?))?;
    heading("KPIs")?;
    output::print(format_args!("{}", output::batches(&ask(&snapshot, KPIS).await?)?))?;
    print_warnings(&outcome.manifest)?;
    if let Some(member) = member {
        heading(&format!("Recommended to member {member}"))?;
        let pseudonym = project.key.pseudonym(member).to_string();
        let rows = output::cells(&recommended(&snapshot, &pseudonym).await?)?.into_iter().map(with_sentence).collect();
        output::print(format_args!("{}", output::table(&["rank", "course", "score", "source", "reason"], rows, &[0, 2])))?;
    }
    print_snapshot(project, &outcome.manifest)
}

/// Prints where the demo answers.
pub fn print_urls(address: SocketAddr, member: Option<&str>) -> anyhow::Result<()> {
    heading("Serving")?;
    let mut paths =
        vec!["/v1/courses/popular".to_owned(), "/v1/kpis".to_owned(), "/v1/retention?unit=week".to_owned(), "/status".to_owned()];
    if let Some(member) = member {
        let id = percent_encoding::utf8_percent_encode(member, percent_encoding::NON_ALPHANUMERIC);
        paths.insert(0, format!("/v1/users/{id}/recommendations?limit=5"));
    }
    for path in paths {
        output::print(format_args!("http://{address}{path}"))?;
    }
    output::print("\nCtrl-C stops it.")
}

/// The first of `ids` that has a list in the latest snapshot.
pub async fn first_with_list(project: &Project, ids: &[String]) -> anyhow::Result<Option<String>> {
    let snapshot = latest_snapshot(&project.config).await?;
    for id in ids {
        let listed = recommended(&snapshot, &project.key.pseudonym(id).to_string()).await?;
        if listed.iter().any(|batch| batch.num_rows() > 0) {
            return Ok(Some(id.clone()));
        }
    }
    Ok(None)
}

async fn recommended(snapshot: &Snapshot, pseudonym: &str) -> anyhow::Result<Vec<RecordBatch>> {
    let mut parameters = Parameters::default();
    parameters.set("member", &format!("'{pseudonym}'"));
    ask(snapshot, &parameters.fill("recommendations.sql", RECOMMENDATIONS)?).await
}

/// Cells of a row of `recommendations.sql` before its reasons: kind and name of each.
const CELLS_BEFORE_REASONS: usize = 4;

/// A row of `recommendations.sql` with a sentence for its reasons.
fn with_sentence(mut row: Vec<String>) -> Vec<String> {
    let reasons = row.split_off(CELLS_BEFORE_REASONS.min(row.len()));
    let named = |pair: &[String]| ReasonKind::from_name(&pair[0]).map(|kind| (kind, pair[1].clone()));
    let named: Vec<(ReasonKind, String)> = reasons.chunks_exact(2).filter_map(named).collect();
    let named: Vec<NamedReason<'_>> = named.iter().map(|(kind, name)| NamedReason { kind: *kind, name }).collect();
    row.push(sentence(Language::English, &named).unwrap_or_default());
    row
}

/// Rows read, kept and rejected; nothing where a selection left these tables out.
async fn print_rows(snapshot: &Snapshot) -> anyhow::Result<()> {
    if !snapshot.has("source_rows") || !snapshot.has("rejects") {
        return Ok(());
    }
    heading("Rows")?;
    output::print(format_args!("{}", output::batches(&ask(snapshot, SOURCES).await?)?))?;
    let reasons = ask(snapshot, REASONS).await?;
    if reasons.iter().any(|batch| batch.num_rows() > 0) {
        heading("Rejected")?;
        output::print(format_args!("{}", output::batches(&reasons)?))?;
    }
    Ok(())
}

/// Checks that did not hold and block nothing.
fn print_warnings(manifest: &Manifest) -> anyhow::Result<()> {
    let rows: Vec<_> =
        manifest.checks.iter().filter(|c| !c.passed).map(|c| vec![c.model.clone(), c.check.clone(), c.detail.clone()]).collect();
    if rows.is_empty() {
        return Ok(());
    }
    heading("Warnings")?;
    output::print(format_args!("{}", output::table(&["model", "check", "found"], rows, &[])))
}

fn print_snapshot(project: &Project, manifest: &Manifest) -> anyhow::Result<()> {
    heading(&format!("Snapshot {}", manifest.number))?;
    let watermark = manifest.watermark.map(|day| day.to_string()).unwrap_or_default();
    output::print(format_args!("as of {}, complete up to {watermark}", manifest.as_of.to_rfc3339()))?;
    output::print(format_args!("content {}", manifest.content_hash))?;
    output::print(format_args!("in {}; ask it with `hachi sql \"select …\"`", project.config.lake.display()))
}

async fn ask(snapshot: &Snapshot, sql: &str) -> anyhow::Result<Vec<RecordBatch>> {
    let frame = snapshot.query(sql).await?;
    Ok(frame.collect().await.map_err(EngineError::query("execute", "the summary"))?)
}

fn heading(text: &str) -> anyhow::Result<()> {
    let bold = Style::new().bold().fg_color(Some(AnsiColor::Cyan.into()));
    output::print(format_args!("\n{bold}{text}{bold:#}"))
}
