//! Hands an event over: a line of a file, or a request that is made again where that may help.

use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
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

fn post(url: &Url, key: Option<&str>, event: &str) -> Result<(), TellError> {
    let config = Agent::config_builder().timeout_global(Some(TIMEOUT)).http_status_as_error(false);
    // The environment is the doors' alone.
    let agent: Agent = config.proxy(None).build().into();
    let mut tries = 0;
    loop {
        tries += 1;
        let said = match once(&agent, url, key, event) {
            Ok(200..300) => return Ok(()),
            Ok(status) if tries == TRIES || !may_pass(status) => format!("status {status}"),
            Err(error) if tries == TRIES => error.to_string(),
            _ => {
                std::thread::sleep(PAUSE * (1 << (tries - 1)));
                continue;
            }
        };
        return Err(TellError::Refused { url: url.to_string(), tries, said });
    }
}

fn once(agent: &Agent, url: &Url, key: Option<&str>, event: &str) -> Result<u16, ureq::Error> {
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
