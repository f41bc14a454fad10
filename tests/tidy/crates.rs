//! Who may depend on what: buildings that know nothing of each other's machinery, and no dependency without a use.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;
use toml::{Table, Value};

use super::tree::{Violation, assert_none, sources};
use crate::programs::root;

/// Crate, what it must not contain, directly or through others, and why.
const BANS: &[(&str, &[&str], &str)] = &[
    (
        "hachi-session",
        &["arrow", "datafusion", "faer", "parquet", "polars", "rayon", "redb", "tokio", "warp"],
        "it is arithmetic on slices, which both buildings share",
    ),
    (
        "hachi-snapshot",
        &["arrow", "datafusion", "faer", "parquet", "polars", "warp"],
        "it is read by both buildings and knows no engine and no web framework",
    ),
    ("hachi-serving", &["arrow", "datafusion", "faer", "parquet", "polars"], "the sidecar stays small: it answers from finished files"),
    ("hachi-solvers", &["arrow", "datafusion", "parquet", "polars", "tokio"], "a solver knows matrices, no tables, files or tasks"),
    ("hachi-synth", &["datafusion", "faer", "polars"], "the generator writes Parquet and nothing else"),
];

/// A member of the workspace.
struct Member {
    /// Folder from the root.
    folder: String,
    manifest: Table,
}

impl Member {
    fn dependencies(&self) -> impl Iterator<Item = &String> {
        let tables = ["dependencies", "dev-dependencies", "build-dependencies"];
        tables.into_iter().filter_map(|name| self.manifest.get(name)?.as_table()).flat_map(Table::keys)
    }
}

fn toml(path: &str) -> Table {
    std::fs::read_to_string(root().join(path)).expect("a readable file").parse().expect("TOML")
}

fn members() -> Vec<Member> {
    let manifest = toml("Cargo.toml");
    let folders = manifest["workspace"]["members"].as_array().expect("members").iter().filter_map(Value::as_str);
    folders.map(|folder| Member { folder: folder.to_owned(), manifest: toml(&format!("{folder}/Cargo.toml")) }).collect()
}

/// Package → what it depends on, by the lock file.
fn locked() -> BTreeMap<String, BTreeSet<String>> {
    let lock = toml("Cargo.lock");
    let mut packages: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in lock["package"].as_array().expect("packages") {
        let name = package["name"].as_str().expect("a name").to_owned();
        let needs = package.get("dependencies").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        // Where there are two versions, the version follows the name.
        packages.entry(name).or_default().extend(needs.filter_map(|need| need.split(' ').next()).map(str::to_owned));
    }
    packages
}

/// Everything that is built for `package`.
fn closure(packages: &BTreeMap<String, BTreeSet<String>>, package: &str) -> BTreeSet<String> {
    let (mut reached, mut open) = (BTreeSet::new(), vec![package.to_owned()]);
    while let Some(next) = open.pop() {
        open.extend(packages.get(&next).into_iter().flatten().filter(|need| reached.insert((*need).clone())).cloned());
    }
    reached
}

#[test]
fn no_crate_contains_what_it_must_not() {
    let packages = locked();
    let mut violations = Vec::new();
    for (name, banned, why) in BANS {
        assert!(packages.contains_key(*name), "`{name}` is not in Cargo.lock; correct the table of bans");
        for found in closure(&packages, name).iter().filter(|found| banned.contains(&found.as_str())) {
            violations.push(Violation(format!("Cargo.lock:1: `{name}` contains `{found}`; remove it: {why}")));
        }
    }
    assert_none(violations);
}

#[test]
fn every_dependency_of_the_workspace_has_a_member() {
    let manifest = toml("Cargo.toml");
    let members = members();
    let used: BTreeSet<&String> = members.iter().flat_map(Member::dependencies).collect();
    let declared = manifest["workspace"]["dependencies"].as_table().expect("dependencies").keys();
    assert_none(
        declared.filter(|name| !used.contains(name)).map(|name| Violation(format!("Cargo.toml:1: no member uses `{name}`; remove it"))),
    );
}

#[test]
fn every_dependency_of_a_member_is_in_its_code() {
    let (members, files) = (members(), sources(".rs"));
    // Members lie in one another: a file is of the innermost.
    let is_below = |path: &str, folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    let owner = |path: &str| members.iter().map(|m| m.folder.as_str()).filter(|f| is_below(path, f)).max_by_key(|f| f.len());
    let mut violations = Vec::new();
    for member in &members {
        let own: Vec<_> = files.iter().filter(|file| owner(&file.path) == Some(&member.folder)).collect();
        for dependency in member.dependencies() {
            let word = Regex::new(&format!(r"\b{}\b", dependency.replace('-', "_"))).expect("a regular expression");
            if !own.iter().any(|file| word.is_match(&file.text)) {
                violations.push(Violation(format!("{}/Cargo.toml:1: `{dependency}` is not in the code; remove it", member.folder)));
            }
        }
    }
    assert_none(violations);
}

#[test]
fn versions_are_declared_once() {
    let mut violations = Vec::new();
    for member in members() {
        for table in ["dependencies", "dev-dependencies", "build-dependencies"] {
            for (name, value) in member.manifest.get(table).and_then(Value::as_table).into_iter().flatten() {
                if value.get("workspace").and_then(Value::as_bool) != Some(true) {
                    violations.push(Violation(format!(
                        "{}/Cargo.toml:1: write `{name}.workspace = true`; versions and features are in the root",
                        member.folder
                    )));
                }
            }
        }
    }
    assert_none(violations);
}
