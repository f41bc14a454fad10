//! A tokens file, and members' tokens as a site would sign them, right and wrong.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::lake::TestLake;

pub const SITE: &str = "site-token-of-the-tests";
pub const OPERATOR: &str = "operator-token-of-the-tests";
/// Asks once a second.
pub const SLOW: &str = "slow-token-of-the-tests";

const SECRET: [u8; 32] = [3; 32];
const SEED: [u8; 32] = [5; 32];

/// Writes the file beside the lake.
pub fn file(lake: &TestLake) -> PathBuf {
    let services = [service("site", SITE, ""), service("operator", OPERATOR, ""), service("site", SLOW, "requests_per_second = 1")];
    write(lake, &["member_requests_per_second = 1000\n".to_owned(), services.concat(), old_key(), new_key()].concat())
}

/// Puts a whole file beside the lake at once, in the place of any that was there.
pub fn write(lake: &TestLake, text: &str) -> PathBuf {
    let path = lake.path().parent().unwrap().join("tokens.toml");
    let beside = path.with_extension("new");
    let mut file = std::fs::File::options().write(true).create(true).truncate(true).mode(0o600).open(&beside).unwrap();
    file.write_all(text.as_bytes()).unwrap();
    std::fs::rename(beside, &path).unwrap();
    path
}

/// The entry of a service token, which is its own name.
pub fn service(scope: &str, token: &str, more: &str) -> String {
    let hash = hex::encode(Sha256::digest(token.as_bytes()));
    format!("[[token]]\nname = '{token}'\nscope = '{scope}'\nsha256 = '{hash}'\n{more}\n")
}

/// The entry of the key that [`hs256`] signs with.
pub fn old_key() -> String {
    format!("[[member_key]]\nid = 'old'\nalgorithm = 'HS256'\nkey = '{}'\n", hex::encode(SECRET))
}

/// The entry of the key that [`ed25519`] signs with.
pub fn new_key() -> String {
    format!("[[member_key]]\nid = 'new'\nalgorithm = 'EdDSA'\nkey = '{}'\n", hex::encode(public_key()))
}

fn pair() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&SEED).unwrap()
}

/// Seconds since 1970, so many from now.
pub fn in_seconds(seconds: i64) -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    i64::try_from(now).unwrap() + seconds
}

/// A good token for a member, of the new key.
pub fn member(id: &str) -> String {
    ed25519(&json!({"alg": "EdDSA", "kid": "new"}), &json!({"sub": id, "exp": in_seconds(600)}))
}

/// The same of the old key.
pub fn old_member(id: &str) -> String {
    hs256(&json!({"alg": "HS256", "kid": "old"}), &json!({"sub": id, "exp": in_seconds(600), "aud": "hachi"}))
}

pub fn ed25519(header: &Value, claims: &Value) -> String {
    let message = message(header, claims);
    let signature = pair().sign(message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
}

pub fn hs256(header: &Value, claims: &Value) -> String {
    signed_with(&SECRET, header, claims)
}

/// An HMAC under any key: that of HS256, or the public key of another algorithm.
pub fn signed_with(key: &[u8], header: &Value, claims: &Value) -> String {
    let message = message(header, claims);
    let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
}

pub fn public_key() -> Vec<u8> {
    pair().public_key().as_ref().to_vec()
}

pub fn message(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}
