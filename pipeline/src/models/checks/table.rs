//! Checks of the number of rows: enough of them, and not a leap since the last snapshot.

use hachi_snapshot::Check;

use super::super::Header;
use super::outcome::severity;

/// Checks that `table` may have `rows` rows, after `before` in the last snapshot.
///
/// Without rows before there is nothing to compare with, so the first snapshot of a table never drifts.
#[must_use]
pub fn of_table(table: &str, header: &Header, rows: u64, before: Option<u64>) -> Vec<Check> {
    let checks = &header.checks;
    let number = |kind: &str, of: String, failing: u64, detail: String| Check {
        model: table.to_owned(),
        check: format!("{kind} ({of})"),
        passed: failing == 0,
        severity: severity(checks, kind, kind),
        failing_rows: failing,
        detail: if failing == 0 { String::new() } else { detail },
    };
    let mut outcomes = Vec::new();
    if checks.min_rows > 0 {
        let missing = checks.min_rows.saturating_sub(rows);
        outcomes.push(number("min_rows", checks.min_rows.to_string(), missing, format!("it has {rows} rows")));
    }
    if let Some(largest) = checks.max_drift {
        let before = before.filter(|before| *before > 0);
        let changed = before.map_or(0, |before| rows.abs_diff(before));
        let is_leap = before.is_some_and(|before| changed as f64 > largest * before as f64);
        let detail = format!("{rows} rows, {} in the last snapshot", before.unwrap_or(0));
        outcomes.push(number("drift", largest.to_string(), if is_leap { changed } else { 0 }, detail));
    }
    outcomes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(checks: &str, rows: u64, before: Option<u64>, expected: &[(&str, u64, &str)]) {
        let text = format!("/*---\ndescription = \"d\"\nkind = \"table\"\ngrain = []\n[checks]\n{checks}\n---*/\nselect 1");
        let (header, _) = Header::split("a/t.sql", &text).expect("a header");
        let outcomes = of_table("t", &header, rows, before);
        let found: Vec<_> = outcomes.iter().map(|o| (o.check.as_str(), o.failing_rows, o.detail.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_leap_is_more_than_the_largest_drift() {
        check("max_drift = 0.5", 150, Some(100), &[("drift (0.5)", 0, "")]);
        check("max_drift = 0.5", 151, Some(100), &[("drift (0.5)", 51, "151 rows, 100 in the last snapshot")]);
        check("max_drift = 0.5", 49, Some(100), &[("drift (0.5)", 51, "49 rows, 100 in the last snapshot")]);
        check("max_drift = 0.5", 7, None, &[("drift (0.5)", 0, "")]);
        check("max_drift = 0.5", 7, Some(0), &[("drift (0.5)", 0, "")]);
    }

    #[test]
    fn too_few_rows_are_counted() {
        check("min_rows = 3", 2, None, &[("min_rows (3)", 1, "it has 2 rows")]);
        check("min_rows = 3", 3, None, &[("min_rows (3)", 0, "")]);
    }
}
