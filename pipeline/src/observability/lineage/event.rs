//! Events as the OpenLineage specification 2-0-2 wants them; pure.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use uuid::Builder;

use crate::observability::{Outcome, RunRecord};

const SCHEMA: &str = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent";
const FACETS: &str = "https://openlineage.io/spec/facets";
/// Who says so.
const PRODUCER: &str = concat!("urn:hachi:", env!("CARGO_PKG_VERSION"));
/// Namespace of what lies on the machine's own disk.
const FILES: &str = "file";

/// One run of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Namespace of the job.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Name of the run.
    pub run_id: String,
    /// When the run started.
    pub started: DateTime<Utc>,
}

/// Data that a run read or wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dataset {
    /// Absolute path.
    pub path: String,
    /// Its columns, in order.
    pub fields: Vec<Field>,
    /// Rows read or written.
    pub rows: u64,
    /// Bytes read or written; none where that is not known.
    pub bytes: Option<u64>,
    /// Files read or written.
    pub files: u64,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its type, as the engine writes it.
    pub data_type: String,
    /// Meaning and unit; empty where nobody has said.
    pub description: String,
}

/// A run begins.
#[must_use]
pub fn start_event(job: &Job) -> Value {
    event(("START", job.started), job, Map::new(), (&[], &[]))
}

/// A run has ended, having read `inputs` and written `outputs`.
#[must_use]
pub fn end_event(job: &Job, run: &RunRecord, data: (&[Dataset], &[Dataset])) -> Value {
    let mut facets = Map::new();
    if let Some(as_of) = run.as_of {
        facets.insert("nominalTime".to_owned(), facet("1-0-1", "NominalTimeRunFacet", json!({ "nominalStartTime": time(as_of) })));
    }
    if let Some(error) = &run.error {
        let message = json!({ "message": error, "programmingLanguage": "Rust" });
        facets.insert("errorMessage".to_owned(), facet("1-0-1", "ErrorMessageRunFacet", message));
    }
    let kind = if run.outcome == Outcome::Published { "COMPLETE" } else { "FAIL" };
    event((kind, run.ended), job, facets, data)
}

fn event((kind, at): (&str, DateTime<Utc>), job: &Job, run_facets: Map<String, Value>, data: (&[Dataset], &[Dataset])) -> Value {
    let job_type = facet("2-0-3", "JobTypeJobFacet", json!({ "processingType": "BATCH", "integration": "HACHI", "jobType": "JOB" }));
    json!({
        "eventType": kind,
        "eventTime": time(at),
        "run": { "runId": uuid(job), "facets": run_facets },
        "job": { "namespace": job.namespace, "name": job.name, "facets": { "jobType": job_type } },
        "inputs": data.0.iter().map(|input| dataset(input, ("inputFacets", "inputStatistics"))).collect::<Vec<_>>(),
        "outputs": data.1.iter().map(|output| dataset(output, ("outputFacets", "outputStatistics"))).collect::<Vec<_>>(),
        "producer": PRODUCER,
        "schemaURL": SCHEMA,
    })
}

fn dataset(data: &Dataset, (facets, name): (&str, &str)) -> Value {
    let fields = data.fields.iter().map(|field| {
        let mut json = json!({ "name": field.name, "type": field.data_type });
        if !field.description.is_empty() {
            json["description"] = field.description.clone().into();
        }
        json
    });
    let mut counts = json!({ "rowCount": data.rows, "fileCount": data.files });
    if let Some(bytes) = data.bytes {
        counts["size"] = bytes.into();
    }
    let statistics = match name {
        "inputStatistics" => facet("1-0-0", "InputStatisticsInputDatasetFacet", counts),
        _ => facet("1-0-2", "OutputStatisticsOutputDatasetFacet", counts),
    };
    json!({
        "namespace": FILES,
        "name": data.path,
        "facets": { "schema": facet("1-1-1", "SchemaDatasetFacet", json!({ "fields": fields.collect::<Vec<_>>() })) },
        facets: { name: statistics },
    })
}

/// What every facet says of itself, besides its own.
fn facet(version: &str, name: &str, mut own: Value) -> Value {
    own["_producer"] = PRODUCER.into();
    own["_schemaURL"] = format!("{FACETS}/{version}/{name}.json#/$defs/{name}").into();
    own
}

fn time(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// The run's name as a UUID of version 7: the same name gives the same, and later ones sort behind.
fn uuid(job: &Job) -> String {
    let hash = Sha256::digest(job.run_id.as_bytes());
    let mut rest = [0; 10];
    rest.copy_from_slice(&hash[..10]);
    let millis = u64::try_from(job.started.timestamp_millis()).unwrap_or(0);
    Builder::from_unix_timestamp_millis(millis, &rest).into_uuid().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observability::record::tests::record;

    fn job(run_id: &str) -> Job {
        let started = DateTime::from_timestamp(0, 0).unwrap_or_default();
        Job { namespace: "site".to_owned(), name: "hachi.run".to_owned(), run_id: run_id.to_owned(), started }
    }

    #[test]
    fn both_events_are_of_one_run() {
        let (start, end) = (start_event(&job("a")), end_event(&job("a"), &record("a", 5, Outcome::Published), (&[], &[])));
        assert_eq!((&start["eventType"], &end["eventType"]), (&"START".into(), &"COMPLETE".into()));
        assert_eq!(start["run"]["runId"], end["run"]["runId"]);
        assert_ne!(start["run"]["runId"], start_event(&job("b"))["run"]["runId"]);
        assert_eq!((&start["eventTime"], &end["eventTime"]), (&"1970-01-01T00:00:00.000Z".into(), &"1970-01-01T00:05:00.000Z".into()));
    }

    #[test]
    fn a_failure_says_why() {
        let end = end_event(&job("a"), &record("a", 5, Outcome::Failed), (&[], &[]));
        assert_eq!((&end["eventType"], &end["run"]["facets"]["errorMessage"]["message"]), (&"FAIL".into(), &"a | b".into()));
    }
}
