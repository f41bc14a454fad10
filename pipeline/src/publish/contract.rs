//! What readers of a table find different from the snapshot before: columns added, removed, of another type, in another order.

use std::fmt;

use hachi_snapshot::{Column, Table};
use serde::Serialize;

/// The difference between a table's columns and those it had.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ContractChange {
    /// Table name.
    pub table: String,
    /// Columns that are new, in order.
    pub added: Vec<String>,
    /// Columns that are gone, in order.
    pub removed: Vec<String>,
    /// Columns of another type: name, type before, type now.
    pub changed: Vec<(String, String, String)>,
    /// Whether the columns that stayed stand in another order.
    pub reordered: bool,
}

impl ContractChange {
    /// Whether what was asked of the table before may fail now.
    #[must_use]
    pub fn is_breaking(&self) -> bool {
        !self.removed.is_empty() || !self.changed.is_empty()
    }
}

impl fmt::Display for ContractChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let added = self.added.iter().map(|name| format!("+ {name}"));
        let removed = self.removed.iter().map(|name| format!("− {name}"));
        let changed = self.changed.iter().map(|(name, before, now)| format!("~ {name} {before} → {now}"));
        let reordered = self.reordered.then(|| "another order".to_owned());
        f.write_str(&added.chain(removed).chain(changed).chain(reordered).collect::<Vec<_>>().join(", "))
    }
}

/// The tables of `now` whose columns differ from those in `before`, and as all its columns removed each table that is gone.
#[must_use]
pub fn contract_changes(before: &[Table], now: &[Table]) -> Vec<ContractChange> {
    let columns_now = |name: &str| now.iter().find(|t| t.name == name).map_or(&[][..], |t| &t.columns);
    let change = |table: &Table| ContractChange { table: table.name.clone(), ..changed_columns(&table.columns, columns_now(&table.name)) };
    let mut changes: Vec<_> =
        before.iter().map(change).filter(|c| *c != ContractChange { table: c.table.clone(), ..Default::default() }).collect();
    changes.sort_by(|a, b| a.table.cmp(&b.table));
    changes
}

fn changed_columns(before: &[Column], now: &[Column]) -> ContractChange {
    let without = |these: &[Column], those: &[Column]| -> Vec<String> {
        these.iter().filter(|c| find(those, &c.name).is_none()).map(|c| c.name.clone()).collect()
    };
    let retyped = |c: &Column| {
        find(now, &c.name).filter(|n| n.data_type != c.data_type).map(|n| (c.name.clone(), c.data_type.clone(), n.data_type.clone()))
    };
    let stayed = |these: &[Column], those: &[Column]| -> Vec<String> {
        these.iter().filter(|c| find(those, &c.name).is_some()).map(|c| c.name.clone()).collect()
    };
    ContractChange {
        table: String::new(),
        added: without(now, before),
        removed: without(before, now),
        changed: before.iter().filter_map(retyped).collect(),
        reordered: stayed(before, now) != stayed(now, before),
    }
}

fn find<'a>(columns: &'a [Column], name: &str) -> Option<&'a Column> {
    columns.iter().find(|c| c.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str, columns: &[(&str, &str)]) -> Table {
        let column = |(name, data_type): &(&str, &str)| Column {
            name: (*name).to_owned(),
            data_type: (*data_type).to_owned(),
            description: String::new(),
        };
        let json = serde_json::json!({
            "name": name, "description": "", "grain": [], "rows": 0, "content_hash": "", "files": [],
            "columns": columns.iter().map(column).collect::<Vec<_>>(),
        });
        serde_json::from_value(json).expect("a table")
    }

    fn check(before: &[(&str, &str)], now: &[(&str, &str)], says: &str, is_breaking: bool) {
        let changes = contract_changes(&[table("t", before)], &[table("t", now)]);
        let said: Vec<_> = changes.iter().map(ToString::to_string).collect();
        assert_eq!(said.join("; "), says);
        assert_eq!(changes.iter().any(ContractChange::is_breaking), is_breaking);
    }

    #[test]
    fn every_kind_of_change_is_told() {
        check(&[("a", "Int64")], &[("a", "Int64")], "", false);
        check(&[("a", "Int64")], &[("a", "Int64"), ("b", "Utf8")], "+ b", false);
        check(&[("a", "Int64"), ("b", "Utf8")], &[("a", "Int64")], "− b", true);
        check(&[("a", "Int64")], &[("a", "Utf8")], "~ a Int64 → Utf8", true);
        check(&[("a", "Int64"), ("b", "Utf8")], &[("b", "Utf8"), ("a", "Int64")], "another order", false);
    }

    #[test]
    fn a_new_table_breaks_nothing_and_a_table_that_is_gone_does() {
        let (old, new) = (table("old", &[("a", "Int64")]), table("new", &[("a", "Int64")]));
        assert_eq!(contract_changes(&[], std::slice::from_ref(&new)), []);
        let changes = contract_changes(&[old], &[new]);
        assert_eq!((changes[0].table.as_str(), changes[0].to_string().as_str()), ("old", "− a"));
    }
}
