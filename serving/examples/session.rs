//! How long `POST /v1/recommendations` takes over a socket: 50 recent courses among 20,000, both models, as JSON in milliseconds.
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Instant;

use chrono::DateTime;
use hachi_serving::{Config, Options, Server};
use hachi_snapshot::{Course, Lake, Manifest, ServeWriter, SessionFactors, SessionModel, SessionRows};

const COURSES: u32 = 20_000;
const DIM: u32 = 64;
/// Item–item weights kept of each course, as the pipeline keeps them.
const ROW: u32 = 200;
const RECENT: u32 = 50;
const REQUESTS: usize = 2_000;
/// Requests before the first that counts.
const WARM_UP: usize = 100;

fn main() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let lake = Lake::local(folder.path())?;
    runtime.block_on(publish(&lake))?;
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let (pseudonym_key, tokens, cors, feedback) = (None, None, Vec::new(), None);
    let lake = folder.path().to_owned();
    let options = Options { lake, store: None, listen, pseudonym_key, tokens, cors, feedback, feedback_limit_mib: 1, poll_seconds: 3600 };
    let server = runtime.block_on(Server::bind(Config::new(options)?))?;
    let addr = server.addr();
    runtime.spawn(server.run(std::future::pending()));
    while !ask(&mut TcpStream::connect(addr)?, "GET /readyz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")?.contains(" 200 ") {}
    measure(addr)
}

/// A multiplicative generator: the same numbers at every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % u64::from(below)) as u32
    }
}

async fn publish(lake: &Lake) -> anyhow::Result<()> {
    let path = "serve/run/serve.redb";
    write(&lake.file(path)?)?;
    let mut manifest = Manifest::draft("run", DateTime::UNIX_EPOCH, "bench");
    manifest.serve.push(lake.seal(path).await?);
    lake.commit(manifest).await?;
    Ok(())
}

fn write(path: &Path) -> anyhow::Result<()> {
    let mut numbers = Numbers(8);
    let mut unit = || numbers.next(2_001) as f32 / 1_000.0 - 1.0;
    let values = (0..COURSES * DIM).map(|_| unit() / (DIM as f32).sqrt()).collect();
    let gram = (0..DIM * DIM).map(|place| if place % (DIM + 1) == 0 { f64::from(COURSES) / f64::from(3 * DIM) } else { 0.0 }).collect();
    let weights = (0..COURSES * ROW).map(|_| unit()).collect();
    let columns = (0..COURSES).flat_map(|row| (0..ROW).map(move |at| at * (COURSES / ROW) + row % (COURSES / ROW))).collect();
    let mut writer = ServeWriter::create(path)?;
    writer.put_courses((0..COURSES).map(|at| Course::new(format!("course-{at}"), format!("Course {at}"))))?;
    writer.put_session(&SessionModel {
        courses: (0..COURSES).collect(),
        factors: Some(SessionFactors { dim: DIM, alpha0: 0.3, reg: 0.007, nu: 1.0, values, gram }),
        rows: Some(SessionRows { offsets: (0..=COURSES).map(|row| row * ROW).collect(), columns, weights }),
    })?;
    Ok(writer.finish()?)
}

fn measure(addr: SocketAddr) -> anyhow::Result<()> {
    let (mut numbers, mut micros) = (Numbers(9), Vec::with_capacity(REQUESTS));
    for request in 0..WARM_UP + REQUESTS {
        let recent: Vec<String> = (0..RECENT).map(|_| format!("\"course-{}\"", numbers.next(COURSES))).collect();
        let body = format!("{{\"recent\":[{}]}}", recent.join(","));
        let head = "POST /v1/recommendations HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n";
        let mut stream = TcpStream::connect(addr)?;
        let started = Instant::now();
        let answer = ask(&mut stream, &format!("{head}content-length: {}\r\n\r\n{body}", body.len()))?;
        let taken = started.elapsed().as_secs_f64() * 1e6;
        anyhow::ensure!(answer.contains("\"source\":\"session\""), "no list: {answer}");
        if request >= WARM_UP {
            micros.push(taken);
        }
    }
    micros.sort_unstable_by(f64::total_cmp);
    let at = |share: usize| micros[REQUESTS * share / 1000] / 1e3;
    println!("{}", serde_json::json!({ "requests": REQUESTS, "p50_ms": at(500), "p99_ms": at(990), "p999_ms": at(999) }));
    Ok(())
}

fn ask(stream: &mut TcpStream, request: &str) -> std::io::Result<String> {
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
