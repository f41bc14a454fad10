//! Checked conversion of one column: what can't be converted is null and reported with its value.
//!
//! Arrow's own cast makes nulls of failures without a word; here each such null gets a sentence.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, ListBuilder, StringArray, StringBuilder, TimestampMicrosecondArray};
use arrow::buffer::NullBuffer;
use arrow::compute::{CastOptions, cast, cast_with_options};
use arrow::datatypes::{DataType, Float64Type, TimeUnit, TimestampMicrosecondType};
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use chrono::DateTime;
use chrono_tz::Tz;

use super::match_columns::ColumnReading;
use crate::domain::raw_tables::{ColumnType, RawColumn};
use crate::domain::timestamps::{TimeFormat, local_to_micros};

/// Longest piece of a value that a message quotes, characters.
const QUOTED_CHARS: usize = 60;

/// Reports that a value in row `usize` of the batch can't be read.
pub type Report<'a> = dyn FnMut(usize, String) + 'a;

/// `array`, read as `column` should be; unreadable values are null and reported.
///
/// # Errors
/// When the array has a type that was not checked for.
pub fn convert(
    column: &RawColumn,
    array: &ArrayRef,
    (reading, zone): (&ColumnReading, Tz),
    report: &mut Report<'_>,
) -> Result<ArrayRef, ArrowError> {
    let converted = match column.kind {
        ColumnType::Id | ColumnType::Text => lenient(array, &DataType::Utf8)?,
        ColumnType::Int | ColumnType::BigInt => whole_numbers(column, array, reading.scale)?,
        ColumnType::Double => scaled(&lenient(array, &DataType::Float64)?, reading.scale),
        ColumnType::Boolean => booleans(array)?,
        ColumnType::TextList => text_lists(array)?,
        ColumnType::Timestamp => times(array, reading.format.as_ref(), zone)?,
    };
    report_failures(column, array, &converted, report)?;
    Ok(converted)
}

/// Arrow's cast, whose failures are null; [`report_failures`] finds them.
fn lenient(array: &ArrayRef, to: &DataType) -> Result<ArrayRef, ArrowError> {
    cast_with_options(array, to, &CastOptions { safe: true, ..CastOptions::default() })
}

fn report_failures(column: &RawColumn, from: &ArrayRef, to: &ArrayRef, report: &mut Report<'_>) -> Result<(), ArrowError> {
    // A column without a type, and a dictionary with a null among its values, have nulls that they don't count.
    let missing = from.logical_nulls();
    if to.logical_null_count() == missing.as_ref().map_or(0, NullBuffer::null_count) {
        return Ok(());
    }
    let is_given = |row: usize| missing.as_ref().is_none_or(|nulls| nulls.is_valid(row));
    let options = FormatOptions::default();
    let formatter = ArrayFormatter::try_new(from.as_ref(), &options)?;
    for row in (0..from.len()).filter(|&row| is_given(row) && to.is_null(row)) {
        let value: String = formatter.value(row).to_string().chars().take(QUOTED_CHARS).collect();
        report(row, format!("`{}` is `{value}`, expected {}", column.name, expected(column.kind)));
    }
    Ok(())
}

fn expected(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Id | ColumnType::Text => "text",
        ColumnType::Timestamp => "a time such as 2024-05-01T12:00:00Z",
        ColumnType::Int | ColumnType::BigInt => "a whole number",
        ColumnType::Double => "a number",
        ColumnType::Boolean => "true or false",
        ColumnType::TextList => "a list of texts",
    }
}

fn whole_numbers(column: &RawColumn, array: &ArrayRef, scale: Option<f64>) -> Result<ArrayRef, ArrowError> {
    let to = column.kind.arrow();
    if scale.is_none() && !array.data_type().is_floating() {
        return lenient(array, &to);
    }
    let numbers = scaled(&lenient(array, &DataType::Float64)?, scale);
    // A fraction is rounded away only where a scale made it; elsewhere it says that a scale is missing.
    let whole = |n: f64| if scale.is_some() { n.round() } else { n };
    let whole = numbers.as_primitive::<Float64Type>().iter().map(|n| n.map(whole).filter(|n| n.is_finite() && n.fract() == 0.0));
    let whole: ArrayRef = Arc::new(whole.collect::<Float64Array>());
    lenient(&whole, &to)
}

fn scaled(numbers: &ArrayRef, scale: Option<f64>) -> ArrayRef {
    match scale {
        None => Arc::clone(numbers),
        Some(scale) => Arc::new(numbers.as_primitive::<Float64Type>().unary::<_, Float64Type>(|n| n * scale)),
    }
}

fn booleans(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    lenient(array, &DataType::Boolean)
}

fn text_lists(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let to = ColumnType::TextList.arrow();
    if !matches!(array.data_type(), DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(_, _)) {
        return lenient(array, &to);
    }
    let texts = lenient(array, &DataType::Utf8)?;
    let mut lists = ListBuilder::new(StringBuilder::new());
    for text in texts.as_string::<i32>() {
        let Some(text) = text else {
            lists.append_null();
            continue;
        };
        let parts = text.split(['|', ',']).map(str::trim).filter(|part| !part.is_empty());
        lists.append_value(parts.map(Some));
    }
    Ok(Arc::new(lists.finish()))
}

fn times(array: &ArrayRef, format: Option<&TimeFormat>, zone: Tz) -> Result<ArrayRef, ArrowError> {
    let micros: TimestampMicrosecondArray = match array.data_type() {
        DataType::Timestamp(_, Some(_)) => return lenient(array, &ColumnType::Timestamp.arrow()),
        DataType::Timestamp(_, None) | DataType::Date32 | DataType::Date64 => local_times(array, zone)?,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(_, _) => {
            let texts = lenient(array, &DataType::Utf8)?;
            parsed(texts.as_string(), format.unwrap_or(&TimeFormat::Iso), zone)
        }
        _ => counted(array, format)?,
    };
    Ok(Arc::new(micros.with_timezone("UTC")))
}

/// Times without a zone are local times of the community.
fn local_times(array: &ArrayRef, zone: Tz) -> Result<TimestampMicrosecondArray, ArrowError> {
    let naive = cast(array, &DataType::Timestamp(TimeUnit::Microsecond, None))?;
    let naive = naive.as_primitive::<TimestampMicrosecondType>();
    let to_utc = |micros: i64| DateTime::from_timestamp_micros(micros).map(|t| local_to_micros(t.naive_utc(), zone));
    Ok(naive.iter().map(|micros| micros.and_then(to_utc)).collect())
}

fn parsed(texts: &StringArray, format: &TimeFormat, zone: Tz) -> TimestampMicrosecondArray {
    texts.iter().map(|text| text.and_then(|text| format.parse_micros(text, zone).ok())).collect()
}

fn counted(array: &ArrayRef, format: Option<&TimeFormat>) -> Result<TimestampMicrosecondArray, ArrowError> {
    let numbers = cast(array, &DataType::Float64)?;
    let to_micros = |n: f64| format.and_then(|f| f.number_micros(n)).and_then(Result::ok);
    Ok(numbers.as_primitive::<Float64Type>().iter().map(|n| n.and_then(to_micros)).collect())
}

#[cfg(test)]
mod tests {
    use arrow::array::{Int64Array, NullArray};
    use arrow::datatypes::Int64Type;

    use super::*;
    use crate::domain::raw_tables::RawTable;

    fn read(column: &str, array: ArrayRef, scale: Option<f64>) -> (ArrayRef, Vec<String>) {
        let column = RawTable::Payments.column(column).expect("a column of payments");
        let mut problems = Vec::new();
        let reading = ColumnReading { index: 0, format: None, scale };
        let read = convert(column, &array, (&reading, Tz::UTC), &mut |row, problem| problems.push(format!("{row}: {problem}")));
        (read.expect("a type that is read"), problems)
    }

    #[test]
    fn a_column_without_a_type_is_missing_and_no_problem() {
        let (read, problems) = read("plan", Arc::new(NullArray::new(3)), None);
        assert_eq!((read.null_count(), problems.len()), (3, 0), "{problems:?}");
    }

    #[test]
    fn a_fraction_is_rounded_only_by_a_scale() {
        let dollars = || Arc::new(Float64Array::from(vec![19.99, 20.0])) as ArrayRef;
        let (cents, problems) = read("amount_cents", dollars(), Some(100.0));
        assert_eq!((cents.as_primitive::<Int64Type>(), problems.len()), (&Int64Array::from(vec![1999, 2000]), 0));
        let (cents, problems) = read("amount_cents", dollars(), None);
        assert_eq!(cents.as_primitive::<Int64Type>(), &Int64Array::from(vec![None, Some(20)]));
        assert_eq!(problems, ["0: `amount_cents` is `19.99`, expected a whole number"]);
    }

    #[test]
    fn large_whole_numbers_in_text_stay_exact() {
        let (read, _) = read("amount_cents", Arc::new(StringArray::from(vec!["9007199254740993"])), None);
        assert_eq!(read.as_primitive::<Int64Type>().value(0), 9_007_199_254_740_993);
    }
}
