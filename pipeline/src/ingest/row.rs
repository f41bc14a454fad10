//! `RowBuilder`: rows of values → Arrow columns of a table's full schema.

use std::fmt::Write;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, Float64Builder, Int32Builder, Int64Builder, ListBuilder, RecordBatch, StringBuilder,
    TimestampMicrosecondBuilder,
};
use arrow::datatypes::SchemaRef;

use crate::domain::raw_tables::{ColumnType, RawTable};
use crate::ingest::columns::Row;
use crate::ingest::values::{Value, joined_items};

/// Collects rows of one table.
pub(super) struct RowBuilder {
    schema: SchemaRef,
    columns: Vec<ColumnBuilder>,
}

enum ColumnBuilder {
    Text(StringBuilder),
    Micros(TimestampMicrosecondBuilder),
    Int(Int32Builder),
    BigInt(Int64Builder),
    Double(Float64Builder),
    Boolean(BooleanBuilder),
    List(ListBuilder<StringBuilder>),
}

impl RowBuilder {
    pub(super) fn new(table: RawTable) -> RowBuilder {
        let columns = table.columns().iter().map(|column| ColumnBuilder::new(column.kind)).collect();
        RowBuilder { schema: table.schema(), columns }
    }

    /// Adds a row; its values are in the table's order.
    pub(super) fn push(&mut self, row: &Row<'_>) {
        for (column, value) in self.columns.iter_mut().zip(row) {
            column.push(*value);
        }
    }

    /// All rows so far; the builder starts anew.
    pub(super) fn finish(&mut self) -> RecordBatch {
        let columns = self.columns.iter_mut().map(ColumnBuilder::finish).collect();
        RecordBatch::try_new(Arc::clone(&self.schema), columns).expect("columns are built from the same table as the schema")
    }
}

impl ColumnBuilder {
    fn new(kind: ColumnType) -> ColumnBuilder {
        match kind {
            ColumnType::Id | ColumnType::Text => ColumnBuilder::Text(StringBuilder::new()),
            ColumnType::Timestamp => ColumnBuilder::Micros(TimestampMicrosecondBuilder::new().with_timezone("UTC")),
            ColumnType::Int => ColumnBuilder::Int(Int32Builder::new()),
            ColumnType::BigInt => ColumnBuilder::BigInt(Int64Builder::new()),
            ColumnType::Double => ColumnBuilder::Double(Float64Builder::new()),
            ColumnType::Boolean => ColumnBuilder::Boolean(BooleanBuilder::new()),
            ColumnType::TextList => ColumnBuilder::List(ListBuilder::new(StringBuilder::new())),
        }
    }

    fn push(&mut self, value: Value<'_>) {
        match (self, value) {
            (ColumnBuilder::Text(column), Value::Text(text)) => column.append_value(text),
            (ColumnBuilder::Text(column), Value::NumberedId(number)) => push_number(column, *number),
            (ColumnBuilder::Micros(column), Value::Micros(micros)) => column.append_value(micros),
            (ColumnBuilder::Int(column), Value::Whole(number)) => column.append_option(i32::try_from(number).ok()),
            (ColumnBuilder::BigInt(column), Value::Whole(number)) => column.append_value(number),
            (ColumnBuilder::Double(column), Value::Double(number)) => column.append_value(number),
            (ColumnBuilder::Boolean(column), Value::True) => column.append_value(true),
            (ColumnBuilder::Boolean(column), Value::False) => column.append_value(false),
            (ColumnBuilder::List(column), Value::List(items)) => push_list(column, items.iter().map(AsRef::as_ref)),
            (ColumnBuilder::List(column), Value::JoinedList(text)) => push_list(column, joined_items(text)),
            // Values are read for the column's own type, so only a missing one is left.
            (column, _) => column.push_null(),
        }
    }

    fn push_null(&mut self) {
        match self {
            ColumnBuilder::Text(column) => column.append_null(),
            ColumnBuilder::Micros(column) => column.append_null(),
            ColumnBuilder::Int(column) => column.append_null(),
            ColumnBuilder::BigInt(column) => column.append_null(),
            ColumnBuilder::Double(column) => column.append_null(),
            ColumnBuilder::Boolean(column) => column.append_null(),
            ColumnBuilder::List(column) => column.append_null(),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            ColumnBuilder::Text(column) => Arc::new(column.finish()),
            ColumnBuilder::Micros(column) => Arc::new(column.finish()),
            ColumnBuilder::Int(column) => Arc::new(column.finish()),
            ColumnBuilder::BigInt(column) => Arc::new(column.finish()),
            ColumnBuilder::Double(column) => Arc::new(column.finish()),
            ColumnBuilder::Boolean(column) => Arc::new(column.finish()),
            ColumnBuilder::List(column) => Arc::new(column.finish()),
        }
    }
}

fn push_number(column: &mut StringBuilder, number: i128) {
    // Writing into a builder that grows can't fail.
    let _ = write!(column, "{number}");
    column.append_value("");
}

fn push_list<'a>(column: &mut ListBuilder<StringBuilder>, items: impl Iterator<Item = &'a str>) {
    items.for_each(|item| column.values().append_value(item));
    column.append(true);
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Array, AsArray};

    #[test]
    fn every_table_builds_its_own_schema() {
        for table in RawTable::ALL {
            let mut rows = RowBuilder::new(table);
            rows.push(&Row::default());
            let batch = rows.finish();
            assert_eq!((batch.num_rows(), batch.schema()), (1, table.schema()));
            assert_eq!(rows.finish().num_rows(), 0);
        }
    }

    #[test]
    fn numbered_ids_and_lists_become_text() {
        let mut rows = RowBuilder::new(RawTable::Courses);
        let mut row = Row::default();
        row[0] = Value::NumberedId(&-7);
        row[2] = Value::JoinedList("rust|sql");
        rows.push(&row);
        let batch = rows.finish();
        assert_eq!(batch.column(0).as_string::<i32>().value(0), "-7");
        let tags = batch.column(2).as_list::<i32>().value(0);
        assert_eq!((tags.len(), tags.as_string::<i32>().value(1)), (2, "sql"));
    }
}
