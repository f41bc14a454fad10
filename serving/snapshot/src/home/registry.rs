//! The registry of erased members in the home: a run on any machine must leave them out, so it is brought before anything is read.

use std::collections::BTreeSet;

use futures::TryStreamExt;
use object_store::ObjectStore;
use object_store::path::Path as StorePath;

use super::Home;
use crate::erasure::{ERASED, ErasureError, is_entry, put_entry};
use crate::lake::{Lake, LakeError};
use crate::manifest::lake_path;
use crate::sweep::entries;

impl Lake {
    /// Makes the registries of copy and home the same, so that each holds everyone who is in either. Nothing where there is no home.
    pub async fn share_erasures(&self) -> Result<(), ErasureError> {
        let Some(home) = self.home() else { return Ok(()) };
        let (there, here) = (registered_at(home).await?, self.registered_here()?);
        for path in there.difference(&here) {
            let json = home.read(&lake_path(path).map_err(LakeError::from)?).await?;
            put_entry(self.root(), path, &json)?;
        }
        for path in here.difference(&there) {
            let file = self.root().join(path);
            let json = std::fs::read(&file).map_err(|source| ErasureError::Io { path: file, source })?;
            home.create(&lake_path(path).map_err(LakeError::from)?, json).await?;
        }
        Ok(())
    }

    fn registered_here(&self) -> Result<BTreeSet<String>, ErasureError> {
        let mut found = BTreeSet::new();
        let registry = self.root().join(ERASED);
        let below = |folder: &std::path::Path| entries(folder).map_err(|source| ErasureError::Io { path: folder.to_owned(), source });
        for key in below(&registry)?.into_iter().filter(|key| key.path().is_dir()) {
            for file in below(&key.path())? {
                let path = format!("{ERASED}/{}/{}", key.file_name().to_string_lossy(), file.file_name().to_string_lossy());
                found.extend(is_entry(&path).then_some(path));
            }
        }
        Ok(found)
    }
}

async fn registered_at(home: &Home) -> Result<BTreeSet<String>, LakeError> {
    let listed: Vec<_> =
        home.store.list(Some(&StorePath::from(ERASED))).try_collect().await.map_err(|source| home.failed(ERASED, source))?;
    Ok(listed.into_iter().map(|object| object.location.to_string()).filter(|path| is_entry(path)).collect())
}
