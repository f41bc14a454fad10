//! Tells an input's format by its name, else by its first lines.

use crate::domain::raw_tables::RawTable;
use crate::ingest::error::IngestError;
use crate::ingest::formats::access_line::{self, Shape};
use crate::ingest::formats::reading::broken_off;
use crate::ingest::inputs::COMPRESSED_ENDINGS;
use crate::ingest::job::{Delimiter, Format};
use crate::ingest::lines::{Line, Lines, OwnedLine};

/// First lines that are looked at; a log may begin with a damaged one.
const SAMPLE_LINES: usize = 10;
/// What may stand between the fields of a row, the most likely first.
const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];

/// The format asked for, or the one the input seems to be in; nothing is consumed. None if the input is blank.
pub(in crate::ingest) fn recognise(format: &Format, table: RawTable, file: &str, lines: &mut Lines) -> Result<Option<Format>, IngestError> {
    if *format != Format::Auto {
        return Ok(Some(format.clone()));
    }
    let sample = sample(lines).map_err(broken_off(file, 0))?;
    let texts: Vec<_> = sample.iter().map(|line| String::from_utf8_lossy(line.as_line().bytes).into_owned()).collect();
    lines.give_back(sample.into_iter());
    let texts: Vec<_> = texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty()).collect();
    let Some(first) = texts.first() else { return Ok(None) };
    if first.starts_with('[') && !is_access_log(&texts) {
        return Err(IngestError::JsonArray { file: file.to_owned() });
    }
    let told = by_name(file, table, first).or_else(|| by_content(table, &texts));
    told.map(Some).ok_or_else(|| IngestError::UnknownFormat { file: file.to_owned() })
}

/// The first lines up to [`SAMPLE_LINES`] that aren't blank, with the blank ones between them.
fn sample(lines: &mut Lines) -> std::io::Result<Vec<OwnedLine>> {
    let mut sample = Vec::new();
    let mut filled = 0;
    while filled < SAMPLE_LINES && sample.len() < 10 * SAMPLE_LINES {
        let Some(line) = lines.next()? else { break };
        filled += usize::from(!line.is_blank());
        sample.push(Line::to_owned(line));
    }
    Ok(sample)
}

fn by_name(file: &str, table: RawTable, first: &str) -> Option<Format> {
    let file = file.to_ascii_lowercase();
    let plain = file.rsplit_once('.').filter(|(_, ending)| COMPRESSED_ENDINGS.contains(ending)).map_or(file.as_str(), |(plain, _)| plain);
    match plain.rsplit_once('.')?.1 {
        "jsonl" | "ndjson" => Some(json(table)),
        "tsv" => Some(Format::delimited('\t')),
        "csv" => Some(Format::delimited(likely_delimiter(first).unwrap_or(','))),
        _ => None,
    }
}

fn by_content(table: RawTable, texts: &[&str]) -> Option<Format> {
    if texts.first()?.starts_with('{') {
        return Some(json(table));
    }
    if is_access_log(texts) {
        let combined = texts.iter().any(|text| access_line::parse(text, Shape::Combined).is_ok());
        return Some(if combined { Format::Combined } else { Format::Common });
    }
    let first = texts.first()?;
    if first.contains("::") {
        return Some(Format::Delimited { delimiter: Delimiter::Text("::".to_owned()), names: None });
    }
    likely_delimiter(first).map(Format::delimited)
}

fn is_access_log(texts: &[&str]) -> bool {
    let parses = |shape| texts.iter().any(|text| access_line::parse(text, shape).is_ok());
    parses(Shape::Combined) || parses(Shape::Common)
}

/// JSON lines with requests come from a web server.
fn json(table: RawTable) -> Format {
    if table == RawTable::AccessLog { Format::NginxJson } else { Format::JsonLines }
}

/// The delimiter that stands most often in the first line.
fn likely_delimiter(first: &str) -> Option<char> {
    let counted = DELIMITERS.into_iter().rev().map(|delimiter| (first.matches(delimiter).count(), delimiter));
    counted.filter(|(count, _)| *count > 0).max_by_key(|(count, _)| *count).map(|(_, delimiter)| delimiter)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn told(file: &str, text: &str, table: RawTable) -> Result<Option<Format>, IngestError> {
        let mut lines = Lines::new(Box::new(Cursor::new(text.as_bytes().to_vec())));
        let format = recognise(&Format::Auto, table, file, &mut lines);
        let first = lines.next().expect("from memory").map(|line| line.number);
        assert_eq!(first, (!text.is_empty()).then_some(1), "nothing is consumed");
        format
    }

    fn check(file: &str, text: &str, expected: Format) {
        assert_eq!(told(file, text, RawTable::Ratings).expect("a format"), Some(expected), "{file}");
    }

    const COMMON: &str = r#"::1 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 5"#;

    #[test]
    fn names_tell_before_contents() {
        check("a.tsv.gz", "a,b,c", Format::delimited('\t'));
        check("A.CSV", "a;b;c,d", Format::delimited(';'));
        check("a.jsonl", "{", Format::JsonLines);
    }

    #[test]
    fn contents_tell_where_names_do_not() {
        check("a.log.1", &format!("damaged\n\n{COMMON}"), Format::Common);
        check("access.log", &format!(r#"{COMMON} "-" "-""#), Format::Combined);
        check("stdin", "ts,user_id\n", Format::delimited(','));
        check("a.dat", "a::b", Format::Delimited { delimiter: Delimiter::Text("::".to_owned()), names: None });
        assert_eq!(told("x", "{}", RawTable::AccessLog).expect("a format"), Some(Format::NginxJson));
    }

    #[test]
    fn what_can_not_be_told_is_an_error() {
        assert!(matches!(told("LICENSE", "words and words", RawTable::Ratings), Err(IngestError::UnknownFormat { .. })));
        assert!(matches!(told("a.json", "[\n{}]", RawTable::Ratings), Err(IngestError::JsonArray { .. })));
        assert_eq!(told("a", "", RawTable::Ratings).expect("nothing"), None);
        assert_eq!(told("a", "\n\n", RawTable::Ratings).expect("nothing"), None);
    }
}
