//! Ids ⇄ dense indices. An index is a position in the rising order of the ids, so it depends on nothing else.

use std::collections::HashMap;

use super::error::FramesError;

/// Distinct ids in rising order (by bytes).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ids(Vec<String>);

impl Ids {
    /// Number of ids.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The id at `index`.
    ///
    /// # Panics
    /// If `index` is not less than [`Ids::len`].
    pub fn get(&self, index: usize) -> &str {
        &self.0[index]
    }

    /// The index of an id.
    pub fn index_of(&self, id: &str) -> Option<u32> {
        self.0.binary_search_by(|known| known.as_str().cmp(id)).ok().map(|index| index as u32)
    }

    /// All ids, rising.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> + '_ {
        self.0.iter().map(String::as_str)
    }

    /// The ids of both, rising.
    pub fn union(self, other: Self) -> Self {
        self.0.into_iter().chain(other.0).collect()
    }

    /// For each id of `self`, its index in `other`.
    pub fn positions_in(&self, other: &Self) -> Vec<Option<u32>> {
        self.iter().map(|id| other.index_of(id)).collect()
    }

    /// Finds many ids, each in constant time.
    pub(super) fn lookup(&self) -> Lookup<'_> {
        Lookup(self.iter().zip(0..).collect())
    }
}

impl<S: Into<String>> FromIterator<S> for Ids {
    fn from_iter<I: IntoIterator<Item = S>>(ids: I) -> Self {
        let mut sorted: Vec<String> = ids.into_iter().map(Into::into).collect();
        sorted.sort_unstable();
        sorted.dedup();
        Self(sorted)
    }
}

/// Ids by hash; only ever asked, never listed.
pub(super) struct Lookup<'a>(HashMap<&'a str, u32>);

impl Lookup<'_> {
    pub(super) fn index_of(&self, id: &str) -> Result<u32, FramesError> {
        self.0.get(id).copied().ok_or_else(|| FramesError::UnknownId { id: id.to_owned(), indexed: self.0.len() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_follow_the_order_of_ids() {
        let ids: Ids = ["b", "a", "c", "a"].into_iter().collect();
        assert_eq!(ids.iter().collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!((ids.index_of("b"), ids.index_of("z")), (Some(1), None));
        let more = ids.clone().union(["B", "c"].into_iter().collect());
        assert_eq!(ids.positions_in(&more), [Some(1), Some(2), Some(3)]);
    }
}
