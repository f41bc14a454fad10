//! What a fit was made with, as far as folding in needs it. The system itself belongs to `fold_in`.

use std::ops::RangeInclusive;

use crate::error::{Error, Result};

/// The longest factor that is folded in: a system takes dim³/6 multiplications and dim² · 8 bytes, which at this length is still a
/// few milliseconds and 2 MiB.
pub const MAX_DIM: usize = 512;

/// Parameters of an iALS fit, by the names of the configuration.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// d, the length of a factor; 1 to [`MAX_DIM`].
    pub dim: usize,
    /// α₀, the weight of what was not chosen; finite, at least 0.
    pub alpha0: f64,
    /// λ; finite, at least 0.
    pub reg: f64,
    /// ν, how much the penalty grows with the positives; 0 to 1.
    pub nu: f64,
}

impl Params {
    /// Checks the ranges.
    ///
    /// # Errors
    /// [`Error::Parameter`] with the name, the value and the range.
    pub fn check(&self) -> Result<()> {
        within("dim", self.dim as f64, 1.0..=MAX_DIM as f64, "1 to 512")?;
        within("alpha0", self.alpha0, 0.0..=f64::MAX, "a finite number of at least 0")?;
        within("reg", self.reg, 0.0..=f64::MAX, "a finite number of at least 0")?;
        within("nu", self.nu, 0.0..=1.0, "0 to 1")
    }

    /// λ(|history| + α₀|courses|)^ν, for a history of `positives` among all `courses` of the fit.
    pub fn penalty(&self, positives: usize, courses: usize) -> f64 {
        self.reg * (positives as f64 + self.alpha0 * courses as f64).powf(self.nu)
    }
}

/// Refuses a parameter outside its range; NaN is outside of all.
fn within(name: &'static str, value: f64, range: RangeInclusive<f64>, expected: &'static str) -> Result<()> {
    if range.contains(&value) { Ok(()) } else { Err(Error::Parameter { name, value, expected }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIVEN: Params = Params { dim: 4, alpha0: 0.5, reg: 2.0, nu: 1.0 };

    #[test]
    fn parameters_outside_their_ranges_are_refused() {
        assert_eq!(GIVEN.check(), Ok(()));
        let refused = |params: Params| matches!(params.check(), Err(Error::Parameter { .. }));
        assert!(refused(Params { dim: 0, ..GIVEN }) && refused(Params { dim: MAX_DIM + 1, ..GIVEN }));
        assert!(refused(Params { alpha0: -0.1, ..GIVEN }) && refused(Params { alpha0: f64::INFINITY, ..GIVEN }));
        assert!(refused(Params { reg: f64::NAN, ..GIVEN }) && refused(Params { nu: 1.1, ..GIVEN }));
    }

    #[test]
    fn the_penalty_counts_positives_and_all_courses() {
        let close = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-12, "{found}");
        close(GIVEN.penalty(3, 10), 2.0 * (3.0 + 0.5 * 10.0));
        close(Params { nu: 0.0, ..GIVEN }.penalty(3, 10), 2.0);
        close(Params { nu: 0.5, ..GIVEN }.penalty(4, 10), 6.0);
    }
}
