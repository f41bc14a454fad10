//! Cholesky of one small system in double precision, by rows. What the system means belongs to `fold_in`.

use crate::error::{Error, Result};
use crate::vectors::{add_scaled, dot};

/// A pivot this many times dim · ε below its diagonal element holds only rounding errors; the solvers of the batch draw the same line.
const ROUNDING_FACTOR: f64 = 4.0;

/// Replaces the lower triangle of `system` (`dim` × `dim`, by rows) by L, where system = L Lᵀ, with 1 / Lᵢᵢ on the diagonal, because
/// it is only divided by. What lies above the diagonal is neither read nor changed.
///
/// # Errors
/// [`Error::NotPositiveDefinite`] with the first pivot that is not finite, not positive, or lost in rounding.
pub(crate) fn factorise(system: &mut [f64], dim: usize) -> Result<()> {
    let rounding = ROUNDING_FACTOR * f64::EPSILON * dim as f64;
    for pivot in 0..dim {
        let (above, rest) = system.split_at_mut(pivot * dim);
        let (row, rest) = rest.split_at_mut(pivot);
        for (column, other) in above.chunks_exact(dim).enumerate() {
            row[column] = (row[column] - dot(&row[..column], &other[..column])) * other[column];
        }
        let squared = rest[0] - dot(row, row);
        if !squared.is_finite() || squared <= rest[0] * rounding {
            return Err(Error::NotPositiveDefinite { pivot });
        }
        rest[0] = squared.sqrt().recip();
    }
    Ok(())
}

/// Replaces b, as long as a row of the factor, by the x with L Lᵀ x = b.
pub(crate) fn substitute(factor: &[f64], rhs: &mut [f64]) {
    let dim = rhs.len();
    for (index, row) in factor.chunks_exact(dim).enumerate() {
        rhs[index] = (rhs[index] - dot(&row[..index], &rhs[..index])) * row[index];
    }
    for (index, row) in factor.chunks_exact(dim).enumerate().rev() {
        let value = rhs[index] * row[index];
        add_scaled(&mut rhs[..index], &row[..index], -value);
        rhs[index] = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solves_a_small_system_from_its_lower_triangle() {
        let mut system = [4.0, f64::NAN, 2.0, 3.0];
        factorise(&mut system, 2).unwrap();
        let mut rhs = [8.0, 7.0];
        substitute(&system, &mut rhs);
        assert!((rhs[0] - 1.25).abs() < 1e-14 && (rhs[1] - 1.5).abs() < 1e-14);
    }

    #[test]
    fn names_the_first_pivot_that_is_not_clearly_positive() {
        let refused = |system: &mut [f64], dim| factorise(system, dim).unwrap_err();
        assert_eq!(refused(&mut [0.0], 1), Error::NotPositiveDefinite { pivot: 0 });
        assert_eq!(refused(&mut [-1.0], 1), Error::NotPositiveDefinite { pivot: 0 });
        assert_eq!(refused(&mut [f64::INFINITY], 1), Error::NotPositiveDefinite { pivot: 0 });
        assert_eq!(refused(&mut [1.0, 0.0, 1.0, 1.0], 2), Error::NotPositiveDefinite { pivot: 1 });
        assert_eq!(refused(&mut [1.0, 0.0, 1.0, 1.0 + 1e-15], 2), Error::NotPositiveDefinite { pivot: 1 });
        assert_eq!(refused(&mut [1.0, 0.0, f64::NAN, 1.0], 2), Error::NotPositiveDefinite { pivot: 1 });
    }
}
