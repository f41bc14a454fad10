//! What a disk may hold after the power went: what was synced, and any part of what was not.
//!
//! A file and its names are two things: data is safe once its file is synced, a name once its folder is.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rand::Rng;

/// One change as the shim wrote it down.
pub struct Change {
    op: String,
    path: PathBuf,
    other: PathBuf,
    offset: u64,
    data: Vec<u8>,
}

/// What happens to a file, whatever its names.
enum Part {
    Write(u64, Vec<u8>),
    Resize(u64),
}

/// What a change means: to a file (by number), to a name, or to nothing.
enum Meaning {
    Data(usize, Part),
    Name(PathBuf, Option<Kind>),
    Nothing,
}

#[derive(Clone)]
enum Kind {
    Folder,
    File(usize),
    Link(PathBuf),
}

/// The changes of one program, with what each means and from when on it is safe.
pub struct Recorded {
    meanings: Vec<Meaning>,
    /// The first change after which this one can't be lost; none where it never is safe.
    safe_from: Vec<Option<usize>>,
    /// What was in each file before.
    before: Vec<Vec<u8>>,
    /// Files that were there before, by name.
    known: BTreeMap<PathBuf, Kind>,
}

/// Reads what the shim wrote down.
pub fn read(log: &[u8]) -> Vec<Change> {
    let (mut changes, mut rest) = (Vec::new(), log);
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let line = std::str::from_utf8(&rest[..end]).expect("a line of text");
        let [op, path, other, offset, length] = line.split('\t').collect::<Vec<_>>()[..] else { unreachable!("five fields: {line}") };
        let data = end + 1..end + 1 + length.parse::<usize>().expect("a length");
        changes.push(Change {
            op: op.to_owned(),
            path: path.into(),
            other: other.into(),
            offset: offset.parse().expect("an offset"),
            data: rest[data.clone()].to_vec(),
        });
        rest = &rest[data.end..];
    }
    changes
}

impl Recorded {
    /// Follows the changes of the lake `now`, which was as `start` is, as they happened.
    pub fn new(changes: Vec<Change>, (now, start): (&Path, &Path)) -> Self {
        let mut recorded = Self { meanings: Vec::new(), safe_from: Vec::new(), before: Vec::new(), known: BTreeMap::new() };
        let mut names = BTreeMap::new();
        for change in changes {
            // A file that is new to us may have been there.
            let was_there = start.join(change.path.strip_prefix(now).expect("a path of the lake"));
            if !names.contains_key(&change.path) && was_there.symlink_metadata().is_ok_and(|found| found.is_file()) {
                let kind = recorded.file(std::fs::read(was_there).expect("a file"));
                recorded.known.insert(change.path.clone(), kind.clone());
                names.insert(change.path.clone(), kind);
            }
            if change.op == "sync" {
                recorded.sync(&change.path, names.get(&change.path));
            }
            let meanings = recorded.meaning(change, &mut names);
            recorded.safe_from.extend(meanings.iter().map(|_| None));
            recorded.meanings.extend(meanings);
        }
        recorded
    }

    fn file(&mut self, content: Vec<u8>) -> Kind {
        self.before.push(content);
        Kind::File(self.before.len() - 1)
    }

    /// What was changed of `path` is safe from the next change on.
    fn sync(&mut self, path: &Path, kind: Option<&Kind>) {
        let number = self.meanings.len();
        let synced = |meaning: &Meaning| match meaning {
            Meaning::Data(file, _) => matches!(kind, Some(Kind::File(of)) if of == file),
            Meaning::Name(name, _) => name.parent() == Some(path),
            Meaning::Nothing => false,
        };
        let waiting = self.meanings.iter().zip(&mut self.safe_from).filter(|(meaning, safe)| safe.is_none() && synced(meaning));
        waiting.for_each(|(_, safe)| *safe = Some(number));
    }

    fn meaning(&mut self, change: Change, names: &mut BTreeMap<PathBuf, Kind>) -> Vec<Meaning> {
        let Change { op, path, other, offset, data } = change;
        let file = |part| match names.get(&path) {
            Some(Kind::File(file)) => vec![Meaning::Data(*file, part)],
            _ => vec![Meaning::Nothing],
        };
        match op.as_str() {
            "write" => file(Part::Write(offset, data)),
            "resize" => file(Part::Resize(offset)),
            "truncate" if names.contains_key(&path) => file(Part::Resize(0)),
            "create" if names.contains_key(&path) => vec![Meaning::Nothing],
            "sync" => vec![Meaning::Nothing],
            "link" | "rename" => {
                let kind = names.get(&path).cloned().unwrap_or(Kind::Folder);
                names.insert(other.clone(), kind.clone());
                let mut made = vec![Meaning::Name(other, Some(kind))];
                if op == "rename" {
                    names.remove(&path);
                    made.push(Meaning::Name(path, None));
                }
                made
            }
            "remove" => {
                names.remove(&path);
                vec![Meaning::Name(path, None)]
            }
            _ => {
                let kind = match op.as_str() {
                    "mkdir" => Kind::Folder,
                    "symlink" => Kind::Link(other),
                    _ => self.file(Vec::new()),
                };
                names.insert(path.clone(), kind.clone());
                vec![Meaning::Name(path, Some(kind))]
            }
        }
    }

    /// Changes in all.
    pub fn len(&self) -> usize {
        self.meanings.len()
    }

    /// Applies to `folder`, which is as it was before, what a disk may hold if the power goes after so many changes: what is safe, and
    /// of the rest what `stream` draws; of a write maybe only its beginning.
    pub fn apply(&self, folder: (&Path, &Path), happened: usize, stream: &mut impl Rng) {
        let mut contents = self.before.clone();
        let mut names: BTreeMap<&Path, Option<&Kind>> = self.known.iter().map(|(path, kind)| (path.as_path(), Some(kind))).collect();
        let is_eager = stream.random_bool(0.5);
        for (number, meaning) in self.meanings[..happened].iter().enumerate() {
            let is_safe = self.safe_from[number].is_some_and(|safe| safe < happened);
            // Some disks write nearly everything at once, some nearly nothing.
            let is_kept = is_safe || stream.random_bool(if is_eager { 0.9 } else { 0.3 });
            match meaning {
                Meaning::Name(path, kind) if is_kept => drop(names.insert(path, kind.as_ref())),
                Meaning::Data(file, part) if is_kept => {
                    let is_whole = is_safe || stream.random_bool(0.8);
                    let share = if is_whole { 1.0 } else { stream.random::<f64>() };
                    part.apply(&mut contents[*file], share);
                }
                _ => {}
            }
        }
        let (from, to) = folder;
        for (path, kind) in names {
            let path = to.join(path.strip_prefix(from).expect("a path of the lake"));
            // A name in a folder that was lost is lost with it.
            if path.parent().is_some_and(Path::is_dir) {
                put(&path, kind, &contents);
            }
        }
    }
}

fn put(path: &Path, kind: Option<&Kind>, contents: &[Vec<u8>]) {
    let is_there = path.symlink_metadata().is_ok();
    match kind {
        Some(Kind::Folder) if !is_there => std::fs::create_dir(path).expect("a folder"),
        Some(Kind::File(file)) => {
            // Never through a name: what was there may be linked elsewhere.
            let _ = std::fs::remove_file(path);
            std::fs::write(path, &contents[*file]).expect("a file");
        }
        Some(Kind::Link(target)) => {
            let _ = std::fs::remove_file(path);
            std::os::unix::fs::symlink(target, path).expect("a link");
        }
        None if path.is_dir() => drop(std::fs::remove_dir(path)),
        None => drop(std::fs::remove_file(path)),
        Some(Kind::Folder) => {}
    }
}

impl Part {
    fn apply(&self, content: &mut Vec<u8>, share: f64) {
        match self {
            Self::Resize(length) => content.resize(*length as usize, 0),
            Self::Write(offset, data) => {
                let (start, data) = (*offset as usize, &data[..(data.len() as f64 * share) as usize]);
                content.resize(content.len().max(start + data.len()), 0);
                content[start..start + data.len()].copy_from_slice(data);
            }
        }
    }
}
