//! A place on a list, and what put it there.

use super::reasons::Reason;

/// Sources besides the models of the blend, which go by their own names.
pub(super) const RIDGE: &str = "ridge";
/// Popular among all members.
pub(super) const POPULAR: &str = "popular";
/// Popular of late.
pub(super) const TRENDING: &str = "trending";
/// Popular among members who speak the same language.
pub(super) const SEGMENT: &str = "segment";
/// Like the member's courses by its texts.
pub(super) const CONTENT: &str = "content";
/// Rated highly.
pub(super) const QUALITY: &str = "quality";

/// A place on a list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    /// Index of the course in the catalogue.
    pub course: u32,
    /// Comparable within a list only.
    pub score: f32,
    /// What put it there: the model that adds most to its score.
    pub source: &'static str,
}

/// A place, and what each model of the blend adds to its score before boosts; nothing where no model of choices knows the course.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Chosen {
    pub place: Place,
    pub parts: Vec<f32>,
}

/// A place with its reasons.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item {
    pub place: Place,
    pub reasons: Vec<Reason>,
}
