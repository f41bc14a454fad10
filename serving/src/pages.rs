//! The files of the pages for people and of the widget: part of the program, with their validators and compressed forms made once.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

use crate::codings::{Compression, compressed};

/// Bytes of a validator: enough that two files never share one.
const ETAG_BYTES: usize = 12;

/// One file, ready to be sent.
#[derive(Debug)]
pub(crate) struct File {
    /// Its path below `serving/pages`.
    pub(crate) name: &'static str,
    pub(crate) plain: Body,
    pub(crate) gzip: Body,
}

/// One form of a file.
#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) bytes: Vec<u8>,
    /// With its quotes; another for every form.
    pub(crate) etag: String,
}

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../pages/", $name)))),*]
    };
}

/// What is served below `/assets/`.
const ASSETS: [(&str, &str); ASSET_COUNT] = files![
    "css/base.css",
    "css/layout.css",
    "css/panels.css",
    "icon.svg",
    "js/api.js",
    "js/charts.js",
    "js/controls.js",
    "js/courses.js",
    "js/dom.js",
    "js/early.js",
    "js/format.js",
    "js/kpis.js",
    "js/lifecycle.js",
    "js/main.js",
    "js/models.js",
    "js/panel.js",
    "js/retention.js",
    "js/snapshot.js",
    "js/table.js",
    "js/token.js",
    "js/trend.js",
    "js/words.js",
    "js/words/en.js",
    "js/words/zh.js",
    "vendor/uplot/uPlot.iife.min.js",
    "vendor/uplot/uPlot.min.css",
];
const ASSET_COUNT: usize = 26;

const DASHBOARD: &str = include_str!("../pages/index.html");
/// How the page says its language; the other one is put in its place.
const ENGLISH_TAG: &str = "<html lang=\"en\"";
const CHINESE_TAG: &str = "<html lang=\"zh\"";

/// The files below `/assets/`.
static FILES: LazyLock<Vec<File>> = LazyLock::new(|| ASSETS.iter().map(|(name, text)| File::new(name, text)).collect());
/// The dashboard for those who read English.
pub(crate) static ENGLISH: LazyLock<File> = LazyLock::new(|| File::new("index.html", DASHBOARD));
/// The dashboard for those who read Chinese.
pub(crate) static CHINESE: LazyLock<File> = LazyLock::new(|| File::new("index.html", &DASHBOARD.replace(ENGLISH_TAG, CHINESE_TAG)));
/// What a site's pages load.
pub(crate) static WIDGET: LazyLock<File> = LazyLock::new(|| File::new("embed.js", include_str!("../pages/embed.js")));

/// The file of that name below `/assets/`.
pub(crate) fn asset(name: &str) -> Option<&'static File> {
    FILES.iter().find(|file| file.name == name)
}

impl File {
    fn new(name: &'static str, text: &str) -> Self {
        let hash = hex::encode(&Sha256::digest(text)[..ETAG_BYTES]);
        let plain = Body { bytes: text.as_bytes().to_vec(), etag: format!("\"{hash}\"") };
        let gzip = Body { bytes: compressed(text.as_bytes(), Compression::best()), etag: format!("\"{hash}-gzip\"") };
        Self { name, plain, gzip }
    }

    /// The media type, by the ending of the name.
    pub(crate) fn content_type(&self) -> &'static str {
        match self.name.rsplit_once('.').map(|(_, ending)| ending) {
            Some("css") => "text/css; charset=utf-8",
            Some("html") => "text/html; charset=utf-8",
            Some("js") => "text/javascript; charset=utf-8",
            Some("svg") => "image/svg+xml",
            _ => "application/octet-stream",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    /// With the data that it asks for, the dashboard must stay below 100 kB; `tests/pages` measures all of it.
    const DASHBOARD_BYTES_MAX: usize = 60_000;
    const WIDGET_BYTES_MAX: usize = 10_000;

    fn all() -> impl Iterator<Item = &'static File> {
        FILES.iter().chain([&*ENGLISH, &*CHINESE, &*WIDGET])
    }

    fn text(file: &File) -> &str {
        std::str::from_utf8(&file.plain.bytes).unwrap()
    }

    fn names_below(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                names_below(&path, found);
            } else {
                found.insert(path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned());
            }
        }
    }

    fn root() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("pages")
    }

    #[test]
    fn every_file_of_the_folder_is_embedded() {
        let mut found = BTreeSet::new();
        names_below(&root(), &mut found);
        let told = ["vendor/uplot/LICENSE", "vendor/uplot/README.md"];
        found.retain(|name| !told.contains(&name.as_str()));
        let embedded: BTreeSet<String> = all().map(|file| file.name.to_owned()).collect();
        assert_eq!(embedded, found);
    }

    #[test]
    fn both_are_small() {
        let dashboard: usize = FILES.iter().chain([&*ENGLISH]).map(|file| file.gzip.bytes.len()).sum();
        assert!(dashboard < DASHBOARD_BYTES_MAX, "{dashboard} bytes");
        assert!(WIDGET.plain.bytes.len() < WIDGET_BYTES_MAX, "{} bytes", WIDGET.plain.bytes.len());
    }

    #[test]
    fn no_file_asks_anybody_else() {
        // The namespace of SVG, and where the library's comment says that it is from: nobody is asked there.
        let told = ["http://www.w3.org/2000/svg", "https://github.com/leeoniya/uPlot"];
        for file in all() {
            let text = told.iter().fold(text(file).to_owned(), |text, told| text.replace(told, ""));
            let found = ["://", "\"//", "'//", "(//", "@import"].into_iter().find(|sign| text.contains(sign));
            assert!(found.is_none(), "{} holds {found:?}", file.name);
        }
    }

    #[test]
    fn the_page_needs_no_inline_script_or_style() {
        for sign in ["<style", " style=", "<script>", " onclick", " onload", "javascript:"] {
            assert!(!DASHBOARD.contains(sign), "the dashboard holds `{sign}`");
        }
    }

    #[test]
    fn the_page_says_its_language() {
        assert!(text(&ENGLISH).contains(ENGLISH_TAG) && text(&CHINESE).contains(CHINESE_TAG));
        assert_ne!(ENGLISH.plain.etag, CHINESE.plain.etag);
    }

    #[test]
    fn what_the_page_names_is_there() {
        let named = DASHBOARD.split(['"', '\'']).filter_map(|part| part.strip_prefix("assets/"));
        for name in named {
            assert!(asset(name).is_some(), "the dashboard names `{name}`");
        }
    }

    #[test]
    fn forms_have_their_own_validators() {
        let etags: BTreeSet<&str> = all().flat_map(|file| [file.plain.etag.as_str(), file.gzip.etag.as_str()]).collect();
        assert_eq!(etags.len(), 2 * all().count());
    }
}
