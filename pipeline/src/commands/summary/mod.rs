//! What a person wants to see of a snapshot; every number is of the run's report, or asked of the published tables.

mod facts;
mod triangle;

use std::net::SocketAddr;

use anstyle::{AnsiColor, Style};
use arrow::array::RecordBatch;
use hachi_snapshot::{Language, NamedReason, ReasonKind, sentence};

use super::output::{self, thousands};
use crate::engine::EngineError;
use crate::models::Parameters;
use crate::observability::{History, KpiReport, RunReport, StepReport};
use crate::run::{Project, Snapshot, latest_snapshot};

pub use facts::Facts;

const RETENTION: &str = include_str!("retention.sql");
const RECOMMENDATIONS: &str = include_str!("recommendations.sql");
/// Reasons that the terminal shows; the report has all.
const SHOWN_REASONS: usize = 12;

/// Prints what a run published.
pub fn print_run(report: &RunReport) -> anyhow::Result<()> {
    print_rows(report)?;
    print_warnings(report)?;
    heading("Tables")?;
    let rows = report.tables.iter().map(|(table, rows)| vec![table.clone(), thousands(*rows)]);
    output::print(output::table(&["table", "rows"], rows.collect(), &[1]))?;
    let built: Vec<&StepReport> = report.built().collect();
    if let Some(slowest) = built.iter().max_by(|a, b| a.seconds.total_cmp(&b.seconds)) {
        let all: f64 = built.iter().map(|step| step.seconds).sum();
        let (name, seconds) = (&slowest.name, slowest.seconds);
        output::print(format_args!("\n{} steps in {all:.1} s; the longest, `{name}`, took {seconds:.1} s", built.len()))?;
    }
    print_snapshot(report)
}

/// Prints the tour of a demo: rows, retention, KPIs, and what `member` is recommended.
pub async fn print_demo(project: &Project, report: &RunReport, member: Option<&str>) -> anyhow::Result<()> {
    let snapshot = latest_snapshot(&project.config).await?;
    print_rows(report)?;
    heading("Retention: members active in the weeks after their first")?;
    output::print(format_args!("{}", triangle::render(&ask(&snapshot, RETENTION).await?)?))?;
    heading("KPIs")?;
    let kpi = |kpi: &KpiReport| vec![kpi.title.clone(), kpi.value_text(), kpi.change_text(), kpi.day.to_string()];
    output::print(output::table(&["title", "value", "in 7 days", "day"], report.kpis.iter().map(kpi).collect(), &[]))?;
    print_warnings(report)?;
    if let Some(member) = member {
        heading(&format!("Recommended to member {member}"))?;
        let pseudonym = project.key.pseudonym(member).to_string();
        let rows = output::cells(&recommended(&snapshot, &pseudonym).await?)?.into_iter().map(with_sentence).collect();
        output::print(format_args!("{}", output::table(&["rank", "course", "score", "source", "reason"], rows, &[0, 2])))?;
    }
    print_snapshot(report)
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
fn print_rows(report: &RunReport) -> anyhow::Result<()> {
    if report.sources.is_empty() {
        return Ok(());
    }
    heading("Rows")?;
    let rows = report.sources.iter().map(|source| {
        let counts = [source.rows_read, source.rows_kept, source.rows_rejected].map(|count| count.to_string());
        std::iter::once(source.source.clone()).chain(counts).collect()
    });
    output::print(output::table(&["source", "rows_read", "rows_kept", "rows_rejected"], rows.collect(), &[1, 2, 3]))?;
    if report.rejects.is_empty() {
        return Ok(());
    }
    heading("Rejected")?;
    let rows = report.rejects.iter().take(SHOWN_REASONS).map(|r| vec![r.source.clone(), r.reason.clone(), r.rows_rejected.to_string()]);
    output::print(output::table(&["source", "reason", "rows_rejected"], rows.collect(), &[2]))
}

/// Checks that did not hold and block nothing.
fn print_warnings(report: &RunReport) -> anyhow::Result<()> {
    if report.warnings.is_empty() {
        return Ok(());
    }
    heading("Warnings")?;
    let rows = report.warnings.iter().map(|check| vec![check.model.clone(), check.check.clone(), check.detail.clone()]);
    output::print(output::table(&["model", "check", "found"], rows.collect(), &[]))
}

fn print_snapshot(report: &RunReport) -> anyhow::Result<()> {
    let run = &report.run;
    heading(&format!("Snapshot {}", run.number.unwrap_or_default()))?;
    let watermark = run.watermark.map(|day| day.to_string()).unwrap_or_default();
    let as_of = run.as_of.map(|moment| moment.to_rfc3339()).unwrap_or_default();
    output::print(format_args!("as of {as_of}, complete up to {watermark}"))?;
    output::print(format_args!("content {}", report.content_hash.as_deref().unwrap_or_default()))?;
    let memory = run.peak_memory_bytes.map(|bytes| format!(" and {} MiB", thousands(bytes >> 20))).unwrap_or_default();
    output::print(format_args!(
        "took {:.1} s{memory}; report {}",
        run.seconds,
        History::of_lake(&report.lake).report(&run.run_id).display()
    ))?;
    output::print(format_args!("in {}; ask it with `hachi sql \"select …\"`", report.lake.display()))
}

async fn ask(snapshot: &Snapshot, sql: &str) -> anyhow::Result<Vec<RecordBatch>> {
    let frame = snapshot.query(sql).await?;
    Ok(frame.collect().await.map_err(EngineError::query("execute", "the summary"))?)
}

fn heading(text: &str) -> anyhow::Result<()> {
    let bold = Style::new().bold().fg_color(Some(AnsiColor::Cyan.into()));
    output::print(format_args!("\n{bold}{text}{bold:#}"))
}
