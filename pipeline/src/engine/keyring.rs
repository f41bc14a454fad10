//! The keys that files of sensitive tables are encrypted under, and which of them writes.
//!
//! ```text
//! master key (a site's own, named) ──wraps──▶ data key (random, one a file) ──encrypts──▶ pages and footer
//! ```
//! What does not belong: where a master key comes from, and which tables are sensitive.

use std::fmt;
use std::sync::Arc;

use hachi_snapshot::{KEY_BYTES, Table};
use parquet::encryption::encrypt::FileEncryptionProperties;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::error::Unspecified;
use ring::rand::{SecureRandom, SystemRandom};
use thiserror::Error;

use super::key_material::KeyMaterial;

/// Name of the key of scratch files, which no configured key can have.
const SCRATCH: &str = ".scratch";

/// Why an encrypted file can't be read or written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KeyringError {
    /// Its key is not there.
    #[error(
        "{what} is encrypted under the key `{id}`, which is not configured; add `{{ id = \"{id}\", file = \"…\" }}` to `keys` under `[encryption]`"
    )]
    Missing {
        /// The table or file.
        what: String,
        /// Name of the key.
        id: String,
    },
    /// Another key has its name.
    #[error(
        "{what} can't be read with the key `{id}`: authentication failed; what `[encryption]` calls `{id}` is not the key it was written with, or the file was changed (`hachi verify` tells)"
    )]
    Wrong {
        /// The file.
        what: String,
        /// Name of the key.
        id: String,
    },
    /// It does not say which key it needs.
    #[error("{what} is encrypted, but not by hachi: {message}")]
    Foreign {
        /// The file.
        what: String,
        /// What is missing.
        message: String,
    },
    /// The system has no random numbers, or the cipher fails.
    #[error("failed to make a key for an encrypted file")]
    Random,
}

/// A key that the keys of files are wrapped under.
pub struct MasterKey {
    id: String,
    key: LessSafeKey,
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({})", self.id)
    }
}

impl MasterKey {
    /// The key named `id`.
    ///
    /// # Errors
    /// When the cipher refuses it, which it does not for so many bytes.
    pub fn new(id: impl Into<String>, bytes: &[u8; KEY_BYTES]) -> Result<Self, KeyringError> {
        let key = UnboundKey::new(&AES_256_GCM, bytes).map_err(|Unspecified| KeyringError::Random)?;
        Ok(Self { id: id.into(), key: LessSafeKey::new(key) })
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// How a new file is written under this key: with a data key of its own, which its footer holds wrapped.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub(super) fn file_properties(&self) -> Result<Arc<FileEncryptionProperties>, KeyringError> {
        let data_key = random::<KEY_BYTES>()?;
        let material = KeyMaterial::new(&self.id, &self.wrap(&data_key)?);
        let properties = FileEncryptionProperties::builder(data_key.to_vec()).with_footer_key_metadata(material.to_json());
        properties.build().map_err(|_| KeyringError::Random)
    }

    /// `nonce ‖ ciphertext ‖ tag` of a data key; the master key's name is authenticated with it.
    fn wrap(&self, data_key: &[u8]) -> Result<Vec<u8>, KeyringError> {
        let nonce = random::<NONCE_LEN>()?;
        let mut sealed = data_key.to_vec();
        let name = Aad::from(self.id.as_bytes());
        let sealing = self.key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), name, &mut sealed);
        sealing.map_err(|Unspecified| KeyringError::Random)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// The data key in what [`Self::wrap`] gave; none where it was wrapped under another key, or changed.
    fn unwrap(&self, wrapped: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = wrapped.split_first_chunk::<NONCE_LEN>()?;
        let mut sealed = sealed.to_vec();
        let name = Aad::from(self.id.as_bytes());
        let opened = self.key.open_in_place(Nonce::assume_unique_for_key(*nonce), name, &mut sealed).ok()?;
        Some(opened.to_vec())
    }
}

/// All keys of a site. Cheap to clone; without keys nothing is encrypted.
#[derive(Debug, Clone, Default)]
pub struct Keyring {
    keys: Arc<[Arc<MasterKey>]>,
    is_writing: bool,
    scratch: Option<Arc<MasterKey>>,
}

impl Keyring {
    /// All of `keys` read; the first writes, where `writes` says so.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn new(keys: Vec<MasterKey>, writes: Writes) -> Result<Self, KeyringError> {
        let is_writing = writes == Writes::Encrypted && !keys.is_empty();
        let scratch = if keys.is_empty() { None } else { Some(Arc::new(MasterKey::new(SCRATCH, &random()?)?)) };
        Ok(Self { keys: keys.into_iter().map(Arc::new).collect(), is_writing, scratch })
    }

    /// The key that new files of sensitive tables are written under.
    #[must_use]
    pub fn writing(&self) -> Option<Arc<MasterKey>> {
        self.keys.first().filter(|_| self.is_writing).cloned()
    }

    /// The key of what a run leaves behind while it lasts; it is forgotten with the process.
    #[must_use]
    pub fn scratch(&self) -> Option<&MasterKey> {
        self.scratch.as_deref()
    }

    /// Whether nothing encrypted can be read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Whether all files of `table` can be read, as far as names of keys tell.
    ///
    /// # Errors
    /// When a key that a file needs is not there.
    pub fn covers(&self, table: &Table) -> Result<(), KeyringError> {
        let mut needed = table.files.iter().filter_map(|file| file.key.as_deref());
        match needed.find(|id| self.find(id).is_none()) {
            Some(id) => Err(KeyringError::Missing { what: format!("`{}`", table.name), id: id.to_owned() }),
            None => Ok(()),
        }
    }

    /// The data key of the file `what`, from what its footer says of it.
    ///
    /// # Errors
    /// When its master key is not there or another one.
    pub(super) fn data_key(&self, what: &str, metadata: &[u8]) -> Result<Vec<u8>, KeyringError> {
        let material = KeyMaterial::parse(metadata).map_err(|message| KeyringError::Foreign { what: what.to_owned(), message })?;
        let (what, id) = (what.to_owned(), material.master_key_id().to_owned());
        let Some(key) = self.find(&id) else { return Err(KeyringError::Missing { what, id }) };
        key.unwrap(material.wrapped_key()).ok_or(KeyringError::Wrong { what, id })
    }

    fn find(&self, id: &str) -> Option<&MasterKey> {
        self.keys.iter().chain(&self.scratch).map(Arc::as_ref).find(|key| key.id == id)
    }
}

/// How new files of sensitive tables are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writes {
    /// Under the first key.
    Encrypted,
    /// As they are: encryption is on its way out, and keys read what was written before.
    Plain,
}

fn random<const N: usize>() -> Result<[u8; N], KeyringError> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|Unspecified| KeyringError::Random)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: &str, byte: u8) -> MasterKey {
        MasterKey::new(id, &[byte; KEY_BYTES]).expect("a key")
    }

    fn keyring(keys: Vec<MasterKey>) -> Keyring {
        Keyring::new(keys, Writes::Encrypted).expect("random numbers")
    }

    fn metadata(key: &MasterKey) -> Vec<u8> {
        key.file_properties().expect("properties").footer_key_metadata().expect("metadata").clone()
    }

    #[test]
    fn a_data_key_is_found_again_by_the_name_of_its_master_key() {
        let properties = key("b", 2).file_properties().expect("properties");
        let metadata = properties.footer_key_metadata().expect("metadata");
        let found = keyring(vec![key("a", 1), key("b", 2)]).data_key("x", metadata).expect("the key is there");
        assert_eq!(&found, properties.footer_key());
        assert_eq!(found.len(), KEY_BYTES);
        let other = key("b", 2).file_properties().expect("properties");
        assert_ne!(other.footer_key(), properties.footer_key(), "each file has a key of its own");
    }

    #[test]
    fn a_missing_and_a_wrong_key_are_told_apart() {
        let metadata = metadata(&key("b", 2));
        let refused = |keys| keyring(keys).data_key("`t`", &metadata).expect_err("refused").to_string();
        let missing = refused(vec![key("a", 1)]);
        assert!(missing.contains("`t` is encrypted under the key `b`, which is not configured; add `{ id = \"b\", file"), "{missing}");
        let wrong = refused(vec![key("b", 3)]);
        assert!(wrong.contains("`t` can't be read with the key `b`: authentication failed"), "{wrong}");
    }

    #[test]
    fn no_changed_byte_and_no_other_name_passes() {
        let wrapped = key("a", 1).wrap(&[7; KEY_BYTES]).expect("wrapped");
        assert_eq!(key("a", 1).unwrap(&wrapped), Some(vec![7; KEY_BYTES]));
        assert_eq!(key("other", 1).unwrap(&wrapped), None);
        for at in 0..wrapped.len() {
            let mut changed = wrapped.clone();
            changed[at] ^= 1;
            assert_eq!(key("a", 1).unwrap(&changed), None, "byte {at} changed unnoticed");
            assert_eq!(key("a", 1).unwrap(&wrapped[..at]), None, "cut at {at} unnoticed");
        }
    }

    #[test]
    fn what_is_not_written_by_hachi_is_said() {
        let refused = keyring(vec![key("a", 1)]).data_key("`t`", b"kf").expect_err("refused");
        assert!(refused.to_string().contains("`t` is encrypted, but not by hachi"), "{refused}");
    }

    #[test]
    fn the_first_key_writes_unless_encryption_is_on_its_way_out() {
        assert_eq!(keyring(vec![key("a", 1), key("b", 2)]).writing().map(|key| key.id().to_owned()), Some("a".to_owned()));
        let leaving = Keyring::new(vec![key("a", 1)], Writes::Plain).expect("random numbers");
        assert!(leaving.writing().is_none() && !leaving.is_empty());
        assert!(Keyring::default().writing().is_none() && Keyring::default().is_empty());
    }

    #[test]
    fn debug_shows_no_key() {
        let shown = format!("{:?}", keyring(vec![key("a", 7)]));
        assert!(shown.contains("MasterKey(a)") && !shown.contains('7'), "{shown}");
    }
}
