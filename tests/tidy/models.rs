//! SQL models: each has its test beside it and stays short, and SQL stays out of Rust.

use std::collections::BTreeSet;

use regex::Regex;

use super::tree::{Source, Violation, assert_finds, assert_none, paths, sources};

const SQL_LINES_MAX: usize = 100;

#[test]
fn every_model_has_a_test_and_every_test_a_model() {
    let files: BTreeSet<String> = paths().into_iter().filter(|path| path.starts_with("sql/")).collect();
    let mut violations = Vec::new();
    for path in &files {
        let (other, what) = match path.rsplit_once('.') {
            Some((stem, "sql")) => (format!("{stem}.slt"), "write given rows and expected rows into"),
            Some((stem, "slt")) => (format!("{stem}.sql"), "remove it, or give it its model"),
            _ => continue,
        };
        if !files.contains(&other) {
            violations.push(Violation(format!("{path}:1: {what} `{other}`")));
        }
    }
    assert_none(violations);
}

fn too_long(source: &Source) -> Vec<Violation> {
    let lines = source.lines().count();
    let what = format!("{lines} lines, at most {SQL_LINES_MAX}; make a model of one of its steps");
    if lines > SQL_LINES_MAX { vec![source.violation(SQL_LINES_MAX + 1, what)] } else { Vec::new() }
}

#[test]
fn models_are_short() {
    assert_none(sources(".sql").iter().flat_map(too_long));
    assert_finds(too_long, "sql/a/b.sql", &"x\n".repeat(100), 0);
    assert_finds(too_long, "sql/a/b.sql", &"x\n".repeat(101), 1);
}

/// A kept model about members, or with exact numbers, that does not say so.
fn unmarked(source: &Source) -> Vec<Violation> {
    let Some((header, _)) = source.text.split_once("---*/") else { return Vec::new() };
    let holds = |pattern: &str| Regex::new(pattern).expect("a regular expression").is_match(header);
    let is_sensitive =
        holds(r#"(?m)^kind = "state""#) || holds(r#"(?m)^kind = "table""#) && holds(r#"(?m)^grain = .*"user_id"|pseudonym of"#);
    if is_sensitive && !holds("(?m)^sensitive = true$") {
        return vec![source.violation(1, "its rows are about members, or exact; write `sensitive = true` below its grain")];
    }
    Vec::new()
}

#[test]
fn what_is_about_members_is_marked() {
    assert_none(sources(".sql").iter().filter(|source| source.path.starts_with("sql/")).flat_map(unmarked));
    let check = |header: &str, count: usize| assert_finds(unmarked, "sql/a/b.sql", &format!("/*---\n{header}\n---*/\nselect 1"), count);
    check("kind = \"table\"\ngrain = [\"user_id\", \"day\"]", 1);
    check("kind = \"table\"\ngrain = []\n[columns]\nby = \"pseudonym of the author\"", 1);
    check("kind = \"state\"\ngrain = [\"day\"]", 1);
    check("kind = \"state\"\ngrain = [\"day\"]\nsensitive = true", 0);
    check("kind = \"scratch\"\ngrain = [\"user_id\"]", 0);
    check("kind = \"table\"\ngrain = [\"day\"]", 0);
}

/// A text in quotes that begins as a statement does; a quote after a backslash ends no text and begins none.
fn sql_in_rust(source: &Source) -> Vec<Violation> {
    let statement =
        r"(?:select|with\s+\w+\s+as|create\s+(?:or\s|table|view|external)|insert\s+into|copy|delete\s+from|update\s+\w+\s+set)\s";
    let text = Regex::new(&format!(r#"(?i)(?:^|[^\\])"\s*{statement}"#)).expect("a regular expression");
    let found = source.code().filter(|(_, line)| text.is_match(line));
    found.map(|(number, _)| source.violation(number, "SQL in Rust; put it into a `.sql` file and `include_str!` it")).collect()
}

#[test]
fn no_sql_in_rust() {
    assert_none(sources(".rs").iter().flat_map(sql_in_rust));
    assert_finds(sql_in_rust, "pipeline/src/x.rs", "let a = \"select 1\";\nlet b = \"SELECT 1\";\nlet c = f(\"with a as (\");\n", 3);
    assert_finds(
        sql_in_rust,
        "pipeline/src/x.rs",
        "// \"select 1\"\nlet a = \"ask with `hachi sql \\\"select …\\\"`\";\nlet b = \"with care\";\n",
        0,
    );
    assert_finds(sql_in_rust, "pipeline/tests/x.rs", "let a = \"select 1\";\n", 0);
}
