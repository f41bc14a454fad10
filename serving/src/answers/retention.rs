//! One retention triangle as the pipeline rendered it, with the snapshot it is from.

use hachi_snapshot::retention_document;
use serde::Serialize;
use serde_json::Value;

use super::snapshot::{AnswerError, Snapshot, Stamp};

/// Which triangle.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Triangle<'a> {
    /// Length of a period.
    pub(crate) unit: &'a str,
    /// What puts a member into a cohort.
    pub(crate) cohort_type: &'a str,
    /// What counts as retained.
    pub(crate) criterion: &'a str,
}

/// One triangle, cell by cell.
#[derive(Debug, Serialize)]
pub(crate) struct Retention<'a> {
    snapshot: Stamp,
    #[serde(flatten)]
    triangle: Triangle<'a>,
    cells: Value,
}

/// The cells of one triangle.
pub(crate) fn answer<'a>(snapshot: &Snapshot, triangle: Triangle<'a>) -> Result<Retention<'a>, AnswerError> {
    let Triangle { unit, cohort_type, criterion } = triangle;
    let missing = || format!("retention for unit `{unit}`, cohort_type `{cohort_type}`, criterion `{criterion}`");
    let json = snapshot.document(&retention_document(unit, cohort_type, criterion), missing)?;
    Ok(Retention { snapshot: snapshot.stamp(), triangle, cells: serde_json::from_slice(&json)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::snapshot::tests::snapshot;

    #[test]
    fn finds_the_triangle_or_names_it() {
        let (_folder, snapshot) = snapshot();
        let triangle = Triangle { unit: "week", cohort_type: "first_ever", criterion: "on" };
        assert_eq!(answer(&snapshot, triangle).unwrap().cells, Value::Array(Vec::new()));
        let error = answer(&snapshot, Triangle { unit: "day", ..triangle }).unwrap_err();
        assert!(error.to_string().contains("unit `day`"));
    }
}
