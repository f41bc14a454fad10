//! KPIs as the pipeline rendered them, with the snapshot they are from.

use chrono::NaiveDate;
use hachi_snapshot::{KPIS_DOCUMENT, kpi_document};
use serde::Serialize;
use serde_json::Value;

use super::snapshot::{AnswerError, Snapshot, Stamp};

/// The field of a point that says its local day.
const DAY_FIELD: &str = "event_date";

/// The latest value of every KPI.
#[derive(Debug, Serialize)]
pub(crate) struct Kpis {
    snapshot: Stamp,
    kpis: Value,
}

/// One KPI, day by day.
#[derive(Debug, Serialize)]
pub(crate) struct Series<'a> {
    snapshot: Stamp,
    kpi: &'a str,
    points: Vec<Value>,
}

/// Local days asked for, both included; none is open.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Days {
    pub(crate) from: Option<NaiveDate>,
    pub(crate) to: Option<NaiveDate>,
}

/// Every KPI's latest value.
pub(crate) fn all(snapshot: &Snapshot) -> Result<Kpis, AnswerError> {
    let json = snapshot.document(KPIS_DOCUMENT, || "KPIs".to_owned())?;
    Ok(Kpis { snapshot: snapshot.stamp(), kpis: serde_json::from_slice(&json)? })
}

/// One KPI's points within `days`; an error where there is no such KPI.
pub(crate) fn series<'a>(snapshot: &Snapshot, kpi: &'a str, days: Days) -> Result<Series<'a>, AnswerError> {
    let json = snapshot.document(&kpi_document(kpi), || format!("KPI `{kpi}`"))?;
    let mut points: Vec<Value> = serde_json::from_slice(&json)?;
    points.retain(|point| days.hold(point));
    Ok(Series { snapshot: snapshot.stamp(), kpi, points })
}

impl Days {
    fn hold(self, point: &Value) -> bool {
        let day: Option<NaiveDate> = point[DAY_FIELD].as_str().and_then(|day| day.parse().ok());
        // A point without a day stands outside every bound.
        let after = self.from.is_none_or(|from| day.is_some_and(|day| day >= from));
        let before = self.to.is_none_or(|to| day.is_some_and(|day| day <= to));
        after && before
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::snapshot::tests::snapshot;

    fn check(from: Option<&str>, to: Option<&str>, expected: &[&str]) {
        let (_folder, snapshot) = snapshot();
        let day = |text: &str| text.parse().unwrap();
        let answered = series(&snapshot, "dau", Days { from: from.map(day), to: to.map(day) }).unwrap();
        let found: Vec<&str> = answered.points.iter().map(|point| point[DAY_FIELD].as_str().unwrap()).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn both_ends_are_included() {
        check(None, None, &["2024-01-30", "2024-01-31"]);
        check(Some("2024-01-31"), None, &["2024-01-31"]);
        check(None, Some("2024-01-30"), &["2024-01-30"]);
        check(Some("2024-01-30"), Some("2024-01-31"), &["2024-01-30", "2024-01-31"]);
        check(Some("2024-02-01"), None, &[]);
    }

    #[test]
    fn an_unknown_kpi_is_named() {
        let (_folder, snapshot) = snapshot();
        let error = series(&snapshot, "mood", Days::default()).unwrap_err();
        assert_eq!(error.to_string(), "this snapshot holds no KPI `mood`");
    }
}
