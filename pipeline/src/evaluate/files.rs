//! A protocol as Parquet files: `train(user_id, course_id, rating?, ts?)`, `test(user_id, course_id, rating?)`, perhaps
//! `candidates(user_id, course_id)` and `history(user_id, course_id, rating?, ts?)`.

use std::fs::File;
use std::path::{Path, PathBuf};

use arrow::datatypes::{DataType, Schema};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::errors::ParquetError;

use super::dataset::{Dataset, Rules, Tables};
use super::error::EvaluateError;
use super::rows::{COURSE, Codes, Layout, RATING, Rows, TIME, USER};
use crate::frames::FramesError;

/// Where the tables of a protocol are.
#[derive(Debug, Clone)]
pub struct Files {
    /// What models learn from.
    pub train: PathBuf,
    /// What they are asked for.
    pub test: PathBuf,
    /// What is ranked; by default every course of the training that the member does not have.
    pub candidates: Option<PathBuf>,
    /// What members have when they are asked, where that is not what was learned from.
    pub history: Option<PathBuf>,
}

/// Reads the files.
///
/// # Errors
/// [`EvaluateError`] for a file that can't be read, lacks a column, or holds what can't be used.
pub fn read_files(files: &Files) -> Result<Dataset, EvaluateError> {
    let mut codes = Codes::default();
    let mut read = |path: &Path, table, reads_more| read_rows(path, Layout { table, reads_more }, &mut codes);
    let tables = Tables {
        train: read(&files.train, "train", true)?,
        test: read(&files.test, "test", true)?,
        candidates: files.candidates.as_deref().map(|path| read(path, "candidates", false)).transpose()?,
        history: files.history.as_deref().map(|path| read(path, "history", true)).transpose()?,
    };
    Dataset::new(tables, codes, &Rules { min_members: 1, weight: None })
}

fn read_rows(path: &Path, layout: Layout, codes: &mut Codes) -> Result<Rows, EvaluateError> {
    let parquet = |source: ParquetError| EvaluateError::Parquet { path: path.to_owned(), source };
    let unusable = |source: FramesError| EvaluateError::Rows { path: path.to_owned(), source };
    let file = File::open(path).map_err(|source| EvaluateError::Open { path: path.to_owned(), source })?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(parquet)?;
    check_ids(path, layout.table, builder.schema())?;
    let wanted = [USER, COURSE, RATING, TIME].into_iter().filter(|name| layout.reads_more || *name == USER || *name == COURSE);
    let places: Vec<usize> = wanted.filter_map(|name| builder.schema().index_of(name).ok()).collect();
    let mask = ProjectionMask::roots(builder.parquet_schema(), places);
    let mut rows = Rows::default();
    for batch in builder.with_projection(mask).build().map_err(parquet)? {
        let batch = batch.map_err(|source| parquet(source.into()))?;
        rows.push(&batch, layout, codes).map_err(unusable)?;
    }
    Ok(rows)
}

/// Ids are text or whole numbers: of other types, equal ids may be written differently in two files.
fn check_ids(path: &Path, table: &'static str, schema: &Schema) -> Result<(), EvaluateError> {
    for column in [USER, COURSE] {
        let field = schema
            .field_with_name(column)
            .map_err(|_| EvaluateError::Rows { path: path.to_owned(), source: FramesError::MissingColumn { table, column } })?;
        if !is_id(field.data_type()) {
            return Err(EvaluateError::IdType { path: path.to_owned(), column, found: field.data_type().to_string() });
        }
    }
    Ok(())
}

fn is_id(kind: &DataType) -> bool {
    match kind {
        DataType::Dictionary(_, values) => is_id(values),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        other => other.is_integer(),
    }
}
