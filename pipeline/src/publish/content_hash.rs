//! The logical content of a table as one hash, whatever the order of its rows and the encoding of its file.
//!
//! ```text
//! hash(table) = SHA-256( schema ‖ row count ‖ Σ xxh3-128(row) mod 2¹²⁸ )
//! ```
//! Doubles are rounded to nine significant digits first, so that the last bits of a sum don't decide.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Float64Type, Schema};
use arrow::error::ArrowError;
use arrow::row::{RowConverter, SortField};
use sha2::{Digest, Sha256};
use twox_hash::XxHash3_128;

const SIGNIFICANT_DIGITS: i32 = 9;

/// Adds up the rows of one table.
#[derive(Debug)]
pub struct ContentHash {
    converter: RowConverter,
    schema: String,
    rows: u64,
    sum: u128,
}

impl ContentHash {
    /// For batches of `schema`.
    ///
    /// # Errors
    /// When a column's type has no row form.
    pub fn new(schema: &Schema) -> Result<Self, ArrowError> {
        let fields = schema.fields().iter().map(|f| SortField::new(f.data_type().clone())).collect();
        Ok(Self { converter: RowConverter::new(fields)?, schema: described(schema), rows: 0, sum: 0 })
    }

    /// Adds the rows of `batch`.
    ///
    /// # Errors
    /// When the batch has another schema.
    pub fn add(&mut self, batch: &RecordBatch) -> Result<(), ArrowError> {
        let columns: Vec<ArrayRef> = batch.columns().iter().map(rounded).collect();
        let rows = self.converter.convert_columns(&columns)?;
        for row in &rows {
            self.sum = self.sum.wrapping_add(XxHash3_128::oneshot(row.as_ref()));
        }
        self.rows += batch.num_rows() as u64;
        Ok(())
    }

    /// Rows added.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The sum of the rows' hashes, hex: what parts of a table are put together from.
    #[must_use]
    pub fn row_sum(&self) -> String {
        format!("{:032x}", self.sum)
    }

    /// The hash, hex.
    #[must_use]
    pub fn finish(self) -> String {
        digest(&self.schema, self.rows, self.sum)
    }

    /// The hash, hex, of a table of `schema` in parts with these sums and `rows` rows in all.
    #[must_use]
    pub fn combined<'a>(schema: &Schema, rows: u64, sums: impl Iterator<Item = &'a str>) -> String {
        let sum = sums.filter_map(|hex| u128::from_str_radix(hex, 16).ok()).fold(0_u128, u128::wrapping_add);
        digest(&described(schema), rows, sum)
    }
}

fn described(schema: &Schema) -> String {
    schema.fields().iter().map(|f| format!("{}:{}\n", f.name(), f.data_type())).collect()
}

fn digest(schema: &str, rows: u64, sum: u128) -> String {
    let mut hasher = Sha256::new();
    hasher.update(schema.as_bytes());
    hasher.update(rows.to_le_bytes());
    hasher.update(sum.to_le_bytes());
    hex::encode(hasher.finalize())
}

fn rounded(column: &ArrayRef) -> ArrayRef {
    if column.data_type() != &DataType::Float64 {
        return Arc::clone(column);
    }
    Arc::new(column.as_primitive::<Float64Type>().unary::<_, Float64Type>(round))
}

/// `value` with nine significant digits; one zero, one NaN.
fn round(value: f64) -> f64 {
    if value == 0.0 {
        return 0.0;
    }
    if !value.is_finite() {
        return if value.is_nan() { f64::NAN } else { value };
    }
    let exponent = SIGNIFICANT_DIGITS - 1 - value.abs().log10().floor() as i32;
    let factor = 10_f64.powi(exponent.clamp(-300, 300));
    (value * factor).round() / factor
}

#[cfg(test)]
mod tests {
    use arrow::array::{Float64Array, StringArray};
    use arrow::datatypes::Field;

    use super::*;

    fn hash(rows: &[(&str, f64)]) -> String {
        let schema = Arc::new(Schema::new(vec![Field::new("a", DataType::Utf8, true), Field::new("b", DataType::Float64, true)]));
        let texts: ArrayRef = Arc::new(StringArray::from_iter_values(rows.iter().map(|r| r.0)));
        let numbers: ArrayRef = Arc::new(Float64Array::from_iter_values(rows.iter().map(|r| r.1)));
        let mut hash = ContentHash::new(&schema).expect("plain types");
        hash.add(&RecordBatch::try_new(schema, vec![texts, numbers]).expect("fits")).expect("same schema");
        hash.finish()
    }

    #[test]
    fn order_does_not_count_and_content_does() {
        assert_eq!(hash(&[("x", 1.0), ("y", 2.0)]), hash(&[("y", 2.0), ("x", 1.0)]));
        assert_ne!(hash(&[("x", 1.0), ("y", 2.0)]), hash(&[("x", 2.0), ("y", 1.0)]));
        assert_ne!(hash(&[("x", 1.0)]), hash(&[("x", 1.0), ("x", 1.0)]));
    }

    #[test]
    fn the_last_bits_of_a_double_do_not_count() {
        assert_eq!(hash(&[("x", 0.1 + 0.2)]), hash(&[("x", 0.3)]));
        assert_eq!(hash(&[("x", -0.0)]), hash(&[("x", 0.0)]));
        assert_ne!(hash(&[("x", 0.3)]), hash(&[("x", 0.300_000_01)]));
    }
}
