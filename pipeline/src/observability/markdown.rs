//! A report for people who read it in a browser, a chat or a mail.

use super::{Gate, KpiReport, RunReport, StepReport};

/// Widest cell of days, characters.
const CELL_CHARS: usize = 80;

/// The report as Markdown.
#[must_use]
pub fn markdown(report: &RunReport) -> String {
    let parts = [
        summary(report),
        error(report),
        rows(report),
        rejects(report),
        warnings(report),
        contract(report),
        kpis(report),
        report.gate.as_ref().map(gate).unwrap_or_default(),
        steps(report),
        tables(report),
    ];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

fn summary(report: &RunReport) -> String {
    let run = &report.run;
    let title = match run.number {
        Some(number) => format!("# Snapshot {number}\n\n"),
        None => format!("# Run {}\n\n", run.outcome.as_str()),
    };
    let count = |count: Option<u64>| count.map_or_else(String::new, |count| count.to_string());
    let mib = run.peak_memory_bytes.map(|bytes| format!("{:.0} MiB", bytes as f64 / f64::from(1 << 20)));
    let facts = [
        ("run", format!("`{}` by `hachi {}`, hachi {}", run.run_id, run.command, run.hachi)),
        ("outcome", format!("{}, exit code {}", run.outcome.as_str(), run.exit_code)),
        ("started, ended (UTC)", format!("{} to {}", run.started.format("%F %T"), run.ended.format("%F %T"))),
        ("seconds", format!("{:.1}", run.seconds)),
        ("peak memory", mib.unwrap_or_default()),
        ("as of", run.as_of.map(|moment| moment.to_rfc3339()).unwrap_or_default()),
        ("complete up to", run.watermark.map(|day| day.to_string()).unwrap_or_default()),
        ("rows read / kept / rejected", [run.rows_read, run.rows_kept, run.rows_rejected].map(count).join(" / ")),
        ("models built / named again", [run.models_built, run.models_reused].map(count).join(" / ")),
        ("content", report.content_hash.clone().map(|hash| format!("`{hash}`")).unwrap_or_default()),
    ];
    let is_known = |(_, value): &(&str, String)| value.contains(|c: char| c.is_alphanumeric());
    let rows = facts.into_iter().filter(is_known).map(|(name, value)| vec![name.to_owned(), value]);
    title + &table(&["", ""], rows)
}

fn error(report: &RunReport) -> String {
    let quoted = |error: &String| format!("## Error\n\n> {}\n", error.replace('\n', "\n> "));
    report.run.error.as_ref().map(quoted).unwrap_or_default()
}

fn rows(report: &RunReport) -> String {
    let rows = report.sources.iter().map(|source| {
        let counts = [source.rows_read, source.rows_kept, source.rows_rejected].map(|count| count.to_string());
        std::iter::once(source.source.clone()).chain(counts).collect()
    });
    section("Rows", &["source", "read", "kept", "rejected"], rows)
}

fn rejects(report: &RunReport) -> String {
    let rows = report.rejects.iter().map(|r| vec![r.source.clone(), r.reason.clone(), r.rows_rejected.to_string()]);
    section("Rejected", &["source", "reason", "rows"], rows)
}

fn warnings(report: &RunReport) -> String {
    let rows = report.warnings.iter().map(|check| vec![check.model.clone(), check.check.clone(), check.detail.clone()]);
    section("Warnings", &["model", "check", "found"], rows)
}

fn contract(report: &RunReport) -> String {
    let rows = report.contract.iter().map(|change| {
        let is_breaking = if change.is_breaking() { "yes" } else { "no" };
        vec![change.table.clone(), change.to_string(), is_breaking.to_owned()]
    });
    section("Changed columns", &["table", "change", "breaks readers"], rows)
}

fn kpis(report: &RunReport) -> String {
    let row = |kpi: &KpiReport| {
        let unusual = if kpi.is_unusual == Some(true) { "unusual" } else { "" };
        vec![kpi.title.clone(), kpi.value_text(), kpi.change_text(), kpi.day.to_string(), unusual.to_owned()]
    };
    section("KPIs", &["KPI", "value", "in 7 days", "day", ""], report.kpis.iter().map(row))
}

fn gate(gate: &Gate) -> String {
    let decision = match (gate.has_kept_earlier, &gate.published) {
        (true, Some(published)) => {
            format!("The new models lose more than {} of {:.4}, so the lists stay as they were.", gate.tolerance, published.value)
        }
        _ => "The lists are those of these models.".to_owned(),
    };
    let rows = gate.models.iter().chain(&gate.published).zip(0..).map(|(model, at)| {
        let window = if at < gate.models.len() { "test" } else { "published" };
        let numbers = [model.value, model.low, model.high].map(|value| format!("{value:.4}"));
        [window.to_owned(), model.model.clone()].into_iter().chain(numbers).collect()
    });
    section("Models", &["window", "model", gate.metric.as_str(), "low", "high"], rows) + &format!("\n{decision}\n")
}

fn steps(report: &RunReport) -> String {
    let row = |step: &StepReport| {
        let rows = step.rows.map(|rows| rows.to_string()).unwrap_or_default();
        vec![step.name.clone(), step.action.as_str().to_owned(), rows, format!("{:.2}", step.seconds), cut(&step.days), step.why.clone()]
    };
    let mut built: Vec<&StepReport> = report.built().collect();
    built.sort_by(|a, b| b.seconds.total_cmp(&a.seconds));
    section("Steps, the longest first", &["model", "action", "rows", "seconds", "days", "why"], built.into_iter().map(row))
}

fn tables(report: &RunReport) -> String {
    let rows = report.tables.iter().map(|(table, rows)| vec![table.clone(), rows.to_string()]);
    section("Tables", &["table", "rows"], rows)
}

/// A heading and a table; nothing where there is no row.
fn section(heading: &str, header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut rows = rows.peekable();
    if rows.peek().is_none() {
        return String::new();
    }
    format!("## {heading}\n\n{}", table(header, rows))
}

fn table(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let head = line(header.iter().map(|&name| name.to_owned()).collect());
    let rule = format!("|{}\n", "---|".repeat(header.len()));
    head + &rule + &rows.map(|cells| line(cells.iter().map(|cell| escaped(cell)).collect())).collect::<String>()
}

/// A text that leaves room for others; all of it is in the JSON.
fn cut(text: &str) -> String {
    if text.chars().count() <= CELL_CHARS {
        return text.to_owned();
    }
    text.chars().take(CELL_CHARS - 1).chain(['…']).collect()
}

/// A cell that stays one.
fn escaped(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}

#[cfg(test)]
mod tests {
    use super::super::record::tests::record;
    use super::super::{Outcome, Rejected};
    use super::*;

    #[test]
    fn a_run_that_failed_says_why() {
        let text = markdown(&RunReport::of(record("r1", 1, Outcome::Failed)));
        assert!(text.starts_with("# Run failed\n") && text.contains("| outcome | failed, exit code 4 |\n"), "{text}");
        assert!(text.contains("## Error\n\n> a | b\n") && !text.contains("rows read"), "{text}");
    }

    #[test]
    fn cells_stay_cells() {
        let mut report = RunReport::of(record("r1", 1, Outcome::Published));
        report.rejects.push(Rejected { source: "ratings".to_owned(), reason: "a|b\nc".to_owned(), rows_rejected: 3 });
        let text = markdown(&report);
        assert!(text.contains("## Rejected\n\n| source | reason | rows |\n|---|---|---|\n| ratings | a\\|b c | 3 |\n"), "{text}");
        assert!(text.starts_with("# Snapshot 7\n") && text.contains("| peak memory | 5 MiB |"), "{text}");
        assert!(!text.contains("## KPIs"), "{text}");
    }
}
