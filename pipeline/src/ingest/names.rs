//! Names: of the files written for an input, and of columns for people who mistyped one.

use std::path::Path;

use sha2::{Digest, Sha256};

/// Longest part of an input's name that its files carry.
const STEM_CHARS_MAX: usize = 40;

/// Hex digits that tell inputs of one stem apart: enough for every log of many years.
const DIGEST_CHARS: usize = 16;

/// What all files written for an input begin with: the stem of its name, and a hash of the whole name and what else it is known by.
pub(super) fn file_prefix(input: &str, beginning: &[u8]) -> String {
    let file = input.rsplit('/').next().unwrap_or(input);
    let stem = file.split('.').next().unwrap_or_default().chars().take(STEM_CHARS_MAX);
    let stem: String = stem.map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).collect();
    let stem = if stem.is_empty() { "file" } else { &stem };
    // No name holds a line break.
    let digest = hex::encode(Sha256::new().chain_update(input).chain_update("\n").chain_update(beginning).finalize());
    format!("{stem}-{}", &digest[..DIGEST_CHARS])
}

/// The name under which a file for `path` waits in staging: all in one folder, so that no day's folder is made twice.
pub(super) fn staged_name(path: &Path) -> String {
    path.to_string_lossy().replace('/', "+")
}

/// Names in backticks with commas between.
pub(super) fn in_backticks<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_tell_folders_apart() {
        let (a, b) = (file_prefix("a/access.log.1.gz", b""), file_prefix("b/access.log.1.gz", b""));
        assert!(a.starts_with("access-") && b.starts_with("access-") && a != b, "{a} {b}");
        assert_eq!(a.len(), "access-".len() + DIGEST_CHARS);
    }

    #[test]
    fn prefixes_hold_nothing_that_a_path_would_misread() {
        assert!(file_prefix("../..\\é *.csv", b"").starts_with("file-"));
        assert!(file_prefix("é *.csv", b"").starts_with("----"));
        assert!(file_prefix(".hidden", b"").starts_with("file-"));
    }
}
