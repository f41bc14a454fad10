//! What is told of each node: what was done with it, and why.

use std::collections::BTreeSet;

use hachi_snapshot::Table;

use super::{Builder, Built};
use crate::domain::raw_tables::RawTable;
use crate::models::graph::Node;
use crate::observability::{StepAction, StepReport};
use crate::sources::RAW_PREFIX;

/// Why a scratch table is computed.
const NEEDED: &str = "what is built reads it";

impl<'a> Builder<'a> {
    /// Notes that `node` was computed.
    pub(in crate::run) fn built(&self, node: Node<'a>, built: Built) {
        let (action, days) = if built.is_part { (StepAction::Days, built.days) } else { (StepAction::Build, String::new()) };
        let why = if node.kind().is_kept() { built.why } else { NEEDED.to_owned() };
        let seconds = (built.seconds * 1e3).round() / 1e3;
        self.tell(StepReport { rows: Some(built.rows), seconds, days, why, ..step(node, action) });
    }

    /// Notes that the tables of `node` were named again, or written again under another key.
    pub(in crate::run) fn reused(&self, node: Node<'a>, why: &str) {
        let rewritten = node.writes().into_iter().find_map(|table| self.made().rewritten.get(table).cloned());
        let (action, why) = rewritten.map_or((StepAction::Reuse, why.to_owned()), |key| (StepAction::Rewrite, key));
        self.tell(StepReport { why, ..step(node, action) });
    }

    fn tell(&self, step: StepReport) {
        let StepReport { name, area, rows, seconds, .. } = &step;
        let [days, why] = [&step.days, &step.why].map(|text| (!text.is_empty()).then_some(text.as_str()));
        tracing::info!(model = name, area, action = step.action.as_str(), rows, seconds, days, why, "{} `{name}`", done(step.action));
        self.made().steps.push(step);
    }

    /// Why the tables of a node without days, of which the last snapshot has `before`, are made again.
    pub(super) fn why_whole(&self, before: Option<&Table>, reads: &[&str]) -> String {
        match before {
            None if self.work.is_full => "everything is built again".to_owned(),
            None => "it is not in the latest snapshot".to_owned(),
            Some(_) => {
                let changed: Vec<&str> = reads.iter().copied().filter(|input| self.is_other(input, &mut BTreeSet::new())).collect();
                match changed.as_slice() {
                    [] => "its SQL, its configuration, as_of or the watermark is another".to_owned(),
                    changed => format!("{} changed", changed.join(", ")),
                }
            }
        }
    }

    /// Whether `table` holds something else than in the last snapshot, or is made from what does.
    fn is_other(&self, table: &str, seen: &mut BTreeSet<String>) -> bool {
        if !seen.insert(table.to_owned()) {
            return false;
        }
        if let Some(now) = self.table(table) {
            return self.work.parent.and_then(|parent| parent.table(table)).is_none_or(|before| before.content_hash != now.content_hash);
        }
        match (table.strip_prefix(RAW_PREFIX), self.model(table)) {
            (Some(raw), _) => RawTable::parse(raw).is_some_and(|raw| !self.work.raw.day_change(raw).changed.is_empty()),
            (None, Some(model)) => model.reads.iter().any(|input| self.is_other(input, seen)),
            (None, None) => false,
        }
    }
}

fn step(node: Node<'_>, action: StepAction) -> StepReport {
    StepReport {
        name: node.name().to_owned(),
        area: node.area().to_owned(),
        kind: node.kind(),
        action,
        rows: None,
        seconds: 0.0,
        days: String::new(),
        why: String::new(),
    }
}

fn done(action: StepAction) -> &'static str {
    match action {
        StepAction::Build => "built",
        StepAction::Days => "built days of",
        StepAction::Rewrite => "wrote again",
        StepAction::Reuse => "named again",
    }
}
