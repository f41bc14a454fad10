//! Implicit factors for a history that the fit never saw, and what they make of every course. The fit belongs to the solvers.

use std::borrow::Cow;

use crate::cholesky;
use crate::error::{List, Result, check_finite, check_length, check_rising};
use crate::params::Params;
use crate::vectors::{add_outer, dot};

/// Vectors of a history that enter the system at once.
const TOGETHER: usize = 4;

/// Course factors of an iALS fit (Rendle et al. 2022) with what a row's system needs besides them.
///
/// ```text
/// (α₀ G + Σ h hᵀ + λ(|history| + α₀|courses|)^ν I) w = Σ h,   scores = H w       sums over the history
/// ```
/// Borrows or owns its slices: `FoldIn<'static>` is made from vectors.
#[derive(Debug, Clone, PartialEq)]
pub struct FoldIn<'a> {
    courses: usize,
    factors: Cow<'a, [f32]>,
    gram: Cow<'a, [f64]>,
    params: Params,
}

/// Room for one system, kept from one request to the next. It fits itself to any model, and allocates when it meets a longer factor
/// than before: dim² + 5 dim doubles.
#[derive(Debug, Clone, Default)]
pub struct Workspace {
    /// dim × dim, by rows; the lower triangle counts.
    system: Vec<f64>,
    /// [`TOGETHER`] vectors side by side.
    vectors: Vec<f64>,
    /// Σ h, then w.
    solution: Vec<f64>,
    /// w in the precision of the factors.
    factor: Vec<f32>,
}

impl<'a> FoldIn<'a> {
    /// Takes the factors H (`courses` × dim, by rows: the solvers' dim × courses by columns), their Gram matrix G = HᵀH over all courses
    /// (dim × dim, by rows; only the lower triangle is read) and the parameters of the fit. Looks at every value once.
    ///
    /// # Errors
    /// [`crate::Error::Parameter`], [`crate::Error::Length`] or [`crate::Error::NotFinite`].
    pub fn new(courses: usize, factors: impl Into<Cow<'a, [f32]>>, gram: impl Into<Cow<'a, [f64]>>, params: Params) -> Result<Self> {
        params.check()?;
        let (factors, gram) = (factors.into(), gram.into());
        check_length("factors", factors.len(), courses.saturating_mul(params.dim))?;
        check_length("gram", gram.len(), params.dim * params.dim)?;
        check_finite("factors", &factors)?;
        check_finite("gram", &gram)?;
        Ok(Self { courses, factors, gram, params })
    }

    /// Courses, all of which are scored.
    pub fn courses(&self) -> usize {
        self.courses
    }

    /// The parameters of the fit.
    pub fn params(&self) -> &Params {
        &self.params
    }

    /// Solves the system of a history (course indices, rising) and lends its w, dim values. An empty history gives zeros.
    ///
    /// # Errors
    /// [`crate::Error::OutOfRange`] or [`crate::Error::Order`] for a bad history, [`crate::Error::NotPositiveDefinite`] where `reg` is
    /// too low.
    pub fn solve<'w>(&self, history: &[u32], room: &'w mut Workspace) -> Result<&'w [f64]> {
        check_rising(List::History, history, self.courses)?;
        room.fit(self.params.dim);
        if !history.is_empty() {
            self.pose(history, room);
            cholesky::factorise(&mut room.system, self.params.dim)?;
            cholesky::substitute(&room.system, &mut room.solution);
        }
        Ok(&room.solution)
    }

    /// Writes the score of every course for a history (course indices, rising) into `scores`, one per course; after an error they are as
    /// they were. An empty history gives zeros.
    ///
    /// # Errors
    /// [`crate::Error::Length`] for another number of scores, else as [`FoldIn::solve`].
    pub fn score(&self, history: &[u32], room: &mut Workspace, scores: &mut [f32]) -> Result<()> {
        check_length("scores", scores.len(), self.courses)?;
        self.solve(history, room)?;
        room.factor.clear();
        room.factor.extend(room.solution.iter().map(|&value| value as f32));
        let rows = self.factors.chunks_exact(self.params.dim);
        scores.iter_mut().zip(rows).for_each(|(score, row)| *score = dot(row, &room.factor));
        Ok(())
    }

    /// Writes the system and its right-hand side, which is zero before.
    fn pose(&self, history: &[u32], room: &mut Workspace) {
        let dim = self.params.dim;
        for (index, (row, gram)) in room.system.chunks_exact_mut(dim).zip(self.gram.chunks_exact(dim)).enumerate() {
            row[..=index].iter_mut().zip(gram).for_each(|(to, from)| *to = self.params.alpha0 * from);
        }
        history.chunks(TOGETHER).for_each(|part| self.add_part(part, room));
        let penalty = self.params.penalty(history.len(), self.courses);
        room.system.iter_mut().step_by(dim + 1).for_each(|diagonal| *diagonal += penalty);
    }

    /// Adds at most [`TOGETHER`] courses of a history to both sides of the system.
    fn add_part(&self, part: &[u32], room: &mut Workspace) {
        let dim = self.params.dim;
        // Fewer courses than vectors leave zeros, which add nothing.
        room.vectors.fill(0.0);
        for (vector, &course) in room.vectors.chunks_exact_mut(dim).zip(part) {
            let factor = &self.factors[course as usize * dim..][..dim];
            vector.iter_mut().zip(factor).for_each(|(to, from)| *to = f64::from(*from));
            room.solution.iter_mut().zip(vector).for_each(|(sum, value)| *sum += *value);
        }
        let vector = |index: usize| &room.vectors[index * dim..][..dim];
        add_outer(&mut room.system, [0, 1, 2, 3].map(vector));
    }
}

impl Workspace {
    /// Room for factors of `dim` values; the solution is zero.
    fn fit(&mut self, dim: usize) {
        self.system.resize(dim * dim, 0.0);
        self.vectors.resize(TOGETHER * dim, 0.0);
        self.solution.clear();
        self.solution.resize(dim, 0.0);
    }
}
