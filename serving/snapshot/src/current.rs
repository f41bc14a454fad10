//! Links to the files of snapshots by table, for whoever reads a lake on local disk by a glob.
//!
//! ```text
//! <lake>/snapshots/42/<table>/part-0.parquet ─▶ ../../../data/<run_id>/<table>/part-0.parquet
//! <lake>/current ─▶ snapshots/42
//! ```
//! The folder of a snapshot is made beside, then renamed; `current` is swapped as a whole. Whoever resolves it once reads one snapshot.

use std::collections::BTreeMap;
use std::fs::{self, DirEntry};
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::lake::{Lake, LakeError};
use crate::manifest::{FileEntry, Manifest};
use crate::sweep::{entries, ignore_missing};

const CURRENT: &str = "current";
const VIEWS: &str = "snapshots";
/// A folder of links, and the next `current`, before anyone may see them. They lie as deep as they will.
const BUILDING: &str = ".building";
const NEXT: &str = ".current";

impl Lake {
    /// Makes `current` point at links to the tables of the latest snapshot in the folder, unless there is none.
    pub async fn link_current(&self) -> Result<(), LakeError> {
        // Of two who publish one after the other, the slower must not bring back its own.
        let _held = self.lock().await?;
        let Some(latest) = self.copy().latest().await?.manifest else { return Ok(()) };
        self.on_disk("link the latest snapshot in", move |root| {
            make_view(&root.join(VIEWS), &latest)?;
            ignore_missing(fs::remove_file(root.join(NEXT)))?;
            symlink(Path::new(VIEWS).join(latest.number.to_string()), root.join(NEXT))?;
            fs::rename(root.join(NEXT), root.join(CURRENT))
        })
        .await
    }

    /// Removes the links to all snapshots but `kept`.
    pub(crate) async fn unlink_views(&self, kept: &[u64]) -> Result<(), LakeError> {
        let kept: Vec<String> = kept.iter().map(ToString::to_string).collect();
        self.on_disk("remove old links from", move |root| {
            let is_kept = |view: &DirEntry| kept.iter().any(|number| view.file_name() == number.as_str());
            let mut gone = entries(&root.join(VIEWS))?.into_iter().filter(|view| !is_kept(view));
            gone.try_for_each(|view| ignore_missing(fs::remove_dir_all(view.path())))
        })
        .await
    }
}

/// Makes the folder of links, unless it is there as it should be.
fn make_view(views: &Path, manifest: &Manifest) -> io::Result<()> {
    let (building, view) = (views.join(BUILDING), views.join(manifest.number.to_string()));
    let links = links(manifest);
    if links.iter().all(|(place, target)| fs::read_link(view.join(place)).is_ok_and(|found| found == *target)) && view.is_dir() {
        return Ok(());
    }
    // Where somebody has removed manifests, their numbers come again, and what is there is of another snapshot.
    ignore_missing(fs::remove_dir_all(&view))?;
    ignore_missing(fs::remove_dir_all(&building))?;
    fs::create_dir_all(&building)?;
    manifest.tables.iter().try_for_each(|table| fs::create_dir(building.join(&table.name)))?;
    links.iter().try_for_each(|(place, target)| symlink(target, building.join(place)))?;
    fs::rename(building, view)
}

/// Place below the snapshot's folder → what is linked to, for each file of a published table.
fn links(manifest: &Manifest) -> BTreeMap<PathBuf, PathBuf> {
    let mut links = BTreeMap::new();
    for table in &manifest.tables {
        for file in &table.files {
            let own = Path::new(&table.name).join(own_name(file));
            // Two runs may have given files of other days the same name.
            let place = if links.contains_key(&own) { Path::new(&table.name).join(file.path.replace('/', "-")) } else { own };
            links.insert(place, Path::new("../../..").join(&file.path));
        }
    }
    links
}

fn own_name(file: &FileEntry) -> &str {
    file.path.rsplit('/').next().unwrap_or(&file.path)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    async fn publish(lake: &Lake, run_id: &str, paths: &[&str]) {
        let parent = lake.latest().await.unwrap().manifest.map(|latest| latest.number);
        let mut draft = Manifest { parent, ..Manifest::draft(run_id, DateTime::UNIX_EPOCH, "test") };
        let mut files = Vec::new();
        for path in paths {
            let file = lake.file(path).unwrap();
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, path).unwrap();
            files.push(lake.seal(path).await.unwrap());
        }
        let json = serde_json::json!({
            "name": "days", "description": "", "grain": [], "columns": [], "rows": 0, "content_hash": run_id, "files": files,
        });
        draft.tables.push(serde_json::from_value(json).unwrap());
        lake.commit(draft).await.unwrap();
        lake.link_current().await.unwrap();
    }

    /// What a glob of the table finds, with the content of each.
    fn read(folder: &Path) -> Vec<(String, String)> {
        let mut found: Vec<_> = entries(&folder.join("days")).unwrap().iter().map(|entry| entry.path()).collect();
        found.sort();
        let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
        found.iter().map(|path| (name(path), fs::read_to_string(path).unwrap())).collect()
    }

    #[tokio::test]
    async fn current_follows_and_what_was_resolved_before_stays() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::local(folder.path()).unwrap();
        lake.link_current().await.unwrap();
        assert!(!folder.path().join(CURRENT).exists(), "nothing is published");
        publish(&lake, "a", &["data/a/days/1.parquet"]).await;
        let resolved = folder.path().join(CURRENT).canonicalize().unwrap();
        // A crash left both halves of a swap.
        fs::create_dir_all(folder.path().join(VIEWS).join(BUILDING).join("x")).unwrap();
        symlink("nowhere", folder.path().join(NEXT)).unwrap();
        publish(&lake, "b", &["data/a/days/1.parquet", "data/b/days/2.parquet", "data/b/days/1.parquet"]).await;
        let own = |name: &str, path: &str| (name.to_owned(), path.to_owned());
        assert_eq!(read(&resolved), [own("1.parquet", "data/a/days/1.parquet")]);
        let now = [
            own("1.parquet", "data/a/days/1.parquet"),
            own("2.parquet", "data/b/days/2.parquet"),
            own("data-b-days-1.parquet", "data/b/days/1.parquet"),
        ];
        assert_eq!(read(&folder.path().join(CURRENT)), now);
        lake.link_current().await.unwrap();
        lake.unlink_views(&[2]).await.unwrap();
        assert_eq!(read(&folder.path().join(CURRENT)), now);
        assert!(!resolved.exists());
        // The number of a manifest that was removed by hand comes again.
        fs::remove_file(folder.path().join(crate::lake::manifest_path(2).as_ref())).unwrap();
        publish(&lake, "c", &["data/c/days/3.parquet"]).await;
        assert_eq!(read(&folder.path().join(CURRENT)), [own("3.parquet", "data/c/days/3.parquet")]);
    }
}
