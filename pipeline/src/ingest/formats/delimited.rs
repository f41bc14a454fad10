//! Fields between delimiters. With one ASCII character between them they may be quoted (RFC 4180), and then span lines.
//!
//! `csv-core` splits records, but isn't given the file: a quote that never closes must cost one row, not the rest of the
//! file. So it is given line by line, and what an open quote has taken in vain is read again. Between longer delimiters
//! and blanks nothing is quoted: no standard says how, no library reads it, and in what is written so a quote is text.

use crate::domain::timestamps::TimeFormat;
use crate::ingest::cell::Cell;
use crate::ingest::columns::{FieldExtent, Layout};
use crate::ingest::error::IngestError;
use crate::ingest::formats::reading::broken_off;
use crate::ingest::formats::record::{Progress, Record};
use crate::ingest::job::Delimiter;
use crate::ingest::lines::{Extent, LINE_BYTES_MAX, Line, Lines, OwnedLine};
use crate::ingest::problem::Problem;
use crate::ingest::sink::Sink;

/// Most lines that a quoted field may span; also bounds the work spent on a quote that never closes.
const RECORD_LINES_MAX: usize = 1_000;

/// The header, or the names given. None if the input ends before its header.
pub(super) fn layout(
    delimiter: &Delimiter,
    names: Option<&[String]>,
    file: &str,
    lines: &mut Lines,
) -> Result<Option<Layout>, IngestError> {
    let fields = match names {
        Some(names) => Some(names.to_vec()),
        None => header(delimiter, file, lines)?,
    };
    let layout = |fields| Layout { fields, extent: FieldExtent::Closed, time_format: TimeFormat::Iso, aliases: Vec::new() };
    Ok(fields.map(layout))
}

/// Reads all rows.
pub(super) fn read(delimiter: &Delimiter, file: &str, lines: &mut Lines, sink: &mut Sink<'_>) -> Result<(), IngestError> {
    match quotable(delimiter) {
        Some(character) => read_records(Record::new(character), file, lines, sink),
        None => read_lines(delimiter, file, lines, sink),
    }
}

/// The delimiter between fields that may be quoted.
fn quotable(delimiter: &Delimiter) -> Option<u8> {
    match delimiter {
        Delimiter::Character(character) if character.is_ascii() => u8::try_from(*character).ok(),
        _ => None,
    }
}

fn read_lines(delimiter: &Delimiter, file: &str, lines: &mut Lines, sink: &mut Sink<'_>) -> Result<(), IngestError> {
    let mut last = 0;
    while let Some(line) = lines.next().map_err(broken_off(file, last))? {
        last = line.number;
        let Some(text) = sink.admit(&line)? else { continue };
        accept(last, text, &unquoted(text, delimiter), sink)?;
    }
    Ok(())
}

fn read_records(mut record: Record, file: &str, lines: &mut Lines, sink: &mut Sink<'_>) -> Result<(), IngestError> {
    let mut last = 0;
    while let Some(line) = lines.next().map_err(broken_off(file, last))? {
        last = line.number;
        let Some(text) = sink.admit(&line)? else { continue };
        match record.begin(text) {
            Progress::Whole if record.is_enclosed(text) => accept(last, text, &cells(&record), sink)?,
            Progress::Whole => {
                let problem = Problem::new("a quote closes in the middle of a field").expected("expected it doubled");
                sink.refuse(last, line.bytes, problem)?;
            }
            Progress::Open => {
                let first = line.to_owned();
                read_on(first, &mut record, file, lines, sink)?;
            }
        }
    }
    Ok(())
}

/// Reads on until the quote closes. If it doesn't, only the line that opened it is quarantined; the rest is read anew.
fn read_on(first: OwnedLine, record: &mut Record, file: &str, lines: &mut Lines, sink: &mut Sink<'_>) -> Result<(), IngestError> {
    let number = first.as_line().number;
    let mut raw = String::from_utf8_lossy(first.as_line().bytes).into_owned();
    let mut taken = Vec::new();
    while let Some(line) = lines.next().map_err(broken_off(file, number))? {
        taken.push(line.to_owned());
        let text = std::str::from_utf8(line.bytes).ok().filter(|text| line.extent == Extent::Whole && !text.contains('\0'));
        let Some(text) = text.filter(|text| raw.len() + text.len() < LINE_BYTES_MAX) else { break };
        raw.push('\n');
        raw.push_str(text);
        match record.go_on(text) {
            Progress::Whole if record.is_enclosed(&raw) => return accept(number, &raw, &cells(record), sink),
            Progress::Open if taken.len() < RECORD_LINES_MAX => {}
            Progress::Whole | Progress::Open => break,
        }
    }
    lines.give_back(taken.into_iter());
    let problem = Problem::new("a quote is opened and not closed").expected("expected `\"` at the end of the field, doubled within it");
    sink.refuse(number, first.as_line().bytes, problem)
}

fn cells(record: &Record) -> Vec<Cell<'_>> {
    let mut cells = Vec::with_capacity(record.len());
    cells.extend(record.fields().map(Cell::raw));
    cells
}

fn unquoted<'t>(text: &'t str, delimiter: &Delimiter) -> Vec<Cell<'t>> {
    match delimiter {
        Delimiter::Character(character) => text.split(*character).map(Cell::raw).collect(),
        Delimiter::Text(delimiter) => text.split(delimiter.as_str()).map(Cell::raw).collect(),
        Delimiter::Whitespace => text.split_whitespace().map(Cell::raw).collect(),
    }
}

fn accept(line: u64, text: &str, cells: &[Cell<'_>], sink: &mut Sink<'_>) -> Result<(), IngestError> {
    let names = sink.fields().len();
    if cells.len() == names {
        return sink.accept(line, text, cells);
    }
    let count = format!("{} fields", cells.len());
    sink.refuse(line, text.as_bytes(), Problem::new("the row has").value(&count).expected(format!("expected {names}")))
}

fn header(delimiter: &Delimiter, file: &str, lines: &mut Lines) -> Result<Option<Vec<String>>, IngestError> {
    while let Some(line) = lines.next().map_err(broken_off(file, 0))? {
        if !line.is_blank() {
            return Ok(Some(header_names(delimiter, &line)));
        }
    }
    Ok(None)
}

fn header_names(delimiter: &Delimiter, line: &Line<'_>) -> Vec<String> {
    let text = String::from_utf8_lossy(line.bytes);
    let trimmed = |cells: Vec<Cell<'_>>| cells.iter().filter_map(Cell::text).map(|name| name.trim().to_owned()).collect();
    let Some(character) = quotable(delimiter) else { return trimmed(unquoted(&text, delimiter)) };
    let mut record = Record::new(character);
    match record.begin(&text) {
        Progress::Whole if record.is_enclosed(&text) => trimmed(cells(&record)),
        // Matching the columns will fail, and show this line as the only one.
        Progress::Whole | Progress::Open => vec![text.into_owned()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, delimiter: &Delimiter, expected: &[&str]) {
        let cells = unquoted(text, delimiter);
        assert_eq!(cells.iter().filter_map(Cell::text).collect::<Vec<_>>(), expected);
    }

    fn check_header(text: &str, expected: &[&str]) {
        let line = Line { number: 1, bytes: text.as_bytes(), extent: Extent::Whole };
        assert_eq!(header_names(&Delimiter::Character(','), &line), expected);
    }

    #[test]
    fn other_delimiters_know_no_quotes() {
        check("1::\"x::y", &Delimiter::Text("::".to_owned()), &["1", "\"x", "y"]);
        check("  00001 19970101  1   11.77", &Delimiter::Whitespace, &["00001", "19970101", "1", "11.77"]);
        check("a¦\"b¦c", &Delimiter::Character('¦'), &["a", "\"b", "c"]);
        assert_eq!((quotable(&Delimiter::Character('¦')), quotable(&Delimiter::Character(';'))), (None, Some(b';')));
    }

    #[test]
    fn names_of_a_header_may_be_quoted() {
        check_header("\"user_id\", rating ,\"a,b\"", &["user_id", "rating", "a,b"]);
        check_header("\"user_id,rating", &["\"user_id,rating"]);
        check_header("\"a\"b,c", &["\"a\"b,c"]);
    }
}
