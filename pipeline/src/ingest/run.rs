//! The story of one ingest: list the inputs, read each into the staging folder, then put everything in place at once.

use std::collections::BTreeSet;

use crate::domain::timestamps::LocalDays;
use crate::ingest::columns::RowReader;
use crate::ingest::error::IngestError;
use crate::ingest::formats;
use crate::ingest::inputs::{self, Source};
use crate::ingest::job::IngestJob;
use crate::ingest::lines::Lines;
use crate::ingest::names::file_prefix;
use crate::ingest::quarantine::QuarantineWriter;
use crate::ingest::report::{FileReport, IngestReport, Progress};
use crate::ingest::sink::{Meter, Outlets, Sink};
use crate::ingest::staging::{Journal, Staging};
use crate::ingest::write::FileWriter;

/// Reads the job's inputs into raw Parquet: all of them or, on an error, none.
///
/// Rows of an input that was ingested before, known by its name, are replaced; but not by nothing: of an input of
/// which no row can be kept, earlier ones stay, and only its quarantine is replaced. If that is so for all inputs,
/// [`IngestReport::check_kept`] says it. Memory is bounded, however long the inputs are and however many days they touch.
/// `progress` is called now and then.
///
/// # Errors
/// When an input can't be read to its end, lacks a column, has no format, or none has a row; or on a failed write.
pub fn ingest(job: &IngestJob, progress: &dyn Fn(Progress<'_>)) -> Result<IngestReport, IngestError> {
    let sources = inputs::list(&job.inputs)?;
    check_names(&sources)?;
    let staging = Staging::begin(job.table, &job.output, &job.quarantine)?;
    let mut journal = Journal::default();
    let mut report = IngestReport::default();
    for source in &sources {
        report.files.push(read_source(job, source, &staging, &mut journal, progress)?);
    }
    check_rows(&report)?;
    staging.publish(&journal)?;
    Ok(report)
}

fn read_source(
    job: &IngestJob,
    source: &Source,
    staging: &Staging,
    journal: &mut Journal,
    progress: &dyn Fn(Progress<'_>),
) -> Result<FileReport, IngestError> {
    let opened = source.open()?;
    let prefix = file_prefix(&source.name);
    let meter = Meter { file: &source.name, bytes: opened.bytes, bytes_total: opened.bytes_total, progress };
    let mut lines = Lines::new(opened.reader);
    let outlets = Outlets {
        files: FileWriter::new(&staging.rows(), &prefix, job.table),
        quarantine: QuarantineWriter::new(&staging.quarantine(), &prefix, job.table, &source.name),
    };
    let read = read_lines(job, &mut lines, outlets, meter)?;
    let Some((mut report, outlets)) = read else {
        return Ok(FileReport { file: source.name.clone(), lines: lines.count(), ..FileReport::default() });
    };
    report.lines = lines.count();
    if report.kept > 0 {
        journal.prefixes.insert(prefix);
    }
    journal.rows.extend(outlets.files.written);
    journal.quarantine.extend(outlets.quarantine.close()?.map(Into::into));
    Ok(report)
}

/// None if there is nothing but blank lines.
fn read_lines(
    job: &IngestJob,
    lines: &mut Lines,
    outlets: Outlets,
    meter: Meter<'_>,
) -> Result<Option<(FileReport, Outlets)>, IngestError> {
    let file = meter.file;
    let Some(format) = formats::recognise(&job.format, job.table, file, lines)? else { return Ok(None) };
    let Some(layout) = formats::layout(&format, file, lines)? else { return Ok(None) };
    let rows = RowReader::new(job, file, layout)?;
    let mut sink = Sink::new(job.table, rows, outlets, LocalDays::new(job.zone), meter);
    formats::read(&format, file, lines, &mut sink)?;
    sink.finish().map(Some)
}

fn check_names(sources: &[Source]) -> Result<(), IngestError> {
    let mut names = BTreeSet::new();
    for source in sources {
        if !names.insert(file_prefix(&source.name)) {
            return Err(IngestError::SameName { name: source.name.clone() });
        }
    }
    Ok(())
}

fn check_rows(report: &IngestReport) -> Result<(), IngestError> {
    match report.files.first() {
        Some(first) if report.rows() == 0 => Err(IngestError::Empty { file: first.file.clone() }),
        _ => Ok(()),
    }
}
