//! What is refused, with the index, the value and the remedy; and the checks that refuse it. No arithmetic belongs here.

use std::fmt::{self, Display};

use thiserror::Error;

/// A result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// A list of course indices that must rise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// The recent courses.
    History,
    /// The courses that may not be given.
    Excluded,
    /// The columns of an item row, by the row's index.
    Row(usize),
}

impl Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::History => f.write_str("the history"),
            Self::Excluded => f.write_str("the list of excluded courses"),
            Self::Row(row) => write!(f, "item row {row}"),
        }
    }
}

/// Why a model can't be taken, or a session not be answered.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum Error {
    /// A parameter outside its range.
    #[error("`{name}` is {value}, expected {expected}")]
    Parameter {
        /// Name of the parameter, as in the configuration.
        name: &'static str,
        /// The value given.
        value: f64,
        /// The values allowed, in words.
        expected: &'static str,
    },
    /// A slice of another length than its shape says.
    #[error("`{what}` has {found} elements, expected {expected}")]
    Length {
        /// What was measured.
        what: &'static str,
        /// The length found.
        found: usize,
        /// The length needed.
        expected: usize,
    },
    /// An item row that begins after it ends, or ends after the last entry.
    #[error("item row {row} is {start}..{end} of {entries} entries")]
    Offsets {
        /// Row, from 0.
        row: usize,
        /// Its first entry, from 0.
        start: usize,
        /// The entry after its last.
        end: usize,
        /// Entries of all rows.
        entries: usize,
    },
    /// NaN or infinity in what a model is made of.
    #[error("`{what}` holds {value} at place {place}, expected a finite number")]
    NotFinite {
        /// Name of the slice.
        what: &'static str,
        /// Place in the slice, from 0.
        place: usize,
        /// The value found.
        value: f64,
    },
    /// A course beyond the last one.
    #[error("{list} names course {course}, expected less than {courses}")]
    OutOfRange {
        /// Where it stands.
        list: List,
        /// The course named.
        course: u32,
        /// The number of courses.
        courses: usize,
    },
    /// A course that stands after an equal or higher one.
    #[error("{list} names course {course} after an equal or higher one, expected each course once and in rising order")]
    Order {
        /// Where it stands.
        list: List,
        /// The course that is out of order.
        course: u32,
    },
    /// A system that Cholesky can't solve.
    #[error("the system of the history is not positive definite (pivot {pivot}), raise `reg`")]
    NotPositiveDefinite {
        /// The first pivot that is not clearly positive, from 0.
        pivot: usize,
    },
}

/// Refuses courses that don't rise strictly, or go beyond the last one.
pub(crate) fn check_rising(list: List, indices: &[u32], courses: usize) -> Result<()> {
    if let Some(pair) = indices.windows(2).find(|pair| pair[0] >= pair[1]) {
        return Err(Error::Order { list, course: pair[1] });
    }
    match indices.last() {
        Some(&course) if course as usize >= courses => Err(Error::OutOfRange { list, course, courses }),
        _ => Ok(()),
    }
}

/// Refuses another length than the expected.
pub(crate) fn check_length(what: &'static str, found: usize, expected: usize) -> Result<()> {
    if found == expected { Ok(()) } else { Err(Error::Length { what, found, expected }) }
}

/// Refuses NaN and infinity.
pub(crate) fn check_finite<T: Copy + Into<f64>>(what: &'static str, values: &[T]) -> Result<()> {
    match values.iter().position(|&value| !value.into().is_finite()) {
        Some(place) => Err(Error::NotFinite { what, place, value: values[place].into() }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn courses_must_rise_and_be_known() {
        let check = |indices: &[u32]| check_rising(List::History, indices, 3);
        assert_eq!((check(&[]), check(&[0, 2])), (Ok(()), Ok(())));
        assert_eq!(check(&[1, 1]), Err(Error::Order { list: List::History, course: 1 }));
        assert_eq!(check(&[2, 0]), Err(Error::Order { list: List::History, course: 0 }));
        assert_eq!(check(&[0, 3]), Err(Error::OutOfRange { list: List::History, course: 3, courses: 3 }));
        assert_eq!(check_rising(List::Excluded, &[0], 0), Err(Error::OutOfRange { list: List::Excluded, course: 0, courses: 0 }));
    }

    #[test]
    fn messages_say_where_and_what_instead() {
        let says = |error: Error, text: &str| assert_eq!(error.to_string(), text);
        says(Error::OutOfRange { list: List::History, course: 9, courses: 3 }, "the history names course 9, expected less than 3");
        says(
            Error::Order { list: List::Row(4), course: 2 },
            "item row 4 names course 2 after an equal or higher one, expected each course once and in rising order",
        );
        says(check_finite("weights", &[0.0_f32, f32::INFINITY]).unwrap_err(), "`weights` holds inf at place 1, expected a finite number");
    }
}
