//! `hachi sql`: people's questions to the latest snapshot.

use std::io::Write;
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use arrow::csv::WriterBuilder as CsvWriterBuilder;
use arrow::json::writer::{JsonArray, WriterBuilder};
use futures::StreamExt;

use super::keys::with_keys;
use super::{open, output};
use crate::engine::EngineError;
use crate::run::latest_snapshot;

/// Arguments of `hachi sql`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// One select over the published tables; `show tables` lists them
    query: String,
    /// The lake to read; default: as configured
    #[arg(long, value_name = "DIR")]
    lake: Option<PathBuf>,
    /// Print a JSON array
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Print CSV with a header
    #[arg(long)]
    csv: bool,
}

/// Answers the query on stdout.
pub fn sql(config: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let config = with_keys(open::config(config, arguments.lake.as_deref(), None)?)?;
    open::block_on(config.engine.threads, async {
        let snapshot = latest_snapshot(&config).await?;
        let frame = snapshot.query(&arguments.query).await?;
        let schema = frame.schema().as_arrow().clone();
        let mut rows = frame.execute_stream().await.map_err(EngineError::query("execute", "your query"))?;
        let mut batches = Vec::new();
        while let Some(batch) = rows.next().await {
            batches.push(batch.map_err(EngineError::query("execute", "your query"))?);
        }
        if batches.is_empty() {
            batches.push(RecordBatch::new_empty(schema.into()));
        }
        print(&batches, arguments)
    })
}

fn print(batches: &[RecordBatch], arguments: &Arguments) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    if arguments.json {
        let mut writer = WriterBuilder::new().with_explicit_nulls(true).build::<_, JsonArray>(&mut stdout);
        writer.write_batches(&batches.iter().collect::<Vec<_>>())?;
        writer.finish()?;
        writeln!(stdout)?;
    } else if arguments.csv {
        // Through memory, because the CSV writer forgets that a pipe was closed.
        let mut text = Vec::new();
        let mut writer = CsvWriterBuilder::new().with_header(true).build(&mut text);
        for batch in batches {
            writer.write(batch)?;
        }
        drop(writer);
        stdout.write_all(&text)?;
    } else {
        writeln!(stdout, "{}", output::batches(batches)?)?;
    }
    Ok(())
}
