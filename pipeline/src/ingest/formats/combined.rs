//! The combined and common log formats of Apache and nginx: lines → cells.

use crate::domain::timestamps::TimeFormat;
use crate::ingest::columns::{FieldExtent, Layout};
use crate::ingest::error::IngestError;
use crate::ingest::formats::access_line::{self, FIELDS};
use crate::ingest::formats::reading::broken_off;
use crate::ingest::lines::Lines;
use crate::ingest::sink::Sink;

pub(super) use crate::ingest::formats::access_line::Shape;

/// The fields of an access log, known without a header.
pub(super) fn layout() -> Layout {
    Layout { fields: FIELDS.map(str::to_owned).to_vec(), extent: FieldExtent::Closed, time_format: TimeFormat::Clf, aliases: Vec::new() }
}

/// Reads all lines.
pub(super) fn read(shape: Shape, file: &str, lines: &mut Lines, sink: &mut Sink<'_>) -> Result<(), IngestError> {
    let mut last = 0;
    while let Some(line) = lines.next().map_err(broken_off(file, last))? {
        last = line.number;
        let Some(text) = sink.admit(&line)? else { continue };
        match access_line::parse(text, shape) {
            Ok(cells) => sink.accept(line.number, text, &cells)?,
            Err(problem) => sink.refuse(line.number, line.bytes, problem)?,
        }
    }
    Ok(())
}
