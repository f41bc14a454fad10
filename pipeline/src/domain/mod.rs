//! The ground floor of the workshop: what a raw table is, what a time means, how a site's column becomes ours, what a site declares.
//! Types and pure conversions only; no files, no engine, no clock.

pub mod day_set;
pub mod declared;
pub mod mapping;
pub mod nearest;
pub mod raw_tables;
pub mod timestamps;
