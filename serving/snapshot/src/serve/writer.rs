//! Writes the sidecar's file. One transaction: the file is whole or it isn't one.

use std::fs::File;
use std::path::{Path, PathBuf};

use redb::{Builder, Database, WriteTransaction};

use super::packed::{ListItem, PackError, pack};
use super::session::{SessionError, SessionModel};
use super::{
    COURSES, Course, DOCUMENTS, Facet, LABELS, LISTS, META_DOCUMENT, MODELS, Meta, SESSION_MODEL, WRITE_CACHE_BYTES, session_bytes,
};
use crate::manifest::FORMAT_VERSION;
use crate::pseudonym::Pseudonym;

/// A file being written. Lists are fastest in ascending order of their pseudonyms; the same calls give the same file.
pub struct ServeWriter {
    transaction: WriteTransaction,
    // Kept open until the transaction is over.
    database: Database,
    courses: u32,
    labels: u32,
}

/// Why the file can't be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// Published files are never modified.
    #[error("`{}` could not be created anew", path.display())]
    Create {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The database failed.
    #[error("could not write the serving file")]
    Database(#[from] Box<redb::Error>),
    /// A list is too long.
    #[error("could not pack the list of member {pseudonym}")]
    Pack {
        /// Whose list.
        pseudonym: Pseudonym,
        /// What is too long.
        #[source]
        source: PackError,
    },
    /// What answers posted sessions contradicts itself, or the file's courses.
    #[error("could not pack the session model")]
    Session(#[from] SessionError),
    /// A course or the file's description is no JSON.
    #[error("could not render JSON")]
    Json(#[from] serde_json::Error),
    /// An index doesn't fit its four bytes.
    #[error("more than {} courses or labels", u32::MAX)]
    TooMany,
    /// The name is taken.
    #[error("the document name `{name}` is reserved")]
    Reserved {
        /// The name.
        name: String,
    },
}

impl ServeWriter {
    /// Starts a new file; its folder is created, an existing file is an error.
    pub fn create(path: impl AsRef<Path>) -> Result<Self, WriteError> {
        let path = path.as_ref();
        create_new(path).map_err(|source| WriteError::Create { path: path.to_owned(), source })?;
        let database = Builder::new().set_cache_size(WRITE_CACHE_BYTES).create(path).map_err(database)?;
        let transaction = database.begin_write().map_err(self::database)?;
        // So that a file without lists has the table too.
        transaction.open_table(LISTS).map_err(self::database)?;
        Ok(Self { transaction, database, courses: 0, labels: 0 })
    }

    /// Adds members' lists, best item first; courses and labels are named by the indices in which they were added.
    pub fn put_lists<I>(&mut self, lists: I) -> Result<(), WriteError>
    where
        I: IntoIterator<Item = (Pseudonym, Vec<ListItem>)>,
    {
        let mut table = self.transaction.open_table(LISTS).map_err(database)?;
        for (pseudonym, items) in lists {
            let packed = pack(&items).map_err(|source| WriteError::Pack { pseudonym, source })?;
            table.insert(pseudonym.as_bytes(), packed.as_slice()).map_err(database)?;
        }
        Ok(())
    }

    /// Adds what is known of members, as JSON.
    pub fn put_facets<I>(&mut self, facet: Facet, members: I) -> Result<(), WriteError>
    where
        I: IntoIterator<Item = (Pseudonym, Vec<u8>)>,
    {
        let mut table = self.transaction.open_table(facet.table()).map_err(database)?;
        for (pseudonym, json) in members {
            table.insert(pseudonym.as_bytes(), json.as_slice()).map_err(database)?;
        }
        Ok(())
    }

    /// Adds courses; the first ever added has index 0.
    pub fn put_courses<I>(&mut self, courses: I) -> Result<(), WriteError>
    where
        I: IntoIterator<Item = Course>,
    {
        let mut table = self.transaction.open_table(COURSES).map_err(database)?;
        for course in courses {
            let json = serde_json::to_vec(&course)?;
            table.insert(self.courses, json.as_slice()).map_err(database)?;
            self.courses = self.courses.checked_add(1).ok_or(WriteError::TooMany)?;
        }
        Ok(())
    }

    /// Adds labels of behaviours; the first ever added has index 0.
    pub fn put_labels<I, S>(&mut self, labels: I) -> Result<(), WriteError>
    where
        I: IntoIterator<Item = S>,
        S: AsRef<str>,
    {
        let mut table = self.transaction.open_table(LABELS).map_err(database)?;
        for label in labels {
            table.insert(self.labels, label.as_ref()).map_err(database)?;
            self.labels = self.labels.checked_add(1).ok_or(WriteError::TooMany)?;
        }
        Ok(())
    }

    /// Adds a document, or replaces the one of that name: JSON, answered as it is.
    pub fn put_document(&mut self, name: &str, json: &[u8]) -> Result<(), WriteError> {
        if name == META_DOCUMENT {
            return Err(WriteError::Reserved { name: name.to_owned() });
        }
        self.insert_document(name, json)
    }

    /// Adds what answers a posted session, or replaces it. It names courses that were added before.
    pub fn put_session(&mut self, model: &SessionModel) -> Result<(), WriteError> {
        model.check_known(self.courses.into())?;
        let packed = session_bytes::pack(model)?;
        let mut table = self.transaction.open_table(MODELS).map_err(database)?;
        table.insert(SESSION_MODEL, packed.as_slice()).map_err(database)?;
        Ok(())
    }

    /// Ends the file. It is whole only after this; it is durable after the lake's `seal`.
    pub fn finish(mut self) -> Result<(), WriteError> {
        self.put_courses([])?;
        self.put_labels(std::iter::empty::<&str>())?;
        let meta = serde_json::to_vec(&Meta { format_version: FORMAT_VERSION.to_owned() })?;
        self.insert_document(META_DOCUMENT, &meta)?;
        self.transaction.commit().map_err(database)?;
        drop(self.database);
        Ok(())
    }

    fn insert_document(&mut self, name: &str, json: &[u8]) -> Result<(), WriteError> {
        let mut table = self.transaction.open_table(DOCUMENTS).map_err(database)?;
        table.insert(name, json).map_err(database)?;
        Ok(())
    }
}

fn create_new(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    File::create_new(path).map(|_| ())
}

fn database(error: impl Into<redb::Error>) -> WriteError {
    WriteError::Database(Box::new(error.into()))
}
