//! Exit codes: what the page for data engineers says of them is what the program means.

use std::collections::BTreeMap;
use std::fs;

use regex::Regex;

use crate::programs::root;

/// Code → meaning, as `pattern` finds them in a file.
fn codes(path: &str, pattern: &str) -> BTreeMap<u8, String> {
    let text = fs::read_to_string(root().join(path)).expect("a file of the repository");
    let found = Regex::new(pattern).expect("a regular expression");
    let code = |parts: regex::Captures<'_>| (parts["code"].parse().expect("a code"), parts["meaning"].to_lowercase());
    found.captures_iter(&text).map(code).collect()
}

#[test]
fn the_table_says_what_the_constants_mean() {
    let mut documented = codes("docs/data-engineers.md", r"(?m)^\| (?<code>\d+) \| (?<meaning>[^|]+) \| [^|]+ \|$");
    assert_eq!(documented.remove(&0).as_deref(), Some("done"));
    let meant = codes("pipeline/src/commands/exit.rs", r"/// (?<meaning>.+)\.\npub const \w+: u8 = (?<code>\d+);");
    assert!(meant.len() > 3, "{meant:?}");
    assert_eq!(documented, meant);
}
