//! What can go wrong between a program and its store, request by request; the same seed goes wrong in the same way.

use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, Incoming};
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, IF_NONE_MATCH};
use hyper::{Request, Response, StatusCode};
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use s3s::service::S3Service;
use tokio::sync::mpsc::{Receiver, channel};

/// How a conditional put is noted.
pub const IF_ABSENT: &str = " if absent";
/// The largest body that goes through, in bytes.
const BODY_MAX: usize = 64 << 20;
/// Of a slow answer: so many pieces, and a pause before each.
const PIECES: usize = 6;
const PAUSE: Duration = Duration::from_millis(20);

/// One thing that can go wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// This status, and nothing was done. 409 is what S3 says when two conditional puts meet; 412 without an object is what a client
    /// is told whose own earlier try was carried out and then removed.
    Refused(u16),
    /// It was done, but this status says that it was not. 412 is the answer to one's own second try.
    Denied(u16),
    /// The connection is reset before anything was done.
    Reset,
    /// It was done, and the connection is reset instead of an answer.
    ResetAfter,
    /// Nothing is done and nothing answered, until the client gives up.
    Silence,
    /// It was done, and nothing is answered, until the client gives up.
    SilenceAfter,
    /// It was done, and the answer comes piece by piece.
    Slow,
    /// It was done; half of the answer's body comes, then the connection is reset.
    Cut,
}

/// All that can go wrong.
pub const FAULTS: [Fault; 14] = [
    Fault::Refused(500),
    Fault::Refused(503),
    Fault::Refused(429),
    Fault::Refused(409),
    Fault::Refused(412),
    Fault::Denied(500),
    Fault::Denied(503),
    Fault::Denied(412),
    Fault::Reset,
    Fault::ResetAfter,
    Fault::Silence,
    Fault::SilenceAfter,
    Fault::Slow,
    Fault::Cut,
];

/// When something goes wrong; the first request is number 1.
#[derive(Debug, Clone, Copy)]
pub enum Plan {
    /// Never.
    Never,
    /// With this request.
    At(u64, Fault),
    /// With this request and all that follow.
    From(u64, Fault),
    /// With each request at this probability, whatever comes; a seed.
    Sometimes(f64, u64),
    /// This request waits for ever, before or after it is carried out.
    Stall(u64, Moment),
}

/// Before or after a request is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Before.
    Before,
    /// After.
    After,
}

/// What stands between the socket and the store.
pub struct Layer {
    service: S3Service,
    /// Where the objects are.
    folder: PathBuf,
    heeds_conditions: bool,
    /// s3s-fs looks whether an object is there and then writes it, in two steps; S3 guarantees one. So conditional puts go through one
    /// at a time.
    conditional: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

struct State {
    plan: Plan,
    stream: ChaCha8Rng,
    asked: Vec<String>,
    is_stalled: bool,
}

impl State {
    fn new(plan: Plan) -> State {
        let seed = if let Plan::Sometimes(_, seed) = plan { seed } else { 0 };
        State { plan, stream: ChaCha8Rng::seed_from_u64(seed), asked: Vec::new(), is_stalled: false }
    }

    /// What goes wrong with the request that was just noted.
    fn fault(&mut self) -> Option<Fault> {
        let number = self.asked.len() as u64;
        match self.plan {
            Plan::At(place, fault) if place == number => Some(fault),
            Plan::From(place, fault) if place <= number => Some(fault),
            Plan::Sometimes(share, _) if self.stream.random_bool(share) => FAULTS.choose(&mut self.stream).copied(),
            Plan::Stall(place, moment) if place == number => {
                Some(if moment == Moment::Before { Fault::Silence } else { Fault::SilenceAfter })
            }
            _ => None,
        }
    }
}

impl Layer {
    pub fn new(service: S3Service, folder: PathBuf) -> Layer {
        let (conditional, state) = (tokio::sync::Mutex::new(()), Mutex::new(State::new(Plan::Never)));
        Layer { service, folder, heeds_conditions: true, conditional, state }
    }

    /// Writes whatever the condition.
    pub fn forgetful(service: S3Service, folder: PathBuf) -> Layer {
        Layer { heeds_conditions: false, ..Layer::new(service, folder) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panics here")
    }

    pub fn plan(&self, plan: Plan) {
        *self.state() = State::new(plan);
    }

    pub fn requests(&self) -> u64 {
        self.state().asked.len() as u64
    }

    pub fn asked(&self) -> Vec<String> {
        self.state().asked.clone()
    }

    pub fn is_stalled(&self) -> bool {
        self.state().is_stalled
    }

    /// Notes a request; what goes wrong with it.
    fn noted(&self, request: &Request<Incoming>) -> Option<Fault> {
        let mut state = self.state();
        let condition = if request.headers().contains_key(IF_NONE_MATCH) { IF_ABSENT } else { "" };
        state.asked.push(format!("{} {}{condition}", request.method(), request.uri()));
        state.fault()
    }

    /// Answers a request as planned; an error resets the connection.
    pub async fn answer(&self, request: Request<Incoming>) -> io::Result<Response<Pieces>> {
        let fault = self.noted(&request);
        let (head, body) = request.into_parts();
        // All of it is there before anything goes wrong, so that nothing else does.
        let body = s3s::Body::from(body).store_all_limited(BODY_MAX).await.map_err(io::Error::other)?;
        let request = Request::from_parts(head, body);
        match fault {
            Some(Fault::Refused(status)) => return Ok(refusal(status)),
            Some(Fault::Reset) => return Err(io::ErrorKind::ConnectionReset.into()),
            Some(Fault::Silence) => self.keep_silence().await,
            _ => {}
        }
        let (head, body) = self.carry_out(request).await?.into_parts();
        match fault {
            Some(Fault::Denied(status)) => Ok(refusal(status)),
            Some(Fault::ResetAfter) => Err(io::ErrorKind::ConnectionReset.into()),
            Some(Fault::SilenceAfter) => self.keep_silence().await,
            Some(fault @ (Fault::Slow | Fault::Cut)) => Ok(Response::from_parts(head, Pieces::spoiled(body, fault))),
            _ => Ok(Response::from_parts(head, Pieces::whole(body))),
        }
    }

    /// Until the client gives up, which drops this.
    async fn keep_silence<T>(&self) -> T {
        self.state().is_stalled = true;
        std::future::pending().await
    }

    async fn carry_out(&self, request: Request<Bytes>) -> io::Result<Response<Bytes>> {
        let is_conditional = request.headers().contains_key(IF_NONE_MATCH);
        let _alone = if is_conditional { Some(self.conditional.lock().await) } else { None };
        if is_conditional && !self.heeds_conditions {
            let _ = std::fs::remove_file(self.folder.join(request.uri().path().trim_start_matches('/')));
        }
        let answered = self.service.call(request.map(s3s::Body::from)).await.map_err(|error| io::Error::other(format!("{error:?}")))?;
        let (mut head, mut body) = answered.into_parts();
        let body = body.store_all_limited(BODY_MAX).await.map_err(io::Error::other)?;
        // The length of what a HEAD asks for is there already.
        head.headers.entry(CONTENT_LENGTH).or_insert(HeaderValue::from(body.len()));
        Ok(Response::from_parts(head, body))
    }
}

/// An error as S3 words it.
fn refusal(status: u16) -> Response<Pieces> {
    let code = match status {
        409 => "ConditionalRequestConflict",
        412 => "PreconditionFailed",
        429 => "TooManyRequests",
        503 => "SlowDown",
        _ => "InternalError",
    };
    let body =
        Bytes::from(format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>planned</Message></Error>"));
    let mut response = Response::new(Pieces::whole(body));
    *response.status_mut() = StatusCode::from_u16(status).expect("a status");
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    response
}

/// A body as it comes: it may be slow, or end with an error.
pub struct Pieces(Receiver<io::Result<Bytes>>);

impl Pieces {
    fn whole(body: Bytes) -> Pieces {
        let (sender, receiver) = channel(1);
        if !body.is_empty() {
            sender.try_send(Ok(body)).expect("room for one");
        }
        Pieces(receiver)
    }

    /// Slow, or cut in the middle.
    fn spoiled(body: Bytes, fault: Fault) -> Pieces {
        let (sender, receiver) = channel(1);
        let pieces = if fault == Fault::Cut { PIECES / 2 } else { PIECES };
        let length = body.len().div_ceil(PIECES).max(1);
        tokio::spawn(async move {
            for piece in body.chunks(length).take(pieces) {
                tokio::time::sleep(PAUSE).await;
                if sender.send(Ok(Bytes::copy_from_slice(piece))).await.is_err() {
                    return;
                }
            }
            if fault == Fault::Cut {
                let _ = sender.send(Err(io::ErrorKind::ConnectionReset.into())).await;
            }
        });
        Pieces(receiver)
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}
