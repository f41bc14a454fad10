//! Floors: a room imports only lower ones, never a neighbour.

use regex::Regex;

use super::tree::{Source, Violation, assert_finds, assert_none, sources};

/// Rooms of one building with their floors: tens are the floors of the design, ones order the rooms of a floor that tell one
/// story.
type Floors = &'static [(&'static str, u8)];

const PIPELINE: Floors = &[
    ("main", 60),
    ("lib", 60),
    ("commands", 50),
    ("run", 41),
    ("config", 40),
    ("observability", 32),
    ("evaluate", 31),
    ("ingest", 30),
    ("insight", 30),
    ("models/checks", 30),
    ("models/error", 30),
    ("models/execute", 30),
    ("models/segments", 30),
    ("privacy", 30),
    ("publish", 30),
    ("recommend", 30),
    ("schedule", 30),
    ("sources", 30),
    ("engine", 20),
    ("frames", 20),
    ("models", 20),
    ("domain", 0),
];

const SERVING: Floors = &[
    ("main", 60),
    ("lib", 60),
    ("logs", 50),
    ("signals", 50),
    ("server", 42),
    ("reload", 41),
    ("rotation", 41),
    ("routes", 41),
    ("config", 40),
    ("auth", 30),
    ("cors", 30),
    ("current", 30),
    ("feedback", 30),
    ("metrics", 30),
    ("pages", 30),
    ("rendered", 25),
    ("answers", 20),
    ("codings", 20),
    ("problem", 20),
];

/// The longest room that `module` (`models/execute`, `run`) is in, with its floor.
fn room(floors: Floors, module: &str) -> Option<(&'static str, u8)> {
    let is_in = |room: &str| module == room || module.strip_prefix(room).is_some_and(|rest| rest.starts_with('/'));
    floors.iter().copied().filter(|(room, _)| is_in(room)).max_by_key(|(room, _)| room.len())
}

/// What `source`, a file below `src`, imports that it may not.
fn upward_imports(floors: Floors, src: &str, source: &Source) -> Vec<Violation> {
    let module = source.path.strip_prefix(src).unwrap_or(&source.path).trim_end_matches(".rs").trim_end_matches("/mod");
    let Some((own, floor)) = room(floors, module) else {
        return vec![source.violation(1, "this room has no floor; put it into the table in `tests/tidy/floors.rs`")];
    };
    let import = Regex::new(r"\bcrate::((?:[a-z_]+::)*[a-z_]+|\{)").expect("a regular expression");
    let mut violations = Vec::new();
    for (number, line) in source.code() {
        for found in import.captures_iter(line) {
            if &found[1] == "{" {
                violations.push(source.violation(number, "import one room a line: `use crate::room::…`"));
            } else if let Some((other, its)) = room(floors, &found[1].replace("::", "/")) {
                let is_same = other.split('/').next() == own.split('/').next();
                if !is_same && its >= floor {
                    let what = format!(
                        "`{own}` (floor {floor}) imports `{other}` (floor {its}); a room imports only lower ones: move what both need down, or hand it in"
                    );
                    violations.push(source.violation(number, what));
                }
            }
        }
        if line.contains("super::super::") {
            violations.push(source.violation(number, "say where it is from: `crate::room::…` instead of `super::super::…`"));
        }
    }
    violations
}

fn building(floors: Floors, src: &'static str) -> impl Iterator<Item = Violation> {
    let files = sources(".rs").into_iter().filter(move |source| source.path.starts_with(src));
    files.flat_map(move |source| upward_imports(floors, src, &source))
}

#[test]
fn rooms_import_only_lower_ones() {
    assert_none(building(PIPELINE, "pipeline/src/").chain(building(SERVING, "serving/src/")));
}

#[test]
fn an_upward_import_is_found() {
    let check = |path: &str, line: &str, count: usize| {
        assert_finds(|source| upward_imports(PIPELINE, "pipeline/src/", source), path, &format!("//! x\n{line}\n"), count);
    };
    check("pipeline/src/engine/session.rs", "use crate::run::Project;", 1);
    check("pipeline/src/engine/session.rs", "use crate::frames::Ids;", 1);
    check("pipeline/src/engine/session.rs", "use crate::domain::raw_tables::RawTable;", 0);
    check("pipeline/src/engine/session.rs", "let x = crate::commands::dispatch(y);", 1);
    check("pipeline/src/engine/session.rs", "// crate::run is above", 0);
    check("pipeline/src/models/graph.rs", "use crate::engine::Engine;", 1);
    check("pipeline/src/models/execute.rs", "use crate::engine::Engine;", 0);
    check("pipeline/src/run.rs", "use crate::config::Config;", 0);
    check("pipeline/src/run/build.rs", "use crate::{config, models};", 1);
    check("pipeline/src/run/deep/x.rs", "use super::super::Observer;", 1);
    check("pipeline/src/attic/x.rs", "use std::fmt;", 1);
}
