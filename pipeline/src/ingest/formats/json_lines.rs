//! One JSON object per line, with types taken at their word.

use crate::ingest::error::IngestError;
use crate::ingest::formats::json_object;
use crate::ingest::formats::reading::broken_off;
use crate::ingest::lines::Lines;
use crate::ingest::sink::Sink;

/// Reads all lines.
pub(super) fn read(file: &str, lines: &mut Lines, sink: &mut Sink<'_>) -> Result<(), IngestError> {
    let mut last = 0;
    while let Some(line) = lines.next().map_err(broken_off(file, last))? {
        last = line.number;
        let Some(text) = sink.admit(&line)? else { continue };
        match json_object::parse(text, sink.fields()) {
            Ok(cells) => sink.accept(last, text, &cells)?,
            Err(problem) => sink.refuse(last, line.bytes, problem)?,
        }
    }
    Ok(())
}
