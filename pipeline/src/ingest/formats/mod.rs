//! The formats an input may be written in: from lines to cells, one file for each, and how to tell them apart.
//! What a cell means for a column is not known here.

mod access_line;
mod combined;
mod delimited;
mod detect;
mod json_lines;
mod json_object;
mod nginx_json;
mod quoted;
mod reading;
mod record;

pub(super) use detect::recognise;
pub(super) use reading::{broken_off, layout, read};
