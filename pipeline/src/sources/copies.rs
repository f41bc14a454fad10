//! Tells exact copies of requests: of equal rows the first, by file and place, is the original.
//!
//! A copy has the same time as its original and so the same day: who reads some days has both.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch};
use arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};
use arrow::error::ArrowError;

/// The column that says so.
pub const IS_COPY: &str = "is_copy";
const HASH: &str = "row_hash";
const PROBLEM: &str = "problem";

/// Rows that have been seen, by their hash.
#[derive(Debug, Default)]
pub struct Copies {
    seen: HashSet<i64, BuildHasherDefault<Identity>>,
}

impl Copies {
    /// For a reader that wants to know of copies; its rows must come in the order of files and places.
    #[must_use]
    pub fn wanted(wanted: &SchemaRef) -> Option<Self> {
        wanted.index_of(IS_COPY).is_ok().then(Self::default)
    }

    /// The columns that must be worked out so that copies can be told: `wanted`, and after them what it lacks.
    #[must_use]
    pub fn with_hash(wanted: &SchemaRef) -> SchemaRef {
        let lacking = [(HASH, DataType::Int64), (PROBLEM, DataType::Utf8)].into_iter().filter(|(name, _)| wanted.index_of(name).is_err());
        let fields = lacking.map(|(name, kind)| Arc::new(Field::new(name, kind, true)));
        Arc::new(Schema::new(wanted.fields().iter().cloned().chain(fields).collect::<Vec<_>>()))
    }

    /// `batch` with its column of copies filled in. A row that can't be read is neither original nor copy.
    ///
    /// # Errors
    /// When a column is absent.
    pub fn tell(&mut self, batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        let schema = batch.schema();
        let hashes = batch.column(schema.index_of(HASH)?).as_primitive::<Int64Type>();
        let problems = batch.column(schema.index_of(PROBLEM)?);
        let is_copy = |row: usize| problems.is_null(row) && !self.seen.insert(hashes.value(row));
        let is_copy: BooleanArray = (0..batch.num_rows()).map(is_copy).map(Some).collect();
        let mut columns: Vec<ArrayRef> = batch.columns().to_vec();
        columns[schema.index_of(IS_COPY)?] = Arc::new(is_copy);
        RecordBatch::try_new(schema, columns)
    }
}

/// The keys are hashes already.
#[derive(Debug, Default)]
struct Identity(u64);

impl Hasher for Identity {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| hash.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_i64(&mut self, hash: i64) {
        self.0 = hash.cast_unsigned();
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{Int64Array, StringArray};

    use super::*;

    #[test]
    fn the_first_of_equal_rows_is_the_original() {
        let wanted = Arc::new(Schema::new(vec![Field::new(IS_COPY, DataType::Boolean, true)]));
        let mut copies = Copies::wanted(&wanted).expect("wanted");
        let mut told = |hashes: [i64; 3], problems: [Option<&str>; 3]| {
            let columns: Vec<ArrayRef> = vec![
                Arc::new(BooleanArray::new_null(3)),
                Arc::new(Int64Array::from(hashes.to_vec())),
                Arc::new(StringArray::from(problems.to_vec())),
            ];
            let batch = RecordBatch::try_new(Copies::with_hash(&wanted), columns).expect("columns of one length");
            copies.tell(&batch).expect("all columns").column(0).as_boolean().iter().flatten().collect::<Vec<_>>()
        };
        assert_eq!(told([7, 8, 7], [None; 3]), [false, false, true]);
        assert_eq!(told([8, 9, 9], [None, Some("unreadable"), None]), [true, false, false]);
    }
}
