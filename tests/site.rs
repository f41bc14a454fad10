//! A site in a folder of its own: `hachi.toml`, raw files, lake, and the user's data folder with the pseudonym key.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use hachi_snapshot::Manifest;
use serde_json::Value;
use tempfile::TempDir;

use crate::programs::{Said, program};

/// A site; its folder goes with it, except that the shared sample's stays.
pub struct Site {
    root: PathBuf,
    _folder: Option<TempDir>,
}

impl Site {
    /// A site with this `hachi.toml`.
    pub fn new(config: &str) -> Site {
        let folder = tempfile::tempdir().expect("a writable folder");
        let site = Site { root: folder.path().to_owned(), _folder: Some(folder) };
        site.write("hachi.toml", config);
        site
    }

    /// A site in a folder that is there.
    pub fn at(root: &Path, config: &str) -> Site {
        let site = Site { root: root.to_owned(), _folder: None };
        site.write("hachi.toml", config);
        site
    }

    /// A place in its folder.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Where `hachi run` publishes.
    pub fn lake(&self) -> PathBuf {
        self.path("lake")
    }

    /// The user's data folder, where the key is.
    pub fn data_home(&self) -> PathBuf {
        self.path("home")
    }

    /// The key of its pseudonyms; there after the first run.
    pub fn key(&self) -> PathBuf {
        self.data_home().join("hachi/pseudonym.key")
    }

    /// Writes a file.
    pub fn write(&self, relative: &str, content: impl AsRef<[u8]>) {
        let path = self.path(relative);
        std::fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a writable folder");
        std::fs::write(path, content).expect("a writable file");
    }

    /// `hachi` in its folder, with nothing of the person's own environment.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program("hachi"));
        command.args(arguments).current_dir(&self.root).stdin(Stdio::null());
        command.env("XDG_DATA_HOME", self.data_home()).env("HOME", &self.root).env("NO_COLOR", "1").env_remove("RUST_LOG");
        command
    }

    /// Runs `hachi` to its end.
    pub fn hachi(&self, arguments: &[&str]) -> Said {
        self.command(arguments).output().expect("a program that starts").into()
    }

    /// Runs `hachi` to its end with `input` on stdin.
    pub fn hachi_reading(&self, input: &[u8], arguments: &[&str]) -> Said {
        let mut child = self.start(self.command(arguments).stdin(Stdio::piped()));
        let mut stdin = child.stdin.take().expect("stdin is piped");
        // A program that refuses its arguments ends without reading.
        let _ = stdin.write_all(input);
        drop(stdin);
        child.wait_with_output().expect("a program that ends").into()
    }

    /// Starts a command with stdout and stderr kept.
    #[expect(clippy::unused_self, reason = "reads as the other verbs of a site")]
    pub fn start(&self, command: &mut Command) -> Child {
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a program that starts")
    }

    /// Rows of a query over the latest snapshot.
    pub fn query(&self, sql: &str) -> Vec<Value> {
        let Value::Array(rows) = self.hachi(&["sql", "--json", sql]).ok().json() else { unreachable!("rows are an array") };
        rows
    }

    /// One column of a query over the latest snapshot, as text.
    pub fn column(&self, sql: &str) -> Vec<String> {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let rows = self.query(sql);
        rows.iter().flat_map(|row| row.as_object().expect("a row").values().map(text).collect::<Vec<_>>()).collect()
    }

    /// Every file of the lake with its bytes, but for the history of runs and the record of who did what, which tell of failed ones
    /// too.
    pub fn published_files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = crate::files::tree(&self.lake());
        files.retain(|path, _| !path.starts_with("runs") && !path.starts_with("audit"));
        files
    }

    /// The manifest with the highest number.
    pub fn latest(&self) -> Manifest {
        let folder = self.lake().join("manifests");
        let last = crate::files::below(&folder).pop().expect("a published snapshot");
        Manifest::from_json(&std::fs::read(folder.join(last)).expect("a readable manifest")).expect("a sound manifest")
    }
}
