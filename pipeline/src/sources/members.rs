//! Ids as the site writes them, for the one command that shows a person's own data to who has it anyway: the demo.

use arrow::array::AsArray;
use arrow::compute::cast;
use arrow::datatypes::DataType;

use super::match_columns::Reading;
use super::{Located, SourceError};
use crate::domain::raw_tables::RawTable;

/// Distinct members' ids in the first ratings, at most `limit`.
///
/// # Errors
/// When the file can't be read.
pub fn first_members(located: &Located, limit: usize) -> Result<Vec<String>, SourceError> {
    let Some(first) = located.files(RawTable::Ratings).first() else { return Ok(Vec::new()) };
    let Some(Reading::Column(column)) = first.readings.first() else { return Ok(Vec::new()) };
    let failed = |message: String| SourceError::read(&first.file.path, 0, message);
    let mut batches = first.file.reader()?.build().map_err(|e| failed(e.to_string()))?;
    let Some(batch) = batches.next() else { return Ok(Vec::new()) };
    let batch = batch.map_err(|e| failed(e.to_string()))?;
    let ids = cast(batch.column(column.index), &DataType::Utf8).map_err(|e| failed(e.to_string()))?;
    let mut distinct: Vec<String> = Vec::new();
    for id in ids.as_string::<i32>().iter().flatten().filter(|id| !id.is_empty()) {
        if distinct.len() < limit && !distinct.iter().any(|known| known == id) {
            distinct.push(id.to_owned());
        }
    }
    Ok(distinct)
}
