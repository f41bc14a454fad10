//! A set of local days, and whether rows without a day belong to it: what changed, what is needed, what is built.

use std::collections::BTreeSet;
use std::fmt;

use super::timestamps::date_of_day;

/// The local day of a row, as days since 1970-01-01; none where its time is not known.
pub type Day = Option<i32>;

/// Some local days.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DaySet {
    days: BTreeSet<i32>,
    undated: bool,
}

impl DaySet {
    /// Only the rows without a day.
    #[must_use]
    pub fn undated() -> Self {
        Self { days: BTreeSet::new(), undated: true }
    }

    /// All days from the first to the last, both included.
    #[must_use]
    pub fn range(first: i32, last: i32) -> Self {
        Self { days: (first..=last).collect(), undated: false }
    }

    /// Adds a day.
    pub fn insert(&mut self, day: Day) {
        match day {
            Some(day) => {
                self.days.insert(day);
            }
            None => self.undated = true,
        }
    }

    /// Adds all of `other`.
    pub fn extend(&mut self, other: &Self) {
        self.days.extend(&other.days);
        self.undated |= other.undated;
    }

    /// These days and `before` days before and `after` days after each.
    #[must_use]
    pub fn widened(&self, before: u32, after: u32) -> Self {
        let mut days = BTreeSet::new();
        for (first, last) in self.ranges() {
            days.extend(first.saturating_sub_unsigned(before)..=last.saturating_add_unsigned(after));
        }
        Self { days, undated: self.undated }
    }

    /// These days without those of `other`.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        Self { days: self.days.difference(&other.days).copied().collect(), undated: self.undated && !other.undated }
    }

    /// What it has in common with `other`.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self { days: self.days.intersection(&other.days).copied().collect(), undated: self.undated && other.undated }
    }

    /// These days up to `last`.
    #[must_use]
    pub fn until(mut self, last: i32) -> Self {
        self.days.retain(|day| *day <= last);
        self
    }

    /// Only the days; rows without a day are left out.
    #[must_use]
    pub fn dated(&self) -> Self {
        Self { days: self.days.clone(), undated: false }
    }

    /// Whether rows of `day` belong to it.
    #[must_use]
    pub fn contains(&self, day: Day) -> bool {
        day.map_or(self.undated, |day| self.days.contains(&day))
    }

    /// Whether any day from `first` to `last` belongs to it.
    #[must_use]
    pub fn meets(&self, first: i32, last: i32) -> bool {
        self.days.range(first..=last.max(first)).next().is_some()
    }

    /// Whether it has a day, or the rows without one, in common with `other`.
    #[must_use]
    pub fn any_of(&self, other: &Self) -> bool {
        (self.undated && other.undated) || self.days.iter().any(|day| other.days.contains(day))
    }

    /// Whether it has no day, and not the rows without one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.days.is_empty() && !self.undated
    }

    /// Whether rows without a day belong to it.
    #[must_use]
    pub fn has_undated(&self) -> bool {
        self.undated
    }

    /// Days, in order.
    pub fn days(&self) -> impl Iterator<Item = i32> + '_ {
        self.days.iter().copied()
    }

    /// Number of days.
    #[must_use]
    pub fn len(&self) -> usize {
        self.days.len()
    }

    /// Stretches of neighbouring days: first and last of each, in order.
    #[must_use]
    pub fn ranges(&self) -> Vec<(i32, i32)> {
        let mut ranges: Vec<(i32, i32)> = Vec::new();
        for &day in &self.days {
            match ranges.last_mut() {
                Some((_, last)) if *last + 1 == day => *last = day,
                _ => ranges.push((day, day)),
            }
        }
        ranges
    }
}

impl FromIterator<Day> for DaySet {
    fn from_iter<I: IntoIterator<Item = Day>>(days: I) -> Self {
        let mut set = Self::default();
        days.into_iter().for_each(|day| set.insert(day));
        set
    }
}

/// E.g. `2024-03-01 to 2024-03-04, 2024-03-09, rows without a day`.
impl fmt::Display for DaySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = |day: i32| date_of_day(day).map_or_else(|| day.to_string(), |date| date.to_string());
        let range = |(first, last): (i32, i32)| if first == last { date(first) } else { format!("{} to {}", date(first), date(last)) };
        let ranges = self.ranges().into_iter().map(range);
        let parts: Vec<String> = ranges.chain(self.undated.then(|| "rows without a day".to_owned())).collect();
        f.write_str(&if parts.is_empty() { "no day".to_owned() } else { parts.join(", ") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widens_and_joins_neighbours() {
        let set: DaySet = [Some(10), Some(11), Some(20), None].into_iter().collect();
        assert_eq!(set.ranges(), [(10, 11), (20, 20)]);
        assert_eq!(set.widened(2, 1).ranges(), [(8, 12), (18, 21)]);
        assert!(set.widened(2, 1).has_undated());
        assert!(set.meets(12, 20) && !set.meets(12, 19));
    }

    #[test]
    fn leaves_out_what_another_has() {
        let set = DaySet::range(1, 5);
        let rest = set.without(&DaySet::range(2, 3));
        assert_eq!(rest.ranges(), [(1, 1), (4, 5)]);
        assert!(DaySet::undated().without(&DaySet::undated()).is_empty());
    }

    #[test]
    fn reads_as_dates() {
        let set: DaySet = [Some(0), Some(1), Some(9), None].into_iter().collect();
        assert_eq!(set.to_string(), "1970-01-01 to 1970-01-02, 1970-01-10, rows without a day");
        assert_eq!(DaySet::default().to_string(), "no day");
    }
}
