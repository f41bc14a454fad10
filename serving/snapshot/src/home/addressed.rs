//! Which folder is a copy of which home: a file in the folder says so, so that a copy is never taken for a lake of its own, nor a lake
//! for a copy, whose files would be collected.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Home, StoreFailure};
use crate::lake::{Lake, MANIFESTS};
use crate::sweep::entries;

/// The file that names the home of a copy.
const MARK: &str = ".home";

/// Why a folder can't be the copy of a home.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HomeError {
    /// The environment says something that no store can be opened with.
    #[error("could not open `{url}` with what the AWS_* variables say")]
    Settings {
        /// The store.
        url: String,
        /// What is wrong.
        #[source]
        source: StoreFailure,
    },
    /// No TLS.
    #[error("AWS_ENDPOINT_URL is `{endpoint}`, without TLS; set AWS_ALLOW_HTTP=true if that is meant")]
    Insecure {
        /// The endpoint.
        endpoint: String,
    },
    /// Snapshots that are in no store.
    #[error("`{}` holds snapshots of its own, so it can't be the copy of `{url}`; name another folder as `lake.path`", folder.display())]
    OwnLake {
        /// The folder.
        folder: PathBuf,
        /// The store.
        url: String,
    },
    /// The copy of another store, or of one that is not configured.
    #[error("`{}` is the copy of `{found}`; name that as `lake.store`, or another folder as `lake.path`", folder.display())]
    OtherHome {
        /// The folder.
        folder: PathBuf,
        /// The store it is a copy of.
        found: String,
    },
    /// The file could not be read or written.
    #[error("could not read or write `{}`", path.display())]
    Mark {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl Lake {
    /// The same lake with `home` as its truth; its folder becomes the copy, and is marked as that.
    pub fn with_home(self, home: Home) -> Result<Self, HomeError> {
        let (folder, url) = (self.root().to_owned(), home.url().to_string());
        let path = folder.join(MARK);
        let failed = |source| HomeError::Mark { path: path.clone(), source };
        match marked(&folder)? {
            Some(found) if found == url => {}
            Some(found) => return Err(HomeError::OtherHome { folder, found }),
            None if !entries(&folder.join(MANIFESTS)).map_err(failed)?.is_empty() => return Err(HomeError::OwnLake { folder, url }),
            None => fs::write(&path, format!("{url}\n")).map_err(failed)?,
        }
        Ok(self.at_home(home))
    }

    /// Whether its folder is a lake of its own.
    ///
    /// # Errors
    /// When it is the copy of a home, which decides.
    pub fn without_home(self) -> Result<Self, HomeError> {
        match marked(self.root())? {
            Some(found) => Err(HomeError::OtherHome { folder: self.root().to_owned(), found }),
            None => Ok(self),
        }
    }
}

fn marked(folder: &Path) -> Result<Option<String>, HomeError> {
    let path = folder.join(MARK);
    match fs::read_to_string(&path) {
        Ok(url) => Ok(Some(url.trim().to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(HomeError::Mark { path, source }),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use object_store::memory::InMemory;

    use super::*;

    fn home(url: &str) -> Home {
        Home::new(Arc::new(InMemory::new()), url.parse().unwrap())
    }

    #[test]
    fn a_folder_is_the_copy_of_one_home() {
        let folder = tempfile::tempdir().unwrap();
        let lake = || Lake::local(folder.path()).unwrap();
        lake().without_home().unwrap();
        lake().with_home(home("s3://our-lake")).unwrap();
        lake().with_home(home("s3://our-lake")).unwrap();
        assert!(matches!(lake().with_home(home("s3://other-lake")), Err(HomeError::OtherHome { found, .. }) if found == "s3://our-lake"));
        assert!(matches!(lake().without_home(), Err(HomeError::OtherHome { .. })));
    }

    #[test]
    fn a_lake_of_its_own_is_no_copy() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(MANIFESTS)).unwrap();
        fs::write(folder.path().join(MANIFESTS).join("00000000000000000001.json"), "{}").unwrap();
        let refused = Lake::local(folder.path()).unwrap().with_home(home("s3://our-lake"));
        assert!(matches!(refused, Err(HomeError::OwnLake { .. })));
    }
}
