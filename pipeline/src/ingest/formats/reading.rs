//! The two things asked of every format: which fields it has, and its rows.

use std::io;

use crate::domain::timestamps::TimeFormat;
use crate::ingest::columns::{FieldExtent, Layout};
use crate::ingest::error::IngestError;
use crate::ingest::formats::{combined, delimited, json_lines, nginx_json};
use crate::ingest::job::Format;
use crate::ingest::lines::Lines;
use crate::ingest::sink::Sink;

/// The fields of an input, read from its header where it has one. None if the input ends before that.
pub(in crate::ingest) fn layout(format: &Format, file: &str, lines: &mut Lines) -> Result<Option<Layout>, IngestError> {
    match format {
        Format::Combined | Format::Common => Ok(Some(combined::layout())),
        Format::NginxJson => Ok(Some(nginx_json::layout())),
        Format::Delimited { delimiter, names } => delimited::layout(delimiter, names.as_deref(), file, lines),
        // `recognise` leaves no `Auto`.
        Format::JsonLines | Format::Auto => {
            Ok(Some(Layout { fields: Vec::new(), extent: FieldExtent::Open, time_format: TimeFormat::Iso, aliases: Vec::new() }))
        }
    }
}

/// Reads all rows.
pub(in crate::ingest) fn read(format: &Format, file: &str, lines: &mut Lines, sink: &mut Sink<'_>) -> Result<(), IngestError> {
    match format {
        Format::Combined => combined::read(combined::Shape::Combined, file, lines, sink),
        Format::Common => combined::read(combined::Shape::Common, file, lines, sink),
        Format::NginxJson => nginx_json::read(file, lines, sink),
        Format::Delimited { delimiter, .. } => delimited::read(delimiter, file, lines, sink),
        Format::JsonLines | Format::Auto => json_lines::read(file, lines, sink),
    }
}

/// For `map_err` after reading: says where it broke off.
pub(in crate::ingest) fn broken_off(file: &str, line: u64) -> impl Fn(io::Error) -> IngestError {
    move |source| IngestError::Read { file: file.to_owned(), line, source }
}
