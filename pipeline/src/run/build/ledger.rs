//! What is held back, kept for the next run: it decides what may be shown then. Nobody else reads it.

use std::sync::Arc;

use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use hachi_snapshot::Table;

use super::{Builder, RunError, columns};
use crate::privacy::Ledger;

/// Name of the table in the manifest's state.
const LEDGER: &str = "held_back";

impl Builder<'_> {
    /// Takes over what the last snapshot held back.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn open_ledger(&self) -> Result<(), RunError> {
        if let Some(table) = self.work.parent.and_then(|parent| parent.table(LEDGER)) {
            let ledger = Ledger::from_batches(&self.read(table).await?)?;
            self.made().ledger = ledger;
        }
        Ok(())
    }

    /// Writes what this snapshot holds back.
    ///
    /// # Errors
    /// When the disk is full.
    pub async fn write_ledger(&self) -> Result<(), RunError> {
        let batch = self.made().ledger.to_batch()?;
        let stream = RecordBatchStreamAdapter::new(batch.schema(), futures::stream::iter([Ok(batch)]));
        let written = self.work.draft.write((LEDGER, self.work.config.keys.writing()), Box::pin(stream)).await?;
        let table = Table {
            name: LEDGER.to_owned(),
            description: "Numbers that are held back, as they were when they were hidden".to_owned(),
            grain: ["table", "key", "column"].map(str::to_owned).to_vec(),
            columns: columns(&written.schema, |_| String::new()),
            rows: written.rows,
            content_hash: written.content_hash,
            made_from: String::new(),
            files: vec![written.file],
        };
        self.made().state.insert(LEDGER.to_owned(), Arc::new(table));
        Ok(())
    }
}
