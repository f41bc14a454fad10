//! What answers a posted session, as plain numbers, and whether they agree. Their bytes belong to `session_bytes`, their arithmetic to
//! another crate.

use super::packed::UnpackError;

/// The models that score every course for a history that no run has seen. Both speak of courses by their place in `courses`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SessionModel {
    /// Index into the file's courses of each course that the models know, each once, in the models' order.
    pub courses: Vec<u32>,
    /// For fold-in; none where no factors were fitted.
    pub factors: Option<SessionFactors>,
    /// For item–item sums; none where no rows were fitted.
    pub rows: Option<SessionRows>,
}

/// An iALS fit: course factors, their Gram matrix and the parameters. All are finite; the ranges belong to who computes with them.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionFactors {
    /// Length of a factor.
    pub dim: u32,
    /// α₀, the weight of what was not chosen.
    pub alpha0: f64,
    /// λ, the penalty.
    pub reg: f64,
    /// ν, how much the penalty grows with the positives.
    pub nu: f64,
    /// courses × dim, by rows.
    pub values: Vec<f32>,
    /// Sum over all courses of the products of their factors: dim × dim, by rows.
    pub gram: Vec<f64>,
}

/// Item–item weights, courses × courses, in compressed sparse rows: row j is what course j in a history adds to the scores.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionRows {
    /// courses + 1 places: row j is `offsets[j]..offsets[j + 1]` of the columns and weights. They begin at 0 and never fall. Four bytes
    /// count more entries than one value of the file can hold.
    pub offsets: Vec<u32>,
    /// Place in the model's courses of each entry, rising within a row.
    pub columns: Vec<u32>,
    /// What each entry adds, finite.
    pub weights: Vec<f32>,
}

/// Why a model can't be written, or bytes are not one.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// The bytes were cut or changed, or are from a newer program.
    #[error("the packed session model can't be read")]
    Unpack(#[from] UnpackError),
    /// Another length than the others say.
    #[error("`{what}` of the session model has {found} elements, expected {expected}")]
    Length {
        /// The field.
        what: &'static str,
        /// Its length.
        found: usize,
        /// The length needed.
        expected: usize,
    },
    /// NaN or infinity.
    #[error("`{what}` of the session model holds {value} at place {place}, expected a finite number")]
    NotFinite {
        /// The field.
        what: &'static str,
        /// Place in it, from 0.
        place: usize,
        /// The value found.
        value: f64,
    },
    /// A row that ends before it begins, or after the last entry.
    #[error("item row {row} of the session model is {start}..{end} of {entries} entries")]
    Offsets {
        /// Row, from 0.
        row: usize,
        /// Its first entry, from 0.
        start: u32,
        /// The entry after its last.
        end: u32,
        /// Entries of all rows.
        entries: usize,
    },
    /// A course beyond the last one.
    #[error("`{what}` of the session model names course {course}, expected less than {courses}")]
    OutOfRange {
        /// The field.
        what: &'static str,
        /// The course named.
        course: u32,
        /// How many there are.
        courses: u64,
    },
    /// A course that stands twice, or in a row after a higher one.
    #[error("`{what}` of the session model names course {course} twice or out of order")]
    Order {
        /// The field.
        what: &'static str,
        /// The course.
        course: u32,
    },
}

impl SessionModel {
    /// Refuses what contradicts itself.
    pub(super) fn check(&self) -> Result<(), SessionError> {
        let mut sorted = self.courses.clone();
        sorted.sort_unstable();
        check_rising("courses", &sorted)?;
        self.factors.as_ref().map_or(Ok(()), |factors| factors.check(self.courses.len()))?;
        self.rows.as_ref().map_or(Ok(()), |rows| rows.check(self.courses.len()))
    }

    /// Refuses courses that a file of so many doesn't have.
    pub(super) fn check_known(&self, courses: u64) -> Result<(), SessionError> {
        check_range("courses", &self.courses, courses)
    }
}

impl SessionFactors {
    fn check(&self, courses: usize) -> Result<(), SessionError> {
        let dim = self.dim as usize;
        check_finite("alpha0", &[self.alpha0])?;
        check_finite("reg", &[self.reg])?;
        check_finite("nu", &[self.nu])?;
        check_length("values", self.values.len(), courses.saturating_mul(dim))?;
        check_length("gram", self.gram.len(), dim.saturating_mul(dim))?;
        check_finite("values", &self.values)?;
        check_finite("gram", &self.gram)
    }
}

impl SessionRows {
    fn check(&self, courses: usize) -> Result<(), SessionError> {
        check_length("offsets", self.offsets.len(), courses.saturating_add(1))?;
        check_length("entries before the first item row", self.offsets[0] as usize, 0)?;
        check_length("columns", self.columns.len(), self.offsets[courses] as usize)?;
        check_length("weights", self.weights.len(), self.columns.len())?;
        self.offsets.windows(2).enumerate().try_for_each(|(row, bounds)| self.check_row(row, bounds[0], bounds[1]))?;
        check_range("columns", &self.columns, courses as u64)?;
        check_finite("weights", &self.weights)
    }

    fn check_row(&self, row: usize, start: u32, end: u32) -> Result<(), SessionError> {
        let entries = self.columns.len();
        let columns = self.columns.get(start as usize..end as usize);
        check_rising("columns", columns.ok_or(SessionError::Offsets { row, start, end, entries })?)
    }
}

fn check_length(what: &'static str, found: usize, expected: usize) -> Result<(), SessionError> {
    if found == expected { Ok(()) } else { Err(SessionError::Length { what, found, expected }) }
}

fn check_finite<T: Copy + Into<f64>>(what: &'static str, values: &[T]) -> Result<(), SessionError> {
    match values.iter().position(|&value| !value.into().is_finite()) {
        Some(place) => Err(SessionError::NotFinite { what, place, value: values[place].into() }),
        None => Ok(()),
    }
}

fn check_range(what: &'static str, named: &[u32], courses: u64) -> Result<(), SessionError> {
    match named.iter().find(|&&course| u64::from(course) >= courses) {
        Some(&course) => Err(SessionError::OutOfRange { what, course, courses }),
        None => Ok(()),
    }
}

fn check_rising(what: &'static str, named: &[u32]) -> Result<(), SessionError> {
    match named.windows(2).find(|pair| pair[0] >= pair[1]) {
        Some(pair) => Err(SessionError::Order { what, course: pair[1] }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(courses: &[u32], factors: Option<SessionFactors>, rows: Option<SessionRows>) -> Result<(), SessionError> {
        SessionModel { courses: courses.to_vec(), factors, rows }.check()
    }

    #[test]
    fn courses_stand_once_and_in_any_order() {
        assert_eq!(checked(&[9, 4, 7], None, None), Ok(()));
        assert_eq!(checked(&[9, 4, 9], None, None), Err(SessionError::Order { what: "courses", course: 9 }));
        let known = |courses| SessionModel { courses: vec![3, 1], ..SessionModel::default() }.check_known(courses);
        assert_eq!((known(4), known(3)), (Ok(()), Err(SessionError::OutOfRange { what: "courses", course: 3, courses: 3 })));
    }

    #[test]
    fn factors_that_disagree_are_refused() {
        let given = SessionFactors { dim: 2, alpha0: 0.5, reg: 0.1, nu: 1.0, values: vec![0.5; 6], gram: vec![0.25; 4] };
        let check = |factors: SessionFactors| checked(&[0, 1, 2], Some(factors), None);
        let infinite = |what, place| Err(SessionError::NotFinite { what, place, value: f64::INFINITY });
        assert_eq!(check(given.clone()), Ok(()));
        let error = check(SessionFactors { dim: u32::MAX, ..given.clone() });
        assert_eq!(error, Err(SessionError::Length { what: "values", found: 6, expected: 3 * u32::MAX as usize }));
        let error = check(SessionFactors { gram: vec![1.0; 3], ..given.clone() });
        assert_eq!(error, Err(SessionError::Length { what: "gram", found: 3, expected: 4 }));
        assert_eq!(check(SessionFactors { alpha0: f64::INFINITY, ..given.clone() }), infinite("alpha0", 0));
        assert_eq!(check(SessionFactors { reg: f64::INFINITY, ..given.clone() }), infinite("reg", 0));
        assert_eq!(check(SessionFactors { nu: f64::INFINITY, ..given.clone() }), infinite("nu", 0));
        assert_eq!(check(SessionFactors { values: vec![f32::INFINITY; 6], ..given.clone() }), infinite("values", 0));
        assert_eq!(check(SessionFactors { gram: vec![0.0, 0.0, 0.0, f64::INFINITY], ..given }), infinite("gram", 3));
    }

    #[test]
    fn rows_that_disagree_are_refused() {
        let check = |offsets: &[u32], columns: &[u32], weights: &[f32]| {
            let rows = SessionRows { offsets: offsets.to_vec(), columns: columns.to_vec(), weights: weights.to_vec() };
            checked(&[5, 3], None, Some(rows))
        };
        let length = |what, found, expected| Err(SessionError::Length { what, found, expected });
        assert_eq!(check(&[0, 2, 3], &[0, 1, 0], &[1.0; 3]), Ok(()));
        assert_eq!(check(&[], &[], &[]), length("offsets", 0, 3));
        assert_eq!(check(&[1, 1, 1], &[0], &[1.0]), length("entries before the first item row", 1, 0));
        assert_eq!(check(&[0, 1, 2], &[0], &[1.0]), length("columns", 1, 2));
        assert_eq!(check(&[0, 1, 1], &[0], &[]), length("weights", 0, 1));
        assert_eq!(check(&[0, 2, 1], &[0], &[1.0]), Err(SessionError::Offsets { row: 0, start: 0, end: 2, entries: 1 }));
        assert_eq!(check(&[0, 1, 0], &[], &[]), Err(SessionError::Offsets { row: 0, start: 0, end: 1, entries: 0 }));
        assert_eq!(check(&[0, 2, 2], &[1, 1], &[1.0; 2]), Err(SessionError::Order { what: "columns", course: 1 }));
        assert_eq!(check(&[0, 0, 1], &[2], &[1.0]), Err(SessionError::OutOfRange { what: "columns", course: 2, courses: 2 }));
        assert!(matches!(check(&[0, 1, 1], &[0], &[f32::NAN]), Err(SessionError::NotFinite { what: "weights", place: 0, .. })));
    }
}
