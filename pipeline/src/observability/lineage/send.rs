//! Hands an event over: a line of a file, or a request that is made again where that may help.

use std::time::Duration;

use serde_json::Value;
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Error};
use url::Url;

use super::LineageTarget;
use crate::observability::TellError;
use crate::observability::files::append_line;

/// How often an event is sent at most.
const TRIES: u32 = 3;
/// How long one try may take.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The first pause between tries; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(250);
const TOO_MANY_REQUESTS: u16 = 429;

/// Appends `event` to the target's file, or posts it with `key`.
///
/// # Errors
/// When the file can't be written, or no try was answered with success.
pub fn send(target: &LineageTarget, key: Option<&str>, event: &Value) -> Result<(), TellError> {
    match target {
        LineageTarget::File(path) => append_line(path, &event.to_string()).map_err(TellError::write(path)),
        LineageTarget::Http(url) => post(url, key, &event.to_string()),
    }
}

fn agent(url: &Url) -> Agent {
    // What the machine trusts, as its other programs do.
    let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
    let config = Agent::config_builder().timeout_global(Some(TIMEOUT)).http_status_as_error(false).tls_config(tls);
    // A key that was to go over TLS goes no other way; and the environment is the doors' alone.
    config.https_only(url.scheme() == "https").proxy(None).build().into()
}

fn post(url: &Url, key: Option<&str>, event: &str) -> Result<(), TellError> {
    let agent = agent(url);
    let mut tries = 0;
    loop {
        tries += 1;
        let said = match once(&agent, url, key, event) {
            Ok(200..300) => return Ok(()),
            Ok(status) if tries == TRIES || !may_pass(status) => format!("status {status}"),
            Err(error) if is_distrust(&error) => format!(
                "{error}; have the machine trust the authority that signed the collector's certificate, or name its file in SSL_CERT_FILE"
            ),
            Err(error) if tries == TRIES => error.to_string(),
            _ => {
                std::thread::sleep(PAUSE * (1 << (tries - 1)));
                continue;
            }
        };
        return Err(TellError::Refused { url: url.to_string(), tries, said });
    }
}

fn once(agent: &Agent, url: &Url, key: Option<&str>, event: &str) -> Result<u16, Error> {
    let mut request = agent.post(url.as_str()).header("content-type", "application/json");
    if let Some(key) = key {
        request = request.header("authorization", format!("Bearer {key}"));
    }
    Ok(request.send(event)?.status().as_u16())
}

/// Whether the same request may be taken later.
fn may_pass(status: u16) -> bool {
    status == TOO_MANY_REQUESTS || status >= 500
}

/// Whether the other side could not show who it is; asking again changes nothing. The library that finds out tells it in words alone.
fn is_distrust(error: &Error) -> bool {
    error.to_string().contains("certificate")
}
