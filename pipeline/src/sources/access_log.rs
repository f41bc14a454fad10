//! What the door works out for each request: event and ids by route, who acted, bot, asset, and a hash of the row.

use std::hash::Hasher;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BooleanArray, Int64Array, StringArray, StringBuilder};
use arrow::datatypes::{Date32Type, Schema};
use arrow::error::ArrowError;
use arrow::row::{RowConverter, SortField};
use twox_hash::XxHash64;

use super::AccessLogRules;
use super::agents::Agents;
use super::conform::Columns;
use super::copies::IS_COPY;
use super::identity::{Pseudonyms, Requester};
use super::paths;

const HASH_SEED: u64 = 0;

/// The canonical columns of a batch of requests, converted.
#[derive(Debug)]
pub struct Requests<'a> {
    /// What the site wrote, by canonical name.
    pub columns: &'a [(&'static str, ArrayRef)],
    /// Pseudonyms of members.
    pub members: &'a ArrayRef,
    /// Local dates.
    pub days: &'a ArrayRef,
    /// The columns of `raw_access_log` that are asked for.
    pub wanted: &'a Schema,
}

impl Requests<'_> {
    fn text(&self, name: &str) -> &StringArray {
        let column = self.columns.iter().find(|(n, _)| *n == name);
        column.map(|(_, array)| array.as_string()).expect("canonical columns are all there")
    }

    /// Works out what is wanted: the cleaned path and the columns of `schema::access_log_fields`.
    ///
    /// # Errors
    /// When Arrow can't encode the rows.
    pub fn enrich(&self, rules: &AccessLogRules, pseudonyms: &mut Pseudonyms, agents: &mut Agents) -> Result<Columns, ArrowError> {
        let mut columns = Columns::new();
        if self.wants(IS_COPY) {
            // Told later, when the rows that came before are known.
            columns.insert(IS_COPY, Arc::new(BooleanArray::new_null(self.members.len())));
        }
        if self.wants("row_hash") {
            columns.insert("row_hash", self.row_hashes()?);
        }
        if self.wants("actor_id") {
            columns.insert("actor_id", pseudonyms.actors(&self.requester()));
        }
        if self.wants("is_bot") {
            let is_bot: BooleanArray = self.text("user_agent").iter().map(|a| Some(agents.is_bot(a))).collect();
            columns.insert("is_bot", Arc::new(is_bot));
        }
        if self.wants("referer_host") {
            let host: StringArray = self.text("referer").iter().map(|r| r.and_then(paths::host)).collect();
            columns.insert("referer_host", Arc::new(host));
        }
        if ["path", "event", "course_id", "lesson_id", "is_asset", "is_health_check"].iter().any(|name| self.wants(name)) {
            columns.extend(self.of_paths(rules));
        }
        Ok(columns)
    }

    fn wants(&self, name: &str) -> bool {
        self.wanted.index_of(name).is_ok()
    }

    fn requester(&self) -> Requester<'_> {
        Requester {
            members: self.members.as_string(),
            visitors: self.text("visitor_id"),
            addresses: self.text("ip"),
            agents: self.text("user_agent"),
            days: self.days.as_primitive::<Date32Type>(),
        }
    }

    /// What a path tells.
    fn of_paths(&self, rules: &AccessLogRules) -> Columns {
        let path: StringArray = self.text("path").iter().map(|p| p.map(|p| paths::clean(p, rules))).collect();
        let [event, course_id, lesson_id] = routes(&path, rules);
        let flag = |test: &dyn Fn(&str) -> bool| -> ArrayRef {
            Arc::new(path.iter().map(|p| Some(p.is_some_and(|p| test(paths::route_part(p))))).collect::<BooleanArray>())
        };
        let (is_asset, is_health_check) = (flag(&|p| rules.is_asset(p)), flag(&|p| rules.is_health_check(p)));
        Columns::from([
            ("path", Arc::new(path) as ArrayRef),
            ("event", event),
            ("course_id", course_id),
            ("lesson_id", lesson_id),
            ("is_asset", is_asset),
            ("is_health_check", is_health_check),
        ])
    }

    /// A hash of each whole row as the site wrote it, by which copies are found.
    fn row_hashes(&self) -> Result<ArrayRef, ArrowError> {
        let arrays: Vec<ArrayRef> = self.columns.iter().map(|(_, a)| Arc::clone(a)).collect();
        let converter = RowConverter::new(arrays.iter().map(|a| SortField::new(a.data_type().clone())).collect())?;
        let rows = converter.convert_columns(&arrays)?;
        let hashes = rows.iter().map(|row| {
            let mut hasher = XxHash64::with_seed(HASH_SEED);
            hasher.write(row.as_ref());
            hasher.finish().cast_signed()
        });
        Ok(Arc::new(hashes.collect::<Int64Array>()))
    }
}

/// Event, course and lesson of each path.
fn routes(path: &StringArray, rules: &AccessLogRules) -> [ArrayRef; 3] {
    let mut columns = [StringBuilder::new(), StringBuilder::new(), StringBuilder::new()];
    for path in path {
        let route = path.map(|p| rules.route(paths::route_part(p))).unwrap_or_default();
        columns[0].append_option(route.event);
        columns[1].append_option(route.course_id.as_deref());
        columns[2].append_option(route.lesson_id.as_deref());
    }
    columns.map(|mut column| Arc::new(column.finish()) as ArrayRef)
}
