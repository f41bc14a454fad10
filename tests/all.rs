//! The black box: runs both programs as a person would, talks HTTP to them, kills them; and keeps the house tidy.
//!
//! `programs` finds and runs the binaries, `site` is a site in a folder of its own, `sample` the published sample
//! that reading tests share. What one function computes is tested beside that function, not here.

mod audit;
mod bad_config;
mod bad_files;
mod bad_rows;
mod checks;
mod demo;
mod deploy;
mod encryption;
mod evaluate;
mod evaluate_site;
mod exit_codes;
mod files;
mod forget;
mod gate;
mod gc;
mod gram;
mod hostile_ids;
mod http;
mod incremental;
mod ingest_anything;
mod ingest_logs;
mod ingest_tables;
mod kill;
mod kpis;
mod lifecycle;
mod lineage;
mod lineage_tls;
mod lock;
mod observability;
mod patience;
mod people;
mod plan;
mod privacy;
mod programs;
mod rows;
mod run;
mod s3;
mod sample;
mod schedule;
mod segments;
mod sidecar;
mod site;
mod site_examples;
mod slt;
mod sql;
mod synth;
mod tidy;
mod torture;
