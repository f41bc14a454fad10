//! Cholesky on one thread, with a verdict on the pivots. What the system means belongs to the solvers.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt;
use faer::traits::RealField;
use faer::{MatMut, MatRef, Par, Spec};

/// The first pivot that is zero, negative, NaN, or lost in rounding, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotPositive {
    pub pivot: usize,
}

/// The extreme squared pivots; their ratio is a lower bound of the condition number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Pivots {
    pub smallest: f64,
    pub largest: f64,
}

/// Room for [`factorise`] of a system of `dim` unknowns.
pub(crate) fn scratch<T: RealField>(dim: usize) -> MemBuffer {
    MemBuffer::new(llt::factor::cholesky_in_place_scratch::<T>(dim, Par::Seq, Spec::default()))
}

/// A pivot this many times dim · ε below its diagonal element holds only rounding errors.
const ROUNDING_FACTOR: f64 = 4.0;

/// A squared pivot of at most this share of its diagonal element counts as zero, in a system of `dim` unknowns.
pub(crate) fn rounding<T: RealField + Into<f64>>(dim: usize) -> f64 {
    let epsilon: f64 = T::epsilon_impl().into();
    ROUNDING_FACTOR * epsilon * dim as f64
}

/// Replaces the lower triangle of `system` by L, where system = L Lᵀ.
///
/// A pivot that cancellation has left without digits counts as not positive.
pub(crate) fn factorise<T>(mut system: MatMut<'_, T>, scratch: &mut MemBuffer) -> Result<Pivots, NotPositive>
where
    T: RealField + Copy + Into<f64>,
{
    let diagonal: Vec<f64> = (0..system.nrows()).map(|index| system[(index, index)].into()).collect();
    let stack = MemStack::new(scratch);
    llt::factor::cholesky_in_place(system.as_mut(), llt::factor::LltRegularization::default(), Par::Seq, stack, Spec::default())
        .map_err(|llt::factor::LltError::NonPositivePivot { index }| NotPositive { pivot: index })?;
    check_pivots(system.as_ref(), &diagonal)
}

/// Replaces each column b of `rhs` by the x with L Lᵀ x = b.
pub(crate) fn solve<T: RealField>(factor: MatRef<'_, T>, rhs: MatMut<'_, T>) {
    llt::solve::solve_in_place(factor, rhs, Par::Seq, MemStack::new(&mut []));
}

/// The pivots of a factor L, unless one holds only rounding errors of its element of the `diagonal` of the system.
pub(crate) fn check_pivots<T>(factor: MatRef<'_, T>, diagonal: &[f64]) -> Result<Pivots, NotPositive>
where
    T: RealField + Copy + Into<f64>,
{
    let rounding = rounding::<T>(diagonal.len());
    let mut pivots = Pivots { smallest: f64::INFINITY, largest: 0.0 };
    for (pivot, element) in diagonal.iter().enumerate() {
        let root: f64 = factor[(pivot, pivot)].into();
        let squared = root * root;
        if squared.is_nan() || squared <= element * rounding {
            return Err(NotPositive { pivot });
        }
        pivots = Pivots { smallest: pivots.smallest.min(squared), largest: pivots.largest.max(squared) };
    }
    Ok(pivots)
}

#[cfg(test)]
mod tests {
    use super::*;
    use faer::mat;

    #[test]
    fn solves_a_small_system() {
        let mut system = mat![[4.0_f64, 2.0], [2.0, 3.0]];
        let pivots = factorise(system.as_mut(), &mut scratch::<f64>(2)).unwrap();
        let mut rhs = mat![[8.0], [7.0]];
        solve(system.as_ref(), rhs.as_mut());
        assert!((rhs[(0, 0)] - 1.25).abs() < 1e-14 && (rhs[(1, 0)] - 1.5).abs() < 1e-14);
        assert!((pivots.largest - 4.0).abs() < 1e-14 && (pivots.smallest - 2.0).abs() < 1e-14);
    }

    #[test]
    fn names_the_pivot_of_a_singular_system() {
        let mut rank_one = mat![[0.01_f32, 0.03], [0.03, 0.09]];
        assert_eq!(factorise(rank_one.as_mut(), &mut scratch::<f32>(2)), Err(NotPositive { pivot: 1 }));
        let mut poisoned = mat![[f64::NAN]];
        assert!(factorise(poisoned.as_mut(), &mut scratch::<f64>(1)).is_err());
    }
}
