//! Those who show no token, or none that can be trusted: nobody can tell them apart, so all of them share one pace.
//!
//! Callers with good tokens have paces of their own: however many are refused, these get through.

use std::num::NonZeroU32;

use super::caller::Need;
use super::pace::Pace;
use crate::problem::Problem;

/// Refusals a second, of all together. Enough for pages that were left open until their tokens ended; what comes after is told to wait.
const REFUSED_PACE: NonZeroU32 = NonZeroU32::new(100).expect("not zero");

/// What visitors are paced by.
#[derive(Debug)]
pub(crate) struct Visitors {
    refused: Pace<()>,
    /// Of lists that are the same for everybody; none where visitors get no lists.
    lists: Option<Pace<()>>,
}

impl Visitors {
    /// Without `lists_per_second` visitors get no lists.
    pub(super) fn new(lists_per_second: Option<NonZeroU32>) -> Self {
        Self { refused: Pace::new(REFUSED_PACE), lists: lists_per_second.map(Pace::new) }
    }

    /// Goes on with the paces of `before`.
    pub(super) fn resume(&mut self, before: &Self) {
        self.refused.resume(&before.refused);
        if let (Some(lists), Some(before)) = (&mut self.lists, &before.lists) {
            lists.resume(before);
        }
    }

    /// Refuses what a visitor may not be told, which is all but the lists.
    pub(super) fn check(&self, need: Need<'_>) -> Result<(), Problem> {
        match (need, &self.lists) {
            (Need::Courses, Some(lists)) => lists.take(&()),
            _ => Err(self.refusal(Problem::token_needed())),
        }
    }

    /// What is told of a refusal: why, or after too many of them when to come back.
    pub(super) fn refusal(&self, why: Problem) -> Problem {
        self.refused.take(&()).err().unwrap_or(why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_refused_too_often_is_told_to_wait() {
        let visitors = Visitors::new(Some(NonZeroU32::MIN));
        let why = Problem::token_needed();
        let told: Vec<Problem> = (0..1_000).map(|_| visitors.refusal(why.clone())).collect();
        assert_eq!(told.first(), Some(&why));
        assert_eq!(told.last(), Some(&Problem::too_many(1)));
        // Whoever may ask is not held up by whoever may not.
        assert_eq!(visitors.check(Need::Courses), Ok(()));
        assert_eq!(visitors.check(Need::Courses), Err(Problem::too_many(1)));
    }
}
