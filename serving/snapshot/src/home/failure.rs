//! What a store said, without what it repeats of a request, and without how long it took: the same failure has the same words.
//!
//! The body of an answer that refuses a signature names the access key and every signed header, a session's token among them. Of a
//! body nothing but its error code is kept.

use std::error::Error;
use std::fmt;

/// What stands before a body in the words of the client.
const BEFORE_BODY: [&str; 2] = ["status code: ", "error response: "];
const CODE: (&str, &str) = ("<Code>", "</Code>");

/// Why a store did not do what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreFailure {
    is_missing: bool,
    words: String,
}

impl StoreFailure {
    /// Whether what was asked for is not there.
    pub fn is_missing(&self) -> bool {
        self.is_missing
    }
}

impl From<object_store::Error> for StoreFailure {
    fn from(error: object_store::Error) -> Self {
        let mut words: Vec<String> = Vec::new();
        let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
        while let Some(error) = cause {
            let said = without_times(&without_body(&error.to_string()));
            if words.last().is_none_or(|last| !last.contains(&said)) {
                words.push(said);
            }
            cause = error.source();
        }
        Self { is_missing: matches!(error, object_store::Error::NotFound { .. }), words: words.join(": ") }
    }
}

impl fmt::Display for StoreFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

impl Error for StoreFailure {}

fn without_body(said: &str) -> String {
    let Some(at) = BEFORE_BODY.iter().filter_map(|before| said.find(before).map(|at| at + before.len())).min() else {
        return said.to_owned();
    };
    let body = said[at..].find([':', '<']).map_or(said.len(), |end| at + end);
    let code = said[body..].split_once(CODE.0).and_then(|(_, rest)| rest.split_once(CODE.1)).map(|(code, _)| code);
    let kept = said[..body].trim_end();
    code.map_or_else(|| kept.to_owned(), |code| format!("{kept}: {code}"))
}

/// Cuts what the client says between what it did and what came of it: `in 2.5s, after 6 retries, …`.
fn without_times(said: &str) -> String {
    let times = said.match_indices(" in ").find(|(at, words)| said[at + words.len()..].starts_with(|next: char| next.is_ascii_digit()));
    match times.and_then(|(at, _)| Some((&said[..at], said[at..].split_once(" - ")?.1))) {
        Some((what, why)) => format!("{what}: {why}"),
        None => said.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_body_only_the_code_is_kept() {
        let said = "Error performing PUT http://here/b/x in 2ms - Server returned non-2xx status code: 403 Forbidden: <Error>\
                    <Code>SignatureDoesNotMatch</Code><AWSAccessKeyId>AKIA1</AWSAccessKeyId><StringToSign>x-amz-security-token:t0ken\
                    </StringToSign></Error>";
        let source = std::io::Error::other(said).into();
        let failure = StoreFailure::from(object_store::Error::Generic { store: "S3", source });
        let expected = "Generic S3 error: Error performing PUT http://here/b/x: Server returned non-2xx status code: 403 Forbidden: \
                        SignatureDoesNotMatch";
        assert_eq!(failure.to_string(), expected);
        assert!(!format!("{failure:?}").contains("AKIA1"));
        assert_eq!(without_times("GET x in 958.4ms, after 6 retries, retry_timeout: 60s  - HTTP error"), "GET x: HTTP error");
        assert_eq!(without_times("no file in here - or there"), "no file in here - or there");
        assert_eq!(without_body("Server returned error response: {\"key\": \"AKIA1\"}"), "Server returned error response: {\"key\"");
    }
}
