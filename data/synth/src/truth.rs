//! What is true of the community by construction, for tests to hold estimates against.

use crate::{Engagement, Hazard, Plan};

const DAYS_PER_WEEK: f64 = 7.0;

/// Activity by weekday from monday to sunday; the mean is 1.
pub(crate) const WEEKDAY_FACTORS: [f64; 7] = [1.05, 1.05, 1.05, 1.0, 0.9, 0.9, 1.05];

/// The experiments that run, with their effects.
pub(crate) const EXPERIMENTS: [Experiment; 2] = [
    Experiment { name: "weekly_digest", lift: 0.15, starts_at_share: 1.0 / 3.0 },
    Experiment { name: "new_home", lift: 0.0, starts_at_share: 0.5 },
];

/// An A/B experiment: half of the members are `control`, half `treatment`.
///
/// A member is exposed on the first active day on or after the experiment's first day, which is logged once. From the
/// next day on the daily probability of being active is multiplied by 1 + `lift` in the treatment group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Experiment {
    /// As in the column `experiment`.
    pub name: &'static str,
    /// The true relative lift of daily activity; 0 means that there is no effect to be found.
    pub lift: f64,
    /// The first day as a share of all days, rounded down.
    pub starts_at_share: f64,
}

/// A way in which a row is broken on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BrokenKind {
    /// `access_log.path` is null.
    LogWithoutPath,
    /// `access_log.ts` is before 1970.
    LogBeforeEpoch,
    /// `ratings.rating` is -1.
    NegativeRating,
    /// `ratings.rating` is not a number.
    NanRating,
    /// `ratings.rating` is 99.
    RatingAboveScale,
    /// `ratings.ts` is before 1970.
    RatingBeforeEpoch,
    /// `ratings.user_id` is an empty string.
    RatingWithoutUser,
}

impl BrokenKind {
    /// Every kind, in the order of [`Truth::broken_rows`].
    pub const ALL: [Self; 7] = [
        Self::LogWithoutPath,
        Self::LogBeforeEpoch,
        Self::NegativeRating,
        Self::NanRating,
        Self::RatingAboveScale,
        Self::RatingBeforeEpoch,
        Self::RatingWithoutUser,
    ];

    /// The table in which such rows are.
    #[must_use]
    pub const fn table(self) -> &'static str {
        match self {
            Self::LogWithoutPath | Self::LogBeforeEpoch => "access_log",
            _ => "ratings",
        }
    }
}

/// The true properties of a generated community.
#[derive(Clone, Debug, PartialEq)]
pub struct Truth {
    /// The hazard of leaving.
    pub hazard: Hazard,
    /// The experiments with their lifts.
    pub experiments: Vec<Experiment>,
    /// How many rows are broken, by kind. A broken row has one flaw only, and none is repeated.
    pub broken_rows: Vec<(BrokenKind, u64)>,
}

impl Truth {
    /// The probability that a member who has not left is active on a day that is not the day of joining (on which everyone
    /// is active); `weekday` is 0 for monday, `lift` that of the treatment the member has, or 0.
    #[must_use]
    pub fn daily_activity(engagement: Engagement, weekday: usize, lift: f64) -> f64 {
        engagement.daily_activity() * WEEKDAY_FACTORS[weekday % WEEKDAY_FACTORS.len()] * (1.0 + lift)
    }

    /// The share of a plan's members who have not left `days` days after joining, over all kinds of engagement.
    #[must_use]
    pub fn survival(&self, plan: Plan, days: u32) -> f64 {
        over_engagements(|engagement| self.hazard.survival(plan, engagement, f64::from(days) / DAYS_PER_WEEK))
    }

    /// The expected share of a plan's members who are active `days` ≥ 1 days after joining, outside treatment and over
    /// cohorts spread evenly over the week.
    #[must_use]
    pub fn activity(&self, plan: Plan, days: u32) -> f64 {
        over_engagements(|engagement| self.hazard.survival(plan, engagement, f64::from(days) / DAYS_PER_WEEK) * engagement.daily_activity())
    }
}

fn over_engagements(value: impl Fn(Engagement) -> f64) -> f64 {
    Engagement::ALL.iter().map(|engagement| engagement.share() * value(*engagement)).sum()
}
