//! Models and stages as one graph, in an order in which everything is made before it is read.

use std::collections::{BTreeMap, BTreeSet};

use super::by_day::ByDay;
use super::stages::{STAGES, Stage};
use super::{Catalog, Kind, Model, ModelError};
use crate::domain::nearest::did_you_mean;

/// A node of the graph.
#[derive(Debug, Clone, Copy)]
pub enum Node<'a> {
    /// An SQL file.
    Model(&'a Model),
    /// A Rust stage.
    Stage(&'static Stage),
}

impl<'a> Node<'a> {
    /// Model or stage name.
    #[must_use]
    pub fn name(&self) -> &'a str {
        match self {
            Self::Model(model) => &model.name,
            Self::Stage(stage) => stage.name,
        }
    }

    /// Area: the model's folder.
    #[must_use]
    pub fn area(&self) -> &'a str {
        match self {
            Self::Model(model) => &model.area,
            Self::Stage(stage) => stage.area,
        }
    }

    /// Names of the tables it reads.
    #[must_use]
    pub fn reads(&self) -> Vec<&'a str> {
        match self {
            Self::Model(model) => model.reads.iter().map(String::as_str).collect(),
            Self::Stage(stage) => stage.reads.to_vec(),
        }
    }

    /// Names of the tables it makes.
    #[must_use]
    pub fn writes(&self) -> Vec<&'a str> {
        match self {
            Self::Model(model) => vec![&model.name],
            Self::Stage(stage) => stage.writes.iter().map(|t| t.name).collect(),
        }
    }

    /// Whether files of its table `table` are encrypted where a site has keys.
    #[must_use]
    pub fn is_sensitive(&self, table: &str) -> bool {
        match self {
            Self::Model(model) => model.header.is_sensitive(),
            Self::Stage(stage) => stage.writes.iter().any(|written| written.name == table && written.is_sensitive),
        }
    }

    /// What becomes of its rows; a stage's tables are published.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Model(model) => model.header.kind,
            Self::Stage(_) => Kind::Table,
        }
    }
}

/// All nodes, upstream first; neighbours of equal depth by name.
#[derive(Debug)]
pub struct Graph<'a> {
    nodes: Vec<Node<'a>>,
    makers: BTreeMap<&'a str, usize>,
    days: ByDay<'a>,
}

impl<'a> Graph<'a> {
    /// The graph of `catalog` and all stages, over the raw tables `raw`.
    ///
    /// # Errors
    /// When something is read that nothing makes, a model outside staging reads a raw table, or there's a circle.
    pub fn new(catalog: &'a Catalog, raw: &BTreeSet<String>) -> Result<Self, ModelError> {
        let unordered: Vec<Node<'a>> = catalog.models().map(Node::Model).chain(STAGES.iter().map(Node::Stage)).collect();
        check_makers(&unordered)?;
        check_reads(&unordered, raw)?;
        let nodes = in_order(unordered)?;
        let makers = nodes.iter().enumerate().flat_map(|(i, n)| n.writes().into_iter().map(move |t| (t, i))).collect();
        let days = ByDay::of(&nodes)?;
        Ok(Self { nodes, makers, days })
    }

    /// Whether files of `table` are encrypted where a site has keys: the header or stage of what makes it says so.
    #[must_use]
    pub fn is_sensitive(&self, table: &str) -> bool {
        self.maker(table).is_some_and(|at| self.nodes[at].is_sensitive(table))
    }

    /// Whether the rows of `table` belong to days: its header says so, or it is a view over such tables.
    #[must_use]
    pub fn is_by_day(&self, table: &str) -> bool {
        self.days.has(table)
    }

    /// All nodes, upstream first.
    #[must_use]
    pub fn nodes(&self) -> &[Node<'a>] {
        &self.nodes
    }

    /// The node that makes `table`, by position; raw tables have none.
    #[must_use]
    pub fn maker(&self, table: &str) -> Option<usize> {
        self.makers.get(table).copied()
    }

    /// Positions of the nodes whose tables `node` reads.
    #[must_use]
    pub fn parents(&self, node: usize) -> Vec<usize> {
        self.nodes[node].reads().iter().filter_map(|table| self.maker(table)).collect()
    }

    /// Positions of the nodes that read what `node` makes.
    #[must_use]
    pub fn children(&self, node: usize) -> Vec<usize> {
        (0..self.nodes.len()).filter(|&other| self.parents(other).contains(&node)).collect()
    }
}

/// A table has one maker: a site's model can replace a built-in model, not what a stage makes.
fn check_makers(nodes: &[Node<'_>]) -> Result<(), ModelError> {
    let mut makers: BTreeMap<&str, &str> = BTreeMap::new();
    for node in nodes {
        for table in node.writes() {
            if let Some(first) = makers.insert(table, node.name()) {
                return Err(ModelError::Twice { table: table.to_owned(), first: first.to_owned(), second: node.name().to_owned() });
            }
        }
    }
    Ok(())
}

fn check_reads(nodes: &[Node<'_>], raw: &BTreeSet<String>) -> Result<(), ModelError> {
    let made: BTreeSet<&str> = nodes.iter().flat_map(Node::writes).collect();
    for node in nodes {
        for table in node.reads() {
            let reader = || node.name().to_owned();
            if raw.contains(table) && node.area() != "staging" {
                return Err(ModelError::RawOutsideStaging { reader: reader(), table: table.to_owned() });
            }
            if !raw.contains(table) && !made.contains(table) {
                let known = made.iter().copied().chain(raw.iter().map(String::as_str));
                return Err(ModelError::UnknownTable { reader: reader(), table: table.to_owned(), hint: did_you_mean(table, known) });
            }
        }
    }
    Ok(())
}

/// Kahn's order: again and again the nodes, by name, whose inputs are all made.
fn in_order(mut waiting: Vec<Node<'_>>) -> Result<Vec<Node<'_>>, ModelError> {
    waiting.sort_by_key(|node| node.name().to_owned());
    let made_by_nodes: BTreeSet<&str> = waiting.iter().flat_map(Node::writes).collect();
    let (mut ordered, mut made) = (Vec::new(), BTreeSet::new());
    while !waiting.is_empty() {
        let is_ready = |node: &Node<'_>| node.reads().iter().all(|t| made.contains(t) || !made_by_nodes.contains(t));
        let (ready, rest): (Vec<_>, Vec<_>) = waiting.into_iter().partition(is_ready);
        if ready.is_empty() {
            return Err(ModelError::Cycle(rest.iter().map(|n| format!("`{}`", n.name())).collect::<Vec<_>>().join(", ")));
        }
        made.extend(ready.iter().flat_map(Node::writes));
        ordered.extend(ready);
        waiting = rest;
    }
    Ok(ordered)
}
