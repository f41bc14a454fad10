//! Whether a header's `[privacy]` can be kept: every name in it is a column, and what a count is a part of is itself a count.

use super::Header;
use super::header::Privacy;

/// Checks `[privacy]` of `header`, where there is one; what is wrong with it, and what to write.
pub fn check(header: &Header) -> Result<(), String> {
    let Some(privacy) = &header.privacy else { return Ok(()) };
    for column in named(privacy) {
        if !header.columns.contains_key(column) {
            return Err(format!("`[privacy]` names `{column}`, which `[columns]` does not describe; name a column of the select"));
        }
    }
    for column in privacy.totals.iter().flatten().chain(privacy.counts.values().flat_map(|count| &count.by)) {
        if !header.grain.contains(column) {
            return Err(format!("`[privacy]` divides by `{column}`, which is not in the grain; name columns of the grain"));
        }
    }
    for (column, count) in privacy.rests.iter().map(|(column, count)| (column, count.as_str())) {
        is_count(privacy, column, count)?;
    }
    privacy.counts.keys().try_for_each(|column| no_circle(privacy, column))
}

/// All columns that are named but those of the grain.
fn named(privacy: &Privacy) -> impl Iterator<Item = &String> {
    let ratios = privacy.ratios.iter().flat_map(|(column, parts)| parts.iter().chain([column]));
    privacy.counts.keys().chain(ratios).chain(privacy.rests.keys()).chain(&privacy.is_final)
}

fn is_count(privacy: &Privacy, column: &str, count: &str) -> Result<(), String> {
    if privacy.counts.contains_key(count) {
        return Ok(());
    }
    Err(format!("`[privacy]` lets `{column}` depend on `{count}`, which is not among its `counts`; add it there"))
}

/// Follows what `column` is a part of: to the end, and never back to where it was.
fn no_circle(privacy: &Privacy, column: &str) -> Result<(), String> {
    let mut seen = vec![column];
    while let Some(of) = seen.last().and_then(|last| privacy.counts[*last].of.as_deref()) {
        is_count(privacy, column, of)?;
        if seen.contains(&of) {
            return Err(format!("`[privacy]` makes `{column}` a part of itself; remove one `of`"));
        }
        let (whole, part) = (&privacy.counts[of], &privacy.counts[seen[seen.len() - 1]]);
        if !part.by.is_empty() && (whole.by.is_empty() || whole.by.iter().any(|by| !part.by.contains(by))) {
            return Err(format!("`[privacy]` lets `{of}` depend on columns that its part does not depend on; widen the part's `by`"));
        }
        seen.push(of);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(privacy: &str) -> Result<(), String> {
        let columns = "[columns]\na = \"\"\nsize = \"\"\nkept = \"\"\nrate = \"\"\n";
        let text = format!("description = \"d\"\nkind = \"table\"\ngrain = [\"a\"]\n{columns}[privacy]\n{privacy}\n");
        check(&toml::from_str(&text).expect("a header"))
    }

    #[track_caller]
    fn assert_refused(privacy: &str, part: &str) {
        let error = checked(privacy).expect_err(privacy);
        assert!(error.contains(part), "{error}");
    }

    #[test]
    fn what_can_be_kept_is_accepted() {
        let privacy = "counts = { size = { by = [\"a\"] }, kept = { of = \"size\" } }\nratios = { rate = [\"kept\", \"size\"] }";
        assert_eq!(checked(privacy), Ok(()));
        assert_eq!(checked("totals = [[\"a\"]]\nrests = { rate = \"kept\" }\ncounts = { kept = {} }"), Ok(()));
    }

    #[test]
    fn what_contradicts_itself_is_refused_with_a_remedy() {
        assert_refused("counts = { siz = {} }", "`siz`, which `[columns]` does not describe");
        assert_refused("counts = { kept = { of = \"size\" } }", "`size`, which is not among its `counts`; add it");
        assert_refused("counts = { size = { of = \"kept\" }, kept = { of = \"size\" } }", "a part of itself");
        assert_refused("counts = { size = {} }\ntotals = [[\"rate\"]]", "`rate`, which is not in the grain");
        assert_refused("rests = { rate = \"size\" }", "`size`, which is not among its `counts`");
        assert_refused("counts = { size = {}, kept = { of = \"size\", by = [\"a\"] } }", "widen the part's `by`");
    }
}
