//! `Problem`: what is wrong with one row, told so that whoever exports it can put it right.

use std::fmt;

/// Longest part of a value that a reason repeats.
const VALUE_CHARS_MAX: usize = 80;

/// What is wrong with a row. Boxed, because results that could hold one are passed around for every value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem(Box<Parts>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Parts {
    /// "`rating` is the text".
    what: String,
    /// The value as written.
    value: Option<String>,
    /// "expected a number".
    expected: String,
}

impl Problem {
    /// A problem without a value or expectation: "`ts` is missing".
    pub(super) fn new(what: impl Into<String>) -> Problem {
        Problem(Box::new(Parts { what: what.into(), value: None, expected: String::new() }))
    }

    /// With the value as written, cut to a length that a person reads.
    pub(super) fn value(mut self, value: &str) -> Problem {
        let cut = value.char_indices().nth(VALUE_CHARS_MAX).map(|(at, _)| &value[..at]);
        self.0.value = Some(cut.map_or_else(|| value.to_owned(), |cut| format!("{cut}…")));
        self
    }

    /// With what should have been there.
    pub(super) fn expected(mut self, expected: impl Into<String>) -> Problem {
        self.0.expected = expected.into();
        self
    }

    /// The problem with `…` for its value, equal for all rows that suffer from it.
    pub(super) fn kind(&self) -> String {
        let value = self.0.value.as_ref().map(|_| "…".to_owned());
        Problem(Box::new(Parts { value, ..(*self.0).clone() })).to_string()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.what)?;
        if let Some(value) = &self.0.value {
            write!(f, " `{value}`")?;
        }
        if !self.0.expected.is_empty() {
            write!(f, ", {}", self.0.expected)?;
        }
        Ok(())
    }
}

/// One reason for a row with any number of problems.
pub(super) fn reason(problems: &[Problem]) -> String {
    problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("; also ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_reads_as_a_sentence() {
        let problem = Problem::new("`rating` is the text").value("4").expected("expected a number");
        assert_eq!(problem.to_string(), "`rating` is the text `4`, expected a number");
        assert_eq!(problem.kind(), "`rating` is the text `…`, expected a number");
        assert_eq!(reason(&[Problem::new("a"), Problem::new("b")]), "a; also b");
    }

    #[test]
    fn long_values_are_cut_between_characters() {
        let problem = Problem::new("x").value(&"é".repeat(VALUE_CHARS_MAX + 1));
        assert_eq!(problem.to_string(), format!("x `{}…`", "é".repeat(VALUE_CHARS_MAX)));
    }
}
