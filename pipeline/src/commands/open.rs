//! What every door needs first: a runtime, the configuration, the key, the clock.

use std::future::Future;
use std::path::{Path, PathBuf};

use anyhow::Context;
use chrono::{DateTime, SecondsFormat, Utc};
use hachi_serving::told_to_stop;
use hachi_snapshot::{Home, HomeError, PseudonymKey, StoreUrl};

use super::keys::with_keys;
use crate::config::Config;
use crate::publish::{LockError, WriterLock};
use crate::run::{Project, RunError, Stop, lake_of};

/// Folder and file of the key below the user's data folder.
const KEY_FILE: &str = "hachi/pseudonym.key";

/// Where Linux tells what a process has used.
const PROCESS_STATUS: &str = "/proc/self/status";
/// In it, the most memory that was resident at a time.
const PEAK_MEMORY: &str = "VmHWM:";

/// Runs `work` on `threads` threads.
pub fn block_on<T, F: Future<Output = anyhow::Result<T>>>(threads: usize, work: F) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads.max(1)).enable_all().build();
    runtime.context("failed to start the runtime")?.block_on(work)
}

/// Opens the project of `config` with all keys and everyone who was erased on any machine, making the pseudonym key at the first run.
pub fn project(config: Config) -> anyhow::Result<Project> {
    share_erasures(&config)?;
    project_as_known(config)
}

/// Brings the registry of the erased from the lake's home, if it has one: who reads rows must leave them out.
pub fn share_erasures(config: &Config) -> anyhow::Result<()> {
    if config.home.is_none() {
        return Ok(());
    }
    block_on(1, async { Ok(lake_of(config)?.share_erasures().await.map_err(RunError::from)?) })
}

/// The same with what this machine knows of the erased.
pub fn project_as_known(config: Config) -> anyhow::Result<Project> {
    let config = with_keys(config)?;
    let path = key_path(&config)?;
    if std::path::absolute(&path)?.starts_with(std::path::absolute(&config.lake)?) {
        anyhow::bail!("the pseudonym key `{}` is inside the lake; name a place outside it as `privacy.key_file`", path.display());
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("failed to create `{}` for the pseudonym key", folder.display()))?;
    }
    let key = PseudonymKey::load_or_create(path)?;
    Ok(Project::open(config, key)?)
}

/// Where the key is: as configured, or below the user's data folder (`XDG_DATA_HOME`).
pub fn key_path(config: &Config) -> anyhow::Result<PathBuf> {
    if let Some(path) = &config.key_file {
        return Ok(path.clone());
    }
    let data = dirs::data_dir().context("there is no home folder to keep the pseudonym key in; set `privacy.key_file`")?;
    Ok(data.join(KEY_FILE))
}

/// The configuration, with what the command line overrides.
pub fn config(path: &Path, lake: Option<&Path>, threads: Option<usize>) -> anyhow::Result<Config> {
    let mut config = Config::load(path)?;
    if let Some(lake) = lake {
        lake.clone_into(&mut config.lake);
    }
    if let Some(threads) = threads {
        config.engine.threads = threads;
    }
    config.home = config.store.as_ref().map(home).transpose()?;
    Ok(config)
}

#[expect(clippy::disallowed_methods, reason = "the environment is read in the doors")]
fn home(url: &StoreUrl) -> Result<Home, HomeError> {
    Home::s3(url, std::env::vars_os())
}

/// The clock; nothing below the doors has one.
#[expect(clippy::disallowed_methods, reason = "time enters here")]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}

/// Name of this machine.
pub fn host() -> String {
    hostname::get().map_or_else(|_| "an unnamed machine".to_owned(), |name| name.to_string_lossy().into_owned())
}

/// The one place among those who write to `folder`, held until dropped; `what` says for what, to whoever is refused meanwhile.
pub fn writer(folder: &Path, what: &str) -> Result<WriterLock, LockError> {
    let host = host();
    let since = now().to_rfc3339_opts(SecondsFormat::Secs, true);
    WriterLock::take(folder, &format!("process {} on {host}, {what}, since {since}", std::process::id()))
}

/// Tells a run to stop at the first SIGTERM or SIGINT.
pub fn stop() -> anyhow::Result<Stop> {
    let (told, stop) = (told_to_stop().context("failed to listen to signals")?, Stop::default());
    let tells = stop.clone();
    tokio::spawn(async move {
        told.await;
        tracing::warn!("told to stop; the run ends where nothing is half done");
        tells.tell();
    });
    Ok(stop)
}

/// A fresh name for a run that starts now: sortable, and unlike that of a run started at the same moment.
pub fn run_id() -> String {
    let now = now();
    format!("{}-{:08x}", now.format("%Y%m%dT%H%M%S%6fZ"), std::process::id())
}

/// Most memory that this process held at a time, bytes; none where the system does not tell.
pub fn peak_memory_bytes() -> Option<u64> {
    let status = std::fs::read_to_string(PROCESS_STATUS).ok()?;
    let kib = status.lines().find_map(|line| line.strip_prefix(PEAK_MEMORY))?.split_whitespace().next()?.parse::<u64>().ok()?;
    Some(kib << 10)
}

/// The key that a collector of lineage events asks for; the environment alone has it.
pub fn lineage_key() -> Option<String> {
    variable("OPENLINEAGE_API_KEY")
}

/// The namespace that jobs are known under.
pub fn lineage_namespace() -> String {
    variable("OPENLINEAGE_NAMESPACE").unwrap_or_else(|| "hachi".to_owned())
}

/// A variable of the environment; none where it is not set or empty.
#[expect(clippy::disallowed_methods, reason = "the environment is read in the doors")]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
