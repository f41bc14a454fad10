//! What the raw tables hold of each local day, so that a later run knows which days are new, late, changed or gone.
//!
//! A day's content is one number: equal numbers mean equal rows in the same places of the same files. What does not belong:
//! how a file's days are found (see `footprint`), and what is done about a change.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hasher;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use twox_hash::XxHash64;

use crate::domain::day_set::{Day, DaySet};

/// One raw file as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileDays {
    /// Its name within its table.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// When it was last modified, nanoseconds since 1970: with the same size and time it is not read again to be compared.
    pub modified_ns: u64,
    /// Rows.
    pub rows: u64,
    /// Each of its days with a number for its content.
    pub days: Vec<(Day, u64)>,
    /// Each of its days on which a row names an erased member, with a number for whom and where.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub erased: Vec<(Day, u64)>,
}

/// One raw table as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableDays {
    /// Hash (hex) of all that decides how its rows are read.
    pub read_as: String,
    /// Fingerprint of the list of the members that count as erased.
    #[serde(default)]
    pub erased: String,
    /// Rows after this moment were rejected.
    pub as_of: DateTime<Utc>,
    /// Its files, by name.
    pub files: Vec<FileDays>,
}

/// All raw tables by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawDays {
    /// Name of the raw table → what it holds.
    pub tables: BTreeMap<String, TableDays>,
}

/// What is different from an earlier reading of a raw table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RawChange {
    /// Days that had no rows.
    pub new: DaySet,
    /// Days with rows added, taken away or changed.
    pub late: DaySet,
    /// Days whose rows are all gone.
    pub gone: DaySet,
    /// Days from the earlier of the two moments on, whose rows may have been rejected as later.
    pub since_as_of: DaySet,
    /// Days with rows of members who were erased since, or are erased no more.
    pub erased: DaySet,
    /// All days, because the rows are read in another way.
    pub read_anew: DaySet,
}

impl TableDays {
    /// Each day with a number for its content over all files.
    #[must_use]
    pub fn by_day(&self) -> BTreeMap<Day, u64> {
        self.sums(|file| &file.days)
    }

    /// Each day on which a row names an erased member, with a number for all of them.
    #[must_use]
    pub fn erased_by_day(&self) -> BTreeMap<Day, u64> {
        self.sums(|file| &file.erased)
    }

    fn sums(&self, numbers: impl Fn(&FileDays) -> &Vec<(Day, u64)>) -> BTreeMap<Day, u64> {
        let mut days = BTreeMap::new();
        for file in &self.files {
            for (day, digest) in numbers(file) {
                let of_day: &mut u64 = days.entry(*day).or_default();
                *of_day = of_day.wrapping_add(hash(&file.name, *digest));
            }
        }
        days
    }

    /// Its days.
    #[must_use]
    pub fn days(&self) -> DaySet {
        self.files.iter().flat_map(|f| f.days.iter().map(|(day, _)| *day)).collect()
    }

    /// About how many rows each day has.
    #[must_use]
    pub fn rows_by_day(&self) -> BTreeMap<i32, u64> {
        let mut rows = BTreeMap::new();
        for file in &self.files {
            let share = file.rows / (file.days.len() as u64).max(1);
            for day in file.days.iter().filter_map(|(day, _)| *day) {
                *rows.entry(day).or_default() += share;
            }
        }
        rows
    }

    /// What is different from `before`; `local_day` gives the local day of a moment.
    #[must_use]
    pub fn change(&self, before: &Self, local_day: impl Fn(DateTime<Utc>) -> i32) -> RawChange {
        let (now, then) = (self.by_day(), before.by_day());
        if self.read_as != before.read_as {
            return RawChange { read_anew: now.into_keys().chain(then.into_keys()).collect(), ..RawChange::default() };
        }
        let mut change = RawChange::default();
        for day in now.keys().chain(then.keys()).copied().collect::<BTreeSet<_>>() {
            match (now.get(&day), then.get(&day)) {
                (Some(_), None) => change.new.insert(day),
                (None, Some(_)) => change.gone.insert(day),
                (ours, theirs) if ours != theirs => change.late.insert(day),
                _ => {}
            }
        }
        change.erased = differing(&self.erased_by_day(), &before.erased_by_day());
        change.erased = change.erased.without(&change.new).without(&change.late).without(&change.gone);
        if self.as_of != before.as_of {
            let first = local_day(self.as_of.min(before.as_of));
            let since: DaySet = now.into_keys().filter(|day| day.is_none_or(|day| day >= first)).collect();
            change.since_as_of = since.without(&change.new).without(&change.late).without(&change.erased);
        }
        change
    }
}

impl RawChange {
    /// All days that are different.
    #[must_use]
    pub fn days(&self) -> DaySet {
        let mut days = DaySet::default();
        let parts = [&self.new, &self.late, &self.gone, &self.erased, &self.since_as_of, &self.read_anew];
        parts.into_iter().for_each(|part| days.extend(part));
        days
    }
}

/// Days that have not the same number in both.
fn differing(one: &BTreeMap<Day, u64>, other: &BTreeMap<Day, u64>) -> DaySet {
    one.keys().chain(other.keys()).filter(|day| one.get(*day) != other.get(*day)).copied().collect()
}

fn hash(name: &str, digest: u64) -> u64 {
    let mut hasher = XxHash64::with_seed(digest);
    hasher.write(name.as_bytes());
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(files: &[(&str, &[(i32, u64)])]) -> TableDays {
        let file = |(name, days): &(&str, &[(i32, u64)])| FileDays {
            name: (*name).to_owned(),
            bytes: 1,
            modified_ns: 1,
            rows: 10,
            days: days.iter().map(|(day, digest)| (Some(*day), *digest)).collect(),
            erased: Vec::new(),
        };
        TableDays { read_as: "r".to_owned(), erased: String::new(), as_of: DateTime::UNIX_EPOCH, files: files.iter().map(file).collect() }
    }

    #[test]
    fn tells_new_late_and_gone_days() {
        let before = table(&[("a", &[(1, 5), (2, 6)]), ("b", &[(3, 7)])]);
        let now = table(&[("a", &[(1, 5), (2, 9)]), ("c", &[(4, 7)])]);
        let change = now.change(&before, |_| 0);
        assert_eq!((change.new.ranges(), change.late.ranges(), change.gone.ranges()), (vec![(4, 4)], vec![(2, 2)], vec![(3, 3)]));
        assert!(before.change(&before, |_| 0).days().is_empty());
    }

    #[test]
    fn rows_that_moved_to_another_file_are_another_content() {
        let change = table(&[("b", &[(1, 5)])]).change(&table(&[("a", &[(1, 5)])]), |_| 0);
        assert_eq!(change.late.ranges(), [(1, 1)]);
    }

    #[test]
    fn an_erasure_touches_the_days_of_its_rows_and_so_does_its_end() {
        let before = table(&[("a", &[(1, 5), (2, 6), (3, 7)])]);
        let mut now = before.clone();
        now.files[0].erased = vec![(Some(2), 9)];
        for (now, before) in [(&now, &before), (&before, &now)] {
            let change = now.change(before, |_| 0);
            assert_eq!((change.erased.ranges(), change.days().ranges()), (vec![(2, 2)], vec![(2, 2)]));
        }
        let mut other = now.clone();
        other.files[0].erased = vec![(Some(2), 10), (Some(3), 1)];
        assert_eq!(other.change(&now, |_| 0).erased.ranges(), [(2, 3)], "somebody else");
    }

    #[test]
    fn another_moment_touches_the_days_since() {
        let before = table(&[("a", &[(1, 5), (2, 6), (3, 7)])]);
        let now = TableDays { as_of: DateTime::UNIX_EPOCH + chrono::TimeDelta::days(9), ..before.clone() };
        assert_eq!(now.change(&before, |_| 2).days().ranges(), [(2, 3)]);
        let reread = TableDays { read_as: "other".to_owned(), ..before.clone() };
        assert_eq!(reread.change(&before, |_| 2).read_anew.ranges(), [(1, 3)]);
    }
}
