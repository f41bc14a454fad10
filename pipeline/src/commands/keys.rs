//! The keys of encrypted files, read where `hachi.toml` says: by whoever reads or writes such files, and by nobody else.

use std::path::Path;

use hachi_snapshot::{KEY_BYTES, parse_key, read_key};

use super::open;
use crate::config::{Config, ConfigError, KeyPlace};
use crate::engine::{Keyring, MasterKey};

/// `config` with the keys that it names.
pub fn with_keys(config: Config) -> anyhow::Result<Config> {
    let mut keys = Vec::new();
    for (id, place) in &config.encryption.keys {
        keys.push(MasterKey::new(id, &key(id, place, &config.lake)?)?);
    }
    let keys = Keyring::new(keys, config.encryption.writes)?;
    Ok(Config { keys, ..config })
}

fn key(id: &str, place: &KeyPlace, lake: &Path) -> anyhow::Result<[u8; KEY_BYTES]> {
    let wrong =
        |value: String, expected: &str| ConfigError::Value { key: format!("encryption.keys.{id}"), value, expected: expected.to_owned() };
    match place {
        KeyPlace::File(path) if std::path::absolute(path)?.starts_with(std::path::absolute(lake)?) => {
            Err(wrong(path.display().to_string(), "a file outside the lake").into())
        }
        KeyPlace::File(path) => Ok(read_key(path).map_err(|source| ConfigError::Key { id: id.to_owned(), source })?),
        KeyPlace::Variable(name) => {
            let text = open::variable(name).ok_or_else(|| wrong(name.clone(), "the name of a variable that is set"))?;
            // Its value is not repeated.
            Ok(parse_key(text.as_bytes()).ok_or_else(|| wrong(name.clone(), "the name of a variable that holds 64 hex digits"))?)
        }
    }
}
