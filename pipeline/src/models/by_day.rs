//! Which tables of a graph belong to days, and what may read what because of it.
//!
//! Of a scratch table that is built by day only the days that somebody needs are computed in a run. A model that is built whole
//! would see a part and take it for all, so it may not read one.

use std::collections::BTreeSet;

use super::graph::Node;
use super::{Kind, Model, ModelError};
use crate::domain::raw_tables::{RAW_PREFIX, RawTable};

/// Parameters that are another at every run: a day's rows may not depend on them.
const MOMENTS: [&str; 2] = ["$watermark", "$as_of_date"];
/// A parameter that only staging may compare rows with: which days that touches is known.
const AS_OF: &str = "$as_of";

/// Tables whose rows belong to days.
#[derive(Debug, Default)]
pub struct ByDay<'a> {
    all: BTreeSet<&'a str>,
    // Only some days of these are there in a run.
    partial: BTreeSet<&'a str>,
}

impl<'a> ByDay<'a> {
    /// Of the nodes of a graph, upstream first.
    ///
    /// # Errors
    /// When a model reads days that it can't, or depends on the moment of the run.
    pub fn of(nodes: &[Node<'a>]) -> Result<Self, ModelError> {
        let mut by_day = Self::default();
        for node in nodes {
            match node {
                Node::Model(model) => by_day.add(model)?,
                Node::Stage(_) => by_day.check_whole(*node)?,
            }
        }
        Ok(by_day)
    }

    /// Whether the rows of `table` belong to days.
    #[must_use]
    pub fn has(&self, table: &str) -> bool {
        self.all.contains(table) || is_raw_by_day(table)
    }

    fn is_partial(&self, table: &str) -> bool {
        self.partial.contains(table) || is_raw_by_day(table)
    }

    fn add(&mut self, model: &'a Model) -> Result<(), ModelError> {
        let header = &model.header;
        let reads_partial = model.reads.iter().any(|t| self.is_partial(t));
        match (header.kind, &header.incremental) {
            (Kind::View, _) => {
                if model.reads.iter().any(|t| self.has(t)) {
                    self.all.insert(&model.name);
                }
                if reads_partial {
                    self.partial.insert(&model.name);
                }
            }
            (kind, Some(_)) => {
                check_timeless(model)?;
                self.all.insert(&model.name);
                if kind == Kind::Scratch {
                    self.partial.insert(&model.name);
                }
            }
            (_, None) => self.check_whole(Node::Model(model))?,
        }
        Ok(())
    }

    fn check_whole(&self, node: Node<'_>) -> Result<(), ModelError> {
        match node.reads().into_iter().find(|table| self.is_partial(table)) {
            None => Ok(()),
            Some(table) => Err(ModelError::PartialDays { reader: node.name().to_owned(), table: table.to_owned() }),
        }
    }
}

fn is_raw_by_day(table: &str) -> bool {
    let raw = table.strip_prefix(RAW_PREFIX).and_then(RawTable::parse);
    raw.is_some_and(|raw| raw.time_column().is_some())
}

fn check_timeless(model: &Model) -> Result<(), ModelError> {
    let names = |parameter: &&str| model.sql.split(*parameter).skip(1).any(|rest| !rest.starts_with(is_word));
    let moment = MOMENTS.iter().find(|p| names(p)).or_else(|| (model.area != "staging" && names(&AS_OF)).then_some(&AS_OF));
    match moment {
        None => Ok(()),
        Some(moment) => Err(ModelError::NotTimeless { reader: model.name.clone(), parameter: (*moment).to_owned() }),
    }
}

fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(name: &str, area: &str, header: &str, sql: &str) -> Model {
        Model::parse(area, name, &format!("/*---\ndescription = \"d\"\ngrain = []\n{header}\n---*/\n{sql}")).expect("a model")
    }

    #[test]
    fn a_whole_table_may_not_read_some_days() {
        let base = model("base", "staging", "kind = \"scratch\"\n[incremental]\nday = \"d\"", "select ts as d from raw_ratings");
        let view = model("stg", "staging", "kind = \"view\"", "select d from base");
        let kept = model("kept", "a", "kind = \"table\"\n[incremental]\nday = \"d\"", "select d from stg");
        let fine = model("fine", "a", "kind = \"table\"", "select d from kept");
        let wrong = model("wrong", "a", "kind = \"table\"", "select d from stg");
        let by_day = ByDay::of(&[&base, &view, &kept, &fine].map(Node::Model)).expect("a sound graph");
        assert!(by_day.has("stg") && by_day.has("kept") && by_day.has("raw_ratings"));
        assert!(!by_day.has("fine") && !by_day.has("raw_members"));
        let error = ByDay::of(&[&base, &view, &wrong].map(Node::Model)).expect_err("it would see a part");
        assert!(error.to_string().starts_with("`wrong` reads `stg`"), "{error}");
    }

    #[test]
    fn a_day_may_not_depend_on_the_moment_of_the_run() {
        let header = "kind = \"table\"\n[incremental]\nday = \"d\"";
        let error = ByDay::of(&[Node::Model(&model("m", "a", header, "select d from t where d <= $watermark"))]).expect_err("watermark");
        assert!(error.to_string().contains("`$watermark`"), "{error}");
        assert!(ByDay::of(&[Node::Model(&model("m", "staging", header, "select d from t where d <= $as_of"))]).is_ok());
    }
}
