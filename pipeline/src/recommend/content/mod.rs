//! Courses by what is said of them: TF-IDF of tags and words, and members by what they took.
//!
//! ```text
//! course_facts ──words──▶ counts ──weigh──▶ Content: one vector of length 1 for each course
//! history of a member ──profile──▶ Σ affinity × vector ──cosine──▶ scores, exact parts of a score, similar courses
//! ```
//! A course is reached by its text alone, so that one nobody took yet is too. Which courses may be shown belongs to `rules`.

mod counts;
mod profile;
mod weigh;
mod words;

#[cfg(test)]
mod tests;

pub use weigh::{Content, ContentOptions};
