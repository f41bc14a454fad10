//! Reads the sidecar's file. Whatever its bytes, a call returns: a list or an error, never a panic.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use redb::{Builder, Key, ReadOnlyDatabase, ReadOnlyTable, ReadTransaction, ReadableDatabase, ReadableTable, ReadableTableMetadata};
use redb::{TableDefinition, TableError, Value};

use super::packed::{ListItem, UnpackError, unpack};
use super::session::{SessionError, SessionModel};
use super::{
    COURSES, Course, DOCUMENTS, Facet, LABELS, LISTS, META_DOCUMENT, MODELS, Meta, READ_CACHE_BYTES, SESSION_MODEL, session_bytes,
};
use crate::manifest::FORMAT_VERSION;
use crate::pseudonym::Pseudonym;

/// What is known of members, one entry each.
type ByMember = ReadOnlyTable<&'static [u8; 16], &'static [u8]>;

/// An open file. Opening doesn't cost with the number of members; a lookup takes microseconds and may be called from any thread.
pub struct ServeReader {
    lists: ByMember,
    courses: ReadOnlyTable<u32, &'static [u8]>,
    labels: ReadOnlyTable<u32, &'static str>,
    documents: ReadOnlyTable<&'static str, &'static [u8]>,
    // None in a file without models.
    models: Option<ReadOnlyTable<&'static str, &'static [u8]>>,
    // Those that the file has.
    facets: Vec<(Facet, ByMember)>,
    // Kept open as long as its tables.
    _database: ReadOnlyDatabase,
}

impl std::fmt::Debug for ServeReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServeReader").finish_non_exhaustive()
    }
}

/// Why the file, or something in it, can't be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The database can't be opened.
    #[error("could not open the serving file `{}`", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the database said.
        #[source]
        source: Box<redb::Error>,
    },
    /// The database failed later.
    #[error("could not read the serving file")]
    Database(#[source] Box<redb::Error>),
    /// The database gave up on bytes it can't have written.
    #[error("the serving file is corrupted")]
    Corrupted,
    /// A member's list is damaged.
    #[error("a list in the serving file is damaged")]
    List(#[from] UnpackError),
    /// What answers posted sessions is damaged, or from a newer program.
    #[error("the session model in the serving file can't be used")]
    Session(#[from] SessionError),
    /// A course or the file's description is damaged.
    #[error("the serving file holds broken JSON")]
    Json(#[from] serde_json::Error),
    /// An index is missing: lists would name the wrong course.
    #[error("the serving file has a gap before index {found}, expected {expected}")]
    Gap {
        /// The next index.
        expected: usize,
        /// The index found.
        found: u32,
    },
    /// From a newer program, or not from one at all.
    #[error("the serving file has format `{found}`, but this program reads up to `{FORMAT_VERSION}`; upgrade hachi")]
    Format {
        /// The version found.
        found: String,
    },
}

impl ServeReader {
    /// Opens a finished file read-only.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, ReadError> {
        let path = path.as_ref();
        let opened = guarded(|| open_tables(path).map_err(ReadError::Database));
        let reader = opened.map_err(|error| match error {
            ReadError::Database(source) => ReadError::Open { path: path.to_owned(), source },
            other => other,
        })?;
        reader.check_format()?;
        Ok(reader)
    }

    /// A member's list, best item first; none for an unknown member.
    pub fn list(&self, pseudonym: &Pseudonym) -> Result<Option<Vec<ListItem>>, ReadError> {
        guarded(|| match self.lists.get(pseudonym.as_bytes()).map_err(database)? {
            Some(packed) => Ok(Some(unpack(packed.value())?)),
            None => Ok(None),
        })
    }

    /// The JSON of what is known of a member; none where nothing is.
    pub fn facet(&self, facet: Facet, pseudonym: &Pseudonym) -> Result<Option<Vec<u8>>, ReadError> {
        let Some((_, table)) = self.facets.iter().find(|(of, _)| *of == facet) else { return Ok(None) };
        guarded(|| Ok(table.get(pseudonym.as_bytes()).map_err(database)?.map(|json| json.value().to_owned())))
    }

    /// Whether there is a list or anything else of a member.
    pub fn knows(&self, pseudonym: &Pseudonym) -> Result<bool, ReadError> {
        let mut facets = Facet::ALL.into_iter().map(|facet| Ok(self.facet(facet, pseudonym)?.is_some()));
        let told = facets.try_fold(false, |any, one: Result<bool, ReadError>| Ok::<_, ReadError>(any || one?))?;
        Ok(told || self.list(pseudonym)?.is_some())
    }

    /// How many members have a list.
    pub fn lists(&self) -> Result<u64, ReadError> {
        guarded(|| self.lists.len().map_err(database))
    }

    /// All courses, by index.
    pub fn courses(&self) -> Result<Vec<Course>, ReadError> {
        guarded(|| dense(&self.courses, |json| Ok(serde_json::from_slice(json)?)))
    }

    /// All labels of behaviours, by index.
    pub fn labels(&self) -> Result<Vec<String>, ReadError> {
        guarded(|| dense(&self.labels, |label| Ok(label.to_owned())))
    }

    /// A document's bytes; none where there is no document of that name.
    pub fn document(&self, name: &str) -> Result<Option<Vec<u8>>, ReadError> {
        guarded(|| Ok(self.documents.get(name).map_err(database)?.map(|json| json.value().to_owned())))
    }

    /// Names of all documents, ascending.
    pub fn document_names(&self) -> Result<Vec<String>, ReadError> {
        guarded(|| {
            let mut names = Vec::new();
            for entry in self.documents.iter().map_err(database)? {
                names.push(entry.map_err(database)?.0.value().to_owned());
            }
            Ok(names)
        })
    }

    /// What answers a posted session; none in a file without it. Every value is read and checked, so it is asked for once per file.
    pub fn session(&self) -> Result<Option<SessionModel>, ReadError> {
        guarded(|| {
            let Some(models) = &self.models else { return Ok(None) };
            let Some(packed) = models.get(SESSION_MODEL).map_err(database)? else { return Ok(None) };
            let model = session_bytes::unpack(packed.value())?;
            model.check_known(self.courses.len().map_err(database)?)?;
            Ok(Some(model))
        })
    }

    fn check_format(&self) -> Result<(), ReadError> {
        let json = self.document(META_DOCUMENT)?.ok_or_else(|| ReadError::Format { found: "none".to_owned() })?;
        let found = serde_json::from_slice::<Meta>(&json)?.format_version;
        let major = |version: &str| version.split('.').next().map(str::to_owned);
        if major(&found) == major(FORMAT_VERSION) { Ok(()) } else { Err(ReadError::Format { found }) }
    }
}

/// The database trusts its pages and may panic on damaged ones, so a panic here is an error like any other.
fn guarded<T>(read: impl FnOnce() -> Result<T, ReadError>) -> Result<T, ReadError> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or(Err(ReadError::Corrupted))
}

fn open_tables(path: &Path) -> Result<ServeReader, Box<redb::Error>> {
    let database = Builder::new().set_cache_size(READ_CACHE_BYTES).open_read_only(path).map_err(boxed)?;
    let transaction = database.begin_read().map_err(boxed)?;
    Ok(ServeReader {
        lists: table(&transaction, LISTS)?,
        courses: table(&transaction, COURSES)?,
        labels: table(&transaction, LABELS)?,
        documents: table(&transaction, DOCUMENTS)?,
        models: optional(&transaction, MODELS)?,
        facets: facets(&transaction)?,
        _database: database,
    })
}

fn table<K: Key + 'static, V: Value + 'static>(
    transaction: &ReadTransaction,
    definition: TableDefinition<'_, K, V>,
) -> Result<ReadOnlyTable<K, V>, Box<redb::Error>> {
    transaction.open_table(definition).map_err(boxed)
}

fn facets(transaction: &ReadTransaction) -> Result<Vec<(Facet, ByMember)>, Box<redb::Error>> {
    let tables = Facet::ALL.into_iter().map(|facet| Ok(optional(transaction, facet.table())?.map(|table| (facet, table))));
    tables.filter_map(Result::transpose).collect()
}

/// What a file does without, it has no table of either.
fn optional<K: Key + 'static, V: Value + 'static>(
    transaction: &ReadTransaction,
    definition: TableDefinition<'_, K, V>,
) -> Result<Option<ReadOnlyTable<K, V>>, Box<redb::Error>> {
    match transaction.open_table(definition) {
        Ok(table) => Ok(Some(table)),
        Err(TableError::TableDoesNotExist(_)) => Ok(None),
        Err(error) => Err(boxed(error)),
    }
}

fn dense<V: Value + 'static, T>(
    table: &ReadOnlyTable<u32, V>,
    read: impl for<'a> Fn(V::SelfType<'a>) -> Result<T, ReadError>,
) -> Result<Vec<T>, ReadError> {
    let mut values = Vec::new();
    for entry in table.iter().map_err(database)? {
        let (index, value) = entry.map_err(database)?;
        if usize::try_from(index.value()) != Ok(values.len()) {
            return Err(ReadError::Gap { expected: values.len(), found: index.value() });
        }
        values.push(read(value.value())?);
    }
    Ok(values)
}

fn boxed(error: impl Into<redb::Error>) -> Box<redb::Error> {
    Box::new(error.into())
}

fn database(error: impl Into<redb::Error>) -> ReadError {
    ReadError::Database(boxed(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::packed::{Reason, ReasonKind, Source};
    use crate::serve::writer::{ServeWriter, WriteError};
    use crate::{POPULAR_DOCUMENT, SessionFactors, SessionRows, pseudonym};

    fn course(id: &str) -> Course {
        Course::new(id, format!("Title of {id}"))
    }

    fn items() -> Vec<ListItem> {
        let reasons = vec![Reason::new(ReasonKind::Course, 1, 0.5)].into();
        vec![ListItem { course: 0, score: 0.9, source: Source::Ials, reasons }]
    }

    fn session() -> SessionModel {
        let factors = SessionFactors { dim: 1, alpha0: 0.1, reg: 0.01, nu: 1.0, values: vec![0.5, -0.5], gram: vec![0.5] };
        let rows = SessionRows { offsets: vec![0, 1, 2], columns: vec![1, 0], weights: vec![0.3, 0.2] };
        SessionModel { courses: vec![2, 0], factors: Some(factors), rows: Some(rows) }
    }

    fn write(path: &Path) {
        let mut writer = ServeWriter::create(path).unwrap();
        writer.put_courses([course("c0"), course("c1")]).unwrap();
        writer.put_courses([course("c2")]).unwrap();
        writer.put_labels(["tag:rust", "active_days_30"]).unwrap();
        writer.put_lists((0..200).map(|id| (pseudonym(b"k", &id.to_string()), items()))).unwrap();
        writer.put_document(POPULAR_DOCUMENT, b"[]").unwrap();
        writer.put_session(&SessionModel::default()).unwrap();
        writer.put_session(&session()).unwrap();
        writer.finish().unwrap();
    }

    #[test]
    fn reads_what_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("serve/r/serve.redb");
        write(&path);
        let reader = ServeReader::open(&path).unwrap();
        assert_eq!(reader.list(&pseudonym(b"k", "7")).unwrap(), Some(items()));
        assert_eq!(reader.list(&pseudonym(b"k", "stranger")).unwrap(), None);
        assert_eq!(reader.lists().unwrap(), 200);
        assert_eq!(reader.courses().unwrap(), [course("c0"), course("c1"), course("c2")]);
        assert_eq!(reader.labels().unwrap(), ["tag:rust", "active_days_30"]);
        assert_eq!(reader.document(POPULAR_DOCUMENT).unwrap().as_deref(), Some(&b"[]"[..]));
        assert_eq!(reader.document("none").unwrap(), None);
        assert_eq!(reader.document_names().unwrap(), ["meta", "popular"]);
        assert_eq!(reader.session().unwrap(), Some(session()));
    }

    #[test]
    fn the_same_calls_give_the_same_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (folder.path().join("1"), folder.path().join("2"));
        write(&one);
        write(&two);
        assert!(std::fs::read(one).unwrap() == std::fs::read(two).unwrap());
    }

    #[test]
    fn an_empty_file_has_every_table_but_the_models() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("serve.redb");
        ServeWriter::create(&path).unwrap().finish().unwrap();
        let reader = ServeReader::open(&path).unwrap();
        assert_eq!((reader.lists().unwrap(), reader.courses().unwrap().len()), (0, 0));
        assert!(reader.models.is_none());
        assert_eq!(reader.session().unwrap(), None);
    }

    #[test]
    fn a_session_model_names_courses_of_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("serve.redb");
        let mut writer = ServeWriter::create(&path).unwrap();
        writer.put_courses([course("c0"), course("c1")]).unwrap();
        let unknown = SessionError::OutOfRange { what: "courses", course: 2, courses: 2 };
        assert!(matches!(writer.put_session(&session()), Err(WriteError::Session(error)) if error == unknown));
        writer.put_courses([course("c2")]).unwrap();
        writer.put_session(&session()).unwrap();
        writer.finish().unwrap();
        change(&path, |transaction| drop(transaction.open_table(COURSES).unwrap().remove(2).unwrap()));
        assert!(matches!(ServeReader::open(&path).unwrap().session(), Err(ReadError::Session(error)) if error == unknown));
    }

    #[test]
    fn a_damaged_session_model_is_an_error_and_a_missing_one_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("serve.redb");
        write(&path);
        change(&path, |transaction| drop(transaction.open_table(MODELS).unwrap().insert(SESSION_MODEL, &b"model"[..]).unwrap()));
        assert!(matches!(ServeReader::open(&path).unwrap().session(), Err(ReadError::Session(SessionError::Unpack(_)))));
        change(&path, |transaction| drop(transaction.open_table(MODELS).unwrap().remove(SESSION_MODEL).unwrap()));
        assert_eq!(ServeReader::open(&path).unwrap().session().unwrap(), None);
    }

    /// What the writer never does to a finished file.
    fn change(path: &Path, edit: impl FnOnce(&redb::WriteTransaction)) {
        let transaction = redb::Database::open(path).unwrap().begin_write().unwrap();
        edit(&transaction);
        transaction.commit().unwrap();
    }

    #[test]
    fn an_existing_file_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("serve.redb");
        write(&path);
        assert!(matches!(ServeWriter::create(&path), Err(WriteError::Create { .. })));
    }

    #[test]
    fn an_unfinished_file_is_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("serve.redb");
        drop(ServeWriter::create(&path).unwrap());
        assert!(ServeReader::open(&path).is_err());
    }

    /// Everything a sidecar might ask of a file; only that it returns matters.
    fn read_all(path: &Path) {
        let Ok(reader) = ServeReader::open(path) else { return };
        let _ = (reader.courses(), reader.labels(), reader.document_names(), reader.document("popular"), reader.session());
        for id in 0..200 {
            let _ = reader.list(&pseudonym(b"k", &id.to_string()));
        }
    }

    #[test]
    fn corrupted_bytes_never_panic() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("serve.redb");
        write(&path);
        let whole = std::fs::read(&path).unwrap();
        let used = whole.iter().rposition(|byte| *byte != 0).unwrap() + 1;
        for seed in 0..60_usize {
            let mut bytes = whole.clone();
            // Spread over the file by a stride that shares no factor with its page size.
            (0..64).for_each(|nth| bytes[(seed * 7919 + nth * 1_237) % used] ^= 0xa5);
            std::fs::write(&path, &bytes).unwrap();
            read_all(&path);
        }
        for cut in [0, 1, 100, 4096, used / 2, used - 1] {
            std::fs::write(&path, &whole[..cut]).unwrap();
            read_all(&path);
        }
    }
}
