//! OpenLineage events over TLS: to a collector whose certificate the machine trusts, and to one whose it does not.

use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::JoinHandle;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::Value;

use crate::lineage::{RUN, answer, assert_published};
use crate::observability::site;
use crate::programs::{Said, assert_holds};
use crate::site::Site;

/// How often hachi sends an event at most.
const TRIES: usize = 3;

type Authority = CertifiedIssuer<'static, KeyPair>;

/// Head and body of a request, or why there was none.
type Asked = Result<(String, String), String>;

/// An authority that signs certificates; nobody knows it who isn't told.
fn authority(name: &str) -> Authority {
    let mut own = CertificateParams::new([]).expect("no names");
    own.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    own.distinguished_name.push(DnType::CommonName, name);
    CertifiedIssuer::self_signed(own, KeyPair::generate().expect("a key")).expect("a certificate")
}

/// What a collector called `name` shows.
fn identity(authority: &Authority, name: &str) -> Arc<ServerConfig> {
    let key = KeyPair::generate().expect("a key");
    let own = CertificateParams::new([name.to_owned()]).expect("a name");
    let certificate = own.signed_by(&key, authority).expect("a certificate");
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("versions");
    Arc::new(config.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key).expect("a pair"))
}

/// A collector that takes so many requests, one connection each, and then is gone: what was asked of it, or why it was not.
fn collector(identity: Arc<ServerConfig>, requests: usize) -> (String, JoinHandle<Vec<Asked>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("https://{}", listener.local_addr().expect("an address"));
    let serve = move || (0..requests).map(|_| take(listener.accept().expect("a client").0, &identity)).collect();
    (url, std::thread::spawn(serve))
}

fn take(mut stream: TcpStream, identity: &Arc<ServerConfig>) -> Asked {
    let mut connection = ServerConnection::new(Arc::clone(identity)).expect("a sound configuration");
    while connection.is_handshaking() {
        connection.complete_io(&mut stream).map_err(|refused| refused.to_string())?;
    }
    Ok(answer(StreamOwned::new(connection, stream), 201))
}

/// A run that tells `url`, on a machine that trusts `authority` alone.
fn told(site: &Site, authority: &Authority) -> Said {
    site.write("authority.pem", authority.pem());
    let mut command = site.command(RUN);
    command.env("SSL_CERT_FILE", site.path("authority.pem")).env_remove("SSL_CERT_DIR").env("OPENLINEAGE_API_KEY", "s3cret");
    Said::from(command.output().expect("a program that starts")).ok()
}

fn site_telling(url: &str) -> Site {
    site(&format!("[observability]\nopenlineage = \"{url}\"\n"))
}

#[test]
fn events_reach_a_collector_that_the_machine_trusts() {
    let authority = authority("ours");
    let (url, asked) = collector(identity(&authority, "127.0.0.1"), 2);
    let said = told(&site_telling(&url), &authority);
    assert_eq!(said.stderr, "");
    let asked: Vec<_> = asked.join().expect("two requests").into_iter().map(|request| request.expect("a request")).collect();
    for (head, _) in &asked {
        assert_holds(head, &["post /api/v1/lineage http/1.1", "authorization: bearer s3cret"]);
    }
    let events: Vec<Value> = asked.iter().map(|(_, body)| serde_json::from_str(body).expect("JSON")).collect();
    assert_published(&events[0], &events[1]);
}

/// Asserts that neither event went to a collector that shows `identity` where `trusted` is trusted, and that the run went on.
#[track_caller]
fn assert_refused(identity: Arc<ServerConfig>, trusted: &Authority, why: &str) {
    let (url, asked) = collector(identity, 2);
    let site = site_telling(&url);
    let said = told(&site, trusted);
    assert_holds(&said.stderr, &["not all of it is told", &format!("`{url}/api/v1/lineage` did not take the event (tries: 1)"), why]);
    assert_holds(&said.stderr, &["SSL_CERT_FILE"]);
    assert!(!said.stderr.contains("s3cret"), "{}", said.stderr);
    assert!(asked.join().expect("two tries").iter().all(Result::is_err), "an event went to whom nobody trusts");
    assert_eq!(site.latest().number, 1);
}

#[test]
fn a_collector_that_nobody_trusts_gets_nothing() {
    assert_refused(identity(&authority("theirs"), "127.0.0.1"), &authority("ours"), "UnknownIssuer");
}

#[test]
fn a_collector_of_another_name_gets_nothing() {
    let authority = authority("ours");
    assert_refused(identity(&authority, "collector.example.com"), &authority, "not valid for name");
}

/// What two events and their tries say to a listener that understands nothing.
fn heard(listener: &TcpListener) -> Vec<u8> {
    let mut heard = Vec::new();
    for _ in 0..2 * TRIES {
        let (mut stream, _) = listener.accept().expect("a client");
        let mut piece = [0; 4096];
        let length = stream.read(&mut piece).expect("what it says first");
        heard.extend(&piece[..length]);
    }
    heard
}

/// Whoever listens there without TLS does not see the key.
#[test]
fn a_collector_without_tls_gets_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("https://{}", listener.local_addr().expect("an address"));
    let heard = std::thread::spawn(move || heard(&listener));
    let site = site_telling(&url);
    let said = told(&site, &authority("ours"));
    assert_holds(&said.stderr, &["not all of it is told", &url]);
    let heard = heard.join().expect("all tries");
    assert!(!heard.is_empty() && !String::from_utf8_lossy(&heard).contains("s3cret"));
    assert_eq!(site.latest().number, 1);
}
