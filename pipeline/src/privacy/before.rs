//! What the snapshot before told and hid.

use std::collections::{BTreeMap, HashMap};

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, new_null_array};
use arrow::compute::{cast, concat_batches};
use arrow::datatypes::{DataType, Int64Type, Schema};
use arrow::error::ArrowError;

use super::grid::keys;

/// Hidden cells of one table: column and key → the exact number it had when it was hidden. Private to the lake.
pub type Hidden = BTreeMap<(String, String), i64>;

/// What the snapshot before told and hid of one table.
#[derive(Debug, Clone, Copy)]
pub struct Before<'a> {
    /// Its rows as they were released.
    pub rows: &'a [RecordBatch],
    /// What was hidden of it.
    pub hidden: &'a Hidden,
}

/// The rows that were released, with the columns and types of today.
pub(super) struct Earlier {
    rows: RecordBatch,
    columns: Vec<Option<ArrayRef>>,
}

impl Earlier {
    /// Of released `rows`; none where there are none.
    pub fn new(rows: &[RecordBatch], schema: &Schema) -> Result<Option<Self>, ArrowError> {
        let Some(first) = rows.first() else { return Ok(None) };
        let rows = concat_batches(&first.schema(), rows)?;
        let column = |name: &str, to: &DataType| rows.column_by_name(name).and_then(|array| cast(array, to).ok());
        let columns = schema.fields().iter().map(|field| column(field.name(), field.data_type())).collect();
        Ok(Some(Self { rows, columns }))
    }

    /// Row by the values of `by`; empty where one of these columns was not there.
    pub fn positions(&self, by: &[usize]) -> Result<HashMap<String, usize>, ArrowError> {
        let known: Option<Vec<&ArrayRef>> = by.iter().map(|&column| self.columns[column].as_ref()).collect();
        let Some(known) = known else { return Ok(HashMap::new()) };
        Ok(keys(&known, self.rows.num_rows())?.into_iter().enumerate().map(|(row, key)| (key, row)).collect())
    }

    /// The number that `column` showed in `row`.
    pub fn number(&self, column: usize, row: usize) -> Option<i64> {
        let array = self.columns[column].as_ref()?.as_primitive_opt::<Int64Type>()?;
        array.is_valid(row).then(|| array.value(row))
    }

    /// A column as it was released; null where it was not there.
    pub fn column(&self, column: usize, to: &DataType) -> ArrayRef {
        self.columns[column].clone().unwrap_or_else(|| new_null_array(to, self.rows.num_rows()))
    }
}
