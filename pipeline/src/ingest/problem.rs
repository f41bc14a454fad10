//! `Problem`: what is wrong with one row, told so that whoever exports it can put it right.

use std::fmt;

/// Longest part of a value that a reason repeats.
const VALUE_CHARS_MAX: usize = 80;

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    /// "`rating` is the text".
    what: String,
    /// The value as written; left out when problems are counted by kind.
    value: Option<String>,
    /// "expected a number".
    expected: String,
}

impl Problem {
    /// A problem without a value or expectation: "`ts` is missing".
    pub(super) fn new(what: impl Into<String>) -> Problem {
        Problem { what: what.into(), value: None, expected: String::new() }
    }

    /// With the value as written, cut to a length that a person reads.
    pub(super) fn value(mut self, value: &str) -> Problem {
        let cut = value.char_indices().nth(VALUE_CHARS_MAX).map(|(at, _)| &value[..at]);
        self.value = Some(cut.map_or_else(|| value.to_owned(), |cut| format!("{cut}…")));
        self
    }

    /// With what should have been there.
    pub(super) fn expected(mut self, expected: impl Into<String>) -> Problem {
        self.expected = expected.into();
        self
    }

    /// The problem without its value, equal for all rows that suffer from it.
    pub(super) fn kind(&self) -> String {
        Problem { value: None, ..self.clone() }.to_string()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        if let Some(value) = &self.value {
            write!(f, " `{value}`")?;
        }
        if !self.expected.is_empty() {
            write!(f, ", {}", self.expected)?;
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
        assert_eq!(problem.kind(), "`rating` is the text, expected a number");
        assert_eq!(reason(&[Problem::new("a"), Problem::new("b")]), "a; also b");
    }

    #[test]
    fn long_values_are_cut_between_characters() {
        let problem = Problem::new("x").value(&"é".repeat(VALUE_CHARS_MAX + 1));
        assert_eq!(problem.to_string(), format!("x `{}…`", "é".repeat(VALUE_CHARS_MAX)));
    }
}
