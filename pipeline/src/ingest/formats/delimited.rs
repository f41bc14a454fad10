//! Fields between delimiters. With one character between them they may be quoted (RFC 4180), and then span lines.
//!
//! Split here and not by the `csv` crate, because a quote that never closes must cost one row, not the rest of the file.

use crate::domain::timestamps::TimeFormat;
use crate::ingest::cell::Cell;
use crate::ingest::columns::{FieldExtent, Layout};
use crate::ingest::error::IngestError;
use crate::ingest::formats::reading::broken_off;
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
    let mut last = 0;
    while let Some(line) = lines.next().map_err(broken_off(file, last))? {
        last = line.number;
        let Some(text) = sink.admit(&line)? else { continue };
        match split(text, delimiter, sink.fields().len()) {
            Split::Whole(cells) => accept(last, text, &cells, sink)?,
            Split::Broken(problem) => sink.refuse(last, line.bytes, problem)?,
            Split::Open => {
                let first = line.to_owned();
                read_spanning(first, delimiter, file, lines, sink)?;
            }
        }
    }
    Ok(())
}

/// Reads on until the quote closes. If it doesn't, only the line that opened it is quarantined; the rest is read anew.
fn read_spanning(first: OwnedLine, delimiter: &Delimiter, file: &str, lines: &mut Lines, sink: &mut Sink<'_>) -> Result<(), IngestError> {
    let number = first.as_line().number;
    let mut record = String::from_utf8_lossy(first.as_line().bytes).into_owned();
    let mut taken = Vec::new();
    while let Some(line) = lines.next().map_err(broken_off(file, number))? {
        taken.push(line.to_owned());
        let text = std::str::from_utf8(line.bytes).ok().filter(|text| line.extent == Extent::Whole && !text.contains('\0'));
        let Some(text) = text.filter(|text| record.len() + text.len() < LINE_BYTES_MAX) else { break };
        record.push('\n');
        record.push_str(text);
        // Without a quote on this line the field is still open.
        if text.contains('"') {
            match split(&record, delimiter, sink.fields().len()) {
                Split::Whole(cells) => return accept(number, &record, &cells, sink),
                Split::Broken(_) => break,
                Split::Open => {}
            }
        }
        if taken.len() == RECORD_LINES_MAX {
            break;
        }
    }
    lines.give_back(taken.into_iter());
    let problem = Problem::new("a quote is opened and not closed").expected("expected `\"` at the end of the field, doubled within it");
    sink.refuse(number, first.as_line().bytes, problem)
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
    match split(&text, delimiter, 0) {
        Split::Whole(cells) => cells.iter().filter_map(Cell::text).map(|name| name.trim().to_owned()).collect(),
        // Matching the columns will fail, and show this line as the only one.
        Split::Broken(_) | Split::Open => vec![text.into_owned()],
    }
}

enum Split<'t> {
    Whole(Vec<Cell<'t>>),
    /// A quote is still open at the end.
    Open,
    Broken(Problem),
}

/// Splits a record; `fields` is how many are likely.
fn split<'t>(record: &'t str, delimiter: &Delimiter, fields: usize) -> Split<'t> {
    let mut cells = Vec::with_capacity(fields);
    match delimiter {
        Delimiter::Character(character) => return split_quoted(record, *character, cells),
        Delimiter::Text(text) => cells.extend(record.split(text.as_str()).map(Cell::raw)),
        Delimiter::Whitespace => cells.extend(record.split_whitespace().map(Cell::raw)),
    }
    Split::Whole(cells)
}

fn split_quoted<'t>(record: &'t str, delimiter: char, mut cells: Vec<Cell<'t>>) -> Split<'t> {
    let mut rest = record;
    loop {
        let Some(quoted) = rest.strip_prefix('"') else {
            let Some((field, after)) = rest.split_once(delimiter) else {
                cells.push(Cell::raw(rest));
                return Split::Whole(cells);
            };
            cells.push(Cell::raw(field));
            rest = after;
            continue;
        };
        let Some((field, after)) = unquoted(quoted) else { return Split::Open };
        cells.push(field);
        match after.strip_prefix(delimiter) {
            Some(after) => rest = after,
            None if after.is_empty() => return Split::Whole(cells),
            None => return Split::Broken(Problem::new("a quote closes in the middle of a field").expected("expected it doubled")),
        }
    }
}

/// The field whose opening quote was taken, and what follows its closing one. None if there is no closing one.
fn unquoted(text: &str) -> Option<(Cell<'_>, &str)> {
    let mut from = 0;
    let mut doubled = false;
    loop {
        let quote = from + text[from..].find('"')?;
        if !text[quote + 1..].starts_with('"') {
            let field = &text[..quote];
            let cell = if doubled { Cell::Raw(field.replace("\"\"", "\"").into()) } else { Cell::raw(field) };
            return Some((cell, &text[quote + 1..]));
        }
        doubled = true;
        from = quote + 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(record: &str, delimiter: &Delimiter, expected: &[&str]) {
        let Split::Whole(cells) = split(record, delimiter, 4) else { panic!("{record} is not whole") };
        assert_eq!(cells.iter().filter_map(Cell::text).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn fields_are_split_and_unquoted() {
        let comma = Delimiter::Character(',');
        check("a,b,,d", &comma, &["a", "b", "", "d"]);
        check(r#""a,b","say ""hi""",c"#, &comma, &["a,b", "say \"hi\"", "c"]);
        check("\"a\nb\",", &comma, &["a\nb", ""]);
        check(r#"5" disk,x"#, &comma, &["5\" disk", "x"]);
        check("a\tb", &Delimiter::Character('\t'), &["a", "b"]);
    }

    #[test]
    fn longer_delimiters_know_no_quotes() {
        check("1::\"x::y", &Delimiter::Text("::".to_owned()), &["1", "\"x", "y"]);
        check("  00001 19970101  1   11.77", &Delimiter::Whitespace, &["00001", "19970101", "1", "11.77"]);
    }

    #[test]
    fn quotes_that_do_not_match_are_seen() {
        let comma = Delimiter::Character(',');
        assert!(matches!(split("a,\"b", &comma, 2), Split::Open));
        assert!(matches!(split("a,\"b\"\"", &comma, 2), Split::Open));
        assert!(matches!(split("a,\"b\"c", &comma, 2), Split::Broken(_)));
    }
}
