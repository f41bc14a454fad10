//! What readers find different between two snapshots, table by table.

use std::collections::{BTreeMap, HashSet};

use hachi_snapshot::Table;
use serde::Serialize;

use super::{ContractChange, contract_changes};

/// How a table differs. A table that is equal in both has none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableChange {
    /// Table name.
    pub table: String,
    /// Rows before; none where the table is new.
    pub rows_before: Option<u64>,
    /// Rows now; none where the table is gone.
    pub rows_now: Option<u64>,
    /// Whether the content is another, not only its files.
    pub is_other_content: bool,
    /// Files now that were not there before.
    pub new_files: usize,
    /// How its columns differ, where they do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<ContractChange>,
}

/// The tables of `before` and `now` that differ, by name.
#[must_use]
pub fn table_changes(before: &[Table], now: &[Table]) -> Vec<TableChange> {
    let by_name = |tables: &[Table]| tables.iter().map(|table| (table.name.clone(), table.clone())).collect::<BTreeMap<_, _>>();
    let (old, mut new) = (by_name(before), by_name(now));
    let mut contract: BTreeMap<_, _> = contract_changes(before, now).into_iter().map(|change| (change.table.clone(), change)).collect();
    let mut changes: Vec<TableChange> = old
        .iter()
        .filter_map(|(name, before)| {
            let now = new.remove(name);
            // Of a table that is gone nobody asks which columns it had.
            let columns = contract.remove(name).filter(|_| now.is_some());
            changed(Some(before), now.as_ref(), columns)
        })
        .collect();
    changes.extend(new.values().filter_map(|now| changed(None, Some(now), None)));
    changes.sort_by(|a, b| a.table.cmp(&b.table));
    changes
}

fn changed(before: Option<&Table>, now: Option<&Table>, columns: Option<ContractChange>) -> Option<TableChange> {
    let content = |table: Option<&Table>| table.map(|table| table.content_hash.clone());
    let is_other_content = content(before) != content(now);
    let old_files: HashSet<&str> = before.iter().flat_map(|table| &table.files).map(|file| file.path.as_str()).collect();
    (is_other_content || columns.is_some()).then(|| TableChange {
        table: before.or(now).map(|table| table.name.clone()).unwrap_or_default(),
        rows_before: before.map(|table| table.rows),
        rows_now: now.map(|table| table.rows),
        is_other_content,
        new_files: now.iter().flat_map(|table| &table.files).filter(|file| !old_files.contains(file.path.as_str())).count(),
        columns,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str, rows: u64, files: &[&str], columns: &[&str]) -> Table {
        let file = |path: &&str| serde_json::json!({ "path": path, "bytes": 1, "sha256": "" });
        let column = |name: &&str| serde_json::json!({ "name": name, "type": "Int64", "description": "" });
        let json = serde_json::json!({
            "name": name, "description": "", "grain": [], "rows": rows, "content_hash": rows.to_string(),
            "files": files.iter().map(file).collect::<Vec<_>>(), "columns": columns.iter().map(column).collect::<Vec<_>>(),
        });
        serde_json::from_value(json).expect("a table")
    }

    #[test]
    fn tables_that_come_go_and_change_are_told_and_equal_ones_are_not() {
        let before = [table("days", 3, &["a"], &["x"]), table("gone", 1, &["b"], &["x"]), table("same", 5, &["c"], &["x"])];
        let now = [table("days", 4, &["a", "d"], &["x", "y"]), table("come", 2, &["e"], &["x"]), table("same", 5, &["f"], &["x"])];
        let changes = table_changes(&before, &now);
        let told: Vec<_> = changes.iter().map(|c| (c.table.as_str(), c.rows_before, c.rows_now, c.new_files)).collect();
        assert_eq!(told, [("come", None, Some(2), 1), ("days", Some(3), Some(4), 1), ("gone", Some(1), None, 0)]);
        let columns: Vec<_> = changes.iter().map(|c| c.columns.as_ref().map(ToString::to_string)).collect();
        assert_eq!(columns, [None, Some("+ y".to_owned()), None]);
    }
}
