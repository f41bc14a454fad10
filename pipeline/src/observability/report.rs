//! All that is told of a run, gathered once: the terminal, the Markdown and the JSON show the same.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::NaiveDate;
use hachi_snapshot::Check;
use serde::{Deserialize, Serialize};

use super::RunRecord;
use crate::models::Kind;
use crate::publish::ContractChange;

/// The version of a report, `major.minor`: a newer minor only adds.
const FORMAT_VERSION: &str = "1.0";

/// What a run did and found. Of a run that failed only the record is known, and the lists are empty.
#[derive(Debug, Clone, Serialize)]
pub struct RunReport {
    /// Version of this format.
    pub format_version: &'static str,
    /// The run in a few words.
    #[serde(flatten)]
    pub run: RunRecord,
    /// The lake that it published to.
    pub lake: PathBuf,
    /// SHA-256 (hex) over the tables' content.
    pub content_hash: Option<String>,
    /// Rows by source.
    pub sources: Vec<SourceRows>,
    /// Rejected rows by source and reason, most first.
    pub rejects: Vec<Rejected>,
    /// What was done with each model and stage, in the order in which they ended.
    pub steps: Vec<StepReport>,
    /// Published tables with their rows.
    pub tables: BTreeMap<String, u64>,
    /// Checks that did not hold and block nothing.
    pub warnings: Vec<Check>,
    /// How tables' columns differ from the last snapshot's.
    pub contract: Vec<ContractChange>,
    /// KPIs and how they moved.
    pub kpis: Vec<KpiReport>,
    /// What the models were judged by; none where the site is too young for it.
    pub gate: Option<Gate>,
}

impl RunReport {
    /// Of a run of which nothing more is known.
    #[must_use]
    pub fn of(run: RunRecord) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            run,
            lake: PathBuf::new(),
            content_hash: None,
            sources: Vec::new(),
            rejects: Vec::new(),
            steps: Vec::new(),
            tables: BTreeMap::new(),
            warnings: Vec::new(),
            contract: Vec::new(),
            kpis: Vec::new(),
            gate: None,
        }
    }

    /// Steps that were computed.
    pub fn built(&self) -> impl Iterator<Item = &StepReport> {
        self.steps.iter().filter(|step| step.action != StepAction::Reuse)
    }
}

/// Rows of one source: read = kept + rejected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceRows {
    /// The raw table.
    pub source: String,
    /// Rows and unreadable lines found.
    pub rows_read: u64,
    /// Rows that are used.
    pub rows_kept: u64,
    /// Rows that are not.
    pub rows_rejected: u64,
}

/// Rows that one reason rejects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    /// The raw table.
    pub source: String,
    /// Why.
    pub reason: String,
    /// How many.
    pub rows_rejected: u64,
}

/// What was done with a model or stage.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StepReport {
    /// Its name.
    pub name: String,
    /// Its area.
    pub area: String,
    /// What becomes of its rows.
    pub kind: Kind,
    /// What was done.
    pub action: StepAction,
    /// Rows that were written; none where nothing was.
    pub rows: Option<u64>,
    /// Wall time; steps beside each other share the machine.
    pub seconds: f64,
    /// The days that were computed, for people; empty where these are not some of many.
    pub days: String,
    /// Why, for people.
    pub why: String,
}

/// What was done with a step, in the words of `hachi plan`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StepAction {
    /// All of it was computed.
    Build,
    /// Some of its days were computed.
    Days,
    /// The same rows were written again, under another key.
    Rewrite,
    /// The files of the last snapshot were named again.
    Reuse,
}

impl StepAction {
    /// As it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Build => "build",
            Self::Days => "days",
            Self::Rewrite => "rewrite",
            Self::Reuse => "reuse",
        }
    }
}

/// One KPI on its last complete day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KpiReport {
    /// Its name.
    pub kpi: String,
    /// Its name for people.
    pub title: String,
    /// Unit of value and change.
    pub unit: String,
    /// Local day.
    pub day: NaiveDate,
    /// The number; none = held back.
    pub value: Option<f64>,
    /// Less the number 7 days before; none = not known.
    pub change: Option<f64>,
    /// Whether it lies outside of what the weekday lets expect; none = nothing to compare with.
    pub is_unusual: Option<bool>,
}

impl KpiReport {
    /// The number with its unit, for people.
    #[must_use]
    pub fn value_text(&self) -> String {
        match (self.value, self.unit.as_str()) {
            (None, _) => "held back".to_owned(),
            (Some(value), RATIO) => format!("{:.1} %", value * 100.0),
            (Some(value), unit) => format!("{} {unit}", hundredths(value)),
        }
    }

    /// How it moved, for people; empty where that is not known.
    #[must_use]
    pub fn change_text(&self) -> String {
        match (self.change, self.unit.as_str()) {
            (None, _) => String::new(),
            (Some(change), RATIO) => format!("{:+.1} points", change * 100.0),
            (Some(change), _) => format!("{:+}", hundredths(change)),
        }
    }
}

/// Unit of numbers that are told in per cent.
const RATIO: &str = "ratio";

/// Rounded to hundredths; never a negative zero.
fn hundredths(value: f64) -> f64 {
    (value * 100.0).round() / 100.0 + 0.0
}

/// What decided whether new models are published.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Gate {
    /// What models are judged by.
    pub metric: String,
    /// Every model in the test window, best first.
    pub models: Vec<Estimated>,
    /// What the published blend reached in its test window.
    pub published: Option<Estimated>,
    /// Share of that which a new one may lose.
    pub tolerance: f64,
    /// Whether the new models lost against it, so that the lists stayed as they were.
    pub has_kept_earlier: bool,
}

/// A model with what it reached, and the 95 % interval of that.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Estimated {
    /// The model.
    pub model: String,
    /// Mean over members.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kpis_are_told_in_their_units() {
        let told = |unit: &str, value, change| {
            let day = NaiveDate::default();
            let text = |text: &str| text.to_owned();
            let kpi = KpiReport { kpi: text("k"), title: text("K"), unit: text(unit), day, value, change, is_unusual: None };
            (kpi.value_text(), kpi.change_text())
        };
        let pair = |value: &str, change: &str| (value.to_owned(), change.to_owned());
        assert_eq!(told("ratio", Some(0.1234), Some(-0.02)), pair("12.3 %", "-2.0 points"));
        assert_eq!(told("members", Some(41.0), Some(3.0)), pair("41 members", "+3"));
        assert_eq!(told("hours", Some(1.256), Some(-0.001)), pair("1.26 hours", "+0"));
        assert_eq!(told("members", None, None), pair("held back", ""));
    }
}
