//! The ledger of hidden numbers: state of the lake, never published. Whoever reads it reads what was held back.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};
use arrow::error::ArrowError;

use super::{Hidden, PrivacyError};

/// What is hidden of each table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger(BTreeMap<String, Hidden>);

impl Ledger {
    /// What is hidden of `table`.
    #[must_use]
    pub fn of(&self, table: &str) -> Hidden {
        self.0.get(table).cloned().unwrap_or_default()
    }

    /// Replaces what is hidden of `table`.
    pub fn put(&mut self, table: &str, hidden: Hidden) {
        self.0.insert(table.to_owned(), hidden);
    }

    /// Its columns: table, key (grain values, each after its length), column, value.
    #[must_use]
    pub fn schema() -> SchemaRef {
        let text = |name: &str| Field::new(name, DataType::Utf8, false);
        Arc::new(Schema::new(vec![text("table"), text("key"), text("column"), Field::new("value", DataType::Int64, false)]))
    }

    /// All entries, by table, column and key.
    ///
    /// # Errors
    /// When Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, PrivacyError> {
        let entries = || self.0.iter().flat_map(|(table, hidden)| hidden.iter().map(move |(name, value)| (table, name, *value)));
        let tables: StringArray = entries().map(|(table, _, _)| Some(table)).collect();
        let keys: StringArray = entries().map(|(_, (_, key), _)| Some(key)).collect();
        let columns: StringArray = entries().map(|(_, (column, _), _)| Some(column)).collect();
        let values: Int64Array = entries().map(|(_, _, value)| Some(value)).collect();
        let arrays: Vec<ArrayRef> = vec![Arc::new(tables), Arc::new(keys), Arc::new(columns), Arc::new(values)];
        RecordBatch::try_new(Self::schema(), arrays).map_err(PrivacyError::Ledger)
    }

    /// Reads what [`Ledger::to_batch`] wrote.
    ///
    /// # Errors
    /// When a column is absent or of another type.
    pub fn from_batches(batches: &[RecordBatch]) -> Result<Self, PrivacyError> {
        let mut ledger = Self::default();
        for batch in batches {
            ledger.add(batch).map_err(PrivacyError::Ledger)?;
        }
        Ok(ledger)
    }

    fn add(&mut self, batch: &RecordBatch) -> Result<(), ArrowError> {
        let column = |name: &str, to: &DataType| cast(batch.column(batch.schema().index_of(name)?), to);
        let text = |name: &str| column(name, &DataType::Utf8);
        let (tables, keys, columns) = (text("table")?, text("key")?, text("column")?);
        let values = column("value", &DataType::Int64)?;
        let [tables, keys, columns] = [&tables, &keys, &columns].map(|array| array.as_string::<i32>());
        for (row, value) in values.as_primitive::<Int64Type>().values().iter().enumerate() {
            let name = (columns.value(row).to_owned(), keys.value(row).to_owned());
            self.0.entry(tables.value(row).to_owned()).or_default().insert(name, *value);
        }
        Ok(())
    }
}
