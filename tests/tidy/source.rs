//! How Rust is written here: a header, walls on length, and what no line may hold.

use std::fs;

use regex::Regex;

use super::tree::{Source, Violation, assert_finds, assert_none, paths, sources};
use crate::programs::root;

const FILE_LINES_MAX: usize = 500;
const FUNCTION_LINES_MAX: usize = 70;
const SAMPLE_BYTES_MAX: u64 = 1_000_000;

fn missing_header(source: &Source) -> Vec<Violation> {
    let has_header = source.text.starts_with("//! ");
    let what = "begin with `//! ` and one sentence: what this file is for, and what does not belong in it";
    if has_header { Vec::new() } else { vec![source.violation(1, what)] }
}

#[test]
fn every_file_begins_with_its_purpose() {
    assert_none(sources(".rs").iter().flat_map(missing_header));
    assert_finds(missing_header, "a.rs", "use std::fmt;\n", 1);
    assert_finds(missing_header, "a.rs", "//! Things.\n", 0);
}

fn long_file(source: &Source) -> Vec<Violation> {
    let lines = source.lines().count();
    let what = format!("{lines} lines, at most {FILE_LINES_MAX}; divide it by what it does");
    if lines > FILE_LINES_MAX { vec![source.violation(FILE_LINES_MAX + 1, what)] } else { Vec::new() }
}

#[test]
fn files_are_short() {
    assert_none(sources(".rs").iter().flat_map(long_file));
    assert_finds(long_file, "a.rs", &"x\n".repeat(501), 1);
}

/// Formatted code closes a body with a brace that stands where its `fn` began.
fn long_functions(source: &Source) -> Vec<Violation> {
    let start = Regex::new(r"^(\s*)(?:pub(?:\([a-z:]+\))? )?(?:const |async )*fn (\w+)").expect("a regular expression");
    let lines: Vec<&str> = source.text.lines().collect();
    let mut violations = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(found) = start.captures(line) else { continue };
        let closing = format!("{}}}", &found[1]);
        let opens = lines[index..].iter().position(|line| line.ends_with('{') || line.ends_with(['}', ';'])).unwrap_or(0);
        let has_body = lines[index + opens].ends_with('{');
        let length = lines[index..].iter().position(|line| *line == closing).map_or(0, |at| at + 1);
        if has_body && length > FUNCTION_LINES_MAX {
            let what = format!("`{}` has {length} lines, at most {FUNCTION_LINES_MAX}; give its steps names", &found[2]);
            violations.push(source.violation(index + 1, what));
        }
    }
    violations
}

#[test]
fn functions_are_short() {
    assert_none(sources(".rs").iter().flat_map(long_functions));
    let function =
        |lines: usize| format!("impl X {{\n    pub fn f(\n        x: u8,\n    ) -> u8 {{\n{}    }}\n}}\n", "        x;\n".repeat(lines));
    assert_finds(long_functions, "a.rs", &function(66), 0);
    assert_finds(long_functions, "a.rs", &function(67), 1);
    assert_finds(long_functions, "a.rs", &format!("trait T {{\n    fn f(&self);\n}}\n{}", "x\n".repeat(100)), 0);
}

/// What no line of non-test code may hold, and what to do instead. Written so that this file does not break its own rules.
fn banned_code() -> Vec<(Regex, &'static str)> {
    let ban = |pattern: &str, what| (Regex::new(pattern).expect("a regular expression"), what);
    vec![
        ban(r"\.unwrap\(\)", "handle it, or `expect` with the invariant that makes it impossible"),
        ban(r"\bprintln!\(.*\bdebug\b", "stdout is data; use `tracing`"),
        ban(r"\b(todo|unimplemented)!\(", "write it, or leave it out"),
    ]
}

/// What no line of Rust may hold, tests included.
fn banned_everywhere() -> Vec<(Regex, &'static str)> {
    let ban = |pattern: &str, what| (Regex::new(pattern).expect("a regular expression"), what);
    vec![
        ban(r"#!?\[allow\(", "write `#[expect(…, reason = \"…\")]`: it says why, and goes when it is no longer needed"),
        ban(r"\bunsafe\s*(\{|fn|impl|extern)", "there is no unsafe code here; use a safe library"),
        ban(r"\bdbg!\(", "remove it"),
    ]
}

fn banned_lines(source: &Source) -> Vec<Violation> {
    let everywhere = banned_everywhere();
    let all = source.lines().filter(|(_, line)| !line.trim_start().starts_with("//"));
    let all =
        all.flat_map(|(number, line)| everywhere.iter().filter(move |(ban, _)| ban.is_match(line)).map(move |(_, what)| (number, *what)));
    let in_code = banned_code();
    let code = source
        .code()
        .flat_map(|(number, line)| in_code.iter().filter(move |(ban, _)| ban.is_match(line)).map(move |(_, what)| (number, *what)));
    all.chain(code).map(|(number, what)| source.violation(number, what)).collect()
}

#[test]
fn no_line_holds_what_is_banned() {
    let own = |source: &&Source| source.path != "tests/tidy/source.rs";
    assert_none(sources(".rs").iter().filter(own).flat_map(banned_lines));
    let check = |text: &str, count| assert_finds(banned_lines, "pipeline/src/x.rs", text, count);
    check("x.unwrap();\n", 1);
    check("x.unwrap_or(1);\n// x.unwrap()\n", 0);
    check("#[cfg(test)]\nmod tests {\n    x.unwrap();\n    dbg!(x);\n}\n", 1);
    check("#[allow(dead_code)]\n#![allow(x)]\n", 2);
    check("unsafe { x }\nfn f() {}\n// unsafe fn\n", 1);
}

fn is_text(path: &str) -> bool {
    [".rs", ".sql", ".slt", ".toml", ".md", ".py", ".yml", ".yaml", ".sh", ".json", ".txt", "justfile", "run"]
        .iter()
        .any(|e| path.ends_with(e))
}

fn loose_ends(source: &Source) -> Vec<Violation> {
    let promise = Regex::new(concat!(r"\b(TO", r"DO|FIX", r"ME|XX", r"X)\b")).expect("a regular expression");
    let machine = Regex::new(concat!(r#"(?:^|[\s"'`(=:])/(?:ro"#, "ot|wo", "rk|ho", r"me/\w+)/")).expect("a regular expression");
    let mut violations = Vec::new();
    for (number, line) in source.lines() {
        if promise.is_match(line) {
            violations.push(source.violation(number, "do it, or write down why not, without a promise"));
        }
        if machine.is_match(line) {
            violations.push(source.violation(number, "a path of somebody's machine; make it relative"));
        }
    }
    violations
}

#[test]
fn nothing_is_promised_and_nobodys_machine_is_named() {
    assert_none(sources("").iter().filter(|source| is_text(&source.path)).flat_map(loose_ends));
    assert_finds(loose_ends, "a.md", concat!("TO", "DO: x\nsee \"/ro", "ot/x\" and /wo", "rk/y\nhttps://x/work/y\n"), 2);
}

#[test]
fn samples_are_small() {
    let sizes = paths().into_iter().filter(|path| path.starts_with("data/sample/"));
    let sizes = sizes.map(|path| (fs::metadata(root().join(&path)).expect("a file").len(), path));
    let large = sizes.filter(|(bytes, _)| *bytes > SAMPLE_BYTES_MAX);
    assert_none(
        large.map(|(bytes, path)| Violation(format!("{path}:1: {bytes} bytes, at most {SAMPLE_BYTES_MAX}; make the sample smaller"))),
    );
}
