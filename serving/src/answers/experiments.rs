//! Who takes part in experiments, as the pipeline rendered it, with the snapshot it is from.

use hachi_snapshot::EXPERIMENTS_DOCUMENT;
use serde::Serialize;
use serde_json::Value;

use super::snapshot::{AnswerError, Snapshot, Stamp};

/// Every arm of every experiment.
#[derive(Debug, Serialize)]
pub(crate) struct Experiments {
    snapshot: Stamp,
    arms: Value,
}

/// All experiments; an error where the snapshot is from before there were any.
pub(crate) fn answer(snapshot: &Snapshot) -> Result<Experiments, AnswerError> {
    let json = snapshot.document(EXPERIMENTS_DOCUMENT, || "experiments".to_owned())?;
    Ok(Experiments { snapshot: snapshot.stamp(), arms: serde_json::from_slice(&json)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::snapshot::tests::snapshot;

    #[test]
    fn tells_the_arms() {
        let (_folder, snapshot) = snapshot();
        assert_eq!(answer(&snapshot).unwrap().arms, serde_json::json!([{"experiment": "home", "members": 12}]));
    }
}
