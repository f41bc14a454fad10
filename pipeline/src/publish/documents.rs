//! Rows as the JSON that the sidecar answers with: rendered once here, sent as it is there.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, RecordBatch};
use arrow::compute::{cast, concat_batches};
use arrow::datatypes::DataType;
use arrow::error::ArrowError;
use arrow::json::writer::{JsonArray, WriterBuilder};

/// JSON array of all rows, nulls written out.
///
/// # Errors
/// When a column has no JSON form.
pub fn array(batches: &[RecordBatch]) -> Result<Vec<u8>, ArrowError> {
    let mut writer = WriterBuilder::new().with_explicit_nulls(true).build::<_, JsonArray>(Vec::new());
    for batch in batches {
        writer.write(batch)?;
    }
    writer.finish()?;
    let json = writer.into_inner();
    Ok(if json.is_empty() { b"[]".to_vec() } else { json })
}

/// One JSON array per distinct value of the columns `keys`; rows keep their order. `shown` picks and renames columns; empty: all.
///
/// # Errors
/// When a key column is absent or a column has no JSON form.
pub fn arrays_by(batches: &[RecordBatch], keys: &[&str], shown: &[(&str, &str)]) -> Result<BTreeMap<Vec<String>, Vec<u8>>, ArrowError> {
    let mut pieces: BTreeMap<Vec<String>, Vec<RecordBatch>> = BTreeMap::new();
    let Some(first) = batches.first() else { return Ok(BTreeMap::new()) };
    let all = concat_batches(&first.schema(), batches)?;
    let mut start = 0;
    let names = key_columns(&all, keys)?;
    let all = if shown.is_empty() { all } else { renamed(&all, shown)? };
    for row in 1..=all.num_rows() {
        if row == all.num_rows() || names[row] != names[start] {
            pieces.entry(names[start].clone()).or_default().push(all.slice(start, row - start));
            start = row;
        }
    }
    pieces.into_iter().map(|(key, batches)| Ok((key, array(&batches)?))).collect()
}

fn renamed(all: &RecordBatch, shown: &[(&str, &str)]) -> Result<RecordBatch, ArrowError> {
    let schema = all.schema();
    let columns = shown.iter().map(|(from, to)| Ok((*to, Arc::clone(all.column(schema.index_of(from)?)))));
    RecordBatch::try_from_iter(columns.collect::<Result<Vec<_>, ArrowError>>()?)
}

fn key_columns(all: &RecordBatch, keys: &[&str]) -> Result<Vec<Vec<String>>, ArrowError> {
    let mut names = vec![Vec::with_capacity(keys.len()); all.num_rows()];
    for key in keys {
        let texts = cast(all.column(all.schema().index_of(key)?), &DataType::Utf8)?;
        let texts = arrow::array::AsArray::as_string::<i32>(&texts);
        for (row, name) in names.iter_mut().enumerate() {
            name.push(if texts.is_null(row) { String::new() } else { texts.value(row).to_owned() });
        }
    }
    Ok(names)
}
