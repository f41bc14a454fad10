//! The learned tables: their schemas, and batches from indices. Rows come sorted by grain.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Float32Array, Float64Array, Int32Array, ListArray, StringArray, StructArray};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use faer::{Mat, MatRef};
use hachi_solvers::{ease, ials};

use super::community::Community;
use super::item::Item;
use super::reasons::{Reason, ReasonKind};
use super::similar::Neighbour;
use super::top::top;
use crate::frames::{Ids, factor_column};

/// Rows of one batch, about.
const BATCH_ROWS: usize = 1 << 16;

/// `ridge_weights(behaviour, course_id, weight)`: change of normalised affinity per standard deviation of the behaviour.
pub fn ridge_weights_schema() -> SchemaRef {
    schema(vec![text("behaviour"), text("course_id"), Field::new("weight", DataType::Float64, false)])
}

/// `user_factors(user_id, factors)`.
pub fn user_factors_schema() -> SchemaRef {
    factors_schema("user_id")
}

/// `course_factors(course_id, factors)`.
pub fn course_factors_schema() -> SchemaRef {
    factors_schema("course_id")
}

/// `recommendations(user_id, rank, course_id, score, source, reasons)`: `rank` from 1; `score` is the blended score, comparable
/// within a list only; a reason's `share` is its part of all that speaks for the item.
pub fn recommendations_schema() -> SchemaRef {
    let reasons = Field::new("reasons", DataType::List(reason_item()), false);
    schema(vec![text("user_id"), rank(), text("course_id"), score(), text("source"), reasons])
}

/// `similar_courses(course_id, rank, similar_course_id, score)`: `rank` from 1, `score` the cosine of the factors, −1 to 1.
pub fn similar_courses_schema() -> SchemaRef {
    schema(vec![text("course_id"), rank(), text("similar_course_id"), score()])
}

/// `factor_gram(factor, gram, alpha0, reg, nu)`: what a history is folded in with, besides `course_factors`.
pub fn factor_gram_schema() -> SchemaRef {
    let number = |name| Field::new(name, DataType::Float64, false);
    let item = Arc::new(Field::new_list_field(DataType::Float64, true));
    let factor = Field::new("factor", DataType::Int32, false);
    schema(vec![factor, Field::new("gram", DataType::List(item), false), number("alpha0"), number("reg"), number("nu")])
}

/// `item_weights(course_id, other_course_id, weight)`: what a course in a history adds to the score of another.
pub fn item_weights_schema() -> SchemaRef {
    schema(vec![text("course_id"), text("other_course_id"), Field::new("weight", DataType::Float32, false)])
}

/// `ridge_weights` of a fit: behaviours × courses.
pub(super) fn ridge_weights_batches(behaviours: &Ids, courses: &Ids, weights: MatRef<'_, f64>) -> Result<Vec<RecordBatch>, ArrowError> {
    let step = (BATCH_ROWS / courses.len().max(1)).max(1);
    in_batches(behaviours.len(), step, ridge_weights_schema(), |range| {
        let names = range.clone().flat_map(|row| std::iter::repeat_n(behaviours.get(row), courses.len()));
        let ids = range.clone().flat_map(|_| courses.iter());
        let values = range.flat_map(|row| (0..courses.len()).map(move |column| weights[(row, column)]));
        vec![strings(names), strings(ids), Arc::new(Float64Array::from_iter_values(values))]
    })
}

/// `user_factors` of the actors.
pub(super) fn user_factors_batches(community: &Community, factors: &Mat<f32>) -> Result<Vec<RecordBatch>, ArrowError> {
    let id = |actor: usize| community.users.get(community.actors[actor] as usize);
    factor_batches(user_factors_schema(), factors, id)
}

/// `course_factors` of the modelled courses.
pub(super) fn course_factors_batches(community: &Community, factors: &Mat<f32>) -> Result<Vec<RecordBatch>, ArrowError> {
    factor_batches(course_factors_schema(), factors, |course| community.modelled.get(course))
}

/// `factor_gram` of a fit.
pub(super) fn factor_gram_batches(model: &ials::Model) -> Result<Vec<RecordBatch>, ArrowError> {
    let (gram, ials::Params { alpha0, reg, nu, .. }) = (model.course_gram(), *model.params().get());
    let dim = gram.nrows();
    let whole = |row: usize, column: usize| gram[(row.max(column), row.min(column))];
    let values: Float64Array = (0..dim).flat_map(|row| (0..dim).map(move |column| Some(whole(row, column)))).collect();
    let item = Arc::new(Field::new_list_field(DataType::Float64, true));
    let lists = ListArray::new(item, OffsetBuffer::from_lengths(std::iter::repeat_n(dim, dim)), Arc::new(values), None);
    let same = |value: f64| Arc::new(Float64Array::from(vec![value; dim])) as ArrayRef;
    let factors = Arc::new(Int32Array::from_iter_values(0..dim as i32));
    let columns: Vec<ArrayRef> = vec![factors, Arc::new(lists), same(alpha0), same(reg), same(nu)];
    Ok(vec![RecordBatch::try_new(factor_gram_schema(), columns)?])
}

/// `item_weights` of a fit: of each course the `limit` largest, whatever their sign.
pub(super) fn item_weights_batches(courses: &Ids, model: &ease::Model, limit: usize) -> Result<Vec<RecordBatch>, ArrowError> {
    let step = (BATCH_ROWS / limit.max(1)).max(1);
    in_batches(courses.len(), step, item_weights_schema(), |range| {
        let largest = |course: usize| {
            let adds = model.adds(course);
            let mut others = top(adds.len(), &[course as u32], limit, |other| f64::from(adds[other as usize].abs()));
            others.sort_unstable();
            others.into_iter().map(move |other| (course, other as usize, adds[other as usize]))
        };
        let rows: Vec<(usize, usize, f32)> = range.flat_map(largest).collect();
        let ids = |pick: fn(&(usize, usize, f32)) -> usize| strings(rows.iter().map(|row| courses.get(pick(row))));
        let weights = Arc::new(Float32Array::from_iter_values(rows.iter().map(|row| row.2)));
        vec![ids(|row| row.0), ids(|row| row.1), weights]
    })
}

/// `recommendations` of some users, in their order.
pub(super) fn recommendations_batch(community: &Community, lists: &[(usize, Vec<Item>)]) -> Result<RecordBatch, ArrowError> {
    let users = lists.iter().flat_map(|(user, items)| std::iter::repeat_n(community.users.get(*user), items.len()));
    let items = || lists.iter().flat_map(|(_, items)| items);
    let ranks = lists.iter().flat_map(|(_, items)| 1..=items.len() as i32);
    let columns: Vec<ArrayRef> = vec![
        strings(users),
        Arc::new(Int32Array::from_iter_values(ranks)),
        strings(items().map(|item| community.catalogue.get(item.place.course as usize))),
        Arc::new(Float32Array::from_iter_values(items().map(|item| item.place.score))),
        strings(items().map(|item| item.place.source)),
        reason_lists(community, lists),
    ];
    RecordBatch::try_new(recommendations_schema(), columns)
}

/// `similar_courses` of the modelled courses from `first` on.
pub(super) fn similar_courses_batch(community: &Community, first: usize, neighbours: &[Vec<Neighbour>]) -> Result<RecordBatch, ArrowError> {
    let id = |course: usize| community.modelled.get(course);
    let courses = neighbours.iter().zip(first..).flat_map(|(nearest, course)| std::iter::repeat_n(id(course), nearest.len()));
    let ranks = neighbours.iter().flat_map(|nearest| 1..=nearest.len() as i32);
    let columns: Vec<ArrayRef> = vec![
        strings(courses),
        Arc::new(Int32Array::from_iter_values(ranks)),
        strings(neighbours.iter().flatten().map(|neighbour| id(neighbour.0 as usize))),
        Arc::new(Float32Array::from_iter_values(neighbours.iter().flatten().map(|neighbour| neighbour.1))),
    ];
    RecordBatch::try_new(similar_courses_schema(), columns)
}

fn factor_batches<'a>(schema: SchemaRef, factors: &Mat<f32>, id: impl Fn(usize) -> &'a str) -> Result<Vec<RecordBatch>, ArrowError> {
    let step = (BATCH_ROWS / factors.nrows().max(1)).max(1);
    in_batches(factors.ncols(), step, schema, |range| vec![strings(range.clone().map(&id)), Arc::new(factor_column(factors, range))])
}

/// One empty batch, so that an empty table keeps its schema, then one for each `step` of `count`.
fn in_batches(
    count: usize,
    step: usize,
    schema: SchemaRef,
    columns: impl Fn(Range<usize>) -> Vec<ArrayRef>,
) -> Result<Vec<RecordBatch>, ArrowError> {
    let mut batches = vec![RecordBatch::new_empty(schema.clone())];
    for first in (0..count).step_by(step) {
        batches.push(RecordBatch::try_new(schema.clone(), columns(first..count.min(first + step)))?);
    }
    Ok(batches)
}

fn reason_lists(community: &Community, lists: &[(usize, Vec<Item>)]) -> ArrayRef {
    let items = || lists.iter().flat_map(|(_, items)| items);
    let reasons = || items().flat_map(|item| &item.reasons);
    let columns: Vec<ArrayRef> = vec![
        strings(reasons().map(|reason| reason.kind.name())),
        strings(reasons().map(|reason| reason_id(community, reason))),
        Arc::new(Float32Array::from_iter_values(reasons().map(|reason| reason.share))),
    ];
    let offsets = OffsetBuffer::from_lengths(items().map(|item| item.reasons.len()));
    Arc::new(ListArray::new(reason_item(), offsets, Arc::new(StructArray::new(reason_fields(), columns, None)), None))
}

fn reason_id<'a>(community: &'a Community, reason: &Reason) -> &'a str {
    match reason.kind {
        ReasonKind::Behaviour => community.behaviours.names.get(reason.index as usize),
        ReasonKind::Segment => community.languages.names.get(reason.index as usize),
        ReasonKind::Course | ReasonKind::Popular | ReasonKind::Rated => community.catalogue.get(reason.index as usize),
    }
}

fn strings<'a>(values: impl Iterator<Item = &'a str>) -> ArrayRef {
    let array: StringArray = values.map(Some).collect();
    debug_assert_eq!(array.null_count(), 0);
    Arc::new(array)
}

fn schema(fields: Vec<Field>) -> SchemaRef {
    Arc::new(Schema::new(fields))
}

fn factors_schema(id: &str) -> SchemaRef {
    let item = Arc::new(Field::new_list_field(DataType::Float32, true));
    schema(vec![text(id), Field::new("factors", DataType::List(item), false)])
}

fn reason_fields() -> Fields {
    vec![text("kind"), text("id"), Field::new("share", DataType::Float32, false)].into()
}

fn reason_item() -> Arc<Field> {
    Arc::new(Field::new_list_field(DataType::Struct(reason_fields()), true))
}

fn text(name: &str) -> Field {
    Field::new(name, DataType::Utf8, false)
}

fn rank() -> Field {
    Field::new("rank", DataType::Int32, false)
}

fn score() -> Field {
    Field::new("score", DataType::Float32, false)
}
