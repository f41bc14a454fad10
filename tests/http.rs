//! What a site's own HTTP client sees of a sidecar.

use std::time::Duration;

use serde_json::Value;
use ureq::Agent;

const TIMEOUT: Duration = Duration::from_mins(1);

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: String,
}

impl Answer {
    /// The JSON of a success.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        serde_json::from_str(&self.body).expect("JSON")
    }

    /// The items of a list.
    #[track_caller]
    pub fn items(self) -> Vec<Value> {
        let answer = self.ok();
        answer["items"].as_array().cloned().unwrap_or_else(|| unreachable!("no list: {answer}"))
    }
}

/// A client that keeps its connections, as a site would.
pub struct Client {
    url: String,
    agent: Agent,
}

impl Client {
    /// For a sidecar at `url`, without a `/` at the end.
    pub fn new(url: &str) -> Client {
        let agent = Agent::config_builder().http_status_as_error(false).timeout_global(Some(TIMEOUT)).build().into();
        Client { url: url.to_owned(), agent }
    }

    /// Asks for a path.
    #[track_caller]
    pub fn get(&self, path: &str) -> Answer {
        self.ask(path, None)
    }

    /// Asks for a path with a token.
    #[track_caller]
    pub fn get_as(&self, token: &str, path: &str) -> Answer {
        self.ask(path, Some(token))
    }

    /// Whom it asks.
    pub fn url(&self) -> &str {
        &self.url
    }

    #[track_caller]
    fn ask(&self, path: &str, token: Option<&str>) -> Answer {
        let request = self.agent.get(format!("{}{path}", self.url));
        let request = match token {
            Some(token) => request.header("authorization", format!("Bearer {token}")),
            None => request,
        };
        let mut response = request.call().expect("an answer");
        Answer { status: response.status().as_u16(), body: response.body_mut().read_to_string().expect("text") }
    }
}

/// `id` as one part of a path.
pub fn encoded(id: &str) -> String {
    let byte = |byte: u8| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    id.bytes().map(byte).collect()
}
