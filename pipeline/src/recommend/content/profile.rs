//! Members by what they took: profile, cosine to every course, and which past course or tag makes how much of it.
//!
//! ```text
//! p = Σ_k a_k x_k        score(j) = p·x_j / ‖p‖ = Σ_k a_k x_k·x_j / ‖p‖
//! ```
//! a_k is the affinity to the past course k, which fades by half in `half_life_days`. Each score is a sum over past courses
//! and over terms, so its parts are exact.

use std::ops::Range;

use faer::Mat;
use hachi_solvers::{Csr, Error, Result};

use super::Content;
use crate::recommend::top::top;

/// A member's profile, divided by its length; kept for the next member without being allocated again.
struct Profile {
    /// By term.
    values: Vec<f64>,
    /// Terms that have a value, rising.
    terms: Vec<u32>,
    /// What an affinity of 1 is in the divided profile, 1 / ‖p‖; 0 where nothing is said of the history.
    per_affinity: f64,
}

impl Profile {
    fn new(content: &Content) -> Self {
        Self { values: vec![0.0; content.terms()], terms: Vec::new(), per_affinity: 0.0 }
    }

    fn of(content: &Content, history: &[(u32, f64)]) -> Self {
        let mut profile = Self::new(content);
        profile.take(content, history);
        profile
    }

    /// Becomes the profile of a history.
    fn take(&mut self, content: &Content, history: &[(u32, f64)]) {
        self.terms.drain(..).for_each(|term| self.values[term as usize] = 0.0);
        // By the largest, so that no affinity is too large to be squared.
        let largest = history.iter().fold(0.0_f64, |largest, (_, affinity)| largest.max(affinity.abs()));
        for &(course, affinity) in history.iter().filter(|(_, affinity)| *affinity != 0.0) {
            for &(term, value) in content.row(course) {
                self.values[term as usize] += affinity / largest * f64::from(value);
                self.terms.push(term);
            }
        }
        self.terms.sort_unstable();
        self.terms.dedup();
        let length = self.terms.iter().map(|&term| self.values[term as usize].powi(2)).sum::<f64>().sqrt();
        if length > 0.0 {
            self.terms.iter().for_each(|&term| self.values[term as usize] /= length);
        }
        self.per_affinity = if length > 0.0 { 1.0 / length / largest } else { 0.0 };
    }
}

impl Content {
    /// Cosines of the members whose histories (members × courses, affinities) are `rows`, on the calling thread: courses ×
    /// members, −1 to 1; 0 for a course or member of whom nothing is said. Nothing is excluded.
    ///
    /// # Errors
    /// [`Error::Length`] where histories are of other courses.
    pub fn score_block(&self, histories: &Csr, rows: Range<usize>) -> Result<Mat<f32>> {
        if histories.columns() != self.courses() {
            return Err(Error::Length { what: "columns of histories", found: histories.columns(), expected: self.courses() });
        }
        let mut scores = Mat::zeros(self.courses(), rows.len());
        let (mut profile, mut history) = (Profile::new(self), Vec::new());
        for (place, row) in rows.enumerate() {
            history.clear();
            history.extend(histories.row(row));
            profile.take(self, &history);
            let scores = scores.col_as_slice_mut(place);
            for &term in &profile.terms {
                let value = profile.values[term as usize] as f32;
                self.postings.row(term as usize).iter().for_each(|&(course, said)| scores[course as usize] += value * said);
            }
        }
        Ok(scores)
    }

    /// The part of each past course of `history`, in its order, in the score of each of `courses`: history × courses. The parts of
    /// a course add up to its score.
    pub fn contributions(&self, history: &[(u32, f64)], courses: &[u32]) -> Mat<f64> {
        let per_affinity = Profile::of(self, history).per_affinity;
        Mat::from_fn(history.len(), courses.len(), |place, course| {
            let (past, affinity) = history[place];
            affinity * per_affinity * self.cosine(past, courses[course])
        })
    }

    /// The part of each tag of `course` that the history has too, by tag, rising; words have the rest of the score.
    pub fn tag_contributions(&self, history: &[(u32, f64)], course: u32) -> Vec<(u32, f64)> {
        let profile = Profile::of(self, history);
        let tags = self.row(course).iter().take_while(|(term, _)| (*term as usize) < self.tags().len());
        let parts = tags.map(|&(tag, value)| (tag, profile.values[tag as usize] * f64::from(value)));
        parts.filter(|(_, part)| *part != 0.0).collect()
    }

    /// The cosine of two courses, 0 to 1.
    pub fn cosine(&self, one: u32, other: u32) -> f64 {
        let (mut left, mut right) = (self.row(one), self.row(other));
        let mut sum = 0.0;
        while let (Some((&(term, value), others)), Some((&(other_term, other_value), rest))) = (left.split_first(), right.split_first()) {
            if term == other_term {
                sum += f64::from(value) * f64::from(other_value);
            }
            left = if term <= other_term { others } else { left };
            right = if other_term <= term { rest } else { right };
        }
        sum
    }

    /// The cosine of `course` with each of `others`, into `cosines`, which is as long. `said` is memory that one thread keeps
    /// from call to call.
    pub fn cosines(&self, course: u32, others: &[u32], (said, cosines): (&mut Vec<f32>, &mut [f32])) {
        said.resize(self.terms(), 0.0);
        self.row(course).iter().for_each(|&(term, value)| said[term as usize] = value);
        for (&other, cosine) in others.iter().zip(cosines) {
            *cosine = self.row(other).iter().map(|&(term, value)| said[term as usize] * value).sum();
        }
        self.row(course).iter().for_each(|&(term, _)| said[term as usize] = 0.0);
    }

    /// The `limit` courses whose cosine with `course` is largest, and above 0, largest first; ties go to the lower course.
    pub fn similar(&self, course: u32, limit: usize) -> Vec<(u32, f32)> {
        let mut cosines = vec![0.0_f32; self.courses()];
        for &(term, value) in self.row(course) {
            self.postings.row(term as usize).iter().for_each(|&(other, said)| cosines[other as usize] += value * said);
        }
        let best = top(cosines.len(), &[course], limit, |other| f64::from(cosines[other as usize]));
        best.into_iter().map(|other| (other, cosines[other as usize])).filter(|(_, cosine)| *cosine > 0.0).collect()
    }
}
