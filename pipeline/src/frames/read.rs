//! Arrow batches into a Polars data frame, by copying checked values. Grouping and indexing belong to `pairs`.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::{CastOptions, cast, cast_with_options};
use arrow::datatypes::{DataType, Float64Type};
use arrow::record_batch::RecordBatch;
use polars::prelude::{Column, DataFrame, Float64Chunked, IntoColumn, SortMultipleOptions, StringChunkedBuilder, UInt32Chunked};

use super::error::FramesError;
use super::ids::Ids;
use super::interner::Interner;

/// How a column is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// As text, whatever its Arrow type: ids may be numbers, views or dictionaries.
    Text,
    /// As a finite double.
    Number,
}

/// A column to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name in the table.
    pub name: &'static str,
    /// How it is read.
    pub kind: Kind,
}

/// Reads `fields` of all batches into one data frame, in the order of the rows.
///
/// # Errors
/// [`FramesError`] for a missing column, a null, a number that is not finite, or a type that doesn't cast.
pub fn read_frame(table: &'static str, batches: &[RecordBatch], fields: &[Field]) -> Result<DataFrame, FramesError> {
    let height = batches.iter().map(RecordBatch::num_rows).sum();
    let read = |field: &Field| match field.kind {
        Kind::Text => text_column(table, batches, field.name),
        Kind::Number => number_column(table, batches, field.name),
    };
    let columns = fields.iter().map(read).collect::<Result<Vec<Column>, FramesError>>()?;
    Ok(DataFrame::new(height, columns)?)
}

/// The values of a text column over all batches.
///
/// # Errors
/// [`FramesError`] for a missing column, a null, or a type that doesn't cast to text.
pub fn text_values(table: &'static str, batches: &[RecordBatch], column: &'static str) -> Result<Vec<String>, FramesError> {
    let mut values = Vec::new();
    for batch in batches {
        let array = cast_column(Source { table, column, first_row: values.len() }, batch, &DataType::Utf8)?;
        values.extend(array.as_string::<i32>().iter().flatten().map(str::to_owned));
    }
    Ok(values)
}

/// Whether a column holds a value, row by row over all batches.
///
/// # Errors
/// [`FramesError::MissingColumn`].
pub fn presence(table: &'static str, batches: &[RecordBatch], column: &'static str) -> Result<Vec<bool>, FramesError> {
    let mut present = Vec::new();
    for batch in batches {
        let array = batch.column_by_name(column).ok_or(FramesError::MissingColumn { table, column })?;
        present.extend((0..array.len()).map(|row| array.is_valid(row)));
    }
    Ok(present)
}

/// The values of a text column in the rising order of a number, ties by text.
///
/// # Errors
/// As [`read_frame`].
pub fn ranked_texts(
    table: &'static str,
    batches: &[RecordBatch],
    text: &'static str,
    rank: &'static str,
) -> Result<Vec<String>, FramesError> {
    let fields = [Field { name: text, kind: Kind::Text }, Field { name: rank, kind: Kind::Number }];
    let sorted = read_frame(table, batches, &fields)?.sort([rank, text], SortMultipleOptions::default())?;
    Ok(sorted.column(text)?.str()?.no_null_iter().map(str::to_owned).collect())
}

/// Whether a column says so, 1 or 0, row by row over all batches; null is no.
pub(super) fn flag_column(table: &'static str, batches: &[RecordBatch], column: &'static str) -> Result<Column, FramesError> {
    let mut flags = Vec::new();
    for batch in batches {
        let array = batch.column_by_name(column).ok_or(FramesError::MissingColumn { table, column })?;
        let array =
            cast(array, &DataType::Boolean).map_err(|source| FramesError::Cast { table, column, expected: "true or false", source })?;
        flags.extend(array.as_boolean().iter().map(|flag| u32::from(flag == Some(true))));
    }
    Ok(UInt32Chunked::from_vec(column.into(), flags).into_column())
}

/// The distinct values of a text column, and the index among them of each row over all batches.
///
/// # Errors
/// As [`text_values`].
pub(super) fn read_ids(table: &'static str, batches: &[RecordBatch], column: &'static str) -> Result<(Ids, Vec<u32>), FramesError> {
    let mut interner = Interner::default();
    let mut rows = Vec::with_capacity(batches.iter().map(RecordBatch::num_rows).sum());
    for batch in batches {
        let array = cast_column(Source { table, column, first_row: rows.len() }, batch, &DataType::Utf8)?;
        rows.extend(array.as_string::<i32>().iter().flatten().map(|text| interner.code(text)));
    }
    let (ids, places) = interner.sorted();
    rows.iter_mut().for_each(|row| *row = places[*row as usize]);
    Ok((ids, rows))
}

fn text_column(table: &'static str, batches: &[RecordBatch], column: &'static str) -> Result<Column, FramesError> {
    let mut values = StringChunkedBuilder::new(column.into(), batches.iter().map(RecordBatch::num_rows).sum());
    let mut first_row = 0;
    for batch in batches {
        let array = cast_column(Source { table, column, first_row }, batch, &DataType::Utf8)?;
        array.as_string::<i32>().iter().flatten().for_each(|value| values.append_value(value));
        first_row += batch.num_rows();
    }
    Ok(values.finish().into_column())
}

/// The values of a column of finite numbers over all batches.
///
/// # Errors
/// As [`read_frame`].
pub(super) fn number_column(table: &'static str, batches: &[RecordBatch], column: &'static str) -> Result<Column, FramesError> {
    let mut values: Vec<f64> = Vec::new();
    for batch in batches {
        let array = cast_column(Source { table, column, first_row: values.len() }, batch, &DataType::Float64)?;
        values.extend_from_slice(array.as_primitive::<Float64Type>().values());
    }
    match values.iter().position(|value| !value.is_finite()) {
        Some(row) => Err(FramesError::NotFinite { table, column, row, value: values[row] }),
        None => Ok(Float64Chunked::from_vec(column.into(), values).into_column()),
    }
}

/// Where a column of one batch comes from, for messages.
#[derive(Clone, Copy)]
struct Source {
    table: &'static str,
    column: &'static str,
    first_row: usize,
}

/// A column as `kind` (text or double), without nulls.
fn cast_column(source: Source, batch: &RecordBatch, kind: &DataType) -> Result<ArrayRef, FramesError> {
    let Source { table, column, first_row } = source;
    let array = batch.column_by_name(column).ok_or(FramesError::MissingColumn { table, column })?;
    let expected = if kind == &DataType::Utf8 { "text" } else { "a number" };
    let strict = CastOptions { safe: false, ..CastOptions::default() };
    let array = cast_with_options(array, kind, &strict).map_err(|source| FramesError::Cast { table, column, expected, source })?;
    match (0..array.len()).find(|&row| array.is_null(row)) {
        Some(row) => Err(FramesError::Null { table, column, row: first_row + row }),
        None => Ok(array),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{DictionaryArray, Float64Array, Int32Array, Int64Array, LargeStringArray, StringArray, StringViewArray};
    use arrow::datatypes::Int8Type;

    use super::*;

    fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
        RecordBatch::try_from_iter(columns).unwrap()
    }

    #[test]
    fn every_text_type_reads_the_same() {
        let dictionary: DictionaryArray<Int8Type> = ["a", "b", "a"].into_iter().collect();
        let arrays: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from(vec!["a", "b", "a"])),
            Arc::new(LargeStringArray::from(vec!["a", "b", "a"])),
            Arc::new(StringViewArray::from(vec!["a", "b", "a"])),
            Arc::new(dictionary),
        ];
        for array in arrays {
            assert_eq!(text_values("t", &[batch(vec![("id", array)])], "id").unwrap(), ["a", "b", "a"]);
        }
        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![7, 8]));
        assert_eq!(text_values("t", &[batch(vec![("id", numbers)])], "id").unwrap(), ["7", "8"]);
    }

    #[test]
    fn errors_name_table_column_and_row() {
        let values: ArrayRef = Arc::new(Float64Array::from(vec![1.0, f64::NAN]));
        let ids: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), None]));
        let batches = [batch(vec![("v", values), ("id", ids)])];
        let refuse = |name, kind| read_frame("t", &batches, &[Field { name, kind }]).unwrap_err().to_string();
        assert_eq!(refuse("v", Kind::Number), "`t.v` is NaN in row 1, expected a finite number");
        assert_eq!(refuse("id", Kind::Text), "`t.id` is null in row 1, expected a value");
        assert_eq!(refuse("x", Kind::Text), "`t` has no column `x`");
        let words: ArrayRef = Arc::new(StringArray::from(vec!["one"]));
        let refused = read_frame("t", &[batch(vec![("v", words)])], &[Field { name: "v", kind: Kind::Number }]).unwrap_err();
        assert_eq!(refused.to_string(), "`t.v` can't be read as a number");
    }

    #[test]
    fn batches_are_joined_in_order() {
        let part = |values: Vec<i32>| batch(vec![("v", Arc::new(Int32Array::from(values)) as ArrayRef)]);
        let frame = read_frame("t", &[part(vec![3, 1]), part(vec![2])], &[Field { name: "v", kind: Kind::Number }]).unwrap();
        let values: Vec<f64> = frame.column("v").unwrap().f64().unwrap().no_null_iter().collect();
        assert_eq!(values, [3.0, 1.0, 2.0]);
        assert_eq!(read_frame("t", &[], &[Field { name: "v", kind: Kind::Text }]).unwrap().height(), 0);
    }

    #[test]
    fn texts_are_ordered_by_rank_then_text() {
        let ids: ArrayRef = Arc::new(StringArray::from(vec!["b", "c", "a"]));
        let ranks: ArrayRef = Arc::new(Int32Array::from(vec![2, 1, 2]));
        assert_eq!(ranked_texts("t", &[batch(vec![("id", ids), ("rank", ranks)])], "id", "rank").unwrap(), ["c", "a", "b"]);
    }
}
