//! `--select`: `name`, `+name` (and all it needs), `name+` (and all that reads it), `area:name`; terms add up.

use std::collections::BTreeSet;

use super::graph::Node;
use super::{Graph, ModelError};
use crate::domain::nearest::did_you_mean;

/// Terms of a selection; none means everything.
#[derive(Debug, Clone, Default)]
pub struct Selection(Vec<String>);

impl Selection {
    /// Splits what was typed at commas and blanks.
    #[must_use]
    pub fn parse(typed: &[String]) -> Self {
        let split = |text: &String| text.split([',', ' ']).filter(|t| !t.is_empty()).map(str::to_owned).collect::<Vec<_>>();
        Self(typed.iter().flat_map(split).collect())
    }

    /// The terms as typed; none for everything.
    #[must_use]
    pub fn terms(&self) -> &[String] {
        &self.0
    }

    /// Whether everything is selected.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.0.is_empty()
    }

    /// Positions of the selected nodes.
    ///
    /// # Errors
    /// When a term matches nothing.
    pub fn nodes(&self, graph: &Graph<'_>) -> Result<BTreeSet<usize>, ModelError> {
        if self.is_all() {
            return Ok((0..graph.nodes().len()).collect());
        }
        let mut selected = BTreeSet::new();
        for term in &self.0 {
            selected.extend(matches(term, graph)?);
        }
        Ok(selected)
    }
}

fn matches(term: &str, graph: &Graph<'_>) -> Result<BTreeSet<usize>, ModelError> {
    let name = term.trim_start_matches('+').trim_end_matches('+');
    let mut found = named(name, graph);
    if found.is_empty() {
        return Err(unknown(term, name, graph));
    }
    if term.starts_with('+') {
        found = closure(found, |node| graph.parents(node));
    }
    if term.ends_with('+') {
        found = closure(found, |node| graph.children(node));
    }
    Ok(found)
}

fn named(name: &str, graph: &Graph<'_>) -> BTreeSet<usize> {
    let nodes = graph.nodes().iter().enumerate();
    match name.strip_prefix("area:") {
        Some(area) => nodes.filter(|(_, n)| n.area() == area).map(|(i, _)| i).collect(),
        None => nodes.filter(|(_, n)| n.name() == name || n.writes().contains(&name)).map(|(i, _)| i).collect(),
    }
}

fn closure(start: BTreeSet<usize>, next: impl Fn(usize) -> Vec<usize>) -> BTreeSet<usize> {
    let (mut reached, mut open) = (start.clone(), Vec::from_iter(start));
    while let Some(node) = open.pop() {
        open.extend(next(node).into_iter().filter(|&n| reached.insert(n)));
    }
    reached
}

fn unknown(term: &str, name: &str, graph: &Graph<'_>) -> ModelError {
    let areas: BTreeSet<String> = graph.nodes().iter().map(|n| format!("area:{}", n.area())).collect();
    let names = graph.nodes().iter().flat_map(Node::writes);
    let hint = did_you_mean(name, names.chain(areas.iter().map(String::as_str)));
    ModelError::Selection { term: term.to_owned(), hint }
}
