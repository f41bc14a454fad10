//! From a request to a question, and from an answer to a response: one file per resource.

pub(crate) mod app;
mod courses;
mod kpis;
mod languages;
mod operations;
mod query;
mod recommendations;
mod reply;
mod request;
mod retention;
pub(crate) mod tree;

pub(crate) use reply::Route;
