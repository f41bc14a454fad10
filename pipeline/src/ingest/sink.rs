//! `Sink`: where the rows of one input go, kept or quarantined, and counted. How they were written down is not known here.

use std::collections::BTreeMap;

use crate::domain::raw_tables::RawTable;
use crate::domain::timestamps::LocalDays;
use crate::ingest::cell::Cell;
use crate::ingest::columns::RowReader;
use crate::ingest::error::IngestError;
use crate::ingest::inputs::BytesRead;
use crate::ingest::lines::{Extent, LINE_BYTES_MAX, Line};
use crate::ingest::partition::DayBuffer;
use crate::ingest::problem::{Problem, reason};
use crate::ingest::quarantine::QuarantineWriter;
use crate::ingest::report::{FileReport, Progress};
use crate::ingest::values::Value;
use crate::ingest::write::FileWriter;

/// Rows between two calls of the progress callback.
const PROGRESS_ROWS: u64 = 16 * 1024;
/// Kinds of problems that are counted one by one.
const REASONS_MAX: usize = 100;
/// The kind under which all others are counted.
const OTHER_REASONS: &str = "other reasons";

/// Takes the rows of one input.
pub(super) struct Sink<'a> {
    rows: RowReader,
    /// Index of the column whose local day is the partition.
    time_column: Option<usize>,
    days: LocalDays,
    buffer: DayBuffer,
    outlets: Outlets,
    meter: Meter<'a>,
    counts: Counts,
}

/// Where rows are written.
pub(super) struct Outlets {
    pub(super) files: FileWriter,
    pub(super) quarantine: QuarantineWriter,
}

/// How far reading is, and whom to tell.
pub(super) struct Meter<'a> {
    pub(super) file: &'a str,
    pub(super) bytes: BytesRead,
    pub(super) bytes_total: Option<u64>,
    pub(super) progress: &'a dyn Fn(Progress<'_>),
}

#[derive(Default)]
struct Counts {
    rows: u64,
    kept: u64,
    reasons: BTreeMap<String, u64>,
}

impl<'a> Sink<'a> {
    pub(super) fn new(table: RawTable, rows: RowReader, outlets: Outlets, days: LocalDays, meter: Meter<'a>) -> Sink<'a> {
        let named = |name| table.columns().iter().position(|column| column.name == name);
        let time_column = table.time_column().and_then(named);
        Sink { rows, time_column, days, buffer: DayBuffer::new(table), outlets, meter, counts: Counts::default() }
    }

    /// Names of the fields that the cells of a row stand for.
    pub(super) fn fields(&self) -> &[String] {
        &self.rows.fields
    }

    /// The line as text. None if it is blank, or can't be text and was quarantined.
    pub(super) fn admit<'l>(&mut self, line: &Line<'l>) -> Result<Option<&'l str>, IngestError> {
        if line.is_blank() {
            return Ok(None);
        }
        match text_of(line) {
            Ok(text) => Ok(Some(text)),
            Err(problem) => self.refuse(line.number, line.bytes, problem).map(|()| None),
        }
    }

    /// Takes a row's cells; those that its columns can't hold send it to the quarantine.
    pub(super) fn accept(&mut self, line: u64, text: &str, cells: &[Cell<'_>]) -> Result<(), IngestError> {
        let row = match self.rows.read(cells) {
            Ok(row) => row,
            Err(problems) => return self.quarantine(line, text.as_bytes(), &problems),
        };
        let day = match self.time_column.map(|column| row[column]) {
            Some(Value::Micros(micros)) => Some(self.days.day(micros)),
            _ => None,
        };
        self.buffer.push(&row, day, text.len());
        self.count_row();
        if self.buffer.is_full() { self.flush() } else { Ok(()) }
    }

    /// Sends a row to the quarantine.
    pub(super) fn refuse(&mut self, line: u64, text: &[u8], problem: Problem) -> Result<(), IngestError> {
        self.quarantine(line, text, &[problem])
    }

    /// Writes what is left, and checks that no row was lost. Gives the report without its lines, and the outlets.
    pub(super) fn finish(mut self) -> Result<(FileReport, Outlets), IngestError> {
        self.flush()?;
        self.meter.tell(self.counts.rows);
        let report = FileReport {
            file: self.meter.file.to_owned(),
            lines: 0,
            rows: self.counts.rows,
            kept: self.counts.kept,
            quarantined: self.outlets.quarantine.count,
            bytes: self.meter.bytes.get(),
            days: self.outlets.files.day_count(),
            reasons: self.counts.reasons,
        };
        check_balance(&report)?;
        Ok((report, self.outlets))
    }

    fn quarantine(&mut self, line: u64, text: &[u8], problems: &[Problem]) -> Result<(), IngestError> {
        self.count_row();
        problems.iter().for_each(|problem| self.counts.add_reason(problem.kind()));
        self.outlets.quarantine.push(line, &reason(problems), text)
    }

    fn flush(&mut self) -> Result<(), IngestError> {
        if self.buffer.len() == 0 {
            return Ok(());
        }
        let parts = self.buffer.finish();
        self.counts.kept += parts.iter().map(|(_, rows)| rows.num_rows() as u64).sum::<u64>();
        self.outlets.files.write(&parts)
    }

    fn count_row(&mut self) {
        self.counts.rows += 1;
        if self.counts.rows.is_multiple_of(PROGRESS_ROWS) {
            self.meter.tell(self.counts.rows);
        }
    }
}

impl Meter<'_> {
    fn tell(&self, rows: u64) {
        let (file, bytes_total) = (self.file, self.bytes_total);
        (self.progress)(Progress { file, bytes: self.bytes.get(), bytes_total, rows });
    }
}

impl Counts {
    fn add_reason(&mut self, kind: String) {
        let full = self.reasons.len() >= REASONS_MAX && !self.reasons.contains_key(&kind);
        *self.reasons.entry(if full { OTHER_REASONS.to_owned() } else { kind }).or_default() += 1;
    }
}

fn text_of<'l>(line: &Line<'l>) -> Result<&'l str, Problem> {
    if line.extent == Extent::TooLong {
        return Err(Problem::new(format!("the line is longer than {LINE_BYTES_MAX} bytes")));
    }
    let text = std::str::from_utf8(line.bytes).map_err(|_| Problem::new("the line is not valid UTF-8"))?;
    // Runs of NUL are what a crash leaves in a log that was being written.
    if line.bytes.contains(&0) {
        return Err(Problem::new("the line holds a NUL byte"));
    }
    Ok(text)
}

fn check_balance(report: &FileReport) -> Result<(), IngestError> {
    let FileReport { rows, kept, quarantined, .. } = *report;
    if rows == kept + quarantined {
        return Ok(());
    }
    Err(IngestError::RowsLost { file: report.file.clone(), rows, kept, quarantined })
}
