//! What a run would do, without doing it: which tables, which days, and why.

use serde::Serialize;

use super::{Builder, RunError};
use crate::domain::day_set::DaySet;
use crate::models::Model;
use crate::models::graph::Node;

/// What would become of a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outlook {
    /// All of it is computed.
    Build,
    /// Some of its days are computed.
    Days,
    /// Its rows stay, and are written again under another key.
    Rewrite,
    /// It stays as it is.
    Keep,
    /// It is computed as far as something needs it.
    Needed,
}

/// What would become of a node, and why.
#[derive(Debug, Clone, Serialize)]
pub struct Foreseen {
    /// What would become of it.
    pub outlook: Outlook,
    /// Days that are computed, for people; empty where the table has no days.
    pub days: String,
    /// Why.
    pub reasons: Vec<String>,
}

impl Foreseen {
    fn new(outlook: Outlook, reasons: Vec<String>) -> Self {
        Self { outlook, days: String::new(), reasons }
    }
}

impl<'a> Builder<'a> {
    /// What a run would do with `node`; `changes` tells which of its inputs will be other than they are.
    pub async fn foresee(&self, node: Node<'a>, changes: impl Fn(&str) -> bool) -> Result<Foreseen, RunError> {
        match node {
            Node::Model(model) if !model.header.kind.is_kept() => Ok(Foreseen::new(Outlook::Needed, Vec::new())),
            Node::Model(model) if model.header.incremental.is_some() => self.foresee_days(model).await,
            _ => {
                if let Node::Model(model) = node {
                    if self.waits_for_its_readers(model).is_some() {
                        return Ok(Foreseen::new(Outlook::Keep, Vec::new()));
                    }
                    self.note_since(model).await?;
                }
                let counts = |input: &str| if let Node::Stage(stage) = node { self.counts_in(stage, input) } else { true };
                let changed: Vec<&str> = node.reads().into_iter().filter(|input| changes(input) && counts(input)).collect();
                if !changed.is_empty() {
                    return Ok(Foreseen::new(Outlook::Build, vec![format!("{} will change", changed.join(", "))]));
                }
                let key = match node {
                    Node::Model(model) => self.key_of_model(model).await?,
                    Node::Stage(stage) => self.key_of_stage(stage).await?,
                };
                let before: Option<Vec<_>> = node.writes().iter().map(|table| self.before(table)).collect();
                Ok(match before {
                    None => Foreseen::new(Outlook::Build, vec!["it is not in the latest snapshot".to_owned()]),
                    Some(tables) if tables.iter().all(|t| t.made_from == key) => Foreseen::new(Outlook::Keep, Vec::new()),
                    Some(_) => {
                        Foreseen::new(Outlook::Build, vec!["its SQL, its configuration, as_of or the watermark is another".to_owned()])
                    }
                })
            }
        }
    }

    async fn foresee_days(&self, model: &'a Model) -> Result<Foreseen, RunError> {
        let (change, _) = self.days_to_build(model).await?;
        let outlook = match () {
            () if change.changed.is_empty() => Outlook::Keep,
            () if covers(&change.changed, &change.all) => Outlook::Build,
            () => Outlook::Days,
        };
        let days = if outlook == Outlook::Keep { String::new() } else { change.changed.to_string() };
        Ok(Foreseen { outlook, days, reasons: change.reasons })
    }
}

/// Whether `some` are all the dated days of `all`.
pub(super) fn covers(some: &DaySet, all: &DaySet) -> bool {
    all.dated().without(some).is_empty()
}
