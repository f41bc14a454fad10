//! The sidecar's one file: members' lists, courses, and documents rendered ahead.

use std::collections::BTreeMap;
use std::path::Path;

use arrow::array::{ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::compute::{cast, concat_batches, sort_to_indices, take_record_batch};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::error::ArrowError;
use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt;
use hachi_snapshot::{
    Course, EXPERIMENTS_DOCUMENT, FileEntry, KPIS_DOCUMENT, ListItem, POPULAR_DOCUMENT, Pseudonym, ServeWriter, SessionModel, WriteError,
    kpi_document, lifecycle_document, models_document, retention_document, similar_document,
};

use super::catalogue::CourseFacts;
use super::lists::{Indices, Names, lists};
use super::session_model::session_model;
use super::{Draft, FacetTable, PublishError, documents};
use crate::engine::EngineError;

/// Published tables that the sidecar answers from; an absent one answers as if it were empty.
#[derive(Debug, Default)]
pub struct ServeInputs(BTreeMap<String, Vec<RecordBatch>>);

impl ServeInputs {
    /// Names of the tables that are wanted.
    pub const TABLES: [&'static str; 13] = [
        "cohort_retention",
        "course_factors",
        "course_facts",
        "course_popularity",
        "course_stats",
        "experiment_arms",
        "factor_gram",
        "item_weights",
        "kpi_daily",
        "kpi_snapshot",
        "lifecycle",
        "model_evaluation",
        "similar_courses",
    ];

    /// The table of lists, which is read as a stream: of a large site it is more than memory holds.
    pub const LISTS: &'static str = "recommendations";

    /// Adds the rows of `table`, in the order of its grain.
    pub fn insert(&mut self, table: &str, batches: Vec<RecordBatch>) {
        self.0.insert(table.to_owned(), batches);
    }

    pub(super) fn rows(&self, table: &str) -> &[RecordBatch] {
        self.0.get(table).map_or(&[], Vec::as_slice)
    }
}

/// Tables of members, each as streams that follow each other.
pub struct ServeStreams {
    /// The lists, sorted by member and rank.
    pub lists: Vec<SendableRecordBatchStream>,
    /// What else is told of members, sorted by member.
    pub facets: Vec<(FacetTable, Vec<SendableRecordBatchStream>)>,
}

/// Writes and seals the sidecar's file of `draft`.
///
/// # Errors
/// When a table lacks what the sidecar needs, or the file can't be written.
pub async fn write_serve_file(draft: &Draft, inputs: &ServeInputs, streams: ServeStreams) -> Result<FileEntry, PublishError> {
    let relative = draft.serve_path();
    let path = draft.lake().file(&relative)?;
    let failed = |source| PublishError::Serve { path: path.clone(), source };
    let titles = titles(inputs)?;
    let mut names = Names::default();
    let mut writer = ServeWriter::create(&path).map_err(failed)?;
    put_lists((&mut writer, &path), streams.lists, &mut names).await?;
    for (table, streams) in streams.facets {
        table.put((&mut writer, &path), streams).await?;
    }
    let documents = render(inputs, &titles)?;
    let session = session_model(inputs, &mut names.courses)?;
    let courses = catalogue(inputs, &titles, &mut names.courses)?;
    finish(writer, &session, (courses, &names), &documents).map_err(failed)?;
    Ok(draft.lake().seal(&relative).await?)
}

/// Tables that are a document each.
const WHOLE: [(&str, &str); 2] = [("kpi_snapshot", KPIS_DOCUMENT), ("experiment_arms", EXPERIMENTS_DOCUMENT)];

/// A table, a column of it, and the name of the document that each of its values gives.
type ByColumn = (&'static str, &'static str, fn(&str) -> String);

/// Tables of which each value of a column gives a document.
const BY_COLUMN: [ByColumn; 3] =
    [("kpi_daily", "kpi", kpi_document), ("lifecycle", "unit", lifecycle_document), ("model_evaluation", "metric", models_document)];

type Titles = BTreeMap<String, String>;

/// Writes the lists batch by batch; that of the last member of a batch may go on in the next.
async fn put_lists(
    (writer, path): (&mut ServeWriter, &Path),
    streams: Vec<SendableRecordBatchStream>,
    names: &mut Names,
) -> Result<(), PublishError> {
    let failed = |source| PublishError::Serve { path: path.to_owned(), source };
    let mut open: Option<(Pseudonym, Vec<ListItem>)> = None;
    for mut stream in streams {
        while let Some(batch) = stream.next().await {
            let batch = batch.map_err(EngineError::query("read", ServeInputs::LISTS))?;
            let mut lists = lists(&batch, names, open.take())?;
            open = lists.pop();
            writer.put_lists(lists).map_err(failed)?;
        }
    }
    writer.put_lists(open).map_err(failed)
}

fn finish(
    mut writer: ServeWriter,
    session: &SessionModel,
    (courses, names): (Vec<Course>, &Names),
    documents: &BTreeMap<String, Vec<u8>>,
) -> Result<(), WriteError> {
    writer.put_courses(courses)?;
    writer.put_labels(names.labels.texts())?;
    writer.put_session(session)?;
    for (name, json) in documents {
        writer.put_document(name, json)?;
    }
    writer.finish()
}

fn failed(table: &str) -> impl FnOnce(ArrowError) -> PublishError {
    let table = table.to_owned();
    move |source| PublishError::Convert { table, source }
}

/// Title by course, where there is one.
fn titles(inputs: &ServeInputs) -> Result<Titles, PublishError> {
    let mut titles = Titles::new();
    for batch in inputs.rows("course_stats") {
        let text =
            |name: &str| batch.schema().index_of(name).and_then(|i| cast(batch.column(i), &DataType::Utf8)).map_err(failed("course_stats"));
        let (ids, names) = (text("course_id")?, text("title")?);
        let pairs = ids.as_string::<i32>().iter().zip(names.as_string::<i32>());
        titles.extend(pairs.filter_map(|(id, title)| Some((id?.to_owned(), title?.to_owned()))));
    }
    Ok(titles)
}

/// All courses by their index: those that lists and models name, and what else the catalogue has.
fn catalogue(inputs: &ServeInputs, titles: &Titles, indices: &mut Indices) -> Result<Vec<Course>, PublishError> {
    let facts = CourseFacts::of(inputs.rows("course_facts"))?;
    for id in facts.keys() {
        indices.of(id);
    }
    let titled = |id: &String| titles.get(id).unwrap_or(id).clone();
    let course = |id: &String| match facts.get(id) {
        Some(facts) => Course { course_id: id.clone(), title: titled(id), tags: facts.tags.clone(), published_at: facts.published_at },
        None => Course::new(id, titled(id)),
    };
    Ok(indices.texts().iter().map(course).collect())
}

fn render(inputs: &ServeInputs, titles: &Titles) -> Result<BTreeMap<String, Vec<u8>>, PublishError> {
    let mut rendered = BTreeMap::new();
    let popular = titled(inputs.rows("course_popularity"), "course_id", titles).and_then(|b| by_rank(&b));
    let popular = popular.map_err(failed("course_popularity"))?;
    rendered.insert(POPULAR_DOCUMENT.to_owned(), documents::array(&popular).map_err(failed("course_popularity"))?);
    for (table, name) in WHOLE {
        rendered.insert(name.to_owned(), documents::array(inputs.rows(table)).map_err(failed(table))?);
    }
    for (table, column, name) in BY_COLUMN {
        let by_value = documents::arrays_by(inputs.rows(table), &[column], &[]).map_err(failed(table))?;
        rendered.extend(by_value.into_iter().map(|(key, json)| (name(&key[0]), json)));
    }
    let retention = documents::arrays_by(inputs.rows("cohort_retention"), &["unit", "cohort_type", "criterion"], &[]);
    for (key, json) in retention.map_err(failed("cohort_retention"))? {
        rendered.insert(retention_document(&key[0], &key[1], &key[2]), json);
    }
    rendered.extend(similar(inputs, titles).map_err(failed("similar_courses"))?);
    Ok(rendered)
}

/// Per course, the similar ones as `{course_id, title, score}`, best first.
fn similar(inputs: &ServeInputs, titles: &Titles) -> Result<BTreeMap<String, Vec<u8>>, ArrowError> {
    let rows = titled(inputs.rows("similar_courses"), "similar_course_id", titles)?;
    let by_course =
        documents::arrays_by(&rows, &["course_id"], &[("similar_course_id", "course_id"), ("title", "title"), ("score", "score")])?;
    Ok(by_course.into_iter().map(|(key, json)| (similar_document(&key[0]), json)).collect())
}

/// The rows, best first.
fn by_rank(batches: &[RecordBatch]) -> Result<Vec<RecordBatch>, ArrowError> {
    let ordered = batches.iter().map(|batch| {
        let order = sort_to_indices(batch.column(batch.schema().index_of("rank")?), None, None)?;
        take_record_batch(batch, &order)
    });
    ordered.collect()
}

/// Rows with a column `title` for the course named in `column`; without a title the id stands for it.
fn titled(batches: &[RecordBatch], column: &str, titles: &Titles) -> Result<Vec<RecordBatch>, ArrowError> {
    let Some(first) = batches.first() else { return Ok(Vec::new()) };
    let all = concat_batches(&first.schema(), batches)?;
    let ids = cast(all.column(all.schema().index_of(column)?), &DataType::Utf8)?;
    let title = |id: &str| titles.get(id).map_or_else(|| id.to_owned(), Clone::clone);
    let texts: StringArray = ids.as_string::<i32>().iter().map(|id| id.map(title)).collect();
    let mut fields: Vec<Field> = all.schema().fields().iter().map(|f| f.as_ref().clone()).collect();
    fields.push(Field::new("title", DataType::Utf8, true));
    let mut columns: Vec<ArrayRef> = all.columns().to_vec();
    columns.push(std::sync::Arc::new(texts));
    Ok(vec![RecordBatch::try_new(std::sync::Arc::new(Schema::new(fields)), columns)?])
}
