//! From a cell to the value of a column, or to the problem with it: types at their word, nothing guessed.

use std::borrow::Cow;

use chrono_tz::Tz;

use crate::domain::raw_tables::{ColumnType, RawColumn};
use crate::domain::timestamps::{TimeFormat, TimeProblem};
use crate::ingest::cell::Cell;
use crate::ingest::problem::Problem;

/// Whole numbers beyond this are not exact as floating point: 2⁵³.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

/// The value of one column in one row. No variant holds less than a word: then values are copied word by word.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) enum Value<'a> {
    /// None.
    #[default]
    Missing,
    /// Microseconds UTC.
    Micros(i64),
    /// For `Int`, within its range, and `BigInt`.
    Whole(i64),
    /// Finite.
    Double(f64),
    /// For `Boolean`.
    True,
    /// For `Boolean`.
    False,
    /// For `Id` and `Text`.
    Text(&'a str),
    /// An `Id` that was written as a number.
    NumberedId(&'a i128),
    /// For `TextList`.
    List(&'a [Cow<'a, str>]),
    /// A list in one text, with `|`, `;` or `,` between its items.
    JoinedList(&'a str),
}

/// Reads the cells of one field as values of one column.
#[derive(Debug, Clone)]
pub(super) struct ValueReader {
    column: &'static RawColumn,
    scale: Option<f64>,
    format: TimeFormat,
    zone: Tz,
    /// The time read last: in a log, many lines share a second.
    last_time: (String, i64),
}

impl ValueReader {
    pub(super) fn new(column: &'static RawColumn, format: TimeFormat, zone: Tz) -> ValueReader {
        ValueReader { column, scale: None, format, zone, last_time: (String::new(), 0) }
    }

    /// With a factor on numbers.
    pub(super) fn scaled(mut self, scale: Option<f64>) -> ValueReader {
        self.scale = scale;
        self
    }

    /// The cell's value; blank text is missing, except that it is an empty list.
    pub(super) fn read<'c>(&mut self, cell: &'c Cell<'_>) -> Result<Value<'c>, Problem> {
        let is_list = self.column.kind == ColumnType::TextList;
        match cell {
            Cell::Missing => return Ok(Value::Missing),
            Cell::Raw(text) | Cell::Text(text) if !is_list && is_blank(text) => return Ok(Value::Missing),
            _ => {}
        }
        match self.column.kind {
            ColumnType::Id => self.id(cell),
            ColumnType::Text => self.text(cell),
            ColumnType::Timestamp => self.time(cell).map(Value::Micros),
            ColumnType::Int => self.int(cell).map(Value::Whole),
            ColumnType::BigInt => self.whole(cell).map(Value::Whole),
            ColumnType::Double => self.number(cell).map(Value::Double),
            ColumnType::Boolean => self.boolean(cell).map(|value| if value { Value::True } else { Value::False }),
            ColumnType::TextList => self.list(cell),
        }
    }

    fn id<'c>(&self, cell: &'c Cell<'_>) -> Result<Value<'c>, Problem> {
        match cell {
            Cell::Whole(number) => Ok(Value::NumberedId(number)),
            Cell::Raw(text) | Cell::Text(text) => Ok(Value::Text(text)),
            _ => Err(self.mismatch(cell, "expected a text or a whole number")),
        }
    }

    fn text<'c>(&self, cell: &'c Cell<'_>) -> Result<Value<'c>, Problem> {
        let text = cell.text().map(Value::Text);
        text.ok_or_else(|| self.mismatch(cell, "expected a text; write it in quotes"))
    }

    fn time(&mut self, cell: &Cell<'_>) -> Result<i64, Problem> {
        let number = match cell {
            Cell::Raw(text) => return self.time_of_text(text, cell),
            Cell::Text(text) if !self.counts() => return self.time_of_text(text, cell),
            Cell::Whole(number) => *number as f64,
            Cell::Fraction(number) => *number,
            _ => return Err(self.mismatch(cell, self.expected_time())),
        };
        let micros = self.format.number_micros(number);
        let micros = micros.ok_or_else(|| self.mismatch(cell, self.expected_time()))?;
        micros.map_err(|problem| self.bad_time(cell, &problem))
    }

    fn time_of_text(&mut self, text: &str, cell: &Cell<'_>) -> Result<i64, Problem> {
        if text == self.last_time.0 {
            return Ok(self.last_time.1);
        }
        let micros = self.format.parse_micros(text, self.zone).map_err(|problem| self.bad_time(cell, &problem))?;
        self.last_time.0.clear();
        self.last_time.0.push_str(text);
        self.last_time.1 = micros;
        Ok(micros)
    }

    fn int(&self, cell: &Cell<'_>) -> Result<i64, Problem> {
        let expected = "expected a whole number from -2147483648 to 2147483647";
        let number = self.whole(cell)?;
        i32::try_from(number).map(i64::from).map_err(|_| self.mismatch(cell, expected))
    }

    #[expect(clippy::float_cmp, reason = "a whole number is exactly what it was rounded to")]
    fn whole(&self, cell: &Cell<'_>) -> Result<i64, Problem> {
        let exact = match (cell, self.scale) {
            (Cell::Whole(number), None) => i64::try_from(*number).ok(),
            (Cell::Raw(text), None) => text.trim().parse().ok(),
            (Cell::Fraction(number), None) => whole_of(*number).filter(|whole| *whole as f64 == *number),
            (_, Some(_)) => whole_of(self.number(cell)?.round()),
            _ => None,
        };
        exact.ok_or_else(|| self.mismatch(cell, self.expected_whole(cell)))
    }

    fn number(&self, cell: &Cell<'_>) -> Result<f64, Problem> {
        let number = match cell {
            Cell::Whole(number) => *number as f64,
            Cell::Fraction(number) => *number,
            Cell::Raw(text) => text.trim().parse().map_err(|_| self.mismatch(cell, "expected a number"))?,
            Cell::Text(_) => return Err(self.mismatch(cell, "expected a number; write it without quotes")),
            _ => return Err(self.mismatch(cell, "expected a number")),
        };
        let scaled = number * self.scale.unwrap_or(1.0);
        scaled.is_finite().then_some(scaled).ok_or_else(|| self.mismatch(cell, "expected a finite number"))
    }

    fn boolean(&self, cell: &Cell<'_>) -> Result<bool, Problem> {
        match cell {
            Cell::Boolean(value) => Ok(*value),
            Cell::Raw(text) => truth(text).ok_or_else(|| self.mismatch(cell, "expected `true` or `false`")),
            Cell::Text(_) => Err(self.mismatch(cell, "expected true or false; write it without quotes")),
            _ => Err(self.mismatch(cell, "expected true or false")),
        }
    }

    fn list<'c>(&self, cell: &'c Cell<'_>) -> Result<Value<'c>, Problem> {
        match cell {
            Cell::List(items) => Ok(Value::List(items)),
            Cell::Raw(text) => Ok(Value::JoinedList(text)),
            _ => Err(self.mismatch(cell, "expected a list of texts such as [\"rust\", \"sql\"]")),
        }
    }

    /// Whether times are numbers in formats that have numbers.
    fn counts(&self) -> bool {
        matches!(self.format, TimeFormat::EpochSeconds | TimeFormat::EpochMillis)
    }

    fn expected_time(&self) -> String {
        let remedy =
            if self.counts() { "; write it without quotes" } else { "; if it counts from 1970, set `format` to `epoch_s` or `epoch_ms`" };
        format!("expected a time such as {}{remedy}", self.format.example())
    }

    fn expected_whole(&self, cell: &Cell<'_>) -> &'static str {
        match cell {
            Cell::Text(_) => "expected a whole number; write it without quotes",
            _ if self.scale.is_none() => "expected a whole number; a `scale` turns larger units into smaller ones",
            _ => "expected a number that is whole after scaling, at most 2^53",
        }
    }

    fn bad_time(&self, cell: &Cell<'_>, problem: &TimeProblem) -> Problem {
        self.mismatch(cell, problem.to_string())
    }

    fn mismatch(&self, cell: &Cell<'_>, expected: impl Into<String>) -> Problem {
        let problem = Problem::new(format!("`{}` {}", self.column.name, cell.noun())).expected(expected);
        match cell {
            Cell::Missing | Cell::List(_) | Cell::Other(_) => problem,
            _ => problem.value(&cell.to_string()),
        }
    }
}

/// The items of a list in one text: between `|` if there is one, else between `;`, else between `,`.
pub(super) fn joined_items(text: &str) -> impl Iterator<Item = &str> {
    let between = ['|', ';', ','].into_iter().find(|mark| text.contains(*mark)).unwrap_or(',');
    text.split(between).map(str::trim).filter(|item| !item.is_empty())
}

fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_whitespace())
}

fn truth(text: &str) -> Option<bool> {
    let text = text.trim();
    let is_one_of = |words: [&str; 5]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is_one_of(["true", "t", "yes", "y", "1"]) {
        return Some(true);
    }
    is_one_of(["false", "f", "no", "n", "0"]).then_some(false)
}

/// A whole number as i64; None where floating point is no longer exact.
fn whole_of(number: f64) -> Option<i64> {
    (number.abs() <= EXACT_MAX).then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::raw_tables::RawTable;

    fn reader(table: RawTable, column: &str) -> ValueReader {
        ValueReader::new(table.column(column).expect("a column"), TimeFormat::Iso, Tz::UTC)
    }

    fn rating(cell: Cell<'_>) -> Result<f64, String> {
        match reader(RawTable::Ratings, "rating").read(&cell) {
            Ok(Value::Double(number)) => Ok(number),
            other => Err(other.map_or_else(|problem| problem.to_string(), |value| format!("{value:?}"))),
        }
    }

    fn cents(cell: Cell<'_>, scale: Option<f64>) -> Option<i64> {
        match reader(RawTable::Payments, "amount_cents").scaled(scale).read(&cell) {
            Ok(Value::Whole(number)) => Some(number),
            _ => None,
        }
    }

    #[test]
    fn typed_texts_are_no_numbers() {
        assert_eq!(rating(Cell::Text("4".into())), Err("`rating` is the text `4`, expected a number; write it without quotes".to_owned()));
        assert_eq!(rating(Cell::Raw(" 4.5 ".into())), Ok(4.5));
        assert_eq!(rating(Cell::Whole(4)), Ok(4.0));
    }

    #[test]
    fn numbers_are_finite() {
        for text in ["NaN", "inf", "-Infinity", "1e400"] {
            let reason = rating(Cell::raw(text)).expect_err("not finite");
            assert!(reason.ends_with("expected a finite number"), "{reason}");
        }
        assert!(rating(Cell::raw("4,5")).is_err());
    }

    #[test]
    fn scaled_amounts_are_whole() {
        assert_eq!(cents(Cell::raw("11.77"), Some(100.0)), Some(1177));
        assert_eq!(cents(Cell::raw("11.77"), None), None);
        assert_eq!(cents(Cell::Fraction(5.0), None), Some(5));
        assert_eq!(cents(Cell::raw("9223372036854775808"), None), None);
        assert_eq!(cents(Cell::raw("1e300"), Some(100.0)), None);
    }

    #[test]
    fn ids_may_be_numbers() {
        let mut ids = reader(RawTable::Ratings, "user_id");
        assert_eq!(ids.read(&Cell::Whole(7)), Ok(Value::NumberedId(&7)));
        assert_eq!(ids.read(&Cell::raw("  ")), Ok(Value::Missing));
        assert!(ids.read(&Cell::Boolean(true)).is_err());
        assert!(ids.read(&Cell::Fraction(7.5)).is_err());
    }

    #[test]
    fn times_follow_their_format() {
        let mut times = reader(RawTable::Ratings, "ts");
        let number = times.read(&Cell::Whole(5)).expect_err("a number is no ISO time");
        assert!(number.to_string().contains("`epoch_ms`"), "{number}");
        times.format = TimeFormat::EpochMillis;
        assert_eq!(times.read(&Cell::Whole(5)), Ok(Value::Micros(5_000)));
        assert!(times.read(&Cell::Text("2017-10-10T12:30:04Z".into())).is_err());
    }

    #[test]
    fn truth_has_few_words() {
        assert_eq!((truth("TRUE"), truth("0"), truth("maybe")), (Some(true), Some(false), None));
    }

    #[test]
    fn lists_in_one_text_are_split() {
        assert_eq!(joined_items("Drama|Sci-Fi, hard").collect::<Vec<_>>(), ["Drama", "Sci-Fi, hard"]);
        assert_eq!(joined_items(" a, b ,,").collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(joined_items("").count(), 0);
    }
}
