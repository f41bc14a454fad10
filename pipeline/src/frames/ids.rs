//! Ids ⇄ dense indices. An index is a position in the rising order of the ids, so it depends on nothing else.

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

    /// For each id of `self`, its index in `other`; one pass over both, as both are rising.
    pub fn positions_in(&self, other: &Self) -> Vec<Option<u32>> {
        let mut next = 0;
        let place = |id: &String| {
            next += other.0[next..].iter().take_while(|known| *known < id).count();
            other.0.get(next).filter(|known| *known == id).map(|_| next as u32)
        };
        self.0.iter().map(place).collect()
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
