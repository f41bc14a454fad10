//! The rules of the house that no compiler or lint knows. Each violation names its place and what to do about it.
//!
//! `tree` reads the repository and reports, `floors` knows who may import whom, `crates` who may depend on what, `source`
//! how Rust is written here, `models` what belongs to an SQL model.

mod crates;
mod floors;
mod models;
mod source;
mod tree;
