//! `Record`: one record of CSV (RFC 4180), given line by line and split by `csv-core`; its buffers serve all records.
//! How many lines a record may take, and what becomes of one that never ends, is decided by whoever gives the lines.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder, Terminator};

/// Fields made room for at first; more are made room for when they come.
const FIELDS_AT_FIRST: usize = 32;

/// The record being read.
pub(super) struct Record {
    reader: Reader,
    /// The fields without their quotes, one after the other; longer than what is used of it.
    text: Vec<u8>,
    text_bytes: usize,
    /// Where each field ends in the text; longer than what is used of it.
    ends: Vec<usize>,
    fields: usize,
    /// Open before the first record, as if one had been left: then, too, the reader is made ready.
    progress: Progress,
}

/// Whether a record has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// It ended with its last line.
    Whole,
    /// A quote is open: the next line belongs to it.
    Open,
}

impl Record {
    /// For records with this ASCII character between their fields.
    pub(super) fn new(delimiter: u8) -> Record {
        // A carriage return within a line is text; `Lines` has taken those that end one.
        let reader = ReaderBuilder::new().delimiter(delimiter).terminator(Terminator::Any(b'\n')).build();
        let ends = vec![0; FIELDS_AT_FIRST];
        Record { reader, text: Vec::new(), text_bytes: 0, ends, fields: 0, progress: Progress::Open }
    }

    /// Starts anew with the first line of a record, which isn't blank.
    pub(super) fn begin(&mut self, line: &str) -> Progress {
        if self.progress == Progress::Open {
            self.restart();
        }
        (self.text_bytes, self.fields) = (0, 0);
        self.go_on(line)
    }

    /// Takes a further line of an open record.
    pub(super) fn go_on(&mut self, line: &str) -> Progress {
        // What is written of a line is never longer than it and its line feed.
        let room = self.text_bytes + line.len() + 1;
        if self.text.len() < room {
            self.text.resize(room, 0);
        }
        self.push(line.as_bytes());
        self.progress = self.push(b"\n");
        self.progress
    }

    /// How many fields a whole record has.
    pub(super) fn len(&self) -> usize {
        self.fields
    }

    /// The fields of a whole record, without their quotes.
    pub(super) fn fields(&self) -> impl Iterator<Item = &str> {
        let text = std::str::from_utf8(&self.text[..self.text_bytes]).expect("only ASCII characters were taken out of a text");
        let mut start = 0;
        self.ends[..self.fields].iter().map(move |end| &text[std::mem::replace(&mut start, *end)..*end])
    }

    /// Whether in the whole record, written as `raw`, nothing but a delimiter follows a closing quote.
    ///
    /// Where something does, `csv-core` makes the best of it: `"5" disk"` becomes `5 disk"`, and quotes escaped by
    /// backslashes shift what follows into other fields. A row that can be read in two ways is none.
    pub(super) fn is_enclosed(&self, raw: &str) -> bool {
        let mut rest = raw.as_bytes();
        if !rest.contains(&b'"') {
            return true;
        }
        let mut start = 0;
        for end in &self.ends[..self.fields] {
            let Some(after) = after_field(rest, &self.text[start..*end]) else { return false };
            rest = after.get(1..).unwrap_or_default();
            start = *end;
        }
        true
    }

    fn push(&mut self, mut input: &[u8]) -> Progress {
        // An empty input would mean the end of the last record.
        while !input.is_empty() {
            let (text, ends) = (&mut self.text[self.text_bytes..], &mut self.ends[self.fields..]);
            let (result, read, written, ended) = self.reader.read_record(input, text, ends);
            input = &input[read..];
            self.text_bytes += written;
            self.fields += ended;
            match result {
                ReadRecordResult::Record => return Progress::Whole,
                ReadRecordResult::OutputEndsFull => self.ends.resize(2 * self.ends.len(), 0),
                ReadRecordResult::InputEmpty | ReadRecordResult::OutputFull | ReadRecordResult::End => return Progress::Open,
            }
        }
        Progress::Open
    }

    /// Makes the reader ready for a record, whatever it has seen.
    fn restart(&mut self) {
        self.reader.reset();
        // A new reader takes a byte order mark out, whichever line it is on: with a line read, it is new no more.
        self.reader.read_record(b"\n", &mut [0], &mut [0]);
    }
}

/// What follows the field that `raw` begins with. None if it is quoted, and text follows the closing quote.
fn after_field<'r>(raw: &'r [u8], field: &[u8]) -> Option<&'r [u8]> {
    let Some(mut rest) = raw.strip_prefix(b"\"") else { return raw.get(field.len()..) };
    if !field.contains(&b'"') {
        // As long as it is with text after its closing quote, but then it ends with that text.
        return rest.get(field.len()..)?.strip_prefix(b"\"");
    }
    for (index, piece) in field.split(|byte| *byte == b'"').enumerate() {
        let doubled: &[u8] = if index == 0 { b"" } else { b"\"\"" };
        rest = rest.strip_prefix(doubled)?.strip_prefix(piece)?;
    }
    rest.strip_prefix(b"\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fields, if the record is whole and its quotes enclose them.
    fn read(record: &mut Record, lines: &[&str]) -> Option<Vec<String>> {
        let mut progress = record.begin(lines[0]);
        for line in &lines[1..] {
            assert_eq!(progress, Progress::Open, "{lines:?} is whole before its end");
            progress = record.go_on(line);
        }
        let is_whole = progress == Progress::Whole && record.is_enclosed(&lines.join("\n"));
        is_whole.then(|| record.fields().map(str::to_owned).collect())
    }

    fn check(lines: &[&str], expected: &[&str]) {
        let fields = read(&mut Record::new(b','), lines);
        assert_eq!(fields, Some(expected.iter().map(|field| (*field).to_owned()).collect()), "{lines:?}");
    }

    #[test]
    fn fields_are_split() {
        check(&["a,b,,d"], &["a", "b", "", "d"]);
        check(&[","], &["", ""]);
        check(&["é,\u{feff}, x "], &["é", "\u{feff}", " x "]);
        check(&["\u{feff}a,b"], &["\u{feff}a", "b"]);
        check(&["a\rb,c"], &["a\rb", "c"]);
        assert_eq!(read(&mut Record::new(b'\t'), &["a\t\"b\t\"\t,"]), Some(["a", "b\t", ","].map(str::to_owned).to_vec()));
    }

    #[test]
    fn quotes_enclose_delimiters_line_breaks_and_doubled_quotes() {
        check(&[r#""a,b","say ""hi""",c"#], &["a,b", "say \"hi\"", "c"]);
        check(&["\"a", "b\","], &["a\nb", ""]);
        check(&["x,\"a", "", ",\"\"", "\",y"], &["x", "a\n\n,\"\n", "y"]);
        check(&["\"\",\"\"\"\""], &["", "\""]);
    }

    #[test]
    fn a_quote_within_an_unquoted_field_is_text() {
        check(&[r#"5" disk,x"y","#], &["5\" disk", "x\"y\"", ""]);
        check(&[r#" "a",b"#], &[" \"a\"", "b"]);
    }

    #[test]
    fn text_after_a_closing_quote_is_not_guessed_at() {
        let mut record = Record::new(b',');
        for raw in [r#"a,"b"c"#, r#""5" disk","x""#, r#""a" ,b"#, r#""say \"hi\"",c"#, r#""b"c",",""#, r#""a"b"""#] {
            assert_eq!(record.begin(raw), Progress::Whole, "{raw}");
            assert!(!record.is_enclosed(raw), "{raw}");
        }
    }

    #[test]
    fn an_open_record_can_be_left() {
        let mut record = Record::new(b',');
        for open in ["a,\"b", "a,\"b\"\"", "\""] {
            assert_eq!(read(&mut record, &[open, "", "c"]), None);
            assert_eq!(read(&mut record, &["\u{feff}d,\"e\""]), Some(vec!["\u{feff}d".to_owned(), "e".to_owned()]));
        }
    }

    #[test]
    fn any_number_of_fields_is_read() {
        let mut record = Record::new(b',');
        for count in [FIELDS_AT_FIRST - 1, FIELDS_AT_FIRST, FIELDS_AT_FIRST + 1, 100_000, 1] {
            let raw = vec!["\"x\""; count].join(",");
            assert_eq!((record.begin(&raw), record.len()), (Progress::Whole, count));
            assert!(record.is_enclosed(&raw) && record.fields().all(|field| field == "x"));
        }
    }
}
