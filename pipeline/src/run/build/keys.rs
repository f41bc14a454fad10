//! What a table is made from, as a hash: if it is the same as last time, so are its rows.
//!
//! A whole table's key takes in the contents of its inputs. The key of a table that is built by day takes in only how it
//! is made: which of its days changed is told by the days of its inputs. So it is with a stage that counts ended weeks.

use sha2::{Digest, Sha256};

use super::{Builder, DayChange, RunError};
use crate::domain::raw_tables::RawTable;
use crate::engine::EngineError;
use crate::models::Model;
use crate::models::stages::{MadeFrom, Stage};
use crate::publish::ContentHash;
use crate::sources::RAW_PREFIX;

/// Programs of another version may make other rows.
const MADE_BY: &str = concat!("hachi ", env!("CARGO_PKG_VERSION"));

fn hash(parts: &[&str]) -> String {
    hex::encode(Sha256::digest(parts.join("\0")))
}

impl<'a> Builder<'a> {
    /// The key of a whole table's model, or of a scratch table or view that has no days.
    pub(super) async fn key_of_model(&self, model: &'a Model) -> Result<String, RunError> {
        let sql = self.work.parameters.fill(&model.file(), &model.sql)?;
        let header = format!("{:?} {}", model.header, self.work.config.min_group);
        let mut parts = vec![MADE_BY.to_owned(), header, sql];
        for input in &model.reads {
            parts.push(self.key_of(input).await?);
        }
        Ok(hash(&parts.iter().map(String::as_str).collect::<Vec<_>>()))
    }

    /// The key of an input: the content of a table, or what a scratch table or view is made from.
    pub(super) async fn key_of(&self, table: &str) -> Result<String, RunError> {
        if let Some(made) = self.table(table) {
            return Ok(made.content_hash.clone());
        }
        let known = self.made().keys.get(table).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let key = match (table.strip_prefix(RAW_PREFIX), self.model(table)) {
            (Some(raw), _) => match RawTable::parse(raw) {
                Some(raw) => self.work.raw.key(raw),
                None => self.content(table).await?,
            },
            (None, Some(model)) => Box::pin(self.key_of_model(model)).await?,
            (None, None) => String::new(),
        };
        self.made().keys.insert(table.to_owned(), key.clone());
        Ok(key)
    }

    /// How the rows of `model`, which is built by day, are made: `<of its days>/<of its rows without a day>`.
    pub(super) async fn definition(&self, model: &'a Model) -> Result<String, RunError> {
        let none = Vec::new();
        let undated = model.header.incremental.as_ref().map_or(&none, |i| &i.undated);
        let mut of_days = vec![MADE_BY.to_owned(), format!("{:?}", model.header), self.timeless(model)?];
        let mut of_undated = vec![String::new()];
        for input in &model.reads {
            match () {
                () if undated.contains(input) => of_undated.push(self.key_of(input).await?),
                // Which days its rows touch is told row by row.
                () if self.since(input).is_some() => of_days.push(input.clone()),
                () if self.is_by_day(input) => of_days.push(Box::pin(self.definition_of(input)).await?),
                () => of_days.push(self.content_of_small(input).await?),
            }
        }
        let both = [of_days, of_undated].map(|parts| hash(&parts.iter().map(String::as_str).collect::<Vec<_>>()));
        Ok(both.join("/"))
    }

    /// The SQL with all parameters but the moment of the run: rows after it are told by their days.
    fn timeless(&self, model: &Model) -> Result<String, RunError> {
        let mut parameters = self.work.parameters.clone();
        parameters.set("as_of", "$as_of");
        Ok(parameters.fill(&model.file(), &model.sql)?)
    }

    async fn definition_of(&self, table: &str) -> Result<String, RunError> {
        match self.model(table) {
            Some(model) => self.definition(model).await,
            None => Ok(table.to_owned()),
        }
    }

    /// Content of a scratch table or view without days; it must be small, such as the steps of funnels.
    async fn content_of_small(&self, table: &str) -> Result<String, RunError> {
        let kept = self.made().keys.get(&format!("content of {table}")).cloned();
        if let Some(known) = kept {
            return Ok(known);
        }
        self.ensure(table).await?;
        let content = self.content(table).await?;
        self.made().keys.insert(format!("content of {table}"), content.clone());
        Ok(content)
    }

    async fn content(&self, table: &str) -> Result<String, RunError> {
        let failed = || EngineError::query("read", table);
        let frame = self.work.engine.table(table).await?;
        // The engine knows more than one text type, and none of them is another content.
        let schema = crate::publish::canonical_schema(frame.schema().as_arrow());
        let batches = frame.collect().await.map_err(failed())?;
        let wrong = |source| crate::publish::PublishError::Convert { table: table.to_owned(), source };
        let mut hash = ContentHash::new(&schema).map_err(wrong)?;
        for batch in batches {
            hash.add(&crate::publish::canonical_batch(&batch, &schema).map_err(wrong)?).map_err(wrong)?;
        }
        Ok(hash.finish())
    }

    /// The key of a stage.
    pub(super) async fn key_of_stage(&self, stage: &'static Stage) -> Result<String, RunError> {
        let config = self.work.config;
        let mut parts = vec![
            MADE_BY.to_owned(),
            stage.name.to_owned(),
            format!("{:?} {:?}", config.learn, config.declared.segments),
            format!("{:?} {:?} {:?} {}", config.evaluation, config.rating_range, config.half_life_days, config.min_group),
        ];
        match stage.made_from {
            MadeFrom::Contents => {
                for input in stage.reads {
                    parts.push(self.key_of(input).await?);
                }
            }
            // Which days of its tables by day changed is told by these days.
            MadeFrom::Weeks { whole, .. } => {
                parts.push(self.work.settled_until().to_string());
                for table in whole {
                    let is_kept = self.model(table).is_none_or(|model| model.header.kind.is_kept());
                    parts.push(if is_kept { self.key_of(table).await? } else { self.content_of_small(table).await? });
                }
            }
        }
        Ok(hash(&parts.iter().map(String::as_str).collect::<Vec<_>>()))
    }

    /// Whether days that a stage is made from changed, which its key does not tell.
    pub(super) fn has_other_days(&self, stage: &Stage) -> bool {
        matches!(stage.made_from, MadeFrom::Weeks { by_day, .. } if by_day.iter().any(|table| self.counts_in(stage, table)))
    }

    /// Tables that a stage reads whose changes count.
    pub(super) fn counts_in(&self, stage: &Stage, table: &str) -> bool {
        let MadeFrom::Weeks { by_day, whole } = stage.made_from else { return true };
        let first = self.work.settled_until().to_epoch_days();
        let is_settled = |days: &DayChange| days.changed.days().any(|day| day < first) || days.changed.has_undated();
        whole.contains(&table) || by_day.contains(&table) && self.made().days.get(table).is_none_or(is_settled)
    }
}
