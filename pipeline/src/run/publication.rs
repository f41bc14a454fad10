//! The end of a run: the sidecar's file, then the manifest, last of all.

use chrono::NaiveDate;
use hachi_snapshot::{Hashes, Manifest};

use super::build::Builder;
use super::{Project, RunError, RunRequest};
use crate::publish::{ServeInputs, write_serve_file};
use crate::sources::Located;

/// Program and version, as manifests name them.
const COMMITTED_BY: &str = concat!("hachi ", env!("CARGO_PKG_VERSION"));

type Run<'a> = (&'a Project, &'a RunRequest, &'a Located);

/// Writes the serving file and commits everything that was built.
pub(super) async fn publish(
    builder: Builder<'_>,
    (project, request, located): Run<'_>,
    watermark: NaiveDate,
) -> Result<Manifest, RunError> {
    let mut inputs = ServeInputs::default();
    for table in ServeInputs::TABLES {
        inputs.insert(table, builder.rows(table).await?);
    }
    let serve = write_serve_file(builder.draft, &inputs).await?;
    let mut manifest = Manifest::draft(&request.run_id, request.as_of, COMMITTED_BY);
    manifest.watermark = Some(watermark);
    manifest.parent = builder.parent.map(|p| p.number);
    manifest.inputs = located.inputs();
    manifest.hashes = Hashes {
        code: COMMITTED_BY.to_owned(),
        sql: project.catalog.hash().to_owned(),
        config: project.config.hash.clone(),
        key: project.key.fingerprint(),
    };
    manifest.tables = builder.tables.into_values().collect();
    manifest.checks = builder.checks;
    manifest.serve = vec![serve];
    Ok(builder.draft.lake().commit(manifest).await?)
}
