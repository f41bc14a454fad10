//! The true hazard of leaving.
//!
//! With t weeks since joining, a member of plan p and engagement e leaves at the rate
//!
//! ```text
//! h(t) = m(p) · m(e) · (a·exp(−b·t) + c)            per week
//! H(t) = m(p) · m(e) · ((a/b)·(1 − exp(−b·t)) + c·t)
//! S(t) = exp(−H(t))
//! ```
//!
//! so many leave in their first weeks and a few do ever after. On day n after joining (the day of joining is 0) a share
//! S(n/7) is still a member.

use crate::{Engagement, Plan};

const DAYS_PER_WEEK: f64 = 7.0;
/// Halvings of a bracket; 2⁻⁶⁰ of a million weeks is far below a millisecond.
const BISECTIONS: u32 = 60;
const LONGEST_WEEKS: f64 = 1.0e6;

/// The constants of the equation above.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hazard {
    /// a: what a newcomer's weekly rate has on top of the lasting one.
    pub initial: f64,
    /// b: how fast that extra fades, per week.
    pub decay: f64,
    /// c: the lasting weekly rate.
    pub lasting: f64,
}

impl Default for Hazard {
    fn default() -> Self {
        Self { initial: 0.16, decay: 0.5, lasting: 0.015 }
    }
}

impl Hazard {
    /// h(t) per week, `weeks` since joining.
    #[must_use]
    pub fn rate(&self, plan: Plan, engagement: Engagement, weeks: f64) -> f64 {
        multiplier(plan, engagement) * (self.initial * (-self.decay * weeks).exp() + self.lasting)
    }

    /// H(t), the rate summed up from joining to `weeks`.
    #[must_use]
    pub fn cumulative(&self, plan: Plan, engagement: Engagement, weeks: f64) -> f64 {
        multiplier(plan, engagement) * self.base_cumulative(weeks)
    }

    /// S(t), the share that has not left `weeks` after joining.
    #[must_use]
    pub fn survival(&self, plan: Plan, engagement: Engagement, weeks: f64) -> f64 {
        (-self.cumulative(plan, engagement, weeks)).exp()
    }

    /// The first day after joining on which a member is gone, at least 1, for `share` uniform in (0, 1]: the inverse of
    /// S, rounded up to days.
    pub(crate) fn days_until_gone(&self, plan: Plan, engagement: Engagement, share: f64) -> f64 {
        let target = -share.ln() / multiplier(plan, engagement);
        let (mut low, mut high) = (0.0, LONGEST_WEEKS);
        for _ in 0..BISECTIONS {
            let middle = 0.5 * (low + high);
            if self.base_cumulative(middle) < target {
                low = middle;
            } else {
                high = middle;
            }
        }
        (high * DAYS_PER_WEEK).ceil().max(1.0)
    }

    fn base_cumulative(&self, weeks: f64) -> f64 {
        self.initial / self.decay * (1.0 - (-self.decay * weeks).exp()) + self.lasting * weeks
    }
}

fn multiplier(plan: Plan, engagement: Engagement) -> f64 {
    plan.hazard_multiplier() * engagement.hazard_multiplier()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_the_slope_of_the_cumulative() {
        let hazard = Hazard::default();
        for weeks in [0.5, 2.0, 20.0] {
            let rise = |t| hazard.cumulative(Plan::Monthly, Engagement::Casual, t);
            let slope = (rise(weeks + 1e-6) - rise(weeks - 1e-6)) / 2e-6;
            assert!((slope - hazard.rate(Plan::Monthly, Engagement::Casual, weeks)).abs() < 1e-6, "at {weeks}");
        }
    }

    #[test]
    fn the_inverse_meets_survival() {
        let hazard = Hazard::default();
        for share in [0.9, 0.5, 0.1] {
            let days = hazard.days_until_gone(Plan::Yearly, Engagement::Regular, share);
            let survival = |days: f64| hazard.survival(Plan::Yearly, Engagement::Regular, days / DAYS_PER_WEEK);
            assert!(survival(days) <= share && survival(days - 1.0) > share, "{share} at {days} days");
        }
    }
}
