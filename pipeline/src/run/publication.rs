//! The end of a run but for the commit: the sidecar's file, then the manifest that names everything.

use std::sync::Arc;

use hachi_snapshot::{Hashes, Manifest};

use super::build::Builder;
use super::{Project, RunError, RunRequest};
use crate::engine::EngineError;
use crate::publish::{FacetTable, ServeInputs, ServeStreams, write_serve_file};
use crate::sources::RawDays;

/// Program and version, as manifests name them.
pub(super) const COMMITTED_BY: &str = concat!("hachi ", env!("CARGO_PKG_VERSION"));
/// What the raw tables held, for the next run.
const SOURCES_FILE: &str = "sources.json";

/// Writes the serving file and what the next run compares with; the manifest of everything that was built, to be committed.
pub(super) async fn draft(
    builder: Builder<'_>,
    (project, request): (&Project, &RunRequest),
    record: &RawDays,
) -> Result<Manifest, RunError> {
    let work = builder.work;
    let mut inputs = ServeInputs::default();
    for table in ServeInputs::TABLES {
        inputs.insert(table, builder.rows(table).await?);
    }
    let mut streams = ServeStreams { lists: builder.streams(ServeInputs::LISTS).await?, facets: Vec::new() };
    for table in FacetTable::ALL {
        streams.facets.push((table, builder.streams_by_member(table.name).await?));
    }
    let serve = write_serve_file(work.draft, &inputs, streams).await?;
    let json = serde_json::to_vec(record).map_err(EngineError::write(SOURCES_FILE))?;
    let mut manifest = Manifest::draft(&request.run_id, request.as_of, COMMITTED_BY);
    manifest.sources = Some(work.draft.put(SOURCES_FILE, &json).await?);
    manifest.watermark = Some(work.watermark);
    manifest.parent = work.parent.map(|p| p.number);
    manifest.inputs = work.raw.located.inputs();
    manifest.hashes = Hashes {
        code: COMMITTED_BY.to_owned(),
        sql: project.catalog.hash().to_owned(),
        config: project.config.hash.clone(),
        key: project.key.fingerprint(),
        erased: project.people.erased_fingerprint(&project.key),
    };
    let made = builder.into_made();
    manifest.tables = made.tables.into_values().map(Arc::unwrap_or_clone).collect();
    manifest.state = made.state.into_values().map(Arc::unwrap_or_clone).collect();
    manifest.checks = made.checks;
    manifest.serve = vec![serve];
    Ok(manifest)
}
