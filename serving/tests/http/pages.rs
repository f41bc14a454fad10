//! The page for people and the widget, as far as that can be told without a browser; `tests/pages` has one.

use crate::client::{Answer, get, send};
use crate::lake::TestLake;
use crate::sidecar::Sidecar;

fn sidecar() -> (TestLake, Sidecar) {
    let lake = TestLake::new();
    let sidecar = Sidecar::start(&lake);
    (lake, sidecar)
}

fn ask(sidecar: &Sidecar, target: &str, headers: &str) -> Answer {
    send(sidecar.addr, &format!("GET {target} HTTP/1.1\r\n{headers}"))
}

#[test]
fn the_page_is_there_before_the_first_snapshot() {
    let (_lake, sidecar) = sidecar();
    let page = get(sidecar.addr, "/");
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'self';") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(page.header("cache-control"), Some("no-cache"));
}

#[test]
fn all_that_the_page_names_is_there() {
    let (_lake, sidecar) = sidecar();
    let page = get(sidecar.addr, "/").body;
    let mut named = page.split('"').filter(|part| part.starts_with("assets/")).peekable();
    assert!(named.peek().is_some());
    for asset in named {
        let answer = get(sidecar.addr, &format!("/{asset}"));
        assert!(answer.status == 200 && answer.header("etag").is_some(), "{asset}: {}", answer.status);
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
    get(sidecar.addr, "/assets/none.js").problem(404);
    get(sidecar.addr, "/assets/../Cargo.toml").problem(404);
    get(sidecar.addr, "/assets/%2e%2e/Cargo.toml").problem(404);
    get(sidecar.addr, "/assets/").problem(404);
}

#[test]
fn the_page_speaks_the_reader_s_language() {
    let (_lake, sidecar) = sidecar();
    let language = |target, headers| {
        let page = ask(&sidecar, target, headers);
        assert_eq!(page.headers.iter().filter(|(name, _)| name == "vary").count(), 2, "{page:?}");
        page.body.split("<html lang=\"").nth(1).unwrap()[..2].to_owned()
    };
    assert_eq!(language("/", ""), "en");
    assert_eq!(language("/", "accept-language: zh-CN,zh;q=0.9\r\n"), "zh");
    assert_eq!(language("/?lang=en", "accept-language: zh-CN\r\n"), "en");
    assert_eq!(language("/?lang=zh", ""), "zh");
    get(sidecar.addr, "/?lang=fr").problem(400);
}

#[test]
fn unchanged_files_are_not_sent_again() {
    let (_lake, sidecar) = sidecar();
    for target in ["/", "/embed.js", "/assets/js/main.js"] {
        let etag = get(sidecar.addr, target).header("etag").unwrap().to_owned();
        let again = ask(&sidecar, target, &format!("if-none-match: {etag}\r\n"));
        assert_eq!((again.status, again.body.as_str(), again.header("etag")), (304, "", Some(etag.as_str())));
        assert_eq!(ask(&sidecar, target, "if-none-match: \"other\"\r\n").status, 200);
    }
}

#[test]
fn whoever_takes_gzip_gets_it() {
    let (_lake, sidecar) = sidecar();
    // A compressed body is no text: what is asked is only its head.
    let head = |headers: &str| send(sidecar.addr, &format!("HEAD /assets/js/main.js HTTP/1.1\r\n{headers}"));
    let (plain, zipped) = (head("accept-encoding: gzip;q=0, br\r\n"), head("accept-encoding: gzip, br\r\n"));
    assert_eq!((plain.header("content-encoding"), zipped.header("content-encoding")), (None, Some("gzip")));
    assert_eq!((plain.header("vary"), zipped.header("vary")), (Some("accept-encoding"), Some("accept-encoding")));
    assert_ne!(plain.header("etag"), zipped.header("etag"));
    let size = |answer: &Answer| answer.header("content-length").unwrap().parse::<usize>().unwrap();
    assert!(size(&zipped) < size(&plain));
}

#[test]
fn pages_of_other_origins_may_load_the_widget_and_nothing_else() {
    let (_lake, sidecar) = sidecar();
    let widget = get(sidecar.addr, "/embed.js");
    assert_eq!((widget.status, widget.header("access-control-allow-origin")), (200, Some("*")));
    assert_eq!(widget.header("content-type"), Some("text/javascript; charset=utf-8"));
    assert!(widget.header("cache-control").unwrap().starts_with("public, max-age=3600"));
    assert!(widget.body.len() < 10_000);
    for target in ["/", "/assets/js/main.js"] {
        assert_eq!(get(sidecar.addr, target).header("access-control-allow-origin"), None);
    }
}
