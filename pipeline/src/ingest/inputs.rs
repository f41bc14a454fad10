//! From what was named to bytes: lists folders, opens files and standard input, undoes gzip and zstd, counts what is read.

use std::fs::{self, File};
use std::io::{self, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::read::MultiGzDecoder;

use crate::ingest::error::IngestError;
use crate::ingest::job::Input;

/// How deep folders may lie in one another.
const FOLDER_DEPTH_MAX: usize = 32;
/// Bytes taken from the file at once.
const READ_BUFFER_BYTES: usize = 256 * 1024;
/// How names of compressed files end. Only a hint: whether a file is compressed is told by its first bytes.
pub(super) const COMPRESSED_ENDINGS: [&str; 3] = ["gz", "zst", "zstd"];
const GZIP_MAGIC: &[u8] = &[0x1f, 0x8b];
const ZSTD_MAGIC: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// One input and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    /// File name, path below the given folder, or `stdin`.
    pub(super) name: String,
    /// None = standard input.
    path: Option<PathBuf>,
}

/// An opened input.
pub(super) struct Opened {
    /// Its text, decompressed.
    pub(super) reader: Box<dyn Read>,
    /// Its size as stored, where known.
    pub(super) bytes_total: Option<u64>,
    /// Bytes read of it so far, as stored.
    pub(super) bytes: BytesRead,
}

/// Bytes read so far, seen from outside of the reader.
#[derive(Debug, Clone, Default)]
pub(super) struct BytesRead(Arc<AtomicU64>);

impl BytesRead {
    pub(super) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// All inputs, folders replaced by their files.
pub(super) fn list(inputs: &[Input]) -> Result<Vec<Source>, IngestError> {
    let mut sources = Vec::new();
    for input in inputs {
        match input {
            Input::Stdin => sources.push(Source { name: "stdin".to_owned(), path: None }),
            Input::File(path) => sources.push(Source { name: file_name(path), path: Some(path.clone()) }),
            Input::Folder(folder) => sources.extend(files_below(folder)?),
        }
    }
    if sources.is_empty() {
        return Err(IngestError::NoInput { input: "the list of inputs".to_owned() });
    }
    Ok(sources)
}

impl Source {
    /// Where it is, for people.
    pub(super) fn place(&self) -> String {
        self.path.as_ref().map_or_else(|| self.name.clone(), |path| path.display().to_string())
    }

    /// Opens it and looks at its first bytes; no more is read yet.
    pub(super) fn open(&self) -> Result<Opened, IngestError> {
        let failed = |source| IngestError::Open { file: self.name.clone(), source };
        let bytes = BytesRead::default();
        let (stored, bytes_total): (Box<dyn Read>, _) = match &self.path {
            None => (Box::new(io::stdin().lock()), None),
            Some(path) => {
                let file = File::open(path).map_err(failed)?;
                let size = file.metadata().map_err(failed)?;
                (Box::new(file), size.is_file().then_some(size.len()))
            }
        };
        let counted = Counted { inner: stored, bytes: bytes.clone() };
        Ok(Opened { reader: decompressed(counted).map_err(failed)?, bytes_total, bytes })
    }
}

fn decompressed(mut stored: Counted) -> io::Result<Box<dyn Read>> {
    let mut head = Vec::new();
    stored.by_ref().take(ZSTD_MAGIC.len() as u64).read_to_end(&mut head)?;
    let (gzip, zstd) = (head.starts_with(GZIP_MAGIC), head.starts_with(ZSTD_MAGIC));
    let whole = BufReader::with_capacity(READ_BUFFER_BYTES, Cursor::new(head).chain(stored));
    if gzip {
        return Ok(Box::new(MultiGzDecoder::new(whole)));
    }
    if zstd {
        return Ok(Box::new(zstd::Decoder::with_buffer(whole)?));
    }
    Ok(Box::new(whole))
}

fn files_below(folder: &Path) -> Result<Vec<Source>, IngestError> {
    let mut paths = Vec::new();
    collect_files(folder, 0, &mut paths).map_err(|source| IngestError::Open { file: folder.display().to_string(), source })?;
    paths.sort();
    if paths.is_empty() {
        return Err(IngestError::NoInput { input: folder.display().to_string() });
    }
    let source = |path: PathBuf| Source { name: name_below(folder, &path), path: Some(path) };
    Ok(paths.into_iter().map(source).collect())
}

fn collect_files(folder: &Path, depth: usize, paths: &mut Vec<PathBuf>) -> io::Result<()> {
    if depth > FOLDER_DEPTH_MAX {
        return Err(io::Error::other(format!("folders lie more than {FOLDER_DEPTH_MAX} deep at `{}`", folder.display())));
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        let path = entry.path();
        // Links to files are followed, links to folders are not: they may lead in circles.
        if entry.file_type()?.is_dir() {
            collect_files(&path, depth + 1, paths)?;
        } else if path.is_file() {
            paths.push(path);
        }
    }
    Ok(())
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// Always with `/`, so that names and what is derived from them don't depend on the system.
fn name_below(folder: &Path, path: &Path) -> String {
    let below = path.strip_prefix(folder).unwrap_or(path);
    below.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

struct Counted {
    inner: Box<dyn Read>,
    bytes: BytesRead,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.bytes.0.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).expect("into memory");
        encoder.finish().expect("into memory")
    }

    fn read(stored: &[u8]) -> io::Result<Vec<u8>> {
        let counted = Counted { inner: Box::new(Cursor::new(stored.to_vec())), bytes: BytesRead::default() };
        let mut text = Vec::new();
        decompressed(counted)?.read_to_end(&mut text)?;
        Ok(text)
    }

    #[test]
    fn compression_is_told_by_the_first_bytes() {
        let zstd = zstd::encode_all(&b"b\n"[..], 1).expect("into memory");
        assert_eq!(read(b"a\n").ok(), Some(b"a\n".to_vec()));
        assert_eq!(read(&[gzip(b"a\n"), gzip(b"b\n")].concat()).ok(), Some(b"a\nb\n".to_vec()));
        assert_eq!(read(&[zstd.clone(), zstd].concat()).ok(), Some(b"b\nb\n".to_vec()));
        assert_eq!(read(b"").ok(), Some(Vec::new()));
    }

    #[test]
    fn a_truncated_gzip_is_an_error() {
        let whole = gzip(&b"line\n".repeat(1_000));
        assert!(read(&whole[..whole.len() - 9]).is_err());
    }

    #[test]
    fn folders_are_listed_in_order_without_hidden_files() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("b")).expect("a folder");
        for name in ["c.log", "b/a.log", ".hidden"] {
            fs::write(folder.path().join(name), "x").expect("a file");
        }
        let sources = list(&[Input::Folder(folder.path().to_owned())]).expect("two files");
        let names: Vec<_> = sources.iter().map(|source| source.name.as_str()).collect();
        assert_eq!(names, ["b/a.log", "c.log"]);
    }

    #[test]
    fn nothing_to_read_is_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(matches!(list(&[Input::Folder(folder.path().to_owned())]), Err(IngestError::NoInput { .. })));
        assert!(matches!(list(&[]), Err(IngestError::NoInput { .. })));
    }
}
