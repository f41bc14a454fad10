//! What the sidecar answers posted sessions with: `course_factors` with `factor_gram`, and `item_weights`, as plain arrays.

use std::collections::BTreeMap;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float32Type, Float64Type};
use hachi_snapshot::{SessionFactors, SessionModel, SessionRows};

use super::lists::Indices;
use super::{PublishError, ServeInputs};

const FACTORS: &str = "course_factors";
const GRAM: &str = "factor_gram";
const WEIGHTS: &str = "item_weights";

/// The models' courses in the order of `course_factors`, named by the indices of `courses`.
///
/// # Errors
/// When a column is absent or has another type.
pub(super) fn session_model(inputs: &ServeInputs, courses: &mut Indices) -> Result<SessionModel, PublishError> {
    let mut ids = Vec::new();
    let mut values = Vec::new();
    for batch in inputs.rows(FACTORS) {
        ids.extend(texts((batch, FACTORS), "course_id")?);
        values.extend(floats((batch, FACTORS), "factors")?);
    }
    let factors = if ids.is_empty() { None } else { factors(inputs, values)? };
    let rows = if ids.is_empty() { None } else { Some(rows(inputs, &ids)?) };
    Ok(SessionModel { courses: ids.iter().map(|id| courses.of(id)).collect(), factors, rows })
}

fn factors(inputs: &ServeInputs, values: Vec<f32>) -> Result<Option<SessionFactors>, PublishError> {
    let (mut dim, mut gram, mut parameters) = (0, Vec::new(), None);
    for batch in inputs.rows(GRAM).iter().filter(|batch| batch.num_rows() > 0) {
        dim += batch.num_rows() as u32;
        let lists = column((batch, GRAM), "gram", "list of numbers")?;
        let lists = lists.as_list_opt::<i32>().ok_or_else(|| lacks(GRAM, "gram", "list of numbers"))?;
        // Rows of the table may be a part of a longer array.
        for row in 0..lists.len() {
            let row = lists.value(row);
            gram.extend(row.as_primitive_opt::<Float64Type>().ok_or_else(|| lacks(GRAM, "gram", "list of numbers"))?.values());
        }
        let first = |name| Ok::<f64, PublishError>(numbers((batch, GRAM), name)?.as_primitive::<Float64Type>().value(0));
        parameters = Some((first("alpha0")?, first("reg")?, first("nu")?));
    }
    Ok(parameters.map(|(alpha0, reg, nu)| SessionFactors { dim, alpha0, reg, nu, values, gram }))
}

/// A course that has no row adds nothing.
fn rows(inputs: &ServeInputs, ids: &[String]) -> Result<SessionRows, PublishError> {
    let places: BTreeMap<&str, u32> = ids.iter().map(String::as_str).zip(0..).collect();
    let mut by_course: Vec<Vec<(u32, f32)>> = vec![Vec::new(); ids.len()];
    for batch in inputs.rows(WEIGHTS) {
        let source = (batch, WEIGHTS);
        let weights = cast(&column(source, "weight", "number")?, &DataType::Float32).map_err(|_| lacks(WEIGHTS, "weight", "number"))?;
        let pairs = texts(source, "course_id")?.into_iter().zip(texts(source, "other_course_id")?);
        for ((course, other), weight) in pairs.zip(weights.as_primitive::<Float32Type>().values()) {
            if let (Some(&course), Some(&other)) = (places.get(course.as_str()), places.get(other.as_str())) {
                by_course[course as usize].push((other, *weight));
            }
        }
    }
    let mut rows = SessionRows { offsets: vec![0], columns: Vec::new(), weights: Vec::new() };
    for mut row in by_course {
        row.sort_unstable_by_key(|(other, _)| *other);
        rows.columns.extend(row.iter().map(|(other, _)| *other));
        rows.weights.extend(row.iter().map(|(_, weight)| *weight));
        rows.offsets.push(rows.columns.len() as u32);
    }
    Ok(rows)
}

type Source<'a> = (&'a RecordBatch, &'static str);

fn texts(source: Source<'_>, name: &'static str) -> Result<Vec<String>, PublishError> {
    let texts = cast(&column(source, name, "text")?, &DataType::Utf8).map_err(|_| lacks(source.1, name, "text"))?;
    Ok(texts.as_string::<i32>().iter().flatten().map(str::to_owned).collect())
}

fn numbers(source: Source<'_>, name: &'static str) -> Result<ArrayRef, PublishError> {
    cast(&column(source, name, "number")?, &DataType::Float64).map_err(|_| lacks(source.1, name, "number"))
}

/// The numbers of a column of lists, row after row.
fn floats(source: Source<'_>, name: &'static str) -> Result<Vec<f32>, PublishError> {
    let lists = column(source, name, "list of numbers")?;
    let wrong = || lacks(source.1, name, "list of numbers");
    let lists = lists.as_list_opt::<i32>().ok_or_else(wrong)?;
    let mut values = Vec::new();
    for row in 0..lists.len() {
        values.extend(lists.value(row).as_primitive_opt::<Float32Type>().ok_or_else(wrong)?.values());
    }
    Ok(values)
}

fn column((batch, table): Source<'_>, name: &'static str, expected: &'static str) -> Result<ArrayRef, PublishError> {
    batch.column_by_name(name).cloned().ok_or_else(|| lacks(table, name, expected))
}

fn lacks(table: &'static str, column: &'static str, expected: &'static str) -> PublishError {
    PublishError::Contract { table, column, expected }
}
