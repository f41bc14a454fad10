//! The story of one ingest: list the inputs, read each into the staging folder, then put everything in place at once.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::timestamps::LocalDays;
use crate::ingest::columns::RowReader;
use crate::ingest::error::IngestError;
use crate::ingest::formats::{self, broken_off};
use crate::ingest::identity::{identify, is_named};
use crate::ingest::inputs::{self, Source};
use crate::ingest::job::IngestJob;
use crate::ingest::lines::Lines;
use crate::ingest::quarantine::QuarantineWriter;
use crate::ingest::report::{FileReport, IngestReport, Progress};
use crate::ingest::sink::{Meter, Outlets, Sink};
use crate::ingest::staging::{Journal, Staging};
use crate::ingest::write::FileWriter;

/// Reads the job's inputs into raw Parquet: all of them or, on an error, none.
///
/// Rows of an input that was ingested before are replaced (`identity` says what it is known by); but not by nothing: of an
/// input of which no row can be kept, earlier ones stay, and only its quarantine is replaced. If that is so for all inputs,
/// [`IngestReport::check_kept`] says it. Memory is bounded, however long the inputs are and however many days they touch.
/// `progress` is called now and then.
///
/// # Errors
/// When an input can't be read to its end, lacks a column, has no format, is there twice, or none has a row; or on a failed write.
pub fn ingest(job: &IngestJob, progress: &dyn Fn(Progress<'_>)) -> Result<IngestReport, IngestError> {
    let sources = inputs::list(&job.inputs)?;
    if is_named(job.table) {
        check_names(&sources)?;
    }
    let staging = Staging::begin(job.table, &job.output, &job.quarantine)?;
    let mut reading = Reading { job, staging: &staging, progress, journal: Journal::default(), known: BTreeMap::new() };
    let mut report = IngestReport::default();
    for source in &sources {
        report.files.push(reading.read(source)?);
    }
    check_rows(&report)?;
    let journal = reading.journal;
    staging.publish(&journal)?;
    Ok(report)
}

/// The inputs of a job, on their way into the staging folder.
struct Reading<'a> {
    job: &'a IngestJob,
    staging: &'a Staging,
    progress: &'a dyn Fn(Progress<'_>),
    journal: Journal,
    /// Prefix of each input that had rows → where it is.
    known: BTreeMap<String, String>,
}

impl Reading<'_> {
    fn read(&mut self, source: &Source) -> Result<FileReport, IngestError> {
        let opened = source.open()?;
        let identified = identify(self.job.table, &source.name, opened.reader).map_err(broken_off(&source.name, 0))?;
        let prefix = identified.prefix;
        self.check_unknown(&prefix, source)?;
        let meter = Meter { file: &source.name, bytes: opened.bytes, bytes_total: opened.bytes_total, progress: self.progress };
        let mut lines = Lines::new(identified.reader);
        let read = read_lines(self.job, &mut lines, self.outlets(&prefix, source), meter)?;
        let Some((mut report, outlets)) = read else {
            return Ok(FileReport { file: source.name.clone(), lines: lines.count(), ..FileReport::default() });
        };
        report.lines = lines.count();
        if report.rows > 0 {
            self.known.insert(prefix.clone(), source.place());
        }
        if report.kept > 0 {
            self.journal.prefixes.insert(prefix);
        }
        self.journal.rows.extend(outlets.files.written);
        self.journal.quarantine.extend(outlets.quarantine.close()?.map(Into::into));
        Ok(report)
    }

    fn outlets(&self, prefix: &str, source: &Source) -> Outlets {
        Outlets {
            files: FileWriter::new(&self.staging.rows(), prefix, self.job.table),
            quarantine: QuarantineWriter::new(&self.staging.quarantine(), prefix, self.job.table, &source.name),
        }
    }

    /// Empty inputs may well be alike: nothing of them is lost.
    fn check_unknown(&self, prefix: &str, source: &Source) -> Result<(), IngestError> {
        match self.known.get(prefix) {
            Some(first) => Err(IngestError::SameLog { first: first.clone(), second: source.place() }),
            None => Ok(()),
        }
    }
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
        if !names.insert(&source.name) {
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
