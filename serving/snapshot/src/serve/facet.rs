//! What is told of one member besides the list: a JSON value for each facet, in a table of its own.

use redb::TableDefinition;

/// One kind of thing that is known of members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Facet {
    /// An object: the row of `member_profile`.
    Profile,
    /// An array: rows of `member_progress`.
    Courses,
    /// An array of the strongest rows of `interest_tags`.
    Interests,
    /// An array: names of the segments that `member_segments` has the member in.
    Segments,
    /// For those alone who refuse personalisation: what it says means nothing.
    Refusal,
}

impl Facet {
    /// Every facet, in the order of their declaration.
    pub const ALL: [Self; 5] = [Self::Profile, Self::Courses, Self::Interests, Self::Segments, Self::Refusal];

    /// From a pseudonym's bytes to the JSON.
    pub(super) fn table(self) -> TableDefinition<'static, &'static [u8; 16], &'static [u8]> {
        TableDefinition::new(match self {
            Self::Profile => "profiles",
            Self::Courses => "progress",
            Self::Interests => "interests",
            Self::Segments => "segments",
            Self::Refusal => "refusals",
        })
    }
}
