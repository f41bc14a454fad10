//! The file that says who may ask. It holds hashes of service tokens, never the tokens, and the keys of members' tokens.
//!
//! ```toml
//! [[token]]
//! name = "site"
//! scope = "site"        # or "operator"
//! sha256 = "…"          # of the token, 64 hex digits
//!
//! [[member_key]]
//! id = "2026-11"        # the `kid` of tokens
//! algorithm = "EdDSA"   # or "HS256"
//! key = "…"             # the public key, or the secret, as hex digits
//!
//! [visitors]            # without it, who shows no token gets no list
//! requests_per_second = 200
//! ```

use std::collections::HashSet;
use std::io::Read;
use std::num::NonZeroU32;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ring::hmac;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::members::{Check, MemberKey, Members};
use super::pace::Pace;
use super::visitors::Visitors;

const HASH_BYTES: usize = 32;
/// As long as the hash, as RFC 7518 wants it.
const SECRET_BYTES_MIN: usize = 32;
/// A server asks for every page it renders.
const SERVICE_PACE: NonZeroU32 = NonZeroU32::new(5_000).expect("not zero");
/// A browser asks a few times a page.
const MEMBER_PACE: NonZeroU32 = NonZeroU32::new(20).expect("not zero");
/// More is no such file.
const FILE_BYTES_MAX: u64 = 1 << 20;
/// Longer words of what could not be read are not repeated: they may be secrets, written in the wrong place.
const WORD_BYTES_MAX: usize = 30;
/// Permissions the file must not have: writing for the group, anything for others; secrets of members' tokens are in it.
const FORBIDDEN_MODE: u32 = 0o037;

/// Who may ask.
#[derive(Debug)]
pub(crate) struct Tokens {
    services: Vec<Service>,
    pub(super) members: Members,
    pub(super) visitors: Arc<Visitors>,
}

/// A service token, by its hash.
#[derive(Debug)]
pub(crate) struct Service {
    hash: [u8; HASH_BYTES],
    pub(super) scope: Scope,
    pub(super) pace: Pace<()>,
}

/// What a service token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Scope {
    /// The site's server.
    Site,
    /// Numbers and profiles.
    Operator,
}

/// Why the file can't be used. What it holds is not repeated, but for names.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokensError {
    /// The system failed.
    #[error("could not read the tokens `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Too many may read it.
    #[error("the tokens `{}` have mode {mode:03o}, which is too open; run `chmod 600` on them", path.display())]
    Mode {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Not what such a file holds.
    #[error("the tokens `{}` can't be understood: {reason}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// Where and why.
        reason: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    token: Vec<TokenEntry>,
    #[serde(default)]
    member_key: Vec<KeyEntry>,
    /// Of one member.
    member_requests_per_second: Option<NonZeroU32>,
    visitors: Option<VisitorsEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenEntry {
    name: String,
    scope: Scope,
    sha256: String,
    requests_per_second: Option<NonZeroU32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyEntry {
    id: String,
    algorithm: KeyAlgorithm,
    key: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VisitorsEntry {
    /// Of all together.
    requests_per_second: NonZeroU32,
}

#[derive(Debug, Clone, Copy, Deserialize)]
enum KeyAlgorithm {
    #[serde(rename = "EdDSA")]
    EdDsa,
    #[serde(rename = "HS256")]
    Hs256,
}

impl Tokens {
    /// Understands what `path` holds.
    pub(super) fn parse(text: &str, path: &Path) -> Result<Self, TokensError> {
        let format = |reason: String| TokensError::Format { path: path.to_owned(), reason };
        let file: File = toml::from_str(text).map_err(|error| format(told(text, &error)))?;
        Self::of(file).map_err(format)
    }

    fn of(file: File) -> Result<Self, String> {
        if file.token.is_empty() && file.member_key.is_empty() {
            return Err("there is neither a `[[token]]` nor a `[[member_key]]`, so nobody could ask".to_owned());
        }
        check_distinct("token", file.token.iter().map(|token| &token.name))?;
        check_distinct("member_key", file.member_key.iter().map(|key| &key.id))?;
        let services = file.token.iter().map(TokenEntry::service).collect::<Result<_, _>>()?;
        let keys = file.member_key.iter().map(KeyEntry::key).collect::<Result<_, _>>()?;
        let pace = Pace::new(file.member_requests_per_second.unwrap_or(MEMBER_PACE));
        let visitors = Arc::new(Visitors::new(file.visitors.map(|visitors| visitors.requests_per_second)));
        Ok(Self { services, members: Members::new(keys, pace), visitors })
    }

    /// The same tokens; those that were in force before go on with how often they have asked.
    pub(super) fn resumed(mut self, before: &Self) -> Self {
        for service in &mut self.services {
            if let Some(same) = before.services.iter().find(|other| other.hash == service.hash) {
                service.pace.resume(&same.pace);
            }
        }
        self.members.pace.resume(&before.members.pace);
        if let Some(visitors) = Arc::get_mut(&mut self.visitors) {
            visitors.resume(&before.visitors);
        }
        self
    }

    /// How many service tokens, and how many keys of members' tokens.
    pub(super) fn counts(&self) -> (usize, usize) {
        (self.services.len(), self.members.keys())
    }

    /// The service that a token is of. Every hash is compared to its end, so that the time taken tells nothing.
    pub(super) fn service(&self, token: &str) -> Option<&Service> {
        let hash: [u8; HASH_BYTES] = Sha256::digest(token.as_bytes()).into();
        self.services.iter().fold(None, |found, service| if bool::from(service.hash.ct_eq(&hash)) { Some(service) } else { found })
    }
}

impl TokenEntry {
    fn service(&self) -> Result<Service, String> {
        let mut hash = [0; HASH_BYTES];
        let decoded = hex::decode_to_slice(&self.sha256, &mut hash);
        decoded.map_err(|_| format!("`sha256` of the token `{}` must be 64 hex digits", self.name))?;
        Ok(Service { hash, scope: self.scope, pace: Pace::new(self.requests_per_second.unwrap_or(SERVICE_PACE)) })
    }
}

impl KeyEntry {
    fn key(&self) -> Result<MemberKey, String> {
        let wrong = |expected: &str| format!("`key` of the member_key `{}` must be {expected}", self.id);
        let bytes = hex::decode(&self.key).map_err(|_| wrong("hex digits"))?;
        let check = match self.algorithm {
            KeyAlgorithm::EdDsa => Check::Ed25519(bytes.try_into().map_err(|_| wrong("64 hex digits, a public key"))?),
            KeyAlgorithm::Hs256 if bytes.len() < SECRET_BYTES_MIN => return Err(wrong("64 hex digits or more")),
            KeyAlgorithm::Hs256 => Check::Hmac(hmac::Key::new(hmac::HMAC_SHA256, &bytes)),
        };
        Ok(MemberKey { id: self.id.clone(), check })
    }
}

fn check_distinct<'a>(what: &str, names: impl Iterator<Item = &'a String>) -> Result<(), String> {
    let mut seen = HashSet::new();
    let mut again = names.filter(|name| !seen.insert(*name));
    again.next().map_or(Ok(()), |name| Err(format!("there are two `[[{what}]]` called `{name}`")))
}

/// The file as it is, if nobody may read it who should not.
pub(super) fn read(path: &Path) -> Result<String, TokensError> {
    let failed = |source| TokensError::Io { path: path.to_owned(), source };
    let file = std::fs::File::open(path).map_err(failed)?;
    let mode = file.metadata().map_err(failed)?.permissions().mode() & 0o777;
    if mode & FORBIDDEN_MODE != 0 {
        return Err(TokensError::Mode { path: path.to_owned(), mode });
    }
    let mut text = String::new();
    file.take(FILE_BYTES_MAX + 1).read_to_string(&mut text).map_err(failed)?;
    if text.len() as u64 > FILE_BYTES_MAX {
        return Err(TokensError::Format { path: path.to_owned(), reason: format!("there are more than {FILE_BYTES_MAX} bytes") });
    }
    Ok(text)
}

/// What is wrong and where, without the line itself.
fn told(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let is_of_word = |letter: char| letter.is_alphanumeric() || "_-+/=.".contains(letter);
    let parts = error.message().split_inclusive(|letter| !is_of_word(letter));
    let shown = parts.map(|part| match part.trim_end_matches(|letter| !is_of_word(letter)) {
        word if word.len() > WORD_BYTES_MAX => part.replace(word, "…"),
        _ => part.to_owned(),
    });
    format!("line {line}: {}", shown.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Result<Tokens, String> {
        Tokens::parse(text, Path::new("tokens.toml")).map_err(|error| error.to_string())
    }

    #[test]
    fn a_token_is_found_by_its_hash() {
        let hash = hex::encode(Sha256::digest(b"secret"));
        let text = format!("[[token]]\nname = 'a'\nscope = 'operator'\nsha256 = '{hash}'\n");
        let tokens = tokens(&text).unwrap();
        assert_eq!(tokens.service("secret").map(|service| service.scope), Some(Scope::Operator));
        assert!(tokens.service("secre").is_none() && tokens.service("").is_none() && tokens.service(&hash).is_none());
    }

    #[test]
    fn wrong_files_are_told_exactly_and_without_secrets() {
        let says = |text: &str, expected: &str| {
            let message = tokens(text).unwrap_err();
            assert!(message.contains(expected) && !message.contains("abcd"), "{message}");
        };
        says("", "nobody could ask");
        says("[[token]]\nname = 'a'\nscope = 'site'\nsha256 = 'abcd'\n", "64 hex digits");
        says("[[token]]\nname = 'a'\nscope = 'root'\nsha256 = 'abcd'\n", "unknown variant `root`");
        says("[[member_key]]\nid = 'k'\nalgorithm = 'HS256'\nkey = 'abcd'\n", "64 hex digits or more");
        says("[[member_key]]\nid = 'k'\nalgorithm = 'none'\nkey = 'abcd'\n", "line 3: unknown variant `none`");
        let swapped = format!("[[member_key]]\nid = 'k'\nalgorithm = '{}'\nkey = 'HS256'\n", "abcd".repeat(16));
        says(&swapped, "line 3: unknown variant `…`, expected");
        says("[visitors]\nrequests_per_second = 0\n", "line 2: ");
        let key = format!("[[member_key]]\nid = 'k'\nalgorithm = 'EdDSA'\nkey = '{}'\n", "00".repeat(32));
        says(&key.repeat(2), "two `[[member_key]]` called `k`");
    }
}
