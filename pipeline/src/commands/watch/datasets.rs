//! What lineage events say of the data of a run.

use std::path::{Path, PathBuf};

use arrow::datatypes::FieldRef;
use hachi_snapshot::{Column, Manifest};

use super::Published;
use crate::observability::{Dataset, Field};

/// What a run read, and what it wrote of the tables that analysts see.
pub fn datasets(published: &Published) -> (Vec<Dataset>, Vec<Dataset>) {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let manifest = &published.outcome.manifest;
    let paths = published.config.sources.iter().map(|(table, source)| (table.name(), absolute(&source.path)));
    let input = |(name, path): (&str, PathBuf)| {
        let read = manifest.inputs.iter().find(|input| input.source == name)?;
        let fields = published.outcome.source_schemas.get(name)?.fields().iter();
        let field =
            |field: &FieldRef| Field { name: field.name().clone(), data_type: field.data_type().to_string(), description: String::new() };
        Some(Dataset {
            path: path.display().to_string(),
            fields: fields.map(field).collect(),
            rows: read.rows,
            bytes: None,
            files: read.files,
        })
    };
    (paths.filter_map(input).collect(), written(manifest, &absolute(&published.config.lake)))
}

/// The tables of which `manifest` names files of its own run.
fn written(manifest: &Manifest, lake: &Path) -> Vec<Dataset> {
    let own = format!("data/{}/", manifest.run_id);
    let tables = manifest.tables.iter().filter_map(|table| {
        let files: Vec<_> = table.files.iter().filter(|file| file.path.starts_with(&own)).collect();
        let field = |column: &Column| Field {
            name: column.name.clone(),
            data_type: column.data_type.clone(),
            description: column.description.clone(),
        };
        (!files.is_empty()).then(|| Dataset {
            path: lake.join("current").join(&table.name).display().to_string(),
            fields: table.columns.iter().map(field).collect(),
            rows: files.iter().filter_map(|file| file.rows).sum(),
            bytes: Some(files.iter().map(|file| file.bytes).sum()),
            files: files.len() as u64,
        })
    });
    tables.collect()
}
