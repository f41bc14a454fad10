//! `hachi ingest`: logs, CSV and JSON lines into raw Parquet.

use std::path::{Path, PathBuf};

use anstyle::{AnsiColor, Style};

use super::output::{self, thousands};
use super::{open, progress};
use crate::config::{Config, ConfigError, SourceConfig};
use crate::domain::raw_tables::RawTable;
use crate::ingest::{Delimiter, Format, IngestError, IngestJob, IngestReport, Input, ingest as ingest_files};
use crate::sources::QUARANTINE_FOLDER;

/// What stands for standard input.
const STDIN: &str = "-";
/// Problems that a summary names, most frequent first.
const SHOWN_REASONS: usize = 5;
const WARNING: Style = AnsiColor::Yellow.on_default().bold();

/// Arguments of `hachi ingest`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The raw table: access_log, ratings, members, courses, interactions, payments, exposures, moderation or impressions
    #[arg(value_parser = raw_table)]
    table: RawTable,
    /// Files or folders, plain, gzip or zstd; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    inputs: Vec<PathBuf>,
    /// `auto`, `combined`, `common`, `nginx_json`, `csv`, `tsv` or `jsonl`; default: as configured, else told from the content
    #[arg(long)]
    format: Option<String>,
    /// Print the outcome as JSON
    #[arg(long)]
    json: bool,
}

/// Reads the inputs into the folder of the table's source.
pub fn ingest(config: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let config = open::config(config, None, None)?;
    let table = arguments.table;
    let job = job(&config, arguments)?;
    let bar = progress::bytes();
    let report = ingest_files(&job, &|now| {
        bar.set_length(now.bytes_total.unwrap_or(now.bytes));
        bar.set_position(now.bytes);
        bar.set_message(format!("{} rows  {}", thousands(now.rows), now.file));
    });
    bar.finish_and_clear();
    let report = report?;
    if arguments.json {
        output::print(format_args!("{}", serde_json::to_string_pretty(&json(&report))?))?;
    } else {
        output::print(text(table, &report, &job).trim_end())?;
    }
    warnings(&report).iter().for_each(|warning| anstream::eprintln!("{WARNING}warning{WARNING:#}: {warning}"));
    // The outcome is shown nevertheless: it counts the reasons.
    Ok(report.check_kept()?)
}

fn raw_table(name: &str) -> Result<RawTable, String> {
    let known = || RawTable::ALL.map(RawTable::name).join("`, `");
    RawTable::parse(name).ok_or_else(|| format!("`{name}` is no raw table; known are `{}`", known()))
}

fn job(config: &Config, arguments: &Arguments) -> anyhow::Result<IngestJob> {
    let table = arguments.table;
    let source = config.sources.get(&table).ok_or(ConfigError::NoSource { table: table.name() })?;
    Ok(IngestJob {
        table,
        inputs: arguments.inputs.iter().map(|path| input(path)).collect(),
        format: format(source, arguments.format.as_deref())?,
        rules: source.columns.clone(),
        zone: config.timezone,
        output: source.path.clone(),
        quarantine: source.path.join(QUARANTINE_FOLDER),
    })
}

fn input(path: &Path) -> Input {
    match path {
        path if path == Path::new(STDIN) => Input::Stdin,
        path if path.is_dir() => Input::Folder(path.to_owned()),
        path => Input::File(path.to_owned()),
    }
}

/// The format as typed, else as configured; a configured delimiter or header says `csv`.
fn format(source: &SourceConfig, typed: Option<&str>) -> Result<Format, IngestError> {
    let written = &source.written;
    let is_delimited = written.delimiter.is_some() || written.header.is_some();
    let name = typed.or(written.format.as_deref()).unwrap_or(if is_delimited { "csv" } else { "auto" });
    match Format::parse(name)? {
        Format::Delimited { delimiter, .. } => Ok(Format::Delimited {
            delimiter: written.delimiter.as_deref().map_or(Ok(delimiter), Delimiter::parse)?,
            names: written.header.clone(),
        }),
        other => Ok(other),
    }
}

fn text(table: RawTable, report: &IngestReport, job: &IngestJob) -> String {
    let mut text = format!(
        "{table}: {} rows read, {} kept, {} quarantined → {}\n",
        thousands(report.rows()),
        thousands(report.kept()),
        thousands(report.quarantined()),
        job.output.display(),
    );
    for file in &report.files {
        for (reason, rows) in file.top_reasons(SHOWN_REASONS) {
            text += &format!("  {:>9}  {reason} ({})\n", thousands(rows), file.file);
        }
    }
    if report.quarantined() > 0 {
        text += &format!("  quarantined lines with file, line and reason: {}\n", job.quarantine.display());
    }
    text
}

/// Inputs that gave nothing. Where none gave anything, that is an error and no warning.
fn warnings(report: &IngestReport) -> Vec<String> {
    let empty = report.empty_files().map(|file| format!("`{file}` has no rows; rows kept of it before are untouched"));
    let refused = report.refused_files().filter(|_| report.kept() > 0).map(|file| {
        let reason = file.top_reasons(1).first().map_or("", |(reason, _)| *reason);
        format!("no row of `{}` could be kept, most often because {reason}; rows kept of it before are untouched", file.file)
    });
    empty.chain(refused).collect()
}

fn json(report: &IngestReport) -> serde_json::Value {
    let file = |f: &crate::ingest::FileReport| {
        serde_json::json!({
            "file": f.file, "lines": f.lines, "rows": f.rows, "kept": f.kept, "quarantined": f.quarantined,
            "bytes": f.bytes, "days": f.days, "reasons": f.reasons,
        })
    };
    serde_json::json!({
        "rows": report.rows(), "kept": report.kept(), "quarantined": report.quarantined(),
        "files": report.files.iter().map(file).collect::<Vec<_>>(),
    })
}
