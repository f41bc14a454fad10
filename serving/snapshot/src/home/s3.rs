//! A home in an S3-compatible store, from what the environment says of it.

use std::ffi::OsString;
use std::sync::Arc;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey, Checksum};
use object_store::prefix::PrefixStore;
use object_store::{BackoffConfig, ClientConfigKey, ClientOptions, RetryConfig};

use super::addressed::HomeError;
use super::limits::{BACKOFF_FACTOR, BACKOFF_FIRST, BACKOFF_LONGEST, CONNECT_TIMEOUT, REQUEST_TIMEOUT, RETRIES, RETRY_TIMEOUT};
use super::{Home, StoreFailure, StoreUrl};

/// What the names of the store's variables begin with.
const VARIABLES: &str = "AWS_";

impl Home {
    /// The store at `url`, with credentials, region and endpoint from the `AWS_*` variables among `environment`. Nothing is asked of
    /// the store yet.
    pub fn s3(url: &StoreUrl, environment: impl IntoIterator<Item = (OsString, OsString)>) -> Result<Self, HomeError> {
        let client = ClientOptions::new().with_connect_timeout(CONNECT_TIMEOUT).with_timeout(REQUEST_TIMEOUT);
        let backoff = BackoffConfig { init_backoff: BACKOFF_FIRST, max_backoff: BACKOFF_LONGEST, base: BACKOFF_FACTOR };
        let retry = RetryConfig { backoff, max_retries: RETRIES, retry_timeout: RETRY_TIMEOUT };
        let mut builder = AmazonS3Builder::new()
            .with_client_options(client)
            .with_retry(retry)
            // The store compares what arrives with what was sent.
            .with_checksum_algorithm(Checksum::SHA256);
        for (name, value) in environment {
            let (Some(name), Some(value)) = (name.to_str(), value.to_str()) else { continue };
            if let (true, Ok(key)) = (name.starts_with(VARIABLES), name.to_ascii_lowercase().parse::<AmazonS3ConfigKey>()) {
                builder = builder.with_config(key, value);
            }
        }
        check_endpoint(&builder)?;
        let failed = |source: object_store::Error| HomeError::Settings { url: url.to_string(), source: StoreFailure::from(source) };
        let store = builder.with_bucket_name(url.bucket()).build().map_err(failed)?;
        Ok(Self::new(Arc::new(PrefixStore::new(store, url.prefix())), url.clone()))
    }
}

/// Whether the endpoint may be asked as it is written; the client would only say that it may not.
fn check_endpoint(builder: &AmazonS3Builder) -> Result<(), HomeError> {
    let endpoint = builder.get_config_value(&AmazonS3ConfigKey::Endpoint).unwrap_or_default();
    let allows_http = builder.get_config_value(&AmazonS3ConfigKey::Client(ClientConfigKey::AllowHttp));
    if endpoint.starts_with("http://") && allows_http.is_none_or(|allowed| !allowed.eq_ignore_ascii_case("true")) {
        return Err(HomeError::Insecure { endpoint });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(variables: &[(&str, &str)]) -> Result<Home, HomeError> {
        let url = "s3://our-lake/site".parse().unwrap();
        Home::s3(&url, variables.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))))
    }

    #[test]
    fn nothing_shows_a_secret() {
        let secrets = [("AWS_ACCESS_KEY_ID", "AKIA1"), ("AWS_SECRET_ACCESS_KEY", "s3cret"), ("AWS_SESSION_TOKEN", "t0ken")];
        let home = opened(&secrets).unwrap();
        assert_eq!(format!("{home:?}"), "Home { url: StoreUrl { bucket: \"our-lake\", prefix: \"site\" }, .. }");
    }

    #[test]
    fn an_endpoint_without_tls_must_be_allowed() {
        let endpoint = ("AWS_ENDPOINT_URL", "http://127.0.0.1:9000");
        assert!(matches!(opened(&[endpoint]), Err(HomeError::Insecure { .. })));
        opened(&[endpoint, ("AWS_ALLOW_HTTP", "true")]).unwrap();
    }
}
