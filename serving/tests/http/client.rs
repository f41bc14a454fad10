//! A small HTTP client that can also be rude.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(20);

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// A refusal, told as RFC 9457 wants it.
    pub fn problem(&self, status: u16) -> String {
        assert_eq!((self.status, self.header("content-type")), (status, Some("application/problem+json")), "{self:?}");
        assert_eq!(self.json()["status"], status);
        self.json()["detail"].as_str().unwrap().to_owned()
    }

    /// The `course_id`s of a list.
    pub fn courses(&self) -> Vec<String> {
        let json = self.json();
        let items = json["items"].as_array().unwrap_or_else(|| panic!("no list: {self:?}"));
        items.iter().map(|item| item["course_id"].as_str().unwrap().to_owned()).collect()
    }
}

pub fn connect(addr: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(addr).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

pub fn get(addr: SocketAddr, target: &str) -> Answer {
    send(addr, &format!("GET {target} HTTP/1.1\r\n"))
}

/// The same of whoever holds this token.
pub fn with_token(addr: SocketAddr, token: &str, target: &str) -> Answer {
    send(addr, &format!("GET {target} HTTP/1.1\r\nauthorization: Bearer {token}\r\n"))
}

/// Sends a request line and headers, each with its line end, and reads until the server closes.
pub fn send(addr: SocketAddr, head: &str) -> Answer {
    let mut stream = connect(addr);
    // A server that refuses early may close before everything is written.
    let _ = stream.write_all(format!("{head}host: sidecar\r\nconnection: close\r\n\r\n").as_bytes());
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    parse(&String::from_utf8(bytes).unwrap())
}

/// Posts JSON, with further headers, each with its line end.
pub fn post(addr: SocketAddr, target: &str, headers: &str, body: &serde_json::Value) -> Answer {
    let stream = connect(addr);
    exchange(stream, target, headers, body).unwrap_or_else(|| panic!("no answer"))
}

/// The same to a server that may be gone by now.
pub fn try_post(addr: SocketAddr, target: &str, body: &serde_json::Value) -> Option<Answer> {
    let stream = TcpStream::connect(addr).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    exchange(stream, target, "", body)
}

fn exchange(mut stream: TcpStream, target: &str, headers: &str, body: &serde_json::Value) -> Option<Answer> {
    let body = body.to_string();
    let json = if headers.contains("content-type") { "" } else { "content-type: application/json\r\n" };
    let head = format!("POST {target} HTTP/1.1\r\nhost: sidecar\r\nconnection: close\r\n{json}{headers}");
    stream.write_all(format!("{head}content-length: {}\r\n\r\n{body}", body.len()).as_bytes()).ok()?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    text.contains("\r\n\r\n").then(|| parse(&text))
}

pub fn parse(text: &str) -> Answer {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: `{text}`"));
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines.map(|line| line.split_once(": ").unwrap()).map(|(key, value)| (key.to_lowercase(), value.to_owned()));
    Answer { status, headers: headers.collect(), body: body.to_owned() }
}
