//! What an input is known by, so that reading it again replaces its earlier rows. How they are replaced is in `staging`.
//!
//! A dump is known by its name: the next one of that name takes its place. A log is not, because rotation gives its name to
//! another: it is known by its beginning, which stays the same while it grows, is renamed and compressed, and by its name without
//! what rotation adds. A log known under two identities is rejected row by row later, as duplicates; two under one would lose rows.

use std::io::{self, Cursor, Read};

use crate::domain::raw_tables::RawTable;
use crate::ingest::inputs::COMPRESSED_ENDINGS;
use crate::ingest::names::file_prefix;

/// Lines at its beginning that a log is known by. The first alone may be a header.
const KNOWN_LINES: usize = 2;
/// Most bytes that a log is known by.
const KNOWN_BYTES_MAX: usize = 64 * 1024;
/// Fewest digits that are a date: 20260401.
const DATE_DIGITS: usize = 8;

/// An input, known.
pub(super) struct Identified {
    /// What all files written for it begin with.
    pub(super) prefix: String,
    /// Its text, from the first byte on.
    pub(super) reader: Box<dyn Read>,
}

/// Tells what the input `name` is known by; of a log, this reads the beginning.
pub(super) fn identify(table: RawTable, name: &str, reader: Box<dyn Read>) -> io::Result<Identified> {
    if is_named(table) {
        return Ok(Identified { prefix: file_prefix(name, b""), reader });
    }
    let mut beginning = Vec::new();
    let mut reader = reader;
    reader.by_ref().take(KNOWN_BYTES_MAX as u64).read_to_end(&mut beginning)?;
    let prefix = file_prefix(&unrotated(name), first_lines(&beginning));
    Ok(Identified { prefix, reader: Box::new(Cursor::new(beginning).chain(reader)) })
}

/// Whether the inputs of a table are known by their names alone.
pub(super) fn is_named(table: RawTable) -> bool {
    table != RawTable::AccessLog
}

/// The first two complete lines that aren't blank; where there are fewer, all there is.
fn first_lines(text: &[u8]) -> &[u8] {
    let mut end = 0;
    let mut filled = 0;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        end += line.len();
        filled += usize::from(line.ends_with(b"\n") && !line.trim_ascii().is_empty());
        if filled == KNOWN_LINES {
            break;
        }
    }
    &text[..end]
}

/// A name without what rotation and compression add, the folder kept.
fn unrotated(name: &str) -> String {
    let start = name.rfind('/').map_or(0, |slash| slash + 1);
    let (folder, file) = name.split_at(start);
    let pieces = file.split('.').map(undated).filter(|piece| !piece.is_empty() && !COMPRESSED_ENDINGS.contains(piece));
    format!("{folder}{}", pieces.collect::<Vec<_>>().join("."))
}

/// A piece of a name without a date at its end; nothing of one that is all date or number.
fn undated(piece: &str) -> &str {
    let word = piece.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-' || c == '_');
    let tail = &piece[word.len()..];
    let date = tail.find(['-', '_']).filter(|start| tail[*start..].matches(|c: char| c.is_ascii_digit()).count() >= DATE_DIGITS);
    match (word, date) {
        ("", _) => "",
        (_, Some(start)) => &piece[..word.len() + start],
        (_, None) => piece,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(table: RawTable, name: &str, text: &str) -> String {
        let reader = Box::new(Cursor::new(text.as_bytes().to_vec()));
        let mut identified = identify(table, name, reader).expect("from memory");
        let mut whole = String::new();
        identified.reader.read_to_string(&mut whole).expect("from memory");
        assert_eq!(whole, text, "nothing is consumed");
        identified.prefix
    }

    fn log(name: &str, text: &str) -> String {
        prefix(RawTable::AccessLog, name, text)
    }

    #[test]
    fn a_log_stays_itself_while_it_grows_and_rotates() {
        let known = log("access.log", "a\nb\n");
        assert!(known.starts_with("access-"), "{known}");
        for name in ["access.log", "access.log.1", "access.log.12.gz", "access.log-20260401.zst", "access-2026-04-01.log", "access.1.log"] {
            assert_eq!(log(name, "a\nb\nc"), known, "{name}");
        }
    }

    #[test]
    fn other_lines_names_and_folders_are_other_logs() {
        let known = log("access.log", "a\nb\n");
        for (name, text) in [("access.log", "a\nc\n"), ("other.log", "a\nb\n"), ("web1/access.log", "a\nb\n"), ("stdin", "a\nb\n")] {
            assert_ne!(log(name, text), known, "{name}");
        }
        assert_ne!(log("web-1.log", "a\nb\n"), log("web-2.log", "a\nb\n"));
    }

    #[test]
    fn a_log_of_fewer_lines_is_known_by_what_it_has() {
        assert_eq!(log("access.log", "a"), log("access.log.1", "a"));
        assert_ne!(log("access.log", "h\na"), log("access.log", "h\nb"));
        assert_ne!(log("access.log", "\n\na\nb\n"), log("access.log", "\n\nc\nd\n"), "blank lines tell nothing");
    }

    #[test]
    fn long_beginnings_are_cut() {
        let long = "x".repeat(KNOWN_BYTES_MAX);
        assert_eq!(log("access.log", &long), log("access.log", &format!("{long}yz\nb\n")));
    }

    #[test]
    fn dumps_are_known_by_their_names() {
        let dump = |name, text| prefix(RawTable::Ratings, name, text);
        assert_eq!(dump("ratings.csv", "a\nb\n"), dump("ratings.csv", "c\nd\n"));
        assert_ne!(dump("ratings.1.csv", "a\nb\n"), dump("ratings.2.csv", "a\nb\n"));
    }
}
