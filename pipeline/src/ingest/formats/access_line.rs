//! One line of an access log → its fields.
//!
//! ```text
//! 2001:db8::1 - amy [17/May/2015:10:05:03 +0000] "GET /courses/7?a=1 HTTP/1.1" 200 512 "https://…" "Mozilla/5.0 …" extra_1 …
//! ip            user_id ts                        method path        protocol  status bytes referer   user_agent
//! ```
//! `-` stands for nothing. In quotes, `\"` and `\\` are the characters themselves and `\xHH` is a byte.

use std::borrow::Cow;

use winnow::Parser;
use winnow::combinator::{alt, delimited, preceded, repeat, terminated};
use winnow::error::EmptyError;
use winnow::token::{any, rest, take_till, take_until};

use crate::ingest::cell::Cell;
use crate::ingest::formats::quoted::unescaped;
use crate::ingest::problem::Problem;

/// Names of the fields, in the order of the cells.
pub(super) const FIELDS: [&str; 14] = [
    "ip",
    "user_id",
    "ts",
    "method",
    "path",
    "protocol",
    "status",
    "bytes",
    "referer",
    "user_agent",
    "extra_1",
    "extra_2",
    "extra_3",
    "extra_4",
];
const EXTRA: usize = 10;

/// How much a line holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// With referer and user agent, perhaps more.
    Combined,
    /// Up to the number of bytes.
    Common,
}

type Cells<'l> = [Cell<'l>; FIELDS.len()];
type Field<'l> = Result<&'l str, EmptyError>;

/// The fields of a line, or where it stops being an access log's.
pub(super) fn parse(line: &str, shape: Shape) -> Result<Cells<'_>, Problem> {
    let mut cells = Cells::default();
    let at = &mut &*line;
    cells[0] = plain(step(token, at, "an address")?);
    step(preceded(' ', token), at, "`-` after the address")?;
    // Names of users may hold blanks.
    cells[1] = plain(step(preceded(' ', take_until(1.., " [")), at, "a user or `-`")?);
    cells[2] = plain(step(preceded(" [", terminated(take_until(0.., ']'), ']')), at, "a time in brackets")?);
    split_request(step(preceded(' ', quoted), at, "a request in quotes")?, &mut cells)?;
    cells[6] = plain(step(preceded(' ', token), at, "a status")?);
    cells[7] = plain(step(preceded(' ', token), at, "a number of bytes")?);
    if shape == Shape::Combined {
        cells[8] = step(preceded(' ', quoted_cell), at, "a referer in quotes")?;
        cells[9] = step(preceded(' ', quoted_cell), at, "a user agent in quotes")?;
        parse_extra(at, &mut cells)?;
    }
    if at.is_empty() { Ok(cells) } else { Err(expected("the end of the line")) }
}

/// What a site's own format appends: fields between blanks, quoted or not.
fn parse_extra<'l>(at: &mut &'l str, cells: &mut Cells<'l>) -> Result<(), Problem> {
    for cell in &mut cells[EXTRA..] {
        if at.is_empty() {
            return Ok(());
        }
        *cell = step(preceded(' ', alt((quoted_cell, token.map(plain)))), at, "a blank or the end after the user agent")?;
    }
    while !at.is_empty() {
        step(preceded(' ', alt((quoted, token))), at, "a blank or the end after the user agent")?;
    }
    Ok(())
}

fn step<'l, T>(mut parser: impl Parser<&'l str, T, EmptyError>, at: &mut &'l str, what: &str) -> Result<T, Problem> {
    parser.parse_next(at).map_err(|_| expected(what))
}

fn expected(what: &str) -> Problem {
    Problem::new("the line is not in the log's format").expected(format!("expected {what}"))
}

/// Characters up to a blank or the end, other than an opening quote.
fn token<'l>(at: &mut &'l str) -> Field<'l> {
    if at.starts_with(['"', ' ']) || at.is_empty() {
        return Err(EmptyError);
    }
    alt((take_until(1.., ' '), rest)).parse_next(at)
}

/// What stands between quotes, escapes as written.
fn quoted<'l>(at: &mut &'l str) -> Field<'l> {
    delimited('"', alt((without_escapes, with_escapes)), '"').parse_next(at)
}

/// The same as a cell, without looking for escapes again where there are none.
fn quoted_cell<'l>(at: &mut &'l str) -> Result<Cell<'l>, EmptyError> {
    delimited('"', alt((without_escapes.map(plain), with_escapes.map(escaped))), '"').parse_next(at)
}

fn without_escapes<'l>(at: &mut &'l str) -> Field<'l> {
    let content: &str = take_until(0.., ('"', '\\')).parse_next(at)?;
    if at.starts_with('"') { Ok(content) } else { Err(EmptyError) }
}

fn with_escapes<'l>(at: &mut &'l str) -> Field<'l> {
    let piece = alt((take_till(1.., ['"', '\\']), ('\\', any).take()));
    repeat::<_, _, (), _, _>(0.., piece).take().parse_next(at)
}

fn split_request<'l>(request: &'l str, cells: &mut Cells<'l>) -> Result<(), Problem> {
    let (method, target, protocol) =
        request_parts(request).ok_or_else(|| Problem::new("the request is").value(request).expected("expected `method path protocol`"))?;
    cells[3] = plain(method);
    cells[4] = escaped(target);
    cells[5] = plain(protocol);
    Ok(())
}

/// Method, path and protocol; the path may hold blanks, the protocol may be absent.
pub(super) fn request_parts(request: &str) -> Option<(&str, &str, &str)> {
    let (method, target) = request.split_once(' ')?;
    let is_method = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-' || byte == b'_');
    let (target, protocol) = match target.rsplit_once(' ') {
        Some((target, protocol)) if protocol.starts_with("HTTP/") => (target, protocol),
        _ => (target, ""),
    };
    (is_method && !target.is_empty()).then_some((method, target, protocol))
}

fn plain(text: &str) -> Cell<'_> {
    if text == "-" { Cell::Missing } else { Cell::raw(text) }
}

fn escaped(text: &str) -> Cell<'_> {
    match unescaped(text) {
        Cow::Borrowed(text) => plain(text),
        text @ Cow::Owned(_) => Cell::Raw(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str =
        r#"83.149.9.216 - - [17/May/2015:10:05:03 +0000] "GET /a?b=c HTTP/1.1" 200 203023 "http://x.org/" "Mozilla/5.0 (X11)""#;

    fn fields(line: &str, shape: Shape) -> Result<Vec<String>, String> {
        let cells = parse(line, shape).map_err(|problem| problem.to_string())?;
        Ok(cells.iter().map(|cell| cell.text().unwrap_or("∅").to_owned()).collect())
    }

    fn check(line: &str, expected: [&str; 10]) {
        assert_eq!(fields(line, Shape::Combined).expect("a line")[..10], expected);
    }

    #[test]
    fn combined_lines_have_ten_fields() {
        check(
            LINE,
            [
                "83.149.9.216",
                "∅",
                "17/May/2015:10:05:03 +0000",
                "GET",
                "/a?b=c",
                "HTTP/1.1",
                "200",
                "203023",
                "http://x.org/",
                "Mozilla/5.0 (X11)",
            ],
        );
    }

    #[test]
    fn addresses_users_and_missing_values() {
        let line = r#"2001:db8::1 - amy lee [17/May/2015:10:05:03 +0000] "HEAD /a b HTTP/1.1" 304 - "-" """#;
        check(line, ["2001:db8::1", "amy lee", "17/May/2015:10:05:03 +0000", "HEAD", "/a b", "HTTP/1.1", "304", "∅", "∅", ""]);
    }

    #[test]
    fn quotes_may_be_escaped() {
        let line = LINE.replace("/a?b=c", r#"/\"a\\"#).replace("Mozilla/5.0", r"caf\xc3\xa9 \xff");
        check(
            &line,
            [
                "83.149.9.216",
                "∅",
                "17/May/2015:10:05:03 +0000",
                "GET",
                r#"/"a\"#,
                "HTTP/1.1",
                "200",
                "203023",
                "http://x.org/",
                r"café \xff (X11)",
            ],
        );
    }

    #[test]
    fn further_fields_are_named_extra() {
        let cells = fields(&format!(r#"{LINE} 0.125 "10.0.0.1, -" a b c d"#), Shape::Combined).expect("a line");
        assert_eq!(cells[EXTRA..], ["0.125", "10.0.0.1, -", "a", "b"]);
    }

    #[test]
    fn a_malformed_quote_is_told() {
        let cut = LINE.trim_end_matches('"');
        let reason = fields(cut, Shape::Combined).expect_err("no closing quote");
        assert_eq!(reason, "the line is not in the log's format, expected a user agent in quotes");
        let inner = LINE.replace("(X11)", "\"X11\"");
        assert!(fields(&inner, Shape::Combined).expect_err("a quote inside").ends_with("after the user agent"));
        assert!(fields(&LINE.replace("HTTP/1.1\"", "HTTP/1.1"), Shape::Combined).is_err());
        assert!(fields(r#"1.1.1.1 - - [x] "GET /\"#, Shape::Combined).is_err());
    }

    #[test]
    fn requests_that_are_none_are_told() {
        for request in ["-", "", r"\x16\x03\x01", "GET", r"\x16 / HTTP/1.1"] {
            let line = LINE.replace("GET /a?b=c HTTP/1.1", request);
            let reason = fields(&line, Shape::Combined).expect_err("no request");
            assert!(reason.ends_with("expected `method path protocol`"), "{reason}");
        }
        assert_eq!(request_parts("GET /old"), Some(("GET", "/old", "")));
    }

    #[test]
    fn common_lines_end_after_the_bytes() {
        let common = LINE.split(" \"http").next().expect("a beginning");
        assert_eq!(fields(common, Shape::Common).expect("a line")[7], "203023");
        assert!(fields(LINE, Shape::Common).is_err() && fields(common, Shape::Combined).is_err());
        assert!(fields("", Shape::Common).is_err());
    }
}
