//! Where the two programs are, and what they said.

use std::env::consts::EXE_EXTENSION;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this crate is a folder of the workspace")
}

/// A program of the workspace, built beside this test: `target/debug/deps/all-…` → `target/debug/<name>`.
pub fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a running test has a file");
    let built = test.ancestors().nth(2).expect("tests run from a folder below the programs'");
    let path = built.join(name).with_extension(EXE_EXTENSION);
    assert!(path.is_file(), "`{}` is not built; run `cargo test` in the root of the workspace, which builds it", path.display());
    path
}

/// Sends SIGTERM, as a service manager does.
pub fn terminate(process: u32) {
    let sent = Command::new("kill").arg(process.to_string()).status().expect("`kill` is there");
    assert!(sent.success(), "process {process} is gone");
}

/// What a program that has ended said.
#[derive(Debug)]
pub struct Said {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Said {
    /// Asserts success.
    pub fn ok(self) -> Said {
        assert_eq!(self.code, Some(0), "it failed:\n{}{}", self.stdout, self.stderr);
        self
    }

    /// Asserts that it failed with `code`; what it said on stderr, without colours, is one `error: …` line.
    pub fn failed(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "expected the exit code {code}:\n{}{}", self.stdout, self.stderr);
        assert!(self.stderr.starts_with("error: "), "{}", self.stderr);
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        self.stderr
    }

    /// Its stdout as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| unreachable!("{error} in:\n{}", self.stdout))
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Said {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("programs speak UTF-8");
        Said { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

/// Asserts that `text` holds every one of `parts`.
#[track_caller]
pub fn assert_holds(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in:\n{text}");
    }
}
