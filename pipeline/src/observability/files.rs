//! Files that others read while they are written: lines that are there whole or not at all, and files that are replaced at once.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// Appends `line` and makes it durable. What a crash has left of an earlier line stays a line of its own.
pub fn append_line(path: &Path, line: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
    let start = if is_torn(&mut file)? { "\n" } else { "" };
    // One write, so that lines of runs at the same time don't mix.
    file.write_all(format!("{start}{line}\n").as_bytes())?;
    file.sync_all()?;
    sync_folders(folder)
}

/// Whether the file ends within a line.
fn is_torn(file: &mut File) -> io::Result<bool> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

/// The folder, and the one that names it.
fn sync_folders(folder: &Path) -> io::Result<()> {
    folder.ancestors().take(2).filter(|path| path.is_dir()).try_for_each(|path| File::open(path)?.sync_all())
}

/// Puts a file with these bytes in the place of the one that is there: readers find the old one or the new one.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = temporary(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    sync_folders(folder)
}

/// A file that its readers, which are other users, may read.
fn temporary(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".hachi-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o644));
    }
    builder.tempfile_in(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_after_a_torn_one_stands_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/lines.jsonl");
        append_line(&path, "one").unwrap();
        std::fs::write(&path, "one\ntw").unwrap();
        append_line(&path, "three").unwrap();
        append_line(&path, "four").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\ntw\nthree\nfour\n");
    }

    #[test]
    fn a_replaced_file_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.prom");
        for text in ["old", "new"] {
            replace(&path, text.as_bytes()).unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
