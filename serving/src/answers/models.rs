//! How the models did by one metric, as the pipeline rendered it, with the snapshot it is from.

use hachi_snapshot::models_document;
use serde::Serialize;
use serde_json::Value;

use super::snapshot::{AnswerError, Snapshot, Stamp};

/// Every model in every window, with intervals.
#[derive(Debug, Serialize)]
pub(crate) struct Evaluation<'a> {
    snapshot: Stamp,
    metric: &'a str,
    models: Value,
}

/// The models by a metric; an error where the snapshot doesn't hold it.
pub(crate) fn answer<'a>(snapshot: &Snapshot, metric: &'a str) -> Result<Evaluation<'a>, AnswerError> {
    let json = snapshot.document(&models_document(metric), || format!("evaluation of models by `{metric}`"))?;
    Ok(Evaluation { snapshot: snapshot.stamp(), metric, models: serde_json::from_slice(&json)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::snapshot::tests::snapshot;

    #[test]
    fn finds_the_metric_or_names_it() {
        let (_folder, snapshot) = snapshot();
        assert_eq!(answer(&snapshot, "ndcg@10").unwrap().models, serde_json::json!([{"model": "blend"}]));
        let error = answer(&snapshot, "luck@7").unwrap_err();
        assert_eq!(error.to_string(), "this snapshot holds no evaluation of models by `luck@7`");
    }
}
