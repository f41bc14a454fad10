//! Files under another key than today's: what stays of the last snapshot is written again, row by row the same, so that nothing in
//! the new one needs an old key.

use std::sync::Arc;

use hachi_snapshot::{FileEntry, Table};

use super::{Builder, Foreseen, Outlook, RunError};
use crate::engine::{EngineError, MasterKey};
use crate::models::graph::Node;
use crate::publish::{PublishError, Written, part_name};

impl<'a> Builder<'a> {
    /// The key that files of `table` are written under; none where they lie as they are.
    pub(in crate::run) fn master_key(&self, table: &str) -> Option<Arc<MasterKey>> {
        self.work.graph.is_sensitive(table).then(|| self.work.config.keys.writing()).flatten()
    }

    /// What `node` will be, when files of its tables that stay are under another key than today's.
    pub fn with_key(&self, node: Node<'a>, foreseen: Foreseen) -> Foreseen {
        let mut tables = node.writes().into_iter().filter_map(|table| self.work.parent?.table(table));
        let Some(why) = tables.find_map(|table| self.other_key(&table.name, &table.files)) else { return foreseen };
        match foreseen.outlook {
            Outlook::Keep => Foreseen { outlook: Outlook::Rewrite, reasons: vec![why], ..foreseen },
            Outlook::Days => Foreseen { reasons: foreseen.reasons.into_iter().chain([why]).collect(), ..foreseen },
            Outlook::Build | Outlook::Rewrite | Outlook::Needed => foreseen,
        }
    }

    /// What a node that is not selected will be, when it does not stay as it is.
    pub fn foresee_kept(&self, node: Node<'a>) -> Option<Foreseen> {
        let kept = Foreseen { outlook: Outlook::Keep, days: String::new(), reasons: Vec::new() };
        Some(self.with_key(node, kept)).filter(|foreseen| foreseen.outlook == Outlook::Rewrite)
    }

    /// Names a table of the last snapshot in the new one, with all files under today's key.
    pub(super) async fn name_again(&self, table: Table) -> Result<(), RunError> {
        let (files, why) = self.under_todays_key(&table.name, table.files).await?;
        if let Some(why) = why {
            self.made().rewritten.insert(table.name.clone(), why);
        }
        self.add(Table { files, ..table }).await
    }

    /// `files` of `table`, those under another key written again; and why, where there are such.
    pub(super) async fn under_todays_key(&self, table: &str, files: Vec<FileEntry>) -> Result<(Vec<FileEntry>, Option<String>), RunError> {
        let Some(why) = self.other_key(table, &files) else { return Ok((files, None)) };
        let key = self.master_key(table);
        let id = key.as_ref().map(|key| key.id());
        let mut written = Vec::new();
        for file in files {
            written.push(if file.key.as_deref() == id { file } else { self.write_again(table, key.clone(), file).await? });
        }
        Ok((written, Some(why)))
    }

    /// The rows of `file` in their order, under `key`.
    async fn write_again(&self, table: &str, key: Option<Arc<MasterKey>>, file: FileEntry) -> Result<FileEntry, RunError> {
        let path = self.work.draft.lake().root().join(&file.path);
        // One partition: the order of the rows stays.
        let rows = self.work.engine.beside(1).files(table, &[path]).await?;
        let Some(rows) = rows else { return Ok(file) };
        let stream = rows.execute_stream().await.map_err(EngineError::query("read", table))?;
        let written = match &file.part {
            Some(part) => self.work.draft.write_part((table, &part_name(part.first)), key, stream).await?,
            None => self.work.draft.write((table, key), stream).await?,
        };
        let is_same = file.rows.is_none_or(|rows| rows == written.rows) && self.is_same_content(table, &file, &written);
        if !is_same {
            return Err(PublishError::Other { path: file.path }.into());
        }
        Ok(FileEntry { part: file.part, ..written.file })
    }

    /// Whether `written` holds what `file` of the last snapshot held.
    fn is_same_content(&self, table: &str, file: &FileEntry, written: &Written) -> bool {
        match (&file.part, self.work.parent.and_then(|parent| parent.table(table))) {
            (Some(part), _) => part.row_sum == written.row_sum,
            (None, Some(before)) => before.content_hash == written.content_hash,
            (None, None) => true,
        }
    }

    /// Why files of `table` are written again though their rows stay; none where all are as they would be written today.
    fn other_key(&self, table: &str, files: &[FileEntry]) -> Option<String> {
        let today = self.master_key(table);
        let today = today.as_ref().map(|key| key.id());
        let other = files.iter().find(|file| file.key.as_deref() != today)?;
        Some(match (other.key.as_deref(), today) {
            (Some(old), Some(new)) => format!("encryption key `{new}` instead of `{old}`"),
            (None, new) => format!("encryption key `{}` instead of none", new.unwrap_or_default()),
            (Some(old), None) => format!("no encryption instead of key `{old}`"),
        })
    }
}
