//! Days in chunks that fit in memory and keep all threads busy: each is computed on its own.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use hachi_snapshot::FileEntry;

use super::windows::meets;
use crate::domain::day_set::DaySet;

/// Most rows that a chunk reads: windows over them are not accounted for, and each thread holds one.
const MAX_ROWS: u64 = 1_000_000;
/// Fewest rows for which a chunk of its own is worth while.
const MIN_ROWS: u64 = 100_000;
/// Chunks for each thread, so that none waits long for the last.
const CHUNKS_PER_THREAD: u64 = 3;

/// Days that are computed in one go, with the files whose other days are copied.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Chunk {
    /// Days that are computed.
    pub days: DaySet,
    /// Files of the last snapshot that hold some of these days among others.
    pub copied: Vec<FileEntry>,
}

/// Rows by day: how much work a day is.
#[derive(Debug, Clone, Default)]
pub(super) struct Weights {
    rows: BTreeMap<i32, u64>,
    threads: u64,
}

impl Weights {
    /// Of `rows`, for so many threads.
    pub fn new(rows: BTreeMap<i32, u64>, threads: usize) -> Self {
        Self { rows, threads: threads as u64 }
    }

    fn of(&self, days: &DaySet) -> u64 {
        days.days().map(|day| self.rows.get(&day).copied().unwrap_or(0)).sum()
    }

    /// `days` in chunks of about equal weight; rows without a day are a chunk of their own.
    pub fn chunks(&self, days: &DaySet) -> Vec<Chunk> {
        self.gathered(days.days().map(|day| Chunk { days: DaySet::range(day, day), copied: Vec::new() }).collect(), days)
    }

    /// The same; days that lie in one of the files `touched` stay together with it.
    pub fn chunks_with(&self, days: &DaySet, touched: &[FileEntry]) -> Vec<Chunk> {
        let mut units: BTreeMap<i32, Chunk> = BTreeMap::new();
        let starts: Vec<(i32, i32, &FileEntry)> = touched.iter().filter_map(|f| bounds(f).map(|(a, b)| (a, b, f))).collect();
        for (first, _, file) in &starts {
            units.entry(*first).or_default().copied.push((*file).clone());
        }
        for day in days.days() {
            let home = starts.iter().find(|(first, last, _)| (*first..=*last).contains(&day)).map_or(day, |(first, _, _)| *first);
            units.entry(home).or_default().days.insert(Some(day));
        }
        let mut chunks = self.gathered(units.into_values().collect(), days);
        let undated = touched.iter().filter(|f| bounds(f).is_none() && meets(f, &DaySet::undated()));
        if let (Some(file), false) = (undated.into_iter().next(), days.has_undated()) {
            chunks.push(Chunk { days: DaySet::default(), copied: vec![file.clone()] });
        }
        chunks
    }

    fn gathered(&self, units: Vec<Chunk>, days: &DaySet) -> Vec<Chunk> {
        let enough = (self.of(days) / (self.threads * CHUNKS_PER_THREAD).max(1)).clamp(MIN_ROWS, MAX_ROWS);
        let mut chunks: Vec<Chunk> = Vec::new();
        let mut weight = u64::MAX;
        for unit in units {
            if weight >= enough {
                chunks.push(Chunk::default());
                weight = 0;
            }
            weight += self.of(&unit.days);
            if let Some(chunk) = chunks.last_mut() {
                chunk.days.extend(&unit.days);
                chunk.copied.extend(unit.copied);
            }
        }
        if days.has_undated() {
            chunks.push(Chunk { days: DaySet::undated(), copied: Vec::new() });
        }
        chunks
    }
}

/// First and last day of a file; none for the rows without a day.
pub(super) fn bounds(file: &FileEntry) -> Option<(i32, i32)> {
    let part = file.part.as_ref()?;
    let number = |date: NaiveDate| date.to_epoch_days();
    part.first.zip(part.last).map(|(first, last)| (number(first), number(last)))
}

#[cfg(test)]
mod tests {
    use hachi_snapshot::Part;

    use super::*;

    fn file(first: i32, last: i32) -> FileEntry {
        let part = Part { first: NaiveDate::from_epoch_days(first), last: NaiveDate::from_epoch_days(last), row_sum: String::new() };
        FileEntry { path: format!("{first}"), rows: None, bytes: 1, sha256: String::new(), part: Some(part), key: None }
    }

    #[test]
    fn chunks_are_of_about_equal_weight_and_leave_no_day_out() {
        let weights = Weights::new((0..10).map(|day| (day, 150_000)).collect(), 2);
        let mut days = DaySet::range(0, 9);
        days.insert(None);
        let chunks = weights.chunks(&days);
        assert_eq!(chunks.iter().map(|c| c.days.len()).collect::<Vec<_>>(), [2, 2, 2, 2, 2, 0]);
        assert!(chunks.last().is_some_and(|c| c.days.has_undated()));
    }

    #[test]
    fn days_of_one_file_stay_together() {
        let weights = Weights::new((0..30).map(|day| (day, 400_000)).collect(), 1);
        let days: DaySet = [2, 3, 8, 20].into_iter().map(Some).collect();
        let chunks = weights.chunks_with(&days, &[file(1, 9)]);
        assert_eq!(chunks.len(), 2);
        assert_eq!((chunks[0].days.ranges(), chunks[0].copied.len()), (vec![(2, 3), (8, 8)], 1));
        assert_eq!(chunks[1].days.ranges(), [(20, 20)]);
    }
}
