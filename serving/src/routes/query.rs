//! A query string's parameters: known names only, each once, each in its range. A wrong one is the client's problem, told exactly.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::RangeInclusive;

use chrono::NaiveDate;
use percent_encoding::percent_decode_str;

use crate::answers::filter::{Filter, Page};
use crate::problem::Problem;

/// Items in one answer where nothing is said.
pub(crate) const DEFAULT_LIMIT: usize = 10;
/// Items in one answer at most, on every list.
pub(crate) const LIMIT_MAX: usize = 100;
/// Further than any list is long.
const OFFSET_MAX: usize = 100_000;
/// What says which part of a list is wanted.
pub(crate) const PAGE_PARAMETERS: [&str; 2] = ["limit", "offset"];
/// The same, and what is left out.
pub(crate) const LIST_PARAMETERS: [&str; 4] = ["limit", "offset", "exclude", "tag"];

/// Parameters as sent, names checked.
#[derive(Debug)]
pub(crate) struct Query<'a> {
    sent: Vec<(&'a str, &'a str)>,
}

impl<'a> Query<'a> {
    /// Splits a query string; an unknown or repeated name is a problem, because dropping a filter silently would be a wrong answer.
    pub(crate) fn parse(raw: &'a str, known: &[&str]) -> Result<Self, Problem> {
        let mut sent: Vec<(&str, &str)> = Vec::new();
        for pair in raw.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if !known.contains(&name) {
                return Err(unknown(known));
            }
            if sent.iter().any(|(other, _)| *other == name) {
                return Err(Problem::bad_request(format!("`{name}` is given twice")));
            }
            sent.push((name, value));
        }
        Ok(Self { sent })
    }

    /// A whole number within `range`, or `default` where it is absent.
    pub(crate) fn number(&self, name: &str, default: usize, range: RangeInclusive<usize>) -> Result<usize, Problem> {
        let Some(text) = self.text(name)? else { return Ok(default) };
        let number = text.parse().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| {
            let (least, most) = (range.start(), range.end());
            Problem::bad_request(format!("`{name}` must be a whole number from {least} to {most}"))
        })
    }

    /// One of `values`, of which the first is the default.
    pub(crate) fn choice(&self, name: &str, values: &'static [&'static str]) -> Result<&'static str, Problem> {
        let text = self.text(name)?;
        let wanted = |value: &&&str| text.as_deref().is_none_or(|text| text == **value);
        let found = values.iter().find(wanted).copied();
        found.ok_or_else(|| Problem::bad_request(format!("`{name}` must be one of {}", values.join(", "))))
    }

    /// A day as `YYYY-MM-DD`.
    pub(crate) fn day(&self, name: &str) -> Result<Option<NaiveDate>, Problem> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let day = text.parse().map_err(|_| Problem::bad_request(format!("`{name}` must be a day as YYYY-MM-DD")))?;
        Ok(Some(day))
    }

    /// Comma-separated values; a comma within one is sent as `%2C`.
    pub(crate) fn list(&self, name: &str) -> Result<HashSet<String>, Problem> {
        let values = self.raw(name).unwrap_or_default().split(',').filter(|value| !value.is_empty());
        values.map(|value| decoded(name, value)).collect()
    }

    /// Which part of a list is wanted.
    pub(crate) fn page(&self) -> Result<Page, Problem> {
        let (offset, limit) = (self.number("offset", 0, 0..=OFFSET_MAX)?, self.number("limit", DEFAULT_LIMIT, 1..=LIMIT_MAX)?);
        Ok(Page { offset, limit })
    }

    /// What is left out of a list.
    pub(crate) fn filter(&self) -> Result<Filter, Problem> {
        Ok(Filter::new(self.list("exclude")?, self.list("tag")?))
    }

    /// A text, decoded; none where it is absent.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, Problem> {
        self.raw(name).map(|value| decoded(name, value)).transpose()
    }

    fn raw(&self, name: &str) -> Option<&'a str> {
        self.sent.iter().find(|(sent, _)| *sent == name).map(|(_, value)| *value)
    }
}

fn unknown(known: &[&str]) -> Problem {
    match known {
        [] => Problem::bad_request("no query parameters are known here"),
        known => Problem::bad_request(format!("a query parameter is unknown; known here: {}", known.join(", "))),
    }
}

fn decoded(name: &str, value: &str) -> Result<String, Problem> {
    // In a query, unlike a path, `+` is a space.
    let spaced = value.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8();
    decoded.map(Cow::into_owned).map_err(|_| Problem::bad_request(format!("`{name}` is not UTF-8 once percent-decoded")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_a_default_and_a_range() {
        let number = |raw| Query::parse(raw, &["limit"]).and_then(|query| query.number("limit", 10, 1..=100));
        assert_eq!(number(""), Ok(10));
        assert_eq!(number("limit=7"), Ok(7));
        for wrong in ["limit=0", "limit=101", "limit=-1", "limit=x", "limit=", "limit", "limit=99999999999999999999"] {
            assert!(number(wrong).is_err(), "`{wrong}` was accepted");
        }
    }

    #[test]
    fn unknown_and_repeated_names_are_refused() {
        assert!(Query::parse("limt=1", &["limit"]).is_err());
        assert!(Query::parse("limit=1&limit=2", &["limit"]).is_err());
        assert!(Query::parse("limit=1&", &["limit"]).is_ok());
    }

    #[test]
    fn lists_split_before_they_are_decoded() {
        let query = Query::parse("exclude=a,b%2Cc,,%E4%B8%AD+x", &["exclude"]).unwrap();
        let expected: HashSet<String> = ["a", "b,c", "中 x"].map(str::to_owned).into();
        assert_eq!(query.list("exclude"), Ok(expected));
    }

    #[test]
    fn choices_and_days_are_checked() {
        let query = Query::parse("unit=day&from=2024-02-30", &["unit", "from", "to"]).unwrap();
        assert_eq!(query.choice("unit", &["week", "day"]), Ok("day"));
        assert_eq!(query.choice("to", &["week", "day"]), Ok("week"));
        assert!(query.choice("unit", &["week"]).is_err());
        assert!(query.day("from").is_err());
        assert_eq!(query.day("to"), Ok(None));
    }
}
