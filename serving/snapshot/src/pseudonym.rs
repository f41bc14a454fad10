//! A member's id, replaced by a keyed hash that only the key's owner can recompute. The key's file lives here too.

use std::fmt;
use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Bytes of a secret key.
pub const KEY_BYTES: usize = 32;
const PSEUDONYM_BYTES: usize = 16;
/// Owner only: whoever reads the key can link pseudonyms to members.
const KEY_MODE: u32 = 0o600;
/// Permissions a key file must not have: writing for the group, anything for others. A group may read, so that the pipeline and the
/// sidecar can run as two users.
const FORBIDDEN_MODE: u32 = 0o037;

/// The first 16 bytes of HMAC-SHA-256(key, member id); shown as 32 lowercase hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pseudonym(pub [u8; PSEUDONYM_BYTES]);

impl Pseudonym {
    /// The bytes, which are the key of a member's list.
    pub fn as_bytes(&self) -> &[u8; PSEUDONYM_BYTES] {
        &self.0
    }
}

impl fmt::Display for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pseudonym({self})")
    }
}

/// Text that isn't a pseudonym. Doesn't repeat the text, which may be a member's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a pseudonym is 32 hex digits")]
pub struct ParsePseudonymError;

impl FromStr for Pseudonym {
    type Err = ParsePseudonymError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; PSEUDONYM_BYTES];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| ParsePseudonymError)?;
        Ok(Self(bytes))
    }
}

/// The pseudonym of a member's id under a key of any length.
#[expect(clippy::missing_panics_doc, reason = "an HMAC takes keys of any length")]
pub fn pseudonym(key: &[u8], id: &str) -> Pseudonym {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("an HMAC takes keys of any length");
    mac.update(id.as_bytes());
    let digest = mac.finalize().into_bytes();
    let mut bytes = [0; PSEUDONYM_BYTES];
    bytes.copy_from_slice(&digest[..PSEUDONYM_BYTES]);
    Pseudonym(bytes)
}

/// The community's secret key. Whoever has it can find a member's rows; without it nobody can.
#[derive(Clone, PartialEq, Eq)]
pub struct PseudonymKey([u8; KEY_BYTES]);

impl fmt::Debug for PseudonymKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PseudonymKey(…)")
    }
}

/// Makes proofs: names of erased members that are no pseudonyms, under a key of its own that is derived from the community's.
#[derive(Clone)]
pub struct ErasureKey([u8; PSEUDONYM_BYTES]);

impl fmt::Debug for ErasureKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ErasureKey(…)")
    }
}

impl ErasureKey {
    /// The proof of a member's id, without blanks around it; 32 hex digits.
    pub fn proof(&self, id: &str) -> String {
        pseudonym(&self.0, id.trim()).to_string()
    }
}

/// Why a key file can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The system failed.
    #[error("could not read or write the key file `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Not a key.
    #[error("the key file `{}` must hold 64 hex digits and nothing else", path.display())]
    Format {
        /// The file.
        path: PathBuf,
    },
    /// Too many may read it.
    #[error("the key file `{}` has mode {mode:03o}, which is too open; run `chmod 600` on it", path.display())]
    Mode {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
}

impl PseudonymKey {
    /// A key from its bytes.
    pub const fn new(bytes: [u8; KEY_BYTES]) -> Self {
        Self(bytes)
    }

    /// Reads a key file.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, KeyError> {
        read_key(path.as_ref()).map(Self)
    }

    /// Reads a key file, or makes one with a random key that only its owner may read.
    pub fn load_or_create(path: impl AsRef<Path>) -> Result<Self, KeyError> {
        let path = path.as_ref();
        if !path.exists() {
            create(path).map_err(io_error(path))?;
        }
        Self::load(path)
    }

    /// The bytes, for [`pseudonym`].
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Tells keys apart without telling them: the pseudonym of a text that is no member's id, 32 hex digits.
    pub fn fingerprint(&self) -> String {
        self.pseudonym("\0fingerprint").to_string()
    }

    /// The key of the proofs that members were erased.
    pub fn erasure_key(&self) -> ErasureKey {
        // No member's id begins with a NUL.
        ErasureKey(self.pseudonym("\0erasure").0)
    }

    /// The pseudonym of a member's id.
    pub fn pseudonym(&self, id: &str) -> Pseudonym {
        pseudonym(&self.0, id)
    }
}

/// Reads the file of a secret key: 64 hex digits and at most one line end, readable by its owner and group at most.
pub fn read_key(path: &Path) -> Result<[u8; KEY_BYTES], KeyError> {
    let mut file = File::open(path).map_err(io_error(path))?;
    let mode = file.metadata().map_err(io_error(path))?.permissions().mode() & 0o777;
    if mode & FORBIDDEN_MODE != 0 {
        return Err(KeyError::Mode { path: path.to_owned(), mode });
    }
    let mut text = Vec::new();
    file.read_to_end(&mut text).map_err(io_error(path))?;
    parse_key(&text).ok_or_else(|| KeyError::Format { path: path.to_owned() })
}

/// A secret key as it is written: 64 hex digits and at most one line end.
pub fn parse_key(text: &[u8]) -> Option<[u8; KEY_BYTES]> {
    let mut key = [0; KEY_BYTES];
    hex::decode_to_slice(text.strip_suffix(b"\n").unwrap_or(text), &mut key).ok()?;
    Some(key)
}

/// Writes a random key under another name and links it into place, so that nobody ever reads half a key and one of two racing
/// writers wins.
fn create(path: &Path) -> std::io::Result<()> {
    let mut key = [0; KEY_BYTES];
    File::open("/dev/urandom")?.read_exact(&mut key)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let draft = path.with_file_name(format!(".{name}.{}", std::process::id()));
    let linked = write_private(&draft, &key).and_then(|()| match std::fs::hard_link(&draft, path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    });
    std::fs::remove_file(&draft)?;
    linked
}

fn write_private(path: &Path, key: &[u8]) -> std::io::Result<()> {
    let mut file = File::options().write(true).create_new(true).mode(KEY_MODE).open(path)?;
    writeln!(file, "{}", hex::encode(key))?;
    file.sync_all()
}

fn io_error(path: &Path) -> impl FnOnce(std::io::Error) -> KeyError {
    let path = path.to_owned();
    move |source| KeyError::Io { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_start_of_an_hmac() {
        // RFC 4231, test case 2.
        let expected = "5bdcc146bf60754e6a042426089575c7";
        assert_eq!(pseudonym(b"Jefe", "what do ya want for nothing?").to_string(), expected);
        assert_eq!(expected.parse::<Pseudonym>().unwrap(), pseudonym(b"Jefe", "what do ya want for nothing?"));
        assert!("5bdc".parse::<Pseudonym>().is_err());
    }

    #[test]
    fn a_new_key_is_private_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let key = PseudonymKey::load_or_create(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(PseudonymKey::load_or_create(&path).unwrap(), key);
        assert_eq!(PseudonymKey::load(&path).unwrap(), key);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        assert_ne!(PseudonymKey::load_or_create(folder.path().join("other")).unwrap(), key);
    }

    #[test]
    fn an_open_key_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        PseudonymKey::load_or_create(&path).unwrap();
        for (mode, fine) in [(0o644, false), (0o660, false), (0o604, false), (0o640, true), (0o400, true)] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(PseudonymKey::load(&path).is_ok(), fine, "mode {mode:o}");
        }
    }

    #[test]
    fn anything_but_a_key_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        for text in ["", "abc", &"x".repeat(64), &"0".repeat(66)] {
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
            assert!(matches!(PseudonymKey::load(&path), Err(KeyError::Format { .. })), "`{text}` was accepted");
        }
        assert!(matches!(PseudonymKey::load(folder.path().join("none")), Err(KeyError::Io { .. })));
    }

    #[test]
    fn a_proof_is_no_pseudonym_and_the_same_for_one_member() {
        let key = PseudonymKey::new([7; 32]);
        let proof = key.erasure_key().proof("ana");
        assert_eq!(proof, key.erasure_key().proof(" ana "));
        assert_ne!(proof, key.pseudonym("ana").to_string());
        assert_ne!(proof, key.erasure_key().proof("bo"));
        assert_ne!(proof, PseudonymKey::new([8; 32]).erasure_key().proof("ana"));
        assert_eq!(format!("{:?}", key.erasure_key()), "ErasureKey(…)");
    }

    #[test]
    fn debug_shows_no_key() {
        assert_eq!(format!("{:?}", PseudonymKey::new([7; 32])), "PseudonymKey(…)");
    }
}
