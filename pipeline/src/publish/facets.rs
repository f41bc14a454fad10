//! What the sidecar tells of one member besides the list: rows of published tables, as JSON, member by member. The tables are read as
//! streams: of a large site they are more than memory holds.

use std::path::Path;

use arrow::array::{ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type};
use arrow::error::ArrowError;
use arrow::json::LineDelimitedWriter;
use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt;
use hachi_snapshot::{Facet, Pseudonym, ServeWriter, WriteError};

use super::PublishError;
use crate::engine::EngineError;

/// A table that members are told of.
#[derive(Debug, Clone, Copy)]
pub struct FacetTable {
    /// Its name; absent, nobody is told of it.
    pub name: &'static str,
    /// What it is to the sidecar.
    facet: Facet,
    shape: Shape,
}

/// How a member's rows become one JSON value.
#[derive(Debug, Clone, Copy)]
enum Shape {
    /// The only row.
    Object,
    /// The rows with the greatest values of a column, greatest first, at most so many.
    Rows { by: &'static str, most: usize },
    /// The values of a column.
    Texts { column: &'static str },
}

/// One row: what it is sorted by, and its JSON.
type Row = (f64, String);

impl FacetTable {
    /// The column that names the member, by which every table comes sorted.
    pub const MEMBER: &'static str = "user_id";

    /// Every table, in the order in which they are written.
    pub const ALL: [Self; 5] = [
        Self { name: "member_profile", facet: Facet::Profile, shape: Shape::Object },
        Self { name: "member_progress", facet: Facet::Courses, shape: Shape::Rows { by: "last_date", most: 1_000 } },
        Self { name: "interest_tags", facet: Facet::Interests, shape: Shape::Rows { by: "share", most: 20 } },
        Self { name: "member_segments", facet: Facet::Segments, shape: Shape::Texts { column: "segment" } },
        Self { name: "refused_members", facet: Facet::Refusal, shape: Shape::Object },
    ];

    /// Writes what the table says of each member; `streams` follow each other, sorted by member.
    pub(super) async fn put(
        self,
        (writer, path): (&mut ServeWriter, &Path),
        streams: Vec<SendableRecordBatchStream>,
    ) -> Result<(), PublishError> {
        let failed = |source| PublishError::Serve { path: path.to_owned(), source };
        let mut open: Option<(Pseudonym, Vec<Row>)> = None;
        for mut stream in streams {
            while let Some(batch) = stream.next().await {
                let batch = batch.map_err(EngineError::query("read", self.name))?;
                let mut members = self.members(&batch, open.take())?;
                // The last member of a batch may go on in the next.
                open = members.pop();
                self.write(writer, members).map_err(failed)?;
            }
        }
        self.write(writer, open).map_err(failed)
    }

    fn write(self, writer: &mut ServeWriter, members: impl IntoIterator<Item = (Pseudonym, Vec<Row>)>) -> Result<(), WriteError> {
        writer.put_facets(self.facet, members.into_iter().map(|(member, rows)| (member, self.json(rows).into_bytes())))
    }

    fn members(self, batch: &RecordBatch, open: Option<(Pseudonym, Vec<Row>)>) -> Result<Vec<(Pseudonym, Vec<Row>)>, PublishError> {
        let mut members: Vec<(Pseudonym, Vec<Row>)> = open.into_iter().collect();
        let texts = self.column(batch, Self::MEMBER, &DataType::Utf8)?;
        let (order, values) = (self.order(batch)?, self.values(batch)?);
        for ((member, by), value) in texts.as_string::<i32>().iter().zip(order).zip(values) {
            let Some(Ok(member)) = member.map(str::parse::<Pseudonym>) else { continue };
            match members.last_mut() {
                Some((last, rows)) if *last == member => rows.push((by, value)),
                _ => members.push((member, vec![(by, value)])),
            }
        }
        Ok(members)
    }

    fn order(self, batch: &RecordBatch) -> Result<Vec<f64>, PublishError> {
        let Shape::Rows { by, .. } = self.shape else { return Ok(vec![0.0; batch.num_rows()]) };
        let column = batch.column_by_name(by).ok_or_else(|| self.lacks(by, "number"))?;
        // A day has no float of its own, but a number.
        let number = if column.data_type() == &DataType::Date32 { self.column(batch, by, &DataType::Int32)? } else { column.clone() };
        let numbers = cast(&number, &DataType::Float64).map_err(|_| self.lacks(by, "number"))?;
        Ok(numbers.as_primitive::<Float64Type>().iter().map(|value| value.unwrap_or(f64::NEG_INFINITY)).collect())
    }

    /// The JSON of each row, without the member.
    fn values(self, batch: &RecordBatch) -> Result<Vec<String>, PublishError> {
        if let Shape::Texts { column } = self.shape {
            let texts = self.column(batch, column, &DataType::Utf8)?;
            return Ok(texts.as_string::<i32>().iter().map(|text| serde_json::Value::from(text).to_string()).collect());
        }
        let shown: Vec<usize> = (0..batch.num_columns()).filter(|index| batch.schema().field(*index).name() != Self::MEMBER).collect();
        if shown.is_empty() {
            return Ok(vec!["{}".to_owned(); batch.num_rows()]);
        }
        let lines = batch.project(&shown).and_then(|shown| lines(&shown));
        lines.map_err(|source| PublishError::Convert { table: self.name.to_owned(), source })
    }

    fn json(self, mut rows: Vec<Row>) -> String {
        if let Shape::Rows { most, .. } = self.shape {
            // Equal ones stay in the order of the table.
            rows.sort_by(|left, right| right.0.total_cmp(&left.0));
            rows.truncate(most);
        }
        let values: Vec<String> = rows.into_iter().map(|(_, value)| value).collect();
        match self.shape {
            Shape::Object => values.into_iter().next().unwrap_or_default(),
            Shape::Rows { .. } | Shape::Texts { .. } => format!("[{}]", values.join(",")),
        }
    }

    fn column(self, batch: &RecordBatch, name: &'static str, to: &DataType) -> Result<ArrayRef, PublishError> {
        let column = batch.column_by_name(name).ok_or_else(|| self.lacks(name, "text"))?;
        cast(column, to).map_err(|_| self.lacks(name, "text"))
    }

    fn lacks(self, column: &'static str, expected: &'static str) -> PublishError {
        PublishError::Contract { table: self.name, column, expected }
    }
}

/// One JSON object a row, nulls left out: a reader takes what isn't there as null, and the file is a third smaller.
fn lines(batch: &RecordBatch) -> Result<Vec<String>, ArrowError> {
    let mut writer = LineDelimitedWriter::new(Vec::new());
    writer.write(batch)?;
    writer.finish()?;
    let text = String::from_utf8(writer.into_inner()).map_err(|error| ArrowError::JsonError(error.to_string()))?;
    Ok(text.lines().map(str::to_owned).collect())
}
