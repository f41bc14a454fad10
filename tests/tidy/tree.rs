//! The repository's own files, and what is wrong with them.

use std::fs;
use std::path::Path;

use regex::Regex;

use crate::programs::root;

/// Where a file breaks a rule, and what to do.
pub struct Violation(pub String);

/// A text file of the repository.
pub struct Source {
    /// From the root, with `/`.
    pub path: String,
    pub text: String,
}

impl Source {
    /// Line numbers, from 1, and lines.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// The violation in a line.
    pub fn violation(&self, line: usize, what: impl AsRef<str>) -> Violation {
        Violation(format!("{}:{line}: {}", self.path, what.as_ref()))
    }

    /// Whether the whole file is test code.
    pub fn is_test(&self) -> bool {
        self.path.starts_with("tests/") || self.path.contains("/tests/") || self.path.ends_with("/tests.rs")
    }

    /// Lines that are neither test code nor comment; what follows `//` in a line is left out.
    pub fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let module = Regex::new(r"#\[cfg\(test\)\]\n(?:pub(?:\(crate\))? )?mod \w+ \{").expect("a regular expression");
        // Tests stand at a file's end.
        let tests = module.find(&self.text).map_or(usize::MAX, |found| self.text[..found.start()].lines().count());
        let tests = if self.is_test() { 0 } else { tests };
        self.lines().take_while(move |(number, _)| *number <= tests).map(|(number, line)| (number, without_comment(line)))
    }
}

/// A `//` is not a comment in an address such as `https://…`.
fn without_comment(line: &str) -> &str {
    let starts = line.match_indices("//").find(|(at, _)| !line[..*at].ends_with(':'));
    starts.map_or(line, |(at, _)| &line[..at])
}

/// Every file of the repository, from the root, with `/`, ascending; what git ignores is left out.
pub fn paths() -> Vec<String> {
    let ignored = fs::read_to_string(root().join(".gitignore")).expect("the repository says what it ignores");
    let ignored: Vec<&str> = ignored.lines().map(|line| line.trim_matches('/')).chain([".git"]).collect();
    let mut found = Vec::new();
    walk(root(), &ignored, &mut found);
    found.sort();
    found
}

fn walk(folder: &Path, ignored: &[&str], found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("a readable folder").flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if ignored.iter().any(|ignored| name == *ignored) {
            continue;
        }
        if path.is_dir() {
            walk(&path, ignored, found);
        } else {
            let relative = path.strip_prefix(root()).expect("found below the root");
            found.push(relative.to_string_lossy().replace('\\', "/"));
        }
    }
}

/// Every text file whose path ends like that.
pub fn sources(ending: &str) -> Vec<Source> {
    let read = |path: String| Some(Source { text: fs::read_to_string(root().join(&path)).ok()?, path });
    paths().into_iter().filter(|path| path.ends_with(ending)).filter_map(read).collect()
}

/// Asserts that nothing is wrong.
#[track_caller]
pub fn assert_none(violations: impl IntoIterator<Item = Violation>) {
    let lines: Vec<String> = violations.into_iter().map(|violation| violation.0).collect();
    assert!(lines.is_empty(), "{} violations of the house's rules:\n{}", lines.len(), lines.join("\n"));
}

/// Asserts that `rule` finds exactly so many violations in a file of that path and text.
#[track_caller]
pub fn assert_finds(rule: impl Fn(&Source) -> Vec<Violation>, path: &str, text: &str, count: usize) {
    let found: Vec<String> = rule(&Source { path: path.to_owned(), text: text.to_owned() }).into_iter().map(|v| v.0).collect();
    assert_eq!(found.len(), count, "{found:?} in:\n{text}");
}
