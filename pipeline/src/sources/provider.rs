//! A raw table as the engine sees it. Only the columns that a query wants are worked out: what is not wanted of a request
//! (who, where, bot or not) costs nothing.

use std::fmt;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};

use super::copies::IS_COPY;
use super::schema::conformed;
use super::stream::{MatchedFile, RawPartition};
use super::table::SourcesOptions;
use crate::domain::day_set::DaySet;
use crate::domain::raw_tables::RawTable;

/// The files of one raw table, dealt out to partitions.
pub struct RawTableProvider {
    table: RawTable,
    parts: Vec<Arc<Vec<MatchedFile>>>,
    options: Arc<SourcesOptions>,
    window: Option<Arc<DaySet>>,
}

impl RawTableProvider {
    /// Over `files` in `partitions` parts that read at the same time.
    #[must_use]
    pub fn new(table: RawTable, files: Vec<MatchedFile>, options: Arc<SourcesOptions>, partitions: usize) -> Self {
        let parts = dealt(files, partitions).into_iter().map(Arc::new).collect();
        Self { table, parts, options, window: None }
    }

    /// The same with only the rows of `days`.
    #[must_use]
    pub fn within(self, days: DaySet) -> Self {
        Self { window: Some(Arc::new(days)), ..self }
    }
}

impl fmt::Debug for RawTableProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "raw table {} in {} parts", self.table, self.parts.len())
    }
}

#[async_trait]
impl TableProvider for RawTableProvider {
    fn schema(&self) -> SchemaRef {
        conformed(self.table)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(&self, _: &dyn Session, wanted: Option<&Vec<usize>>, _: &[Expr], limit: Option<usize>) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = match wanted {
            Some(columns) => Arc::new(self.schema().project(columns)?),
            None => self.schema(),
        };
        // Copies are told by who came first, so all rows must pass one reader in their order.
        let in_order = schema.index_of(IS_COPY).is_ok().then(|| vec![Arc::new(in_order(&self.parts))]);
        let part = |files: &Arc<Vec<MatchedFile>>| -> Arc<dyn PartitionStream> {
            Arc::new(RawPartition::new(
                self.table,
                Arc::clone(files),
                Arc::clone(&self.options),
                (Arc::clone(&schema), self.window.clone()),
            ))
        };
        let parts = in_order.as_ref().unwrap_or(&self.parts).iter().map(part).collect();
        Ok(Arc::new(StreamingTableExec::try_new(Arc::clone(&schema), parts, None, None, false, limit)?))
    }
}

/// All files by their place.
fn in_order(parts: &[Arc<Vec<MatchedFile>>]) -> Vec<MatchedFile> {
    let mut files: Vec<MatchedFile> = parts.iter().flat_map(|part| part.iter().cloned()).collect();
    files.sort_by_key(|f| f.file.position);
    files
}

/// Files dealt out so that each part gets about as many rows; at least one part.
fn dealt(mut files: Vec<MatchedFile>, partitions: usize) -> Vec<Vec<MatchedFile>> {
    files.sort_by_key(|f| std::cmp::Reverse(f.file.rows()));
    let mut parts: Vec<(u64, Vec<MatchedFile>)> = vec![(0, Vec::new()); partitions.max(1)];
    for file in files {
        if let Some((rows, part)) = parts.iter_mut().min_by_key(|(rows, _)| *rows) {
            *rows += file.file.rows();
            part.push(file);
        }
    }
    parts.into_iter().map(|(_, part)| part).collect()
}
