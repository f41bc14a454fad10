//! Folders as values: what is in them, and copies of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Every file below `folder`, by its path below it, ascending. Links are left out: what they point at is somewhere else.
pub fn below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).expect("a readable folder") {
            let entry = entry.expect("a readable entry");
            let kind = entry.file_type().expect("a file or a folder");
            if kind.is_dir() {
                open.push(entry.path());
            } else if kind.is_file() {
                found.push(entry.path());
            }
        }
    }
    let relative = |path: PathBuf| path.strip_prefix(folder).expect("found below it").to_owned();
    let mut found: Vec<_> = found.into_iter().map(relative).collect();
    found.sort();
    found
}

/// Every file below `folder` with its bytes.
pub fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    below(folder).into_iter().map(|path| (path.clone(), fs::read(folder.join(path)).expect("a readable file"))).collect()
}

/// Copies every file below `from` to the same place below `to`.
pub fn copy(from: &Path, to: &Path) {
    for path in below(from) {
        let target = to.join(&path);
        fs::create_dir_all(target.parent().expect("a file has a folder")).expect("a writable folder");
        fs::copy(from.join(&path), target).expect("a writable file");
    }
}
