//! What the catalogue says of courses, as far as the sidecar tells or filters by it.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, TimeUnit, TimestampMicrosecondType};
use chrono::{DateTime, Utc};

use super::PublishError;

const TABLE: &str = "course_facts";

/// One course.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CourseFacts {
    /// Its subjects, as the site spells them.
    pub tags: Vec<String>,
    /// When it was published.
    pub published_at: Option<DateTime<Utc>>,
}

impl CourseFacts {
    /// The rows of `course_facts`, by course.
    ///
    /// # Errors
    /// When a column is absent or has another type.
    pub fn of(batches: &[RecordBatch]) -> Result<BTreeMap<String, Self>, PublishError> {
        let mut facts = BTreeMap::new();
        for batch in batches {
            let ids = column(batch, "course_id", &DataType::Utf8, "text")?;
            let instants = column(batch, "published_at", &DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())), "instant")?;
            let instants = instants.as_primitive::<TimestampMicrosecondType>();
            for (row, tags) in tags(batch)?.into_iter().enumerate() {
                let published_at = instants.is_valid(row).then(|| DateTime::from_timestamp_micros(instants.value(row))).flatten();
                facts.insert(ids.as_string::<i32>().value(row).to_owned(), Self { tags, published_at });
            }
        }
        Ok(facts)
    }
}

fn tags(batch: &RecordBatch) -> Result<Vec<Vec<String>>, PublishError> {
    let wrong = || lacks("tags", "list of texts");
    let lists = batch.column_by_name("tags").and_then(|column| column.as_list_opt::<i32>()).ok_or_else(wrong)?;
    let texts = |row| {
        let values = cast(&lists.value(row), &DataType::Utf8).map_err(|_| wrong())?;
        Ok(values.as_string::<i32>().iter().flatten().map(str::to_owned).collect())
    };
    (0..batch.num_rows()).map(|row| if lists.is_valid(row) { texts(row) } else { Ok(Vec::new()) }).collect()
}

fn column(batch: &RecordBatch, name: &'static str, to: &DataType, expected: &'static str) -> Result<arrow::array::ArrayRef, PublishError> {
    let column = batch.column_by_name(name).ok_or_else(|| lacks(name, expected))?;
    cast(column, to).map_err(|_| lacks(name, expected))
}

fn lacks(column: &'static str, expected: &'static str) -> PublishError {
    PublishError::Contract { table: TABLE, column, expected }
}
