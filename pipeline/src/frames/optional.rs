//! Columns that may lack values: texts, whole numbers, numbers, instants, lists of texts. Columns that may not belong to `read`.

use arrow::array::{ArrayRef, AsArray};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Field, Float64Type, Int64Type, TimeUnit};
use arrow::record_batch::RecordBatch;

use super::error::FramesError;

/// The values of a text column over all batches.
///
/// # Errors
/// [`FramesError`] for a missing column, or a type that doesn't cast to text.
pub fn optional_texts(table: &'static str, batches: &[RecordBatch], column: &'static str) -> Result<Vec<Option<String>>, FramesError> {
    let mut values = Vec::new();
    for batch in batches {
        let array = cast(table, column, batch, (&[DataType::Utf8], "text"))?;
        values.extend(array.as_string::<i32>().iter().map(|value| value.map(str::to_owned)));
    }
    Ok(values)
}

/// The values of a column of whole numbers over all batches.
///
/// # Errors
/// [`FramesError`] for a missing column, or a type that doesn't cast to whole numbers.
pub fn optional_integers(table: &'static str, batches: &[RecordBatch], column: &'static str) -> Result<Vec<Option<i64>>, FramesError> {
    integers(table, batches, column, (&[DataType::Int64], "a whole number"))
}

/// The instants of a column over all batches, microseconds since 1970.
///
/// # Errors
/// [`FramesError`] for a missing column, or a type that doesn't cast to an instant.
pub fn instants_us(table: &'static str, batches: &[RecordBatch], column: &'static str) -> Result<Vec<Option<i64>>, FramesError> {
    let instant = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    integers(table, batches, column, (&[instant, DataType::Int64], "an instant"))
}

/// The values of a column of numbers over all batches.
///
/// # Errors
/// [`FramesError`] for a missing column, a type that doesn't cast to numbers, or a number that is not finite.
pub fn optional_numbers(table: &'static str, batches: &[RecordBatch], column: &'static str) -> Result<Vec<Option<f64>>, FramesError> {
    let mut values = Vec::new();
    for batch in batches {
        let array = cast(table, column, batch, (&[DataType::Float64], "a number"))?;
        values.extend(array.as_primitive::<Float64Type>().iter());
    }
    let infinite = values.iter().zip(0..).find_map(|(value, row)| value.filter(|value| !value.is_finite()).map(|value| (row, value)));
    match infinite {
        Some((row, value)) => Err(FramesError::NotFinite { table, column, row, value }),
        None => Ok(values),
    }
}

/// The texts of a column of lists over all batches; a list or text that is not there is left out.
///
/// # Errors
/// [`FramesError`] for a missing column, or a type that doesn't cast to lists of texts.
pub fn text_lists(table: &'static str, batches: &[RecordBatch], column: &'static str) -> Result<Vec<Vec<String>>, FramesError> {
    let lists = DataType::List(Field::new_list_field(DataType::Utf8, true).into());
    let mut values = Vec::new();
    for batch in batches {
        let array = cast(table, column, batch, (std::slice::from_ref(&lists), "a list of texts"))?;
        let texts = |list: Option<ArrayRef>| list.map(|list| list.as_string::<i32>().iter().flatten().map(str::to_owned).collect());
        values.extend(array.as_list::<i32>().iter().map(|list| texts(list).unwrap_or_default()));
    }
    Ok(values)
}

/// Types to cast to, one after the other, and what they are in words.
type Wanted<'a> = (&'a [DataType], &'static str);

fn integers(
    table: &'static str,
    batches: &[RecordBatch],
    column: &'static str,
    wanted: Wanted<'_>,
) -> Result<Vec<Option<i64>>, FramesError> {
    let mut values = Vec::new();
    for batch in batches {
        values.extend(cast(table, column, batch, wanted)?.as_primitive::<Int64Type>().iter());
    }
    Ok(values)
}

fn cast(table: &'static str, column: &'static str, batch: &RecordBatch, (types, expected): Wanted<'_>) -> Result<ArrayRef, FramesError> {
    let array = batch.column_by_name(column).ok_or(FramesError::MissingColumn { table, column })?.clone();
    let strict = CastOptions { safe: false, ..CastOptions::default() };
    let cast = |array: ArrayRef, to: &DataType| cast_with_options(&array, to, &strict);
    types.iter().try_fold(array, cast).map_err(|source| FramesError::Cast { table, column, expected, source })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{BooleanArray, Float64Array, Int32Array, ListBuilder, StringBuilder, StringViewArray, TimestampSecondArray};

    use super::*;

    fn batch(array: ArrayRef) -> Vec<RecordBatch> {
        vec![RecordBatch::try_from_iter_with_nullable([("v", array, true)]).unwrap()]
    }

    #[test]
    fn what_is_absent_stays_absent() {
        let texts = batch(Arc::new(StringViewArray::from(vec![Some("a"), None])));
        assert_eq!(optional_texts("t", &texts, "v").unwrap(), [Some("a".to_owned()), None]);
        let numbers = batch(Arc::new(Int32Array::from(vec![Some(4), None])));
        assert_eq!(optional_integers("t", &numbers, "v").unwrap(), [Some(4), None]);
        assert_eq!(optional_numbers("t", &numbers, "v").unwrap(), [Some(4.0), None]);
        let instants = batch(Arc::new(TimestampSecondArray::from(vec![Some(2), None]).with_timezone("Asia/Shanghai")));
        assert_eq!(instants_us("t", &instants, "v").unwrap(), [Some(2_000_000), None]);
        assert!(optional_texts("t", &[], "v").unwrap().is_empty());
    }

    #[test]
    fn lists_keep_the_texts_they_have() {
        let mut lists = ListBuilder::new(StringBuilder::new());
        lists.append_value([Some("a"), None, Some("b")]);
        lists.append_null();
        lists.append_value(Vec::<Option<&str>>::new());
        let read = text_lists("t", &batch(Arc::new(lists.finish())), "v").unwrap();
        assert_eq!(read, [vec!["a".to_owned(), "b".to_owned()], vec![], vec![]]);
    }

    #[test]
    fn errors_name_table_and_column() {
        let flags = batch(Arc::new(BooleanArray::from(vec![true])));
        let refused = |error: FramesError| error.to_string();
        assert_eq!(refused(text_lists("t", &batch(Arc::new(Int32Array::from(vec![1]))), "x").unwrap_err()), "`t` has no column `x`");
        assert_eq!(refused(instants_us("t", &flags, "v").unwrap_err()), "`t.v` can't be read as an instant");
        let infinite = batch(Arc::new(Float64Array::from(vec![Some(1.0), Some(f64::INFINITY)])));
        assert_eq!(refused(optional_numbers("t", &infinite, "v").unwrap_err()), "`t.v` is inf in row 1, expected a finite number");
    }
}
