//! JSON lines from an nginx `log_format`. They come from a template: numbers may stand in quotes, `-` is nothing, and
//! without `escape=json` bytes are written `\xHH`, which is no JSON and is repaired first.

use std::borrow::Cow;

use crate::domain::timestamps::TimeFormat;
use crate::ingest::cell::Cell;
use crate::ingest::columns::{Alias, FieldExtent, Layout};
use crate::ingest::error::IngestError;
use crate::ingest::formats::access_line::request_parts;
use crate::ingest::formats::json_object;
use crate::ingest::formats::quoted::hex_run;
use crate::ingest::formats::reading::broken_off;
use crate::ingest::lines::Lines;
use crate::ingest::sink::Sink;

/// The first line of the request, which stands for method and path where these are not logged by themselves.
const REQUEST: &str = "request";
const METHOD: &str = "request_method";
const PATH: &str = "request_uri";

/// nginx's variables, in the order in which they are preferred.
pub(super) fn layout() -> Layout {
    Layout {
        fields: vec![REQUEST.to_owned(), METHOD.to_owned(), PATH.to_owned()],
        extent: FieldExtent::Open,
        time_format: TimeFormat::Iso,
        aliases: aliases(),
    }
}

/// Reads all lines.
pub(super) fn read(file: &str, lines: &mut Lines, sink: &mut Sink<'_>) -> Result<(), IngestError> {
    let mut last = 0;
    while let Some(line) = lines.next().map_err(broken_off(file, last))? {
        last = line.number;
        let Some(text) = sink.admit(&line)? else { continue };
        let repaired = repaired(text);
        match json_object::parse(&repaired, sink.fields()) {
            Ok(cells) => sink.accept(last, text, &without_types(cells))?,
            Err(problem) => sink.refuse(last, line.bytes, problem)?,
        }
    }
    Ok(())
}

fn aliases() -> Vec<Alias> {
    let plain = |column, field| Alias { column, field, format: TimeFormat::Iso, scale: None };
    let time = |field, format| Alias { column: "ts", field, format, scale: None };
    vec![
        time("time_iso8601", TimeFormat::Iso),
        time("time_local", TimeFormat::Clf),
        time("msec", TimeFormat::EpochSeconds),
        time("@timestamp", TimeFormat::Iso),
        time("timestamp", TimeFormat::Iso),
        time("time", TimeFormat::Iso),
        plain("path", PATH),
        plain("path", "uri"),
        plain("user_id", "remote_user"),
        plain("ip", "remote_addr"),
        plain("method", METHOD),
        plain("bytes", "body_bytes_sent"),
        plain("bytes", "bytes_sent"),
        plain("referer", "http_referer"),
        plain("user_agent", "http_user_agent"),
        Alias { column: "duration_ms", field: "request_time", format: TimeFormat::Iso, scale: Some(1_000.0) },
    ]
}

/// Cells as the template means them; the request, if logged, fills method and path.
fn without_types(cells: Vec<Cell<'_>>) -> Vec<Cell<'_>> {
    let mut cells: Vec<_> = cells.into_iter().map(without_type).collect();
    let parts = cells[0].text().and_then(request_parts).map(|(method, path, _)| (method.to_owned(), path.to_owned()));
    if let Some((method, path)) = parts {
        fill(&mut cells[1], method);
        fill(&mut cells[2], path);
    }
    cells
}

fn without_type(cell: Cell<'_>) -> Cell<'_> {
    match cell.untyped() {
        Cell::Raw(text) if text == "-" => Cell::Missing,
        cell => cell,
    }
}

fn fill(cell: &mut Cell<'_>, text: String) {
    if *cell == Cell::Missing {
        *cell = Cell::Raw(Cow::Owned(text));
    }
}

/// The line with `\xHH` written as JSON would; bytes that are no UTF-8 together become the characters of their numbers.
fn repaired(line: &str) -> Cow<'_, str> {
    if !line.contains("\\x") {
        return Cow::Borrowed(line);
    }
    let mut json = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, escape)) = rest.split_once('\\') {
        json.push_str(before);
        let (bytes, after) = hex_run(escape);
        rest = if bytes.is_empty() { push_other_escape(&mut json, escape) } else { after };
        push_bytes(&mut json, &bytes);
    }
    json.push_str(rest);
    Cow::Owned(json)
}

fn push_other_escape<'t>(json: &mut String, escape: &'t str) -> &'t str {
    let first = escape.chars().next().map_or(0, char::len_utf8);
    json.push('\\');
    json.push_str(&escape[..first]);
    &escape[first..]
}

fn push_bytes(json: &mut String, bytes: &[u8]) {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.chars().for_each(|character| push_character(json, character)),
        Err(_) => bytes.iter().for_each(|byte| push_character(json, char::from(*byte))),
    }
}

fn push_character(json: &mut String, character: char) {
    match character {
        '"' | '\\' => json.extend(['\\', character]),
        character if character.is_control() => json.push_str(&format!("\\u{:04x}", u32::from(character))),
        character => json.push(character),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_repaired() {
        assert_eq!(repaired(r#"{"a": "\x22caf\xC3\xA9\x22 \x1B"}"#), r#"{"a": "\"café\" \u001b"}"#);
        assert_eq!(repaired(r#"{"a": "\xff"}"#), r#"{"a": "ÿ"}"#);
        assert_eq!(repaired(r#"{"a": "\\x41 \n\x41"}"#), r#"{"a": "\\x41 \nA"}"#);
        assert!(matches!(repaired(r#"{"a": "b\n"}"#), Cow::Borrowed(_)));
    }

    #[test]
    fn the_request_fills_what_is_missing() {
        let cells = vec![Cell::Text("GET /a HTTP/1.1".into()), Cell::Missing, Cell::Text("/b".into()), Cell::Text("-".into())];
        let expected = [Cell::raw("GET /a HTTP/1.1"), Cell::raw("GET"), Cell::raw("/b"), Cell::Missing];
        assert_eq!(without_types(cells), expected);
    }
}
