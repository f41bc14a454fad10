//! The sidecar's file: one redb database of per-member lists, courses, labels, documents rendered ahead, and models.
//!
//! | table | key | value |
//! |---|---|---|
//! | lists | 16 bytes of a pseudonym | packed list with a CRC, see `packed` |
//! | courses | dense index from 0 | JSON of [`Course`] |
//! | labels | dense index from 0 | text of a behaviour |
//! | documents | name | JSON, answered as it is |
//! | profiles, progress, interests, segments, refusals | 16 bytes of a pseudonym | JSON of a [`Facet`]; a file without has no such table |
//! | models | name | packed model with a CRC, see `session_bytes`; a file without models has no such table |

mod bytes;
mod facet;
pub(crate) mod packed;
pub(crate) mod reader;
pub(crate) mod session;
mod session_bytes;
pub(crate) mod writer;

use chrono::{DateTime, Utc};
pub use facet::Facet;
use redb::TableDefinition;
use serde::{Deserialize, Serialize};

const LISTS: TableDefinition<'_, &[u8; 16], &[u8]> = TableDefinition::new("lists");
const COURSES: TableDefinition<'_, u32, &[u8]> = TableDefinition::new("courses");
const LABELS: TableDefinition<'_, u32, &str> = TableDefinition::new("labels");
const DOCUMENTS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("documents");
const MODELS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("models");

/// Pages that a reader keeps in memory, of two files while one takes the other's place: the system's page cache does the rest. The
/// library's own default grows to 1 GiB.
const READ_CACHE_BYTES: usize = 8 << 20;
/// Pages that a writer keeps before it writes them.
const WRITE_CACHE_BYTES: usize = 16 << 20;

/// Written by the writer, read on opening.
const META_DOCUMENT: &str = "meta";

/// What answers a posted session.
const SESSION_MODEL: &str = "session";

/// The popular courses: a JSON array of `{course_id, title, score, trending, learners}`, best first.
pub const POPULAR_DOCUMENT: &str = "popular";

/// The latest value of every KPI: a JSON array of rows of `kpi_snapshot`.
pub const KPIS_DOCUMENT: &str = "kpis";

/// Who takes part in experiments: a JSON array of rows of `experiment_arms`, experiment by experiment.
pub const EXPERIMENTS_DOCUMENT: &str = "experiments";

/// A course as the sidecar shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    /// The site's id.
    pub course_id: String,
    /// The site's title.
    pub title: String,
    /// Its subjects, as the site spells them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// When it was published; none where the catalogue doesn't have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_at: Option<DateTime<Utc>>,
}

impl Course {
    /// A course of which the catalogue says no more.
    pub fn new(course_id: impl Into<String>, title: impl Into<String>) -> Self {
        Self { course_id: course_id.into(), title: title.into(), tags: Vec::new(), published_at: None }
    }
}

/// What the file says of itself.
#[derive(Debug, Serialize, Deserialize)]
struct Meta {
    format_version: String,
}

/// Name of the document of one KPI's series: a JSON array of rows of `kpi_daily`, ascending, `event_date` as `YYYY-MM-DD`.
pub fn kpi_document(name: &str) -> String {
    format!("kpis/{name}")
}

/// Name of the document of one retention triangle: a JSON array of rows of `cohort_retention`.
pub fn retention_document(unit: &str, cohort_type: &str, criterion: &str) -> String {
    format!("retention/{unit}/{cohort_type}/{criterion}")
}

/// Name of the document of the members' life, period by period of that unit: a JSON array of rows of `lifecycle`, ascending.
pub fn lifecycle_document(unit: &str) -> String {
    format!("lifecycle/{unit}")
}

/// Name of the document of how the models do by one metric: a JSON array of rows of `model_evaluation`.
pub fn models_document(metric: &str) -> String {
    format!("models/{metric}")
}

/// Name of the document of the courses similar to one: a JSON array of `{course_id, title, score}`, best first.
pub fn similar_document(course_id: &str) -> String {
    format!("similar/{course_id}")
}
