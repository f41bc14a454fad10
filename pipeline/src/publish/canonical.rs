//! The published form of columns: plain UTF-8, microseconds in UTC, so that every reader understands them.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use arrow::error::ArrowError;

/// The published schema of `computed`; every column may be null as far as readers are concerned.
#[must_use]
pub fn schema(computed: &Schema) -> SchemaRef {
    Arc::new(Schema::new(computed.fields().iter().map(|f| Field::new(f.name(), data_type(f.data_type()), true)).collect::<Vec<_>>()))
}

fn data_type(computed: &DataType) -> DataType {
    match computed {
        DataType::Utf8View | DataType::LargeUtf8 => DataType::Utf8,
        DataType::Dictionary(_, values) => data_type(values),
        DataType::Timestamp(_, Some(_)) => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        DataType::Timestamp(_, None) => DataType::Timestamp(TimeUnit::Microsecond, None),
        DataType::UInt64 | DataType::UInt32 => DataType::Int64,
        DataType::List(f) => DataType::List(Arc::new(f.as_ref().clone().with_data_type(data_type(f.data_type())).with_nullable(true))),
        other => other.clone(),
    }
}

/// `batch` with the columns of the published `schema`.
///
/// # Errors
/// When a value does not fit.
pub fn batch(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    let columns = batch.columns().iter().zip(schema.fields()).map(|(array, field)| cast(array, field.data_type()));
    RecordBatch::try_new(Arc::clone(schema), columns.collect::<Result<Vec<ArrayRef>, _>>()?)
}
