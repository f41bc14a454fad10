//! Rows of `recommendations` as the packed lists of the sidecar.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, RecordBatch, StructArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float32Type};
use hachi_snapshot::{ItemReasons, ListItem, Pseudonym, Reason, ReasonKind, Source};

use super::PublishError;

const TABLE: &str = "recommendations";

/// Text → index, in the order of first mention.
#[derive(Debug, Default)]
pub struct Indices(BTreeMap<String, u32>, Vec<String>);

impl Indices {
    /// The index of `text`.
    pub fn of(&mut self, text: &str) -> u32 {
        if let Some(&index) = self.0.get(text) {
            return index;
        }
        let index = u32::try_from(self.1.len()).unwrap_or(u32::MAX);
        self.0.insert(text.to_owned(), index);
        self.1.push(text.to_owned());
        index
    }

    /// All texts by index.
    #[must_use]
    pub fn texts(&self) -> &[String] {
        &self.1
    }
}

/// Indices of the courses and labels that lists name.
#[derive(Debug, Default)]
pub struct Names {
    /// Courses.
    pub courses: Indices,
    /// Behaviours, tags and segments.
    pub labels: Indices,
}

/// The lists of all members in `batch`, which is sorted by member and rank; `open` may go on in it.
///
/// # Errors
/// When a column is absent or has another type.
pub fn lists(
    batch: &RecordBatch,
    names: &mut Names,
    open: Option<(Pseudonym, Vec<ListItem>)>,
) -> Result<Vec<(Pseudonym, Vec<ListItem>)>, PublishError> {
    let mut lists: Vec<(Pseudonym, Vec<ListItem>)> = open.into_iter().collect();
    let rows = Rows::new(batch)?;
    for row in 0..batch.num_rows() {
        let Ok(member) = rows.text(0, row).parse::<Pseudonym>() else { continue };
        let item = rows.item(row, names);
        match lists.last_mut() {
            Some((last, items)) if *last == member => items.push(item),
            _ => lists.push((member, vec![item])),
        }
    }
    Ok(lists)
}

/// The columns of one batch.
struct Rows {
    texts: [arrow::array::ArrayRef; 3],
    scores: arrow::array::ArrayRef,
    reasons: arrow::array::ArrayRef,
}

impl Rows {
    fn new(batch: &RecordBatch) -> Result<Self, PublishError> {
        let text = |name| column(batch, name, &DataType::Utf8, "text");
        Ok(Self {
            texts: [text("user_id")?, text("course_id")?, text("source")?],
            scores: column(batch, "score", &DataType::Float32, "float")?,
            reasons: batch.column_by_name("reasons").cloned().ok_or_else(|| lacks("reasons", "list"))?,
        })
    }

    fn text(&self, which: usize, row: usize) -> &str {
        self.texts[which].as_string::<i32>().value(row)
    }

    fn item(&self, row: usize, names: &mut Names) -> ListItem {
        let source = Source::from_name(self.text(2, row)).unwrap_or(Source::Popular);
        let reasons = self.reasons.as_list_opt::<i32>().map(|lists| lists.value(row));
        let reasons = reasons.as_ref().and_then(|r| r.as_struct_opt()).map(|r| reasons_of(r, names)).unwrap_or_default();
        ListItem {
            course: names.courses.of(self.text(1, row)),
            score: self.scores.as_primitive::<Float32Type>().value(row),
            source,
            reasons,
        }
    }
}

fn reasons_of(rows: &StructArray, names: &mut Names) -> ItemReasons {
    let text = |name: &str| rows.column_by_name(name).and_then(|c| cast(c, &DataType::Utf8).ok());
    let shares = rows.column_by_name("share").and_then(|c| cast(c, &DataType::Float32).ok());
    let (Some(kinds), Some(ids), Some(shares)) = (text("kind"), text("id"), shares) else { return ItemReasons::new() };
    let (kinds, ids, shares) = (kinds.as_string::<i32>(), ids.as_string::<i32>(), shares.as_primitive::<Float32Type>());
    (0..rows.len())
        .filter_map(|row| {
            let kind = ReasonKind::from_name(kinds.value(row))?;
            let id = match kind {
                ReasonKind::Course => names.courses.of(ids.value(row)),
                ReasonKind::Behaviour | ReasonKind::Tag | ReasonKind::Segment => names.labels.of(ids.value(row)),
                ReasonKind::Popular | ReasonKind::New | ReasonKind::Rated => 0,
            };
            Some(Reason::new(kind, id, shares.value(row)))
        })
        .collect()
}

fn lacks(column: &'static str, expected: &'static str) -> PublishError {
    PublishError::Contract { table: TABLE, column, expected }
}

fn column(batch: &RecordBatch, name: &'static str, to: &DataType, expected: &'static str) -> Result<arrow::array::ArrayRef, PublishError> {
    let array = batch.column_by_name(name).ok_or_else(|| lacks(name, expected))?;
    cast(array, to).map_err(|_| lacks(name, expected))
}
