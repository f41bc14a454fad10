//! From a request to a question, and from an answer to a response: one file per resource.

pub(crate) mod app;
mod courses;
mod experiments;
mod impressions;
mod kpis;
mod languages;
mod lifecycle;
mod members;
mod models;
mod operations;
mod pages;
mod query;
mod recommendations;
mod reply;
mod request;
mod retention;
mod session;
pub(crate) mod tree;

pub(crate) use reply::{Route, again};
pub(crate) use request::{Asked, BODY_BYTES_MAX};
