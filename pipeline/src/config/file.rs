//! `hachi.toml` as written: one struct per table, every key optional, unknown keys refused.
//!
//! What does not belong: what a value means (see `resolve`).

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use crate::schedule::Missed;

/// The whole file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct File {
    /// Time and place of the community.
    pub site: Site,
    /// Where published tables go.
    pub lake: Lake,
    /// How much of the machine a run may use.
    pub engine: Engine,
    /// Pseudonyms and small numbers.
    pub privacy: Privacy,
    /// Keys of encrypted files.
    pub encryption: Encryption,
    /// The site's own SQL models.
    pub models: Models,
    /// Where a run tells how it went.
    pub observability: Observability,
    /// Raw tables by canonical name.
    pub sources: BTreeMap<String, Source>,
    /// How page views become sessions.
    pub sessions: Sessions,
    /// Who starts, who returns, who is gone.
    pub retention: Retention,
    /// Funnels by name.
    pub funnels: BTreeMap<String, Funnel>,
    /// Segments of members by name.
    pub segments: BTreeMap<String, Segment>,
    /// How interactions become recommendations.
    pub recommend: Recommend,
    /// What runs by itself.
    pub schedule: Schedule,
}

/// `[site]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Site {
    /// IANA time zone whose local days are counted, e.g. `Asia/Shanghai`; default `UTC`.
    pub timezone: Option<String>,
    /// `monday` (default) or `sunday`.
    pub week_start: Option<String>,
    /// Last local day that landed whole, `YYYY-MM-DD`; derived from the raw data where absent.
    pub watermark: Option<String>,
}

/// `[lake]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Lake {
    /// Folder of the lake, relative to this file; default `lake`.
    pub path: Option<PathBuf>,
    /// The store that the folder is the working copy of, `s3://bucket/prefix`; without it the folder is all there is.
    pub store: Option<String>,
    /// Snapshots that are kept at least; default and least 5.
    pub keep_snapshots: Option<usize>,
    /// Hours for which a snapshot is kept after another has taken its place; default and least 24.
    pub keep_hours: Option<u32>,
}

/// `[engine]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Engine {
    /// Threads of the SQL engine and the solvers; default: all cores.
    pub threads: Option<usize>,
    /// Memory of the SQL engine in MiB; default 4096. What does not fit is spilled to disk.
    pub memory_mib: Option<usize>,
}

/// `[privacy]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Privacy {
    /// File of the pseudonym key, outside the lake; default under the user's data folder.
    pub key_file: Option<PathBuf>,
    /// Numbers on fewer members than this are held back; default 5.
    pub min_group: Option<u32>,
    /// File with the ids of members who refuse personalisation, one a line.
    pub refused: Option<PathBuf>,
    /// File with the ids of members who were erased, one a line.
    pub erased: Option<PathBuf>,
}

/// `[encryption]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Encryption {
    /// The first writes, all read; without any, nothing is encrypted.
    pub keys: Vec<EncryptionKey>,
    /// Whether new files of sensitive tables are encrypted; default: where there are keys.
    pub enabled: Option<bool>,
}

/// One of `encryption.keys`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EncryptionKey {
    /// Name that files keep.
    pub id: String,
    /// File with 64 hex digits, outside the lake.
    pub file: Option<PathBuf>,
    /// Variable of the environment that holds them.
    pub env: Option<String>,
}

/// `[models]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Models {
    /// Folder of the site's own `<area>/<table>.sql`; a file named like a built-in model replaces it.
    pub path: Option<PathBuf>,
}

/// `[observability]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Observability {
    /// File for the textfile collector of Prometheus' node exporter; its name ends in `.prom`.
    pub metrics_file: Option<PathBuf>,
    /// Where OpenLineage events go: `file:///…`, `http://…` or `https://…`.
    pub openlineage: Option<String>,
}

/// `[sources.<table>]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Source {
    /// Folder or file of Parquet, relative to this file; `hachi ingest` writes here.
    pub path: Option<PathBuf>,
    /// What `hachi ingest` reads: `auto`, `combined`, `common`, `nginx_json`, `csv`, `tsv`, `jsonl`; default: told from the content.
    pub format: Option<String>,
    /// For `csv`: one or more characters, or `whitespace`; default `,`.
    pub delimiter: Option<String>,
    /// For `csv` without a header line: the columns in order.
    pub header: Option<Vec<String>>,
    /// Canonical column = the site's column, or a rule.
    pub columns: BTreeMap<String, Column>,
    /// How old its latest day may be.
    pub freshness: Option<Freshness>,
    /// Access log only: URL pattern = event name.
    pub routes: BTreeMap<String, String>,
    /// Access log only: file extensions that are assets.
    pub assets: Option<Vec<String>>,
    /// Access log only: paths that only machines ask for.
    pub health_checks: Option<Vec<String>>,
    /// Access log only: query parameters that name a session and are stripped from paths.
    pub session_params: Option<Vec<String>>,
}

/// `[sources.<table>.freshness]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Freshness {
    /// More time than this without a row is a warning, e.g. `36h`.
    pub warn_after: Option<String>,
    /// More than this ends a run, e.g. `3d`.
    pub error_after: Option<String>,
}

/// The right-hand side of `columns.x = …`.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "expected the site's column name, `{ from = \"…\" }` or `{ value = \"…\" }`")]
pub enum Column {
    /// The site's name of the column.
    Name(String),
    /// The site's column, read in a certain way.
    From(FromColumn),
    /// The same text in every row.
    Value(ValueColumn),
}

/// `{ from = "created", format = "epoch_ms" }`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FromColumn {
    /// The site's name of the column.
    pub from: String,
    /// How a time is written: `rfc3339`, `epoch_s`, `epoch_ms` or a `%` pattern.
    pub format: Option<String>,
    /// What a number is multiplied by, e.g. 100 for dollars to cents.
    pub scale: Option<f64>,
}

/// `{ value = "purchase" }`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueColumn {
    /// The text.
    pub value: String,
}

/// `[sessions]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sessions {
    /// A pause of at least this many minutes starts a new session; default 30.
    pub gap_minutes: Option<u32>,
}

/// `[retention]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retention {
    /// Kinds of act that start a cohort; default: every kind.
    pub start: Option<Vec<String>>,
    /// Kinds of act that are a return; default: every kind.
    #[serde(rename = "return")]
    pub returns: Option<Vec<String>>,
    /// Kinds of interaction that end a membership; default: none does.
    pub end: Option<Vec<String>>,
    /// Days of silence after which a member counts as gone; default 30.
    pub gone_after_days: Option<u32>,
    /// `day`, `week`, `month` → `[first, last]` periods, or `[first]` for a bracket without an end.
    pub brackets: BTreeMap<String, Vec<Vec<u32>>>,
}

/// `[funnels.<name>]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Funnel {
    /// Kinds of act, in order; at least two.
    pub steps: Vec<String>,
    /// Days from the first step within which the others count; default 30.
    pub window_days: Option<u32>,
}

/// `[segments.<name>]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Segment {
    /// An SQL predicate over the columns of a member.
    #[serde(rename = "where")]
    pub predicate: String,
    /// For people.
    pub description: String,
}

/// `[schedule]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Schedule {
    /// Jobs by name.
    pub jobs: BTreeMap<String, Job>,
}

/// `[schedule.jobs.<name>]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// Minute, hour, day of the month, month, day of the week, as cron has them.
    pub cron: String,
    /// Whose clocks it is read on; default `site.timezone`.
    pub timezone: Option<String>,
    /// Arguments of hachi; default `["run"]`. `{slot}` is the time at which the job was due.
    pub command: Option<Vec<String>>,
    /// What becomes of times at which nothing ran; default `run_once`.
    pub missed: Option<Missed>,
    /// Attempts after the first, of what may pass; default 3.
    pub retries: Option<u32>,
    /// Pause before the first of them, e.g. `1m`, which is the default; it doubles with each.
    pub backoff: Option<String>,
    /// After this long an attempt is ended, e.g. `2h`; default `24h`.
    pub timeout: Option<String>,
}

/// `[recommend]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Recommend {
    /// Days after which an act counts half; default 30.
    pub half_life_days: Option<f64>,
    /// Smallest rating a member can give; default 1.
    pub rating_min: Option<f64>,
    /// Largest rating a member can give; default 5.
    pub rating_max: Option<f64>,
    /// Courses kept per member; default 50.
    pub list_length: Option<usize>,
    /// What an hour on lessons weighs, in lesson views; default 2.
    pub dwell_hour: Option<f64>,
    /// Kind of act → what one weighs, in lesson views.
    pub weights: BTreeMap<String, f64>,
    /// How much variety counts against the score, 0 to 1; default 0.1.
    pub diversity: Option<f64>,
    /// Tags and words of courses.
    pub content: Content,
    /// Who may be shown what.
    pub rules: Rules,
    /// Share of a list that is kept for courses too new for the models; default 0.1.
    pub new_courses: Option<f64>,
    /// What lists are judged by before they are published.
    pub evaluation: Evaluation,
    /// Item–item weights.
    pub ease: Ease,
    /// Implicit factor model.
    pub ials: Ials,
    /// Singular vectors.
    pub svd: Svd,
    /// Item–item neighbours.
    pub neighbors: Neighbors,
    /// Linear model from behaviours.
    pub ridge: Ridge,
}

/// `[recommend.evaluation]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Evaluation {
    /// Days of the validation and of the test window; default 14.
    pub window_days: Option<u32>,
    /// Share of the published model's nDCG@10 that a new one may lose; default 0.05.
    pub tolerance: Option<f64>,
}

/// `[recommend.ease]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ease {
    /// Regularisation λ; default 1000.
    pub lambda: Option<f64>,
    /// Where sums over pairs of courses are made; default `memory`.
    pub gram: Option<GramSource>,
}

/// Where sums over pairs of courses are made.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GramSource {
    /// From the choices in memory.
    Memory,
    /// By the view `course_gram`, wherever the engine runs.
    Sql,
}

/// `[recommend.svd]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Svd {
    /// Singular vectors; default 100.
    pub dim: Option<usize>,
}

/// `[recommend.neighbors]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Neighbors {
    /// Neighbours of a course; default 200.
    pub k: Option<usize>,
}

/// `[recommend.ials]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ials {
    /// Factors per member and course; default 32.
    pub dim: Option<usize>,
    /// Regularisation λ; default 0.007.
    pub reg: Option<f64>,
    /// Weight α₀ of what a member has not touched; default 0.3.
    pub alpha0: Option<f64>,
    /// Passes over the data; default 12.
    pub epochs: Option<usize>,
    /// Seed of the first factors; default 8.
    pub seed: Option<u64>,
}

/// `[recommend.ridge]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ridge {
    /// Regularisation λ; default 0.1.
    pub lambda: Option<f64>,
}

/// `[recommend.content]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Content {
    /// Weight of tags; default 1.
    pub tags: Option<f64>,
    /// Weight of the words of title and description; default 0.5.
    pub words: Option<f64>,
}

/// `[recommend.rules]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// Leave out what a member took up and has not completed; default true.
    pub exclude_owned: Option<bool>,
    /// Leave out what a member completed; default true.
    pub exclude_completed: Option<bool>,
    /// Leave out what is in another language than the member's; default false.
    pub same_language: Option<bool>,
    /// Language → languages that its speakers are shown too.
    pub fallback_languages: BTreeMap<String, Vec<String>>,
    /// Leave out what costs more, hundredths of the currency; default: whatever it costs.
    pub price_max_cents: Option<i64>,
    /// Courses of one author on a list; default: any number.
    pub max_per_author: Option<usize>,
    /// Course → courses to be completed before.
    pub prerequisites: BTreeMap<String, Vec<String>>,
    /// What scores are multiplied by.
    pub boosts: Boosts,
}

/// `[recommend.rules.boosts]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Boosts {
    /// By tag.
    pub tags: BTreeMap<String, f64>,
    /// By course.
    pub courses: BTreeMap<String, f64>,
}
