//! Lines of bounded length, with their numbers; can take lines back, for those who had to look ahead.
//! What a line means, and whether it is text at all, is not here.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};

/// Longest line that is read; the rest of a longer one is skipped.
pub(super) const LINE_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of text taken from the reader at once.
const BUFFER_BYTES: usize = 256 * 1024;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads lines.
pub(super) struct Lines {
    input: BufReader<Box<dyn Read>>,
    buffer: Vec<u8>,
    count: u64,
    returned: VecDeque<OwnedLine>,
    current: OwnedLine,
}

/// A line without its line break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// Counted from 1.
    pub(super) number: u64,
    /// The line, or the beginning of one that is too long.
    pub(super) bytes: &'a [u8],
    /// Whether that is all of it.
    pub(super) extent: Extent,
}

/// Whether a line was read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Extent {
    /// The whole line.
    #[default]
    Whole,
    /// Longer than [`LINE_BYTES_MAX`]: only its beginning.
    TooLong,
}

/// A line that can be given back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct OwnedLine {
    number: u64,
    bytes: Vec<u8>,
    extent: Extent,
}

impl Lines {
    pub(super) fn new(reader: Box<dyn Read>) -> Lines {
        let input = BufReader::with_capacity(BUFFER_BYTES, reader);
        Lines { input, buffer: Vec::new(), count: 0, returned: VecDeque::new(), current: OwnedLine::default() }
    }

    /// The next line; None at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        if let Some(line) = self.returned.pop_front() {
            self.current = line;
            return Ok(Some(self.current.as_line()));
        }
        self.buffer.clear();
        let limit = LINE_BYTES_MAX as u64 + 1;
        let count = (&mut self.input).take(limit).read_until(b'\n', &mut self.buffer)?;
        if count == 0 {
            return Ok(None);
        }
        self.count += 1;
        let extent = self.skip_rest()?;
        Ok(Some(Line { number: self.count, bytes: self.without_marks(), extent }))
    }

    /// Gives lines back: they come next, in this order.
    pub(super) fn give_back(&mut self, lines: impl DoubleEndedIterator<Item = OwnedLine>) {
        for line in lines.rev() {
            self.returned.push_front(line);
        }
    }

    /// Lines read so far.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    fn skip_rest(&mut self) -> io::Result<Extent> {
        if self.buffer.len() <= LINE_BYTES_MAX || self.buffer.ends_with(b"\n") {
            return Ok(Extent::Whole);
        }
        self.buffer.truncate(LINE_BYTES_MAX);
        self.input.skip_until(b'\n')?;
        Ok(Extent::TooLong)
    }

    /// The buffer without line break and, on the first line, without byte order mark.
    fn without_marks(&self) -> &[u8] {
        let bytes = self.buffer.strip_suffix(b"\n").unwrap_or(&self.buffer);
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        if self.count == 1 { bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes) } else { bytes }
    }
}

impl Line<'_> {
    pub(super) fn to_owned(self) -> OwnedLine {
        OwnedLine { number: self.number, bytes: self.bytes.to_vec(), extent: self.extent }
    }

    /// Whether there is nothing but blanks on it.
    pub(super) fn is_blank(&self) -> bool {
        self.bytes.iter().all(u8::is_ascii_whitespace)
    }
}

impl OwnedLine {
    pub(super) fn as_line(&self) -> Line<'_> {
        Line { number: self.number, bytes: &self.bytes, extent: self.extent }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[u8]) -> Lines {
        Lines::new(Box::new(io::Cursor::new(text.to_vec())))
    }

    fn check(text: &[u8], expected: &[&[u8]]) {
        let mut lines = lines(text);
        for (index, bytes) in expected.iter().enumerate() {
            let line = lines.next().expect("from memory").expect("a line");
            assert_eq!((line.number, line.bytes), (index as u64 + 1, *bytes));
        }
        assert_eq!(lines.next().expect("from memory"), None);
    }

    #[test]
    fn line_breaks_and_marks_are_no_part_of_a_line() {
        check(b"\xef\xbb\xbfa\r\nb\n\nc", &[b"a", b"b", b"", b"c"]);
        check(b"", &[]);
        check(b"a\n\xef\xbb\xbfb\n", &[b"a", b"\xef\xbb\xbfb"]);
    }

    #[test]
    fn the_rest_of_a_long_line_is_skipped() {
        let mut text = vec![b'x'; 2 * LINE_BYTES_MAX];
        text.extend_from_slice(b"\nnext\n");
        let mut lines = lines(&text);
        let long = lines.next().expect("from memory").expect("a line");
        assert_eq!((long.bytes.len(), long.extent), (LINE_BYTES_MAX, Extent::TooLong));
        assert_eq!(lines.next().expect("from memory").map(|line| line.bytes.to_vec()), Some(b"next".to_vec()));
    }

    #[test]
    fn the_longest_line_is_read_whole() {
        let mut lines = lines(&[vec![b'x'; LINE_BYTES_MAX], b"\nb".to_vec()].concat());
        assert_eq!(lines.next().expect("from memory").map(|line| line.extent), Some(Extent::Whole));
    }

    #[test]
    fn lines_given_back_come_next() {
        let mut lines = lines(b"a\nb\nc\n");
        let taken: Vec<_> = (0..2).filter_map(|_| lines.next().expect("from memory").map(Line::to_owned)).collect();
        lines.give_back(taken.into_iter());
        let numbers: Vec<_> = std::iter::from_fn(|| lines.next().expect("from memory").map(|line| line.number)).collect();
        assert_eq!((numbers, lines.count()), (vec![1, 2, 3], 3));
    }
}
