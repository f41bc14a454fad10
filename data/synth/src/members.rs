//! Who the members are: when they join and leave, plan, engagement, country. 16 bytes each.

use rand::Rng;

use crate::calendar::waking_moment;
use crate::random::{Stream, stream};
use crate::{Hazard, ValidParams};

/// Members of the start joined up to so many days before it.
pub(crate) const HISTORY_DAYS: i32 = 180;
/// Share of members who joined before the start.
const JOINED_BEFORE_SHARE: f64 = 0.5;
const STAFF_SHARE: f64 = 0.01;
/// Nobody joins later in the day, so that the first visit fits into the day of joining.
const LATEST_JOINING_MS: u32 = 23 * 3_600_000;

/// How a member pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Plan {
    /// Never pays for membership, but may buy a course.
    Free,
    /// Pays each month after a trial.
    Monthly,
    /// Pays each year after a trial.
    Yearly,
}

impl Plan {
    /// Every plan.
    pub const ALL: [Self; 3] = [Self::Free, Self::Monthly, Self::Yearly];

    /// As in the column `plan`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Monthly => "monthly",
            Self::Yearly => "yearly",
        }
    }

    /// Share of members with this plan, whatever their engagement.
    #[must_use]
    pub const fn share(self) -> f64 {
        match self {
            Self::Free => 0.30,
            Self::Monthly => 0.48,
            Self::Yearly => 0.22,
        }
    }

    /// m(p) of the hazard.
    #[must_use]
    pub const fn hazard_multiplier(self) -> f64 {
        match self {
            Self::Free => 1.5,
            Self::Monthly => 1.0,
            Self::Yearly => 0.5,
        }
    }
}

/// How eager a member is; hidden, since no table has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Engagement {
    /// Comes about once in eight days.
    Casual,
    /// Comes every third day.
    Regular,
    /// Comes on most days.
    Devoted,
}

impl Engagement {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Casual, Self::Regular, Self::Devoted];

    /// Share of members of this kind, whatever their plan.
    #[must_use]
    pub const fn share(self) -> f64 {
        match self {
            Self::Casual => 0.45,
            Self::Regular => 0.40,
            Self::Devoted => 0.15,
        }
    }

    /// m(e) of the hazard.
    #[must_use]
    pub const fn hazard_multiplier(self) -> f64 {
        match self {
            Self::Casual => 1.5,
            Self::Regular => 0.9,
            Self::Devoted => 0.4,
        }
    }

    /// Probability of being active on a day, over the mean of weekdays and without treatment.
    #[must_use]
    pub const fn daily_activity(self) -> f64 {
        match self {
            Self::Casual => 0.12,
            Self::Regular => 0.35,
            Self::Devoted => 0.64,
        }
    }

    /// Probability of one more act in the forum, after each act.
    pub(crate) const fn one_more_act(self) -> f64 {
        match self {
            Self::Casual => 0.20,
            Self::Regular => 0.38,
            Self::Devoted => 0.60,
        }
    }
}

/// A country with its share of members, language and currency.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Country {
    pub(crate) code: &'static str,
    pub(crate) language: &'static str,
    pub(crate) currency: &'static str,
    share: f64,
}

const fn country(code: &'static str, language: &'static str, currency: &'static str, share: f64) -> Country {
    Country { code, language, currency, share }
}

const COUNTRIES: [Country; 6] = [
    country("CN", "zh", "CNY", 0.68),
    country("US", "en", "USD", 0.12),
    country("SG", "zh", "USD", 0.06),
    country("DE", "en", "USD", 0.05),
    country("JP", "ja", "USD", 0.05),
    country("IN", "en", "USD", 0.04),
];

/// What is fixed about a member. Days count from the start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member {
    pub(crate) joined_day: i32,
    /// The first day on which the member is gone.
    pub(crate) gone_day: i32,
    pub(crate) joined_ms: u32,
    pub(crate) plan: Plan,
    pub(crate) engagement: Engagement,
    country: u8,
    pub(crate) is_staff: bool,
}

impl Member {
    pub(crate) fn is_member_on(&self, day: i32) -> bool {
        (self.joined_day..self.gone_day).contains(&day)
    }

    pub(crate) fn country(&self) -> Country {
        COUNTRIES[usize::from(self.country)]
    }

    pub(crate) fn writes_chinese(&self) -> bool {
        self.country().language == "zh"
    }
}

/// Every member in order of joining; the first is staff.
pub(crate) fn roster(params: &ValidParams, hazard: &Hazard) -> Vec<Member> {
    let mut rng = stream(params.seed, Stream::Roster, 0);
    let mut members: Vec<Member> = (0..params.members).map(|_| draw(&mut rng, params.days, hazard)).collect();
    members.sort_by_key(|member| (member.joined_day, member.joined_ms));
    members[0].is_staff = true;
    members
}

fn draw(rng: &mut impl Rng, days: u32, hazard: &Hazard) -> Member {
    let joined_before = rng.random_bool(JOINED_BEFORE_SHARE);
    let joined_day = if joined_before { rng.random_range(-HISTORY_DAYS..0) } else { rng.random_range(0..days as i32) };
    let plan = Plan::ALL[by_share(rng, Plan::ALL.map(Plan::share))];
    let engagement = Engagement::ALL[by_share(rng, Engagement::ALL.map(Engagement::share))];
    let share = 1.0 - rng.random::<f64>();
    Member {
        joined_day,
        gone_day: joined_day.saturating_add(hazard.days_until_gone(plan, engagement, share) as i32),
        joined_ms: waking_moment(rng) % LATEST_JOINING_MS,
        plan,
        engagement,
        country: by_share(rng, COUNTRIES.map(|country| country.share)) as u8,
        is_staff: rng.random_bool(STAFF_SHARE),
    }
}

fn by_share<const N: usize>(rng: &mut impl Rng, shares: [f64; N]) -> usize {
    let mut left = rng.random::<f64>();
    for (index, share) in shares.iter().enumerate() {
        if left < *share {
            return index;
        }
        left -= share;
    }
    N - 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Params;

    /// Standard errors a share may be off; the chance that a right generator fails any of the comparisons is below 10⁻³.
    const STANDARD_ERRORS: f64 = 4.5;

    #[test]
    fn members_leave_by_the_hazard() {
        let params = ValidParams::try_from(&Params { members: 30_000, ..Params::default() }).unwrap();
        let hazard = Hazard::default();
        let members = roster(&params, &hazard);
        for plan in Plan::ALL {
            for engagement in Engagement::ALL {
                for days in [1, 7, 30, 90, 365] {
                    check_survival(&members, &hazard, (plan, engagement), days);
                }
            }
        }
    }

    fn check_survival(members: &[Member], hazard: &Hazard, kind: (Plan, Engagement), days: i32) {
        let kind_members: Vec<_> = members.iter().filter(|m| (m.plan, m.engagement) == kind).collect();
        let count = kind_members.len() as f64;
        let stayed = kind_members.iter().filter(|m| m.gone_day - m.joined_day > days).count() as f64;
        let expected = hazard.survival(kind.0, kind.1, f64::from(days) / 7.0);
        let tolerance = STANDARD_ERRORS * (expected * (1.0 - expected) / count).sqrt();
        assert!((stayed / count - expected).abs() <= tolerance, "{kind:?} day {days}: {} of {expected}", stayed / count);
    }

    #[test]
    fn shares_add_up() {
        assert!((Plan::ALL.map(Plan::share).iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!((Engagement::ALL.map(Engagement::share).iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_member_takes_sixteen_bytes() {
        assert_eq!(size_of::<Member>(), 16);
    }
}
