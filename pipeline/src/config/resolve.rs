//! From what was written to what it means: defaults filled in, ranges checked, paths made absolute.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use chrono::{NaiveDate, TimeDelta};
use chrono_tz::Tz;
use hachi_snapshot::{Home, KEEP_HOURS_MIN, KEEP_SNAPSHOTS_MIN, Keep, StoreUrl, StoreUrlError};
use sha2::{Digest, Sha256};

use super::ConfigError;
use super::declared::declared;
use super::encryption::{Encryption, encryption};
use super::file::{self, Column, File, Source};
use super::freshness::{Freshness, freshness};
use super::observability::{Observability, observability};
use super::recommend::{EvaluationConfig, dwell_hour, evaluation, learn_options};
use super::schedule::jobs;
use crate::domain::declared::Declared;
use crate::domain::mapping::ColumnRule;
use crate::domain::nearest::did_you_mean;
use crate::domain::raw_tables::RawTable;
use crate::domain::timestamps::TimeFormat;
use crate::engine::{EngineOptions, Keyring};
use crate::recommend::LearnOptions;
use crate::schedule::Job;
use crate::sources::AccessLogRules;

const KEEP_SNAPSHOTS_MAX: usize = 1_000_000;
const KEEP_HOURS_MAX: u32 = 1_000_000;
const DEFAULT_MEMORY_MIB: usize = 4096;
const MIN_MEMORY_MIB: usize = 64;
const DEFAULT_MIN_GROUP: u32 = 5;
const DEFAULT_GAP_MINUTES: u32 = 30;
const MAX_GAP_MINUTES: u32 = 24 * 60;
const DEFAULT_HALF_LIFE_DAYS: f64 = 30.0;

/// First day of a week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeekStart {
    /// ISO 8601.
    Monday,
    /// As in the United States.
    Sunday,
}

/// One raw table's place and rules.
#[derive(Debug, Clone)]
pub struct SourceConfig {
    /// File or folder of Parquet.
    pub path: PathBuf,
    /// What was written about the format, for `hachi ingest`.
    pub written: Source,
    /// Canonical column → where its values come from.
    pub columns: BTreeMap<String, ColumnRule>,
    /// How old its latest day may be.
    pub freshness: Freshness,
}

/// A checked configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Time zone whose local days are counted.
    pub timezone: Tz,
    /// First day of a week.
    pub week_start: WeekStart,
    /// Last local day that landed whole, if configured.
    pub watermark: Option<NaiveDate>,
    /// Folder of the lake.
    pub lake: PathBuf,
    /// Where its home is, if it has one.
    pub store: Option<StoreUrl>,
    /// The home itself, which the doors open with what the environment says.
    pub home: Option<Home>,
    /// Which snapshots stay in it.
    pub keep: Keep,
    /// Threads and memory.
    pub engine: EngineOptions,
    /// Where a run tells how it went, besides the lake.
    pub observability: Observability,
    /// File of the pseudonym key, if configured.
    pub key_file: Option<PathBuf>,
    /// Keys of encrypted files, and where they are.
    pub encryption: Encryption,
    /// The same keys, once a door has read them.
    pub keys: Keyring,
    /// Numbers on fewer members are held back.
    pub min_group: u32,
    /// File of the members who refuse personalisation, if configured.
    pub refused: Option<PathBuf>,
    /// File of the members who were erased, if configured.
    pub erased: Option<PathBuf>,
    /// Folder of the site's own models.
    pub models: Option<PathBuf>,
    /// Configured raw tables.
    pub sources: BTreeMap<RawTable, SourceConfig>,
    /// Routes, assets and health checks of the access log.
    pub access_log: AccessLogRules,
    /// Pause that starts a new session, seconds.
    pub session_gap_s: u32,
    /// Retention, funnels and segments.
    pub declared: Declared,
    /// Days after which an act counts half.
    pub half_life_days: f64,
    /// What an hour on lessons weighs, in lesson views.
    pub dwell_hour: f64,
    /// Smallest and largest rating.
    pub rating_range: (f64, f64),
    /// The learning stage.
    pub learn: LearnOptions,
    /// What lists are judged by.
    pub evaluation: EvaluationConfig,
    /// What runs by itself, by name.
    pub jobs: Vec<Job>,
    /// SHA-256 of the text, hex.
    pub hash: String,
}

impl Config {
    /// Reads and checks `path`.
    ///
    /// # Errors
    /// When the file can't be read, has an unknown key, or a value out of its range.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        let file: File = toml::from_str(&text).map_err(|error| ConfigError::parse(path.to_owned(), &error))?;
        Self::resolve(file, base(path), &text)
    }

    /// Checks `file`, whose relative paths start at `base`.
    ///
    /// # Errors
    /// When a value is out of its range.
    pub fn resolve(file: File, base: &Path, text: &str) -> Result<Self, ConfigError> {
        let learn = learn_options(&file)?;
        let zone = timezone("site.timezone", file.site.timezone.as_deref().unwrap_or("UTC"))?;
        Ok(Self {
            timezone: zone,
            week_start: week_start(file.site.week_start.as_deref())?,
            watermark: watermark(file.site.watermark.as_deref())?,
            lake: lake(&file.lake, base),
            store: file.lake.store.as_deref().map(store).transpose()?,
            home: None,
            keep: keep(&file)?,
            engine: engine_options(&file)?,
            observability: observability(&file.observability, base)?,
            key_file: file.privacy.key_file.as_deref().map(|p| base.join(p)),
            encryption: encryption(&file.encryption, base)?,
            keys: Keyring::default(),
            min_group: in_range("privacy.min_group", file.privacy.min_group.unwrap_or(DEFAULT_MIN_GROUP), 1..=1000)?,
            refused: file.privacy.refused.as_deref().map(|p| base.join(p)),
            erased: file.privacy.erased.as_deref().map(|p| base.join(p)),
            models: file.models.path.as_deref().map(|p| base.join(p)),
            access_log: access_log_rules(file.sources.get("access_log"))?,
            session_gap_s: 60
                * in_range("sessions.gap_minutes", file.sessions.gap_minutes.unwrap_or(DEFAULT_GAP_MINUTES), 1..=MAX_GAP_MINUTES)?,
            declared: declared(&file)?,
            half_life_days: half_life(file.recommend.half_life_days)?,
            dwell_hour: dwell_hour(&file)?,
            rating_range: rating_range(&file)?,
            evaluation: evaluation(&file)?,
            jobs: jobs(&file, zone)?,
            sources: sources(file.sources, base)?,
            learn,
            hash: hex::encode(Sha256::digest(text.as_bytes())),
        })
    }
}

pub(super) fn value(key: &str, written: impl ToString, expected: impl Into<String>) -> ConfigError {
    ConfigError::Value { key: key.to_owned(), value: written.to_string(), expected: expected.into() }
}

pub(super) fn in_range<T: PartialOrd + ToString + Copy>(
    key: &str,
    written: T,
    range: std::ops::RangeInclusive<T>,
) -> Result<T, ConfigError> {
    if range.contains(&written) {
        return Ok(written);
    }
    Err(value(key, written, format!("{} to {}", range.start().to_string(), range.end().to_string())))
}

/// The folder that relative paths start at.
pub(super) fn base(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

pub(super) fn lake(written: &file::Lake, base: &Path) -> PathBuf {
    base.join(written.path.as_deref().unwrap_or(Path::new("lake")))
}

fn store(written: &str) -> Result<StoreUrl, ConfigError> {
    // A secret in it is not repeated.
    let place = written.split(['?', '#']).next().unwrap_or_default();
    let shown = place.rsplit_once('@').map_or_else(|| place.to_owned(), |(_, rest)| format!("…@{rest}"));
    written.parse().map_err(|expected: StoreUrlError| value("lake.store", shown, expected.to_string()))
}

pub(super) fn timezone(key: &str, name: &str) -> Result<Tz, ConfigError> {
    Tz::from_str(name).map_err(|_| {
        let hint = did_you_mean(name, chrono_tz::TZ_VARIANTS.iter().map(|tz| tz.name()));
        value(key, name, format!("an IANA time zone{hint}"))
    })
}

fn week_start(written: Option<&str>) -> Result<WeekStart, ConfigError> {
    match written.unwrap_or("monday") {
        "monday" => Ok(WeekStart::Monday),
        "sunday" => Ok(WeekStart::Sunday),
        other => Err(value("site.week_start", other, "`monday` or `sunday`")),
    }
}

fn watermark(written: Option<&str>) -> Result<Option<NaiveDate>, ConfigError> {
    written.map(|text| NaiveDate::from_str(text).map_err(|_| value("site.watermark", text, "a day such as `2026-03-31`"))).transpose()
}

fn keep(file: &File) -> Result<Keep, ConfigError> {
    let snapshots = file.lake.keep_snapshots.unwrap_or(KEEP_SNAPSHOTS_MIN);
    let hours = file.lake.keep_hours.unwrap_or(KEEP_HOURS_MIN);
    Ok(Keep {
        snapshots: in_range("lake.keep_snapshots", snapshots, KEEP_SNAPSHOTS_MIN..=KEEP_SNAPSHOTS_MAX)?,
        age: TimeDelta::hours(in_range("lake.keep_hours", hours, KEEP_HOURS_MIN..=KEEP_HOURS_MAX)?.into()),
        ..Keep::default()
    })
}

fn engine_options(file: &File) -> Result<EngineOptions, ConfigError> {
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let threads = in_range("engine.threads", file.engine.threads.unwrap_or(cores), 1..=1024)?;
    let mib = in_range("engine.memory_mib", file.engine.memory_mib.unwrap_or(DEFAULT_MEMORY_MIB), MIN_MEMORY_MIB..=16_777_216)?;
    Ok(EngineOptions { threads, memory_bytes: mib << 20 })
}

fn half_life(written: Option<f64>) -> Result<f64, ConfigError> {
    in_range("recommend.half_life_days", written.unwrap_or(DEFAULT_HALF_LIFE_DAYS), 0.1..=36_500.0)
}

fn rating_range(file: &File) -> Result<(f64, f64), ConfigError> {
    let min = file.recommend.rating_min.unwrap_or(1.0);
    let max = file.recommend.rating_max.unwrap_or(5.0);
    if min.is_finite() && max.is_finite() && min < max {
        return Ok((min, max));
    }
    Err(value("recommend.rating_max", max, format!("a number above `recommend.rating_min`, which is {min}")))
}

fn access_log_rules(source: Option<&Source>) -> Result<AccessLogRules, ConfigError> {
    let Some(source) = source else { return Ok(AccessLogRules::default()) };
    AccessLogRules::new(&source.routes, source.assets.as_deref(), source.health_checks.as_deref(), source.session_params.as_deref())
        .map_err(|error| value("sources.access_log.routes", error.pattern(), error.to_string()))
}

fn sources(written: BTreeMap<String, Source>, base: &Path) -> Result<BTreeMap<RawTable, SourceConfig>, ConfigError> {
    if written.is_empty() {
        return Err(ConfigError::NoSources);
    }
    written.into_iter().map(|(name, source)| resolve_source(&name, source, base)).collect()
}

fn resolve_source(name: &str, mut written: Source, base: &Path) -> Result<(RawTable, SourceConfig), ConfigError> {
    let key = format!("sources.{name}");
    let table = RawTable::parse(name).ok_or_else(|| ConfigError::Unknown {
        key: key.clone(),
        what: "table",
        name: name.to_owned(),
        hint: did_you_mean(name, RawTable::ALL.iter().map(|t| t.name())),
    })?;
    let default = PathBuf::from("raw").join(name);
    let path = base.join(written.path.as_ref().unwrap_or(&default));
    let columns = written
        .columns
        .iter()
        .map(|(column, rule)| Ok((known_column(table, column, &key)?, column_rule(&key, column, rule)?)))
        .collect::<Result<_, ConfigError>>()?;
    only_access_log(table, &written, &key)?;
    // Taken out of what is written, because it says nothing of how rows are read.
    let freshness = freshness(&key, written.freshness.take().as_ref())?;
    Ok((table, SourceConfig { path, written, columns, freshness }))
}

fn known_column(table: RawTable, column: &str, key: &str) -> Result<String, ConfigError> {
    if table.columns().iter().any(|c| c.name == column) {
        return Ok(column.to_owned());
    }
    Err(ConfigError::Unknown {
        key: format!("{key}.columns"),
        what: "column",
        name: column.to_owned(),
        hint: did_you_mean(column, table.columns().iter().map(|c| c.name)),
    })
}

fn column_rule(key: &str, column: &str, rule: &Column) -> Result<ColumnRule, ConfigError> {
    Ok(match rule {
        Column::Name(name) => ColumnRule::From { name: name.clone(), format: None, scale: None },
        Column::Value(value) => ColumnRule::Value(value.value.clone()),
        Column::From(from) => {
            let format = from
                .format
                .as_deref()
                .map(|text| {
                    TimeFormat::parse(text).map_err(|error| value(&format!("{key}.columns.{column}.format"), text, error.to_string()))
                })
                .transpose()?;
            ColumnRule::From { name: from.from.clone(), format, scale: from.scale }
        }
    })
}

/// Keys that only the access log has are refused elsewhere, rather than silently without effect.
fn only_access_log(table: RawTable, written: &Source, key: &str) -> Result<(), ConfigError> {
    let misplaced = [
        ("routes", !written.routes.is_empty()),
        ("assets", written.assets.is_some()),
        ("health_checks", written.health_checks.is_some()),
        ("session_params", written.session_params.is_some()),
    ];
    match misplaced.iter().find(|(_, present)| *present) {
        Some((name, _)) if table != RawTable::AccessLog => {
            Err(value(&format!("{key}.{name}"), "set", "to be set for `[sources.access_log]` only"))
        }
        _ => Ok(()),
    }
}
