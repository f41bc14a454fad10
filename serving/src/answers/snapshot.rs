//! A snapshot ready to be asked: small tables in memory, lists and documents in the open file.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use hachi_snapshot::{Course, ListItem, Manifest, POPULAR_DOCUMENT, Pseudonym, ReadError, Reason, ReasonKind, ServeReader};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Bytes of a recommendation id: enough that two lists never share one.
const RECOMMENDATION_ID_BYTES: usize = 16;

/// One open snapshot.
#[derive(Debug)]
pub(crate) struct Snapshot {
    about: About,
    manifest_hash: String,
    reader: ServeReader,
    courses: Vec<Course>,
    indices: HashMap<String, usize>,
    labels: Vec<String>,
    popular: Vec<PopularCourse>,
}

/// What a snapshot is, for an operator.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct About {
    pub(crate) number: u64,
    pub(crate) run_id: String,
    pub(crate) as_of: DateTime<Utc>,
    pub(crate) watermark: Option<NaiveDate>,
    pub(crate) content_hash: String,
    pub(crate) committed_by: String,
    /// Members with a list of their own.
    pub(crate) lists: u64,
}

/// Which snapshot an answer is from.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Stamp {
    pub(crate) number: u64,
    pub(crate) as_of: DateTime<Utc>,
}

/// A course that most members take.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
pub(crate) struct PopularCourse {
    pub(crate) course_id: String,
    pub(crate) title: String,
    pub(crate) score: f64,
    /// Members who took it.
    pub(crate) learners: u64,
}

/// Why a snapshot has no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AnswerError {
    /// It holds nothing of that name.
    #[error("this snapshot holds no {0}")]
    Missing(String),
    /// Its file can't be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A document is not what it should be.
    #[error("a document of the snapshot is not the JSON it should be")]
    Json(#[from] serde_json::Error),
    /// A list names a course or label that isn't there.
    #[error("a list names {what} {index}, but there are {count}")]
    Index { what: &'static str, index: u32, count: usize },
}

impl Snapshot {
    /// Loads the small tables from an open file.
    pub(crate) fn load(manifest: &Manifest, reader: ServeReader) -> Result<Self, AnswerError> {
        let courses = reader.courses()?;
        let popular = match reader.document(POPULAR_DOCUMENT)? {
            Some(json) => serde_json::from_slice(&json)?,
            None => Vec::new(),
        };
        Ok(Self {
            about: about(manifest, reader.lists()?),
            manifest_hash: manifest.manifest_hash.clone(),
            indices: courses.iter().enumerate().map(|(index, course)| (course.course_id.clone(), index)).collect(),
            labels: reader.labels()?,
            courses,
            popular,
            reader,
        })
    }

    pub(crate) fn about(&self) -> &About {
        &self.about
    }

    pub(crate) fn manifest_hash(&self) -> &str {
        &self.manifest_hash
    }

    pub(crate) fn stamp(&self) -> Stamp {
        Stamp { number: self.about.number, as_of: self.about.as_of }
    }

    /// Popular courses, best first.
    pub(crate) fn popular(&self) -> &[PopularCourse] {
        &self.popular
    }

    /// Whether there is a course of that id.
    pub(crate) fn has_course(&self, course_id: &str) -> bool {
        self.indices.contains_key(course_id)
    }

    /// A member's stored list, all of whose indices hold; none for an unknown member.
    pub(crate) fn list(&self, member: &Pseudonym) -> Result<Option<Vec<ListItem>>, AnswerError> {
        let Some(items) = self.reader.list(member)? else { return Ok(None) };
        for item in &items {
            self.course(item.course)?;
            item.reasons.iter().try_for_each(|reason| self.named(*reason).map(|_| ()))?;
        }
        Ok(Some(items))
    }

    /// The course of an index.
    pub(crate) fn course(&self, index: u32) -> Result<&Course, AnswerError> {
        at(&self.courses, index, "course")
    }

    /// What a reason names: an id, and a title where it is a course.
    pub(crate) fn named(&self, reason: Reason) -> Result<(Option<&str>, Option<&str>), AnswerError> {
        match reason.kind {
            ReasonKind::Course => self.course(reason.id).map(|course| (Some(&*course.course_id), Some(&*course.title))),
            ReasonKind::Behaviour | ReasonKind::Tag | ReasonKind::Segment => {
                at(&self.labels, reason.id, "label").map(|label| (Some(&**label), None))
            }
            ReasonKind::Popular | ReasonKind::New | ReasonKind::Rated => Ok((None, None)),
        }
    }

    /// A document, or an error that says `what` is missing.
    pub(crate) fn document(&self, name: &str, what: impl FnOnce() -> String) -> Result<Vec<u8>, AnswerError> {
        self.reader.document(name)?.ok_or_else(|| AnswerError::Missing(what()))
    }

    /// Names one list for attribution: the same list of the same snapshot has the same id, and the id tells nothing of the member.
    pub(crate) fn recommendation_id(&self, of: &str) -> String {
        let mut hasher = Sha256::new();
        hasher.update(self.about.number.to_le_bytes());
        hasher.update(of.as_bytes());
        let digest = hasher.finalize();
        hex::encode(digest.get(..RECOMMENDATION_ID_BYTES).unwrap_or(&digest))
    }
}

fn about(manifest: &Manifest, lists: u64) -> About {
    About {
        number: manifest.number,
        run_id: manifest.run_id.clone(),
        as_of: manifest.as_of,
        watermark: manifest.watermark,
        content_hash: manifest.content_hash.clone(),
        committed_by: manifest.committed_by.clone(),
        lists,
    }
}

fn at<'a, T>(values: &'a [T], index: u32, what: &'static str) -> Result<&'a T, AnswerError> {
    let found = usize::try_from(index).ok().and_then(|index| values.get(index));
    found.ok_or(AnswerError::Index { what, index, count: values.len() })
}

#[cfg(test)]
pub(crate) mod tests {
    use hachi_snapshot::{ServeWriter, Source, pseudonym};

    use super::*;

    pub(crate) fn member(id: &str) -> Pseudonym {
        pseudonym(b"key", id)
    }

    fn item(course: u32, score: f32) -> ListItem {
        let reasons = vec![Reason::new(ReasonKind::Course, 0, 0.5), Reason::new(ReasonKind::Behaviour, 0, 0.25)];
        ListItem { course, score, source: Source::Ials, reasons }
    }

    /// Three courses; `ann` has a list, `bob` a damaged one.
    pub(crate) fn snapshot() -> (tempfile::TempDir, Snapshot) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("serve.redb");
        let mut writer = ServeWriter::create(&path).unwrap();
        let courses = [("c0", "Course zero"), ("c1", "Course one"), ("c2", "Course two")];
        let courses = courses.map(|(id, title)| Course { course_id: id.to_owned(), title: title.to_owned() });
        writer.put_courses(courses).unwrap();
        writer.put_labels(["tag:rust"]).unwrap();
        let lists = [(member("ann"), vec![item(2, 0.9), item(0, 0.8)]), (member("bob"), vec![item(3, 0.9)])];
        writer.put_lists(lists).unwrap();
        let popular = r#"[{"course_id":"c1","title":"Course one","score":2.5,"learners":9},
                          {"course_id":"c0","title":"Course zero","score":1.5,"learners":7}]"#;
        writer.put_document(POPULAR_DOCUMENT, popular.as_bytes()).unwrap();
        writer.put_document("similar/c0", br#"[{"course_id":"c1","score":0.5},{"course_id":"c2","score":0.4}]"#).unwrap();
        writer.put_document("kpis", br#"[{"kpi":"dau"}]"#).unwrap();
        let days = r#"[{"event_date":"2024-01-30","value":1.5},{"event_date":"2024-01-31","value":2.5}]"#;
        writer.put_document("kpis/dau", days.as_bytes()).unwrap();
        writer.put_document("retention/week/first_ever/on", b"[]").unwrap();
        writer.finish().unwrap();
        let mut manifest = Manifest::draft("run", DateTime::UNIX_EPOCH, "test");
        manifest.number = 7;
        let snapshot = Snapshot::load(&manifest, ServeReader::open(&path).unwrap()).unwrap();
        (folder, snapshot)
    }

    #[test]
    fn a_list_that_names_no_course_is_an_error() {
        let (_folder, snapshot) = snapshot();
        let error = snapshot.list(&member("bob")).unwrap_err();
        assert_eq!(error.to_string(), "a list names course 3, but there are 3");
    }

    #[test]
    fn recommendation_ids_are_stable_and_distinct() {
        let (_folder, snapshot) = snapshot();
        assert_eq!(snapshot.recommendation_id("a"), snapshot.recommendation_id("a"));
        assert_ne!(snapshot.recommendation_id("a"), snapshot.recommendation_id("b"));
        assert_eq!(snapshot.recommendation_id("a").len(), 2 * RECOMMENDATION_ID_BYTES);
    }
}
