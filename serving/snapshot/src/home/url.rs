//! `s3://bucket/prefix`: where a lake's home is, as people write it. Credentials and endpoint are not part of it.

use std::fmt;
use std::str::FromStr;

use object_store::path::Path as StorePath;

const SCHEME: &str = "s3://";
const BUCKET_CHARS_MIN: usize = 3;
const BUCKET_CHARS_MAX: usize = 63;

/// The place of a lake in a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreUrl {
    bucket: String,
    prefix: String,
}

/// Why a text is no place in a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreUrlError {
    /// Another scheme.
    #[error("`s3://bucket/prefix`")]
    Scheme,
    /// A secret in it, or a question.
    #[error("`s3://bucket/prefix` alone: credentials, region and endpoint are read from the AWS_* variables")]
    Extra,
    /// A name that no bucket has.
    #[error("`s3://bucket/prefix` with a bucket of 3 to 63 lowercase letters, digits, dots and hyphens")]
    Bucket,
    /// A prefix that is no path.
    #[error("`s3://bucket/prefix` with a prefix without empty parts, `.` and `..`")]
    Prefix,
}

impl StoreUrl {
    /// Name of the bucket.
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// Where in it the lake is; empty where it is all of it.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The URL of what lies at `path` in the lake.
    pub fn join(&self, path: &str) -> String {
        if path.is_empty() { self.to_string() } else { format!("{self}/{path}") }
    }
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}", self.bucket)?;
        if self.prefix.is_empty() { Ok(()) } else { write!(f, "/{}", self.prefix) }
    }
}

impl FromStr for StoreUrl {
    type Err = StoreUrlError;

    fn from_str(text: &str) -> Result<Self, StoreUrlError> {
        let place = text.strip_prefix(SCHEME).ok_or(StoreUrlError::Scheme)?;
        if place.contains(['@', '?', '#']) {
            return Err(StoreUrlError::Extra);
        }
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        let is_known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-');
        if !(BUCKET_CHARS_MIN..=BUCKET_CHARS_MAX).contains(&bucket.len()) || !bucket.chars().all(is_known) {
            return Err(StoreUrlError::Bucket);
        }
        let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
        let parsed = StorePath::parse(prefix).map_err(|_| StoreUrlError::Prefix)?;
        if parsed.as_ref() != prefix {
            return Err(StoreUrlError::Prefix);
        }
        Ok(Self { bucket: bucket.to_owned(), prefix: prefix.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_bucket_and_a_prefix() {
        let parsed = |text: &str| text.parse::<StoreUrl>().map(|url| (url.bucket.clone(), url.prefix.clone(), url.to_string()));
        let is = |bucket: &str, prefix: &str, shown: &str| Ok((bucket.to_owned(), prefix.to_owned(), shown.to_owned()));
        assert_eq!(parsed("s3://our-lake"), is("our-lake", "", "s3://our-lake"));
        assert_eq!(parsed("s3://our-lake/site/lake/"), is("our-lake", "site/lake", "s3://our-lake/site/lake"));
        let url: StoreUrl = "s3://our-lake/site".parse().unwrap();
        assert_eq!((url.join("data/x"), url.join("")), ("s3://our-lake/site/data/x".to_owned(), "s3://our-lake/site".to_owned()));
    }

    #[test]
    fn anything_else_is_refused() {
        for (text, why) in [
            ("https://our-lake/x", StoreUrlError::Scheme),
            ("our-lake/x", StoreUrlError::Scheme),
            ("s3://key:secret@our-lake/x", StoreUrlError::Extra),
            ("s3://our-lake/x?region=eu", StoreUrlError::Extra),
            ("s3://", StoreUrlError::Bucket),
            ("s3:///x", StoreUrlError::Bucket),
            ("s3://Our_Lake", StoreUrlError::Bucket),
            ("s3://our-lake/a//b", StoreUrlError::Prefix),
            ("s3://our-lake/../b", StoreUrlError::Prefix),
        ] {
            assert_eq!(text.parse::<StoreUrl>(), Err(why), "{text}");
        }
    }
}
