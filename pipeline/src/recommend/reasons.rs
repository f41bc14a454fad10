//! Why an item is on a list: the parts that add most to its score in the model that put it there.

use super::top::top;

/// What a reason points at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReasonKind {
    /// A past course, by catalogue index.
    Course,
    /// A behaviour, by its index.
    Behaviour,
    /// The item's own popularity, by its catalogue index.
    Popular,
    /// Its popularity among those who speak a language, by its index.
    Segment,
    /// The item's own ratings, by its catalogue index.
    Rated,
}

impl ReasonKind {
    /// Its name in the tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Course => "course",
            Self::Behaviour => "behaviour",
            Self::Popular => "popular",
            Self::Segment => "segment",
            Self::Rated => "rated",
        }
    }
}

/// One reason of one item.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Reason {
    pub kind: ReasonKind,
    pub index: u32,
    /// Its part of all that speaks for the item, above 0 and at most 1.
    pub share: f32,
}

/// The `limit` largest positive contributions, largest first. `index_of` names the thing at a position.
///
/// Shares are of the sum of positive contributions: what speaks against an item is no reason for it. Positions among `unnamed` (rising)
/// count in that sum, and are not told.
pub(super) fn largest(
    kind: ReasonKind,
    (contributions, unnamed): (&[f64], &[u32]),
    limit: usize,
    index_of: impl Fn(u32) -> u32,
) -> Vec<Reason> {
    let whole: f64 = contributions.iter().filter(|part| **part > 0.0).sum();
    let best = top(contributions.len(), unnamed, limit, |position| contributions[position as usize]);
    let positive = best.into_iter().filter(|&position| contributions[position as usize] > 0.0);
    positive.map(|position| Reason { kind, index: index_of(position), share: (contributions[position as usize] / whole) as f32 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_speaks_for_an_item_is_a_reason() {
        let reasons = largest(ReasonKind::Course, (&[0.5, -3.0, 1.5, 0.0], &[]), 3, |position| position + 10);
        let reason = |index, share| Reason { kind: ReasonKind::Course, index, share };
        assert_eq!(reasons, [reason(12, 0.75), reason(10, 0.25)]);
        assert!(largest(ReasonKind::Behaviour, (&[-1.0], &[]), 3, |position| position).is_empty());
        assert_eq!(largest(ReasonKind::Behaviour, (&[1.0, 1.0, 2.0], &[]), 1, |position| position).len(), 1);
        assert_eq!(largest(ReasonKind::Course, (&[3.0, 1.0], &[0]), 3, |position| position + 10), [reason(11, 0.25)]);
    }
}
