//! Which keys files of sensitive tables are encrypted under, and where each is; reading them is the doors' business.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::ConfigError;
use super::file;
use super::resolve::value;
use crate::engine::Writes;

/// Longest name of a key.
const NAME_CHARS: usize = 64;

/// Keys by name, the writing one first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encryption {
    /// Name and place of each.
    pub keys: Vec<(String, KeyPlace)>,
    /// How new files are written.
    pub writes: Writes,
}

/// Where a key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyPlace {
    /// In a file, outside the lake.
    File(PathBuf),
    /// In a variable of the environment.
    Variable(String),
}

/// What `written` means; relative paths start at `base`.
///
/// # Errors
/// When a key has no name, no place or two, or the name of another.
pub fn encryption(written: &file::Encryption, base: &Path) -> Result<Encryption, ConfigError> {
    let mut names = BTreeSet::new();
    let keys = written.keys.iter().map(|key| {
        if !is_name(&key.id) {
            let expected = format!("1 to {NAME_CHARS} letters, digits, `-`, `_` and `.`, beginning with a letter or digit");
            return Err(value("encryption.keys.id", &key.id, expected));
        }
        if !names.insert(&key.id) {
            return Err(value("encryption.keys.id", &key.id, "a name that no other key has"));
        }
        Ok((key.id.clone(), place(key, base)?))
    });
    let keys = keys.collect::<Result<Vec<_>, _>>()?;
    let writes = if written.enabled.unwrap_or(true) { Writes::Encrypted } else { Writes::Plain };
    if keys.is_empty() && written.enabled == Some(true) {
        return Err(value("encryption.enabled", "true", "at least one key in `encryption.keys`"));
    }
    Ok(Encryption { keys, writes })
}

fn place(key: &file::EncryptionKey, base: &Path) -> Result<KeyPlace, ConfigError> {
    match (&key.file, &key.env) {
        (Some(file), None) => Ok(KeyPlace::File(base.join(file))),
        (None, Some(name)) => Ok(KeyPlace::Variable(name.clone())),
        _ => Err(value("encryption.keys", &key.id, "either `file` or `env` beside each `id`")),
    }
}

fn is_name(id: &str) -> bool {
    let is_fine = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    id.starts_with(|c: char| c.is_ascii_alphanumeric()) && id.len() <= NAME_CHARS && id.chars().all(is_fine)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(toml: &str) -> Result<Encryption, String> {
        encryption(&toml::from_str(toml).expect("known keys"), Path::new("site")).map_err(|error| error.to_string())
    }

    #[test]
    fn keys_have_names_and_places() {
        let found = of("keys = [{ id = \"b\", file = \"b.key\" }, { id = \"a\", env = \"A\" }]").expect("fine");
        let places = [("b", KeyPlace::File("site/b.key".into())), ("a", KeyPlace::Variable("A".to_owned()))];
        assert_eq!(found.keys, places.map(|(id, place)| (id.to_owned(), place)));
        assert_eq!(found.writes, Writes::Encrypted);
        assert_eq!(of("enabled = false\nkeys = [{ id = \"a\", env = \"A\" }]").expect("fine").writes, Writes::Plain);
        assert!(of("").expect("nothing is encrypted").keys.is_empty());
    }

    #[test]
    fn says_what_is_wrong() {
        let check = |toml: &str, expected: &str| {
            let refused = of(toml).expect_err("refused");
            assert!(refused.contains(expected), "{refused}");
        };
        check("keys = [{ id = \"a\" }]", "`encryption.keys` is `a`, expected either `file` or `env`");
        check("keys = [{ id = \"a\", file = \"f\", env = \"A\" }]", "either `file` or `env`");
        check("keys = [{ id = \"a\", env = \"A\" }, { id = \"a\", env = \"B\" }]", "a name that no other key has");
        check("keys = [{ id = \".scratch\", env = \"A\" }]", "beginning with a letter or digit");
        check("keys = [{ id = \"\", env = \"A\" }]", "`encryption.keys.id` is ``");
        check("enabled = true", "at least one key in `encryption.keys`");
    }
}
