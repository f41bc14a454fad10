//! Members' tokens: a JSON Web Token (RFC 7519, compact) that the site has signed for one member and a short time.
//!
//! The key decides the algorithm, and the token's header only which key: what a header claims is compared and never obeyed.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use ring::hmac;
use ring::signature::{ED25519, UnparsedPublicKey};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::pace::Pace;
use crate::problem::Problem;

/// What a token's `aud` must be, where it has one: a site may sign tokens for others with the same key.
const AUDIENCE: &str = "hachi";
/// How far in the future a token may end: whoever finds one can use it until then.
const LIFETIME_MAX: TimeDelta = TimeDelta::hours(12);
/// How much the clocks of the site and the sidecar may differ.
const LEEWAY: TimeDelta = TimeDelta::seconds(30);
/// Longer ids are nobody's.
const SUBJECT_BYTES_MAX: usize = 1024;

/// The keys that the site signs with, and how often a member may ask.
#[derive(Debug)]
pub(crate) struct Members {
    keys: Vec<MemberKey>,
    pub(super) pace: Pace<String>,
}

/// One key; several stand beside each other while they are changed.
#[derive(Debug)]
pub(super) struct MemberKey {
    pub(super) id: String,
    pub(super) check: Check,
}

/// How a signature is checked.
pub(super) enum Check {
    /// `HS256`: with the secret that it was made with.
    Hmac(hmac::Key),
    /// `EdDSA`: with a public key of Ed25519.
    Ed25519([u8; 32]),
}

/// The algorithm only: a key may be a secret.
impl std::fmt::Debug for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.algorithm())
    }
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<Value>,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: i64,
    nbf: Option<i64>,
    aud: Option<Audience>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Check {
    fn algorithm(&self) -> &'static str {
        match self {
            Self::Hmac(_) => "HS256",
            Self::Ed25519(_) => "EdDSA",
        }
    }

    /// Both take the same time whatever they find.
    fn accepts(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Hmac(key) => hmac::verify(key, message, signature).is_ok(),
            Self::Ed25519(key) => UnparsedPublicKey::new(&ED25519, key).verify(message, signature).is_ok(),
        }
    }
}

impl Members {
    pub(super) fn new(keys: Vec<MemberKey>, pace: Pace<String>) -> Self {
        Self { keys, pace }
    }

    /// How many keys there are.
    pub(super) fn keys(&self) -> usize {
        self.keys.len()
    }

    /// The member whom a token is for. The client is told what it can mend, and nothing of the keys.
    pub(super) fn verify(&self, token: &str) -> Result<String, Problem> {
        self.verify_at(token, now())
    }

    fn verify_at(&self, token: &str, now: DateTime<Utc>) -> Result<String, Problem> {
        let malformed = || Problem::invalid_token("the token is malformed");
        let (message, signature) = token.rsplit_once('.').ok_or_else(malformed)?;
        let (header, claims) = message.split_once('.').ok_or_else(malformed)?;
        let header: Header = part(header).ok_or_else(malformed)?;
        let named = self.keys.iter().find(|key| header.kid.as_deref() == Some(&*key.id));
        let key = named.ok_or_else(|| Problem::invalid_token("the token's `kid` names no key"))?;
        if header.alg != key.check.algorithm() || header.crit.is_some() {
            return Err(Problem::invalid_token("the token's `alg` is not its key's, or it has a `crit`"));
        }
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| malformed())?;
        if !key.check.accepts(message.as_bytes(), &signature) {
            return Err(Problem::invalid_token("the token's signature is wrong"));
        }
        // Only now is it the site who speaks.
        let claims: Claims = part(claims).ok_or_else(|| Problem::invalid_token("the token needs `sub`, a text, and `exp`, a number"))?;
        claims.check(now)?;
        Ok(claims.sub)
    }
}

impl Claims {
    fn check(&self, now: DateTime<Utc>) -> Result<(), Problem> {
        let instant = |seconds| DateTime::from_timestamp(seconds, 0);
        let wrong = |why: &'static str| Err(Problem::invalid_token(why));
        let Some(ends) = instant(self.exp) else { return wrong("the token's `exp` is no instant") };
        if ends + LEEWAY <= now {
            return wrong("the token has expired");
        }
        if ends > now + LIFETIME_MAX {
            return wrong("the token's `exp` is more than 12 hours away");
        }
        if self.nbf.is_some_and(|begins| instant(begins).is_none_or(|begins| begins > now + LEEWAY)) {
            return wrong("the token is not valid yet");
        }
        let for_hachi = match &self.aud {
            None => true,
            Some(Audience::One(aud)) => aud == AUDIENCE,
            Some(Audience::Many(all)) => all.iter().any(|aud| aud == AUDIENCE),
        };
        if !for_hachi {
            return wrong("the token's `aud` is not `hachi`");
        }
        if self.sub.is_empty() || self.sub.len() > SUBJECT_BYTES_MAX {
            return wrong("the token's `sub` is no member's id");
        }
        Ok(())
    }
}

fn part<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

#[expect(clippy::disallowed_methods, reason = "a token ends by the clock")]
fn now() -> DateTime<Utc> {
    Utc::now()
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    /// The example of RFC 8037, appendix A: an Ed25519 signature that this code did not make.
    #[test]
    fn checks_the_signature_of_the_standard() {
        let key = URL_SAFE_NO_PAD.decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap();
        let check = Check::Ed25519(key.try_into().unwrap());
        let signature =
            URL_SAFE_NO_PAD.decode("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg").unwrap();
        assert!(check.accepts(b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc", &signature));
        assert!(!check.accepts(b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmd", &signature));
    }

    fn signed(claims: &str) -> (Members, String) {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &[1; 32]);
        let message = [r#"{"alg":"HS256","kid":"k"}"#, claims].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
        let token = format!("{message}.{}", URL_SAFE_NO_PAD.encode(hmac::sign(&key, message.as_bytes())));
        let keys = vec![MemberKey { id: "k".to_owned(), check: Check::Hmac(key) }];
        (Members::new(keys, Pace::new(NonZeroU32::MIN)), token)
    }

    fn check(claims: &str, now_s: i64, expected: Option<&str>) {
        let (members, token) = signed(claims);
        let found = members.verify_at(&token, DateTime::from_timestamp(now_s, 0).unwrap());
        assert_eq!(found.ok().as_deref(), expected, "{claims} at {now_s}");
    }

    #[test]
    fn a_token_is_good_for_its_time() {
        let claims = r#"{"sub":"ann","exp":100000,"nbf":90000}"#;
        check(claims, 89_969, None);
        check(claims, 89_970, Some("ann"));
        check(claims, 100_029, Some("ann"));
        check(claims, 100_030, None);
        check(r#"{"sub":"ann","exp":100000}"#, 100_000 - 12 * 3600 - 1, None);
        check(r#"{"sub":"ann","exp":100000}"#, 100_000 - 12 * 3600, Some("ann"));
    }

    #[test]
    fn a_token_is_for_hachi_or_for_anybody() {
        check(r#"{"sub":"ann","exp":9,"aud":"hachi"}"#, 0, Some("ann"));
        check(r#"{"sub":"ann","exp":9,"aud":["shop","hachi"]}"#, 0, Some("ann"));
        check(r#"{"sub":"ann","exp":9,"aud":["shop"]}"#, 0, None);
        check(r#"{"sub":"ann","exp":9.5}"#, 0, None);
        check(r#"{"sub":"","exp":9}"#, 0, None);
    }
}
