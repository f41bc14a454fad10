//! Where events go to.

use std::path::PathBuf;

use url::Url;

/// Where a collector takes events, below its address.
const ENDPOINT: &str = "/api/v1/lineage";

/// Where events go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineageTarget {
    /// A file that lines are appended to.
    File(PathBuf),
    /// A collector that events are posted to.
    Http(Url),
}

impl LineageTarget {
    /// Reads an address; one without a path gets the path that collectors have.
    ///
    /// # Errors
    /// What is expected instead.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const EXPECTED: &str = "`file:///…/lineage.jsonl`, `http://host:port` or `https://host`";
        let mut url = Url::parse(text).map_err(|_| EXPECTED)?;
        match url.scheme() {
            "file" => url.to_file_path().map(Self::File).map_err(|()| EXPECTED),
            "http" | "https" if !url.username().is_empty() || url.password().is_some() => {
                Err("an address without a user; the key is read from the environment variable OPENLINEAGE_API_KEY")
            }
            "http" | "https" => {
                if url.path() == "/" {
                    url.set_path(ENDPOINT);
                }
                Ok(Self::Http(url))
            }
            _ => Err(EXPECTED),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_files_or_collectors() {
        let http = |text: &str| match LineageTarget::parse(text) {
            Ok(LineageTarget::Http(url)) => url.to_string(),
            other => unreachable!("{text}: {other:?}"),
        };
        assert_eq!(http("http://localhost:5000"), "http://localhost:5000/api/v1/lineage");
        assert_eq!(http("http://localhost:5000/mine"), "http://localhost:5000/mine");
        assert_eq!(http("https://example.com"), "https://example.com/api/v1/lineage");
        assert_eq!(LineageTarget::parse("file:///var/l.jsonl"), Ok(LineageTarget::File(PathBuf::from("/var/l.jsonl"))));
        let refused = |text: &str| LineageTarget::parse(text).expect_err("refused");
        assert!(refused("http://me:secret@example.com").contains("OPENLINEAGE_API_KEY"));
        assert!(refused("https://me@example.com").contains("OPENLINEAGE_API_KEY"));
        assert!(refused("lineage.jsonl").contains("file:///"));
        assert!(refused("ftp://example.com").contains("http://"));
    }
}
