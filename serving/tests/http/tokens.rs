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
    let hash = |token: &str| hex::encode(Sha256::digest(token.as_bytes()));
    let token = |name: &str, scope: &str, token: &str, more: &str| {
        format!("[[token]]\nname = '{name}'\nscope = '{scope}'\nsha256 = '{}'\n{more}\n", hash(token))
    };
    let public = hex::encode(pair().public_key().as_ref());
    let text = [
        "member_requests_per_second = 1000\n".to_owned(),
        token("site", "site", SITE, ""),
        token("operator", "operator", OPERATOR, ""),
        token("slow", "site", SLOW, "requests_per_second = 1"),
        format!("[[member_key]]\nid = 'old'\nalgorithm = 'HS256'\nkey = '{}'\n", hex::encode(SECRET)),
        format!("[[member_key]]\nid = 'new'\nalgorithm = 'EdDSA'\nkey = '{public}'\n"),
    ];
    let path = lake.path().parent().unwrap().join("tokens.toml");
    let mut file = std::fs::File::options().write(true).create(true).truncate(true).mode(0o600).open(&path).unwrap();
    file.write_all(text.concat().as_bytes()).unwrap();
    path
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
