//! The audit log in the home: an object for each entry, created if absent, so that writers on any machine make one chain. The file in
//! the copy is derived from them.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use futures::{StreamExt, TryStreamExt};
use object_store::ObjectStore;
use object_store::path::Path as StorePath;

use super::Home;
use super::limits::ASKED_AT_ONCE;
use crate::audit::{Act, AuditEntry, AuditError, AuditLog, entries_if_whole};
use crate::lake::{LakeError, number_of, numbered_path};
use crate::seal::sync_up_to;

const ENTRIES: &str = "audit";
/// How often an entry is chained again, because another was faster.
const APPEND_TRIES: usize = 64;

impl AuditLog {
    /// Writes the file of the copy anew, from the entries in the home. Nothing where there is no home.
    pub async fn pull(&self) -> Result<(), AuditError> {
        let Some(home) = self.home() else { return Ok(()) };
        let copy = self.locked().await?;
        let lines = lines_after(home, 0).await?;
        let Copy { mut file, bytes } = copy;
        if lines.concat() != bytes {
            self.change(move || file.set_len(0).and_then(|()| append(&mut file, &lines))).await?;
        }
        Ok(())
    }

    /// Records `act` in the home, then in the copy.
    pub(crate) async fn append_to(&self, home: &Home, act: Act) -> Result<AuditEntry, AuditError> {
        for _ in 0..APPEND_TRIES {
            let last = self.catch_up(home).await?;
            let (entry, line) = AuditEntry::after(last.as_ref(), act.clone(), None)?;
            let path = numbered_path(ENTRIES, entry.number);
            if home.create(&path, line.clone().into_bytes()).await? == line.as_bytes() {
                self.catch_up(home).await?;
                return Ok(entry);
            }
        }
        Err(AuditError::Contended { tries: APPEND_TRIES })
    }

    /// Brings the entries that the copy lacks; the last of all.
    async fn catch_up(&self, home: &Home) -> Result<Option<AuditEntry>, AuditError> {
        let Copy { mut file, bytes } = self.locked().await?;
        let known = entries_if_whole(&bytes);
        let lines = lines_after(home, known.as_ref().map_or(0, |known| known.len() as u64)).await?;
        let newest = lines.iter().rev().find_map(|line| AuditEntry::from_line(line).ok());
        let last = newest.or_else(|| known.as_ref().and_then(|known| known.last().cloned()));
        let is_whole = known.is_some();
        if !is_whole || !lines.is_empty() {
            let start = move |file: &mut File| if is_whole { Ok(()) } else { file.set_len(0) };
            self.change(move || start(&mut file).and_then(|()| append(&mut file, &lines))).await?;
        }
        Ok(last)
    }

    /// The file of the copy, which nobody else writes to meanwhile.
    async fn locked(&self) -> Result<Copy, AuditError> {
        let path = self.path();
        self.on_disk(move || {
            path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
            let mut file = File::options().read(true).write(true).create(true).truncate(false).open(path)?;
            file.lock()?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok(Copy { file, bytes })
        })
        .await
    }

    async fn change(&self, change: impl FnOnce() -> io::Result<()> + Send + 'static) -> Result<(), AuditError> {
        self.on_disk(change).await?;
        Ok(sync_up_to(self.root(), &self.path())?)
    }
}

/// The file of the copy as it is, locked until it is dropped.
struct Copy {
    file: File,
    bytes: Vec<u8>,
}

fn append(file: &mut File, lines: &[Vec<u8>]) -> io::Result<()> {
    file.seek(SeekFrom::End(0))?;
    file.write_all(&lines.concat())
}

/// The lines of all entries with a number above `known`, with their line feeds.
async fn lines_after(home: &Home, known: u64) -> Result<Vec<Vec<u8>>, LakeError> {
    let (folder, offset) = (StorePath::from(ENTRIES), numbered_path(ENTRIES, known));
    let listed = home.store.list_with_offset(Some(&folder), &offset).map_ok(|object| object.location);
    let listed: Vec<StorePath> = listed.try_collect().await.map_err(|source| home.failed(ENTRIES, source))?;
    let mut numbered: Vec<_> =
        listed.into_iter().filter_map(|path| number_of(&path).filter(|number| *number > known).zip(Some(path))).collect();
    numbered.sort_unstable();
    let read = numbered.into_iter().map(|(_, path)| line_at(home.clone(), path)).collect::<Vec<_>>();
    futures::stream::iter(read).buffered(ASKED_AT_ONCE).try_collect().await
}

async fn line_at(home: Home, path: StorePath) -> Result<Vec<u8>, LakeError> {
    let mut line = home.read(&path).await?;
    line.push(b'\n');
    Ok(line)
}
