//! The contract between the pipeline, which publishes snapshots, and the sidecar, which serves them.
//!
//! A *lake* is a folder of immutable files and numbered manifests:
//!
//! ```text
//! <lake>/data/<run_id>/<table>/part-0.parquet    for analysts
//! <lake>/serve/<run_id>/serve.redb               for the sidecar
//! <lake>/manifests/00000000000000000042.json     the commit: names every file above, with its hash
//! <lake>/current/<table>/part-0.parquet          links to the latest snapshot's tables, on a local disk
//! <lake>/erased/<key>/<proof>.json               a member who was erased, by a keyed hash of the id
//! <lake>/audit/log.jsonl                         who did what when
//! ```
//!
//! A lake may have a *home*: an S3-compatible store with the same layout, which decides. The folder is its copy then.
//!
//! Writers `seal` their files, then `commit` a manifest; readers take the `latest` and `verify` it; what is old is
//! `collect`ed. Nothing here knows a query engine or a web framework, and nothing reads the clock.

mod audit;
mod commit;
mod current;
mod erasure;
mod gc;
mod history;
mod home;
mod lake;
mod lock;
mod manifest;
mod pseudonym;
mod seal;
mod serve;
mod sweep;
mod verify;
mod words;

pub use audit::{Act, Actor, AuditEntry, AuditError, AuditLog, Broken, Verdict};
pub use commit::CommitError;
pub use erasure::{Erasure, ErasureError, erasures};
pub use gc::{CollectError, Garbage, KEEP_HOURS_MIN, KEEP_SNAPSHOTS_MIN, Keep, Waste};
pub use history::{BrokenLink, Committed, broken_links};
pub use home::{Home, HomeError, ProbeError, PullError, StoreFailure, StoreUrl, StoreUrlError};
pub use lake::{Lake, LakeError, Latest, Skipped};
pub use manifest::{
    Check, Column, FORMAT_VERSION, FileEntry, Hashes, Input, Manifest, ManifestError, Part, Severity, Table, content_hash_of_tables,
};
pub use pseudonym::{ErasureKey, KEY_BYTES, KeyError, ParsePseudonymError, Pseudonym, PseudonymKey, parse_key, pseudonym, read_key};
pub use serve::packed::{ItemReasons, ListItem, PackError, Reason, ReasonKind, Source, UnpackError, pack, unpack};
pub use serve::reader::{ReadError, ServeReader};
pub use serve::session::{SessionError, SessionFactors, SessionModel, SessionRows};
pub use serve::writer::{ServeWriter, WriteError};
pub use serve::{
    Course, EXPERIMENTS_DOCUMENT, Facet, KPIS_DOCUMENT, POPULAR_DOCUMENT, kpi_document, lifecycle_document, models_document,
    retention_document, similar_document,
};
pub use verify::VerifyError;
pub use words::{Language, NamedReason, sentence};
