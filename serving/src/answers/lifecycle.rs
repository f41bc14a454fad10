//! Members by what became of them, as the pipeline rendered it, with the snapshot it is from.

use hachi_snapshot::lifecycle_document;
use serde::Serialize;
use serde_json::Value;

use super::snapshot::{AnswerError, Snapshot, Stamp};

/// New, returning, resurrecting and dormant members, period by period.
#[derive(Debug, Serialize)]
pub(crate) struct Lifecycle<'a> {
    snapshot: Stamp,
    unit: &'a str,
    periods: Value,
}

/// The periods of a unit; an error where the snapshot doesn't hold them.
pub(crate) fn answer<'a>(snapshot: &Snapshot, unit: &'a str) -> Result<Lifecycle<'a>, AnswerError> {
    let json = snapshot.document(&lifecycle_document(unit), || format!("lifecycle for unit `{unit}`"))?;
    Ok(Lifecycle { snapshot: snapshot.stamp(), unit, periods: serde_json::from_slice(&json)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::snapshot::tests::snapshot;

    #[test]
    fn finds_the_unit_or_names_it() {
        let (_folder, snapshot) = snapshot();
        assert_eq!(answer(&snapshot, "week").unwrap().periods, serde_json::json!([{"new_members": 3}]));
        let error = answer(&snapshot, "day").unwrap_err();
        assert_eq!(error.to_string(), "this snapshot holds no lifecycle for unit `day`");
    }
}
