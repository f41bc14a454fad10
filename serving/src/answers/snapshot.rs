//! A snapshot ready to be asked: small tables in memory, lists and documents in the open file.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use hachi_snapshot::{Course, Facet, ListItem, Manifest, POPULAR_DOCUMENT, Pseudonym, ReadError, Reason, ReasonKind, ServeReader};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::session::Scorer;

/// Bytes of a recommendation id: enough that two lists never share one.
const RECOMMENDATION_ID_BYTES: usize = 16;

/// One open snapshot.
#[derive(Debug)]
pub(crate) struct Snapshot {
    about: About,
    manifest_hash: String,
    reader: ServeReader,
    courses: Vec<Course>,
    indices: HashMap<String, u32>,
    /// Indices of the courses of each subject, which is lowercase; they rise.
    by_tag: HashMap<String, Vec<u32>>,
    labels: Vec<String>,
    popular: Vec<PopularCourse>,
    /// Places in `popular`, by what is taken now.
    trending: Vec<usize>,
    /// Indices and moments of what has been published, the latest first.
    latest: Vec<(u32, DateTime<Utc>)>,
    /// Indices of courses that nobody knows the publication of.
    undated: Vec<u32>,
    /// What answers posted sessions; none where no models were published.
    scorer: Option<Scorer>,
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
    /// The same of what is taken now; 0 in files from before there was one.
    #[serde(default)]
    pub(crate) trending: f64,
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
    /// The models for posted sessions can't be computed with, or a session can't be scored.
    #[error("the session model can't be used")]
    Session(#[from] hachi_session::Error),
    /// A list names a course or label that isn't there.
    #[error("a list names {what} {index}, but there are {count}")]
    Index { what: &'static str, index: u32, count: usize },
}

impl Snapshot {
    /// Loads the small tables from an open file.
    pub(crate) fn load(manifest: &Manifest, reader: ServeReader) -> Result<Self, AnswerError> {
        let courses = reader.courses()?;
        let popular: Vec<PopularCourse> = match reader.document(POPULAR_DOCUMENT)? {
            Some(json) => serde_json::from_slice(&json)?,
            None => Vec::new(),
        };
        Ok(Self {
            about: about(manifest, reader.lists()?),
            manifest_hash: manifest.manifest_hash.clone(),
            indices: courses.iter().zip(0..).map(|(course, index)| (course.course_id.clone(), index)).collect(),
            by_tag: by_tag(&courses),
            labels: reader.labels()?,
            trending: by_trend(&popular),
            latest: by_publication(&courses, manifest.as_of),
            undated: undated(&courses),
            scorer: reader.session()?.map(Scorer::new).transpose()?,
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

    /// The same courses, what is taken now first.
    pub(crate) fn trending(&self) -> impl Iterator<Item = &PopularCourse> {
        self.trending.iter().filter_map(|place| self.popular.get(*place))
    }

    /// What has been published, and when, the latest first.
    pub(crate) fn latest(&self) -> impl Iterator<Item = (&Course, DateTime<Utc>)> {
        self.latest.iter().filter_map(|(index, at)| Some((self.course(*index).ok()?, *at)))
    }

    /// The whole catalogue, the latest first and what has no date last: what follows where too little speaks for any course.
    pub(crate) fn catalogue(&self) -> impl Iterator<Item = &Course> {
        let undated = self.undated.iter().filter_map(|index| self.course(*index).ok());
        self.latest().map(|(course, _)| course).chain(undated)
    }

    /// What answers posted sessions.
    pub(crate) fn scorer(&self) -> Option<&Scorer> {
        self.scorer.as_ref()
    }

    /// The index of the course of that id.
    pub(crate) fn index_of(&self, course_id: &str) -> Option<u32> {
        self.indices.get(course_id).copied()
    }

    /// The course of that id.
    pub(crate) fn course_of(&self, course_id: &str) -> Option<&Course> {
        self.course(self.index_of(course_id)?).ok()
    }

    /// Whether a course has one of these subjects, which are lowercase.
    pub(crate) fn has_tag(&self, course_id: &str, tags: &HashSet<String>) -> bool {
        let is_of = |index: u32| tags.iter().any(|tag| self.tagged(tag).binary_search(&index).is_ok());
        self.index_of(course_id).is_some_and(is_of)
    }

    /// Indices of the courses of a subject, which is lowercase.
    pub(crate) fn tagged(&self, tag: &str) -> &[u32] {
        self.by_tag.get(tag).map_or(&[], Vec::as_slice)
    }

    /// How many courses there are.
    pub(crate) fn courses(&self) -> usize {
        self.courses.len()
    }

    /// What is known of a member, as JSON.
    pub(crate) fn facet(&self, facet: Facet, member: &Pseudonym) -> Result<Option<Vec<u8>>, AnswerError> {
        Ok(self.reader.facet(facet, member)?)
    }

    /// Whether a member refuses personalisation.
    pub(crate) fn is_refused(&self, member: &Pseudonym) -> Result<bool, AnswerError> {
        Ok(self.facet(Facet::Refusal, member)?.is_some())
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

fn by_tag(courses: &[Course]) -> HashMap<String, Vec<u32>> {
    let mut by_tag: HashMap<String, Vec<u32>> = HashMap::new();
    for (index, course) in (0..).zip(courses) {
        for tag in &course.tags {
            by_tag.entry(tag.to_lowercase()).or_default().push(index);
        }
    }
    by_tag
}

/// Places of the courses, what is taken now first; equal ones stay in the order of popularity.
fn by_trend(popular: &[PopularCourse]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..popular.len()).collect();
    places.sort_by(|left, right| popular[*right].trending.total_cmp(&popular[*left].trending));
    places
}

/// What the snapshot's moment knows as published, the latest first; of one moment by id.
fn by_publication(courses: &[Course], as_of: DateTime<Utc>) -> Vec<(u32, DateTime<Utc>)> {
    let published = (0..).zip(courses).filter_map(|(index, course)| Some((index, course.published_at.filter(|at| *at <= as_of)?)));
    let mut published: Vec<(u32, DateTime<Utc>)> = published.collect();
    let id = |index: &u32| &courses[*index as usize].course_id;
    published.sort_by(|(left, at), (right, other)| other.cmp(at).then_with(|| id(left).cmp(id(right))));
    published
}

/// Courses without a date. One of which nothing is known but its id may be gone from the catalogue, and is named by old lists alone.
fn undated(courses: &[Course]) -> Vec<u32> {
    let is_known = |course: &Course| !course.tags.is_empty() || course.title != course.course_id;
    (0..).zip(courses).filter(|(_, course)| course.published_at.is_none() && is_known(course)).map(|(index, _)| index).collect()
}

fn at<'a, T>(values: &'a [T], index: u32, what: &'static str) -> Result<&'a T, AnswerError> {
    let found = usize::try_from(index).ok().and_then(|index| values.get(index));
    found.ok_or_else(|| AnswerError::Index { what, index, count: values.len() })
}

#[cfg(test)]
pub(crate) mod tests {
    use hachi_snapshot::{ServeWriter, SessionRows, Source, pseudonym};

    use super::*;
    use hachi_snapshot::SessionModel;

    pub(crate) fn member(id: &str) -> Pseudonym {
        pseudonym(b"key", id)
    }

    fn item(course: u32, score: f32) -> ListItem {
        let reasons = [Reason::new(ReasonKind::Course, 0, 0.5), Reason::new(ReasonKind::Behaviour, 0, 0.25)].into_iter().collect();
        ListItem { course, score, source: Source::Ials, reasons }
    }

    /// Three courses; `ann` has a list, `bob` a damaged one.
    pub(crate) fn snapshot() -> (tempfile::TempDir, Snapshot) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("serve.redb");
        let mut writer = ServeWriter::create(&path).unwrap();
        let courses = [("c0", "Course zero"), ("c1", "Course one"), ("c2", "Course two")];
        let [mut zero, one, mut two] = courses.map(|(id, title)| Course::new(id, title));
        (zero.tags, two.tags) = (vec!["Rust".to_owned()], vec!["rust".to_owned(), "sql".to_owned()]);
        zero.published_at = DateTime::from_timestamp(-20, 0);
        two.published_at = DateTime::from_timestamp(-10, 0);
        let future = Course { published_at: DateTime::from_timestamp(10, 0), ..one };
        writer.put_courses([zero, future, two]).unwrap();
        writer.put_labels(["tag:rust"]).unwrap();
        let lists = [(member("ann"), vec![item(2, 0.9), item(0, 0.8)]), (member("bob"), vec![item(3, 0.9)])];
        writer.put_lists(lists).unwrap();
        let popular = r#"[{"course_id":"c1","title":"Course one","score":2.5,"trending":0.5,"learners":9},
                          {"course_id":"c0","title":"Course zero","score":1.5,"trending":1.0,"learners":7}]"#;
        writer.put_document(POPULAR_DOCUMENT, popular.as_bytes()).unwrap();
        writer.put_document("similar/c0", br#"[{"course_id":"c1","score":0.5},{"course_id":"c2","score":0.4}]"#).unwrap();
        writer.put_document("kpis", br#"[{"kpi":"dau"}]"#).unwrap();
        let days = r#"[{"event_date":"2024-01-30","value":1.5},{"event_date":"2024-01-31","value":2.5}]"#;
        writer.put_document("kpis/dau", days.as_bytes()).unwrap();
        writer.put_document("retention/week/first_ever/on", b"[]").unwrap();
        writer.put_document("lifecycle/week", br#"[{"new_members":3}]"#).unwrap();
        writer.put_document("experiments", br#"[{"experiment":"home","members":12}]"#).unwrap();
        writer.put_document("models/ndcg@10", br#"[{"model":"blend"}]"#).unwrap();
        writer.put_facets(Facet::Profile, [(member("ann"), br#"{"plan":"pro","week_state":"new"}"#.to_vec())]).unwrap();
        writer.put_facets(Facet::Courses, [(member("ann"), br#"[{"course_id":"c0","progress":0.5}]"#.to_vec())]).unwrap();
        writer.put_facets(Facet::Interests, [(member("ann"), br#"[{"tag":"rust"}]"#.to_vec())]).unwrap();
        writer.put_facets(Facet::Segments, [(member("ann"), br#"["regulars"]"#.to_vec())]).unwrap();
        // Who took c0 takes c2, and not c1.
        let rows = SessionRows { offsets: vec![0, 2, 2, 2], columns: vec![1, 2], weights: vec![-1.0, 1.0] };
        writer.put_session(&SessionModel { courses: vec![0, 1, 2], factors: None, rows: Some(rows) }).unwrap();
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
    fn what_may_be_gone_or_is_to_come_is_not_of_the_catalogue() {
        let [mut tagged, mut dated, to_come] = ["tagged", "dated", "to come"].map(|id| Course::new(id, id));
        tagged.tags = vec!["rust".to_owned()];
        dated.published_at = DateTime::from_timestamp(-1, 0);
        let to_come = Course { published_at: DateTime::from_timestamp(1, 0), ..to_come };
        let courses = [Course::new("gone", "gone"), Course::new("titled", "A title"), tagged, dated, to_come];
        assert_eq!(undated(&courses), [1, 2]);
        assert_eq!(by_publication(&courses, DateTime::UNIX_EPOCH).len(), 1);
    }

    #[test]
    fn recommendation_ids_are_stable_and_distinct() {
        let (_folder, snapshot) = snapshot();
        assert_eq!(snapshot.recommendation_id("a"), snapshot.recommendation_id("a"));
        assert_ne!(snapshot.recommendation_id("a"), snapshot.recommendation_id("b"));
        assert_eq!(snapshot.recommendation_id("a").len(), 2 * RECOMMENDATION_ID_BYTES);
    }
}
