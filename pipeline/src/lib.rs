//! hachi's workshop: raw access logs and ratings in, a published snapshot of tables and recommendations out.
//!
//! ```text
//! 5 doors     commands
//! 4 story     run · config
//! 3 workers   ingest · sources · models::{execute, checks} · recommend · evaluate · privacy · publish · observability · schedule
//! 2 tables    engine · frames · models::{header, graph, plan, …}
//! 1 pure      hachi-solvers
//! 0 ground    domain · hachi-snapshot
//! ```
//! A room imports only lower ones, never a neighbour. See ARCHITECTURE.md.

pub mod commands;
pub mod config;
pub mod domain;
pub mod engine;
pub mod evaluate;
pub mod frames;
pub mod ingest;
pub mod models;
pub mod observability;
pub mod privacy;
pub mod publish;
pub mod recommend;
pub mod run;
pub mod schedule;
pub mod sources;
