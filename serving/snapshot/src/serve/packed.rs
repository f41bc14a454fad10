//! One member's list as bytes, and back. Little-endian:
//!
//! ```text
//! u16 items ┬ u32 course index · f32 score · u8 source · u8 reasons ┬ u8 kind · u32 id index · u8 share/255
//!           └ …                                                     └ …
//! u32 CRC-32 of everything before it
//! ```

use std::fmt;

use serde::Serialize;
use smallvec::SmallVec;

use super::bytes::{CRC_BYTES, Rest, add_checksum};

const ITEM_BYTES: usize = 10;
const REASON_BYTES: usize = 6;
const SHARE_STEPS: f32 = 255.0;

/// Which model put a course on a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// Implicit matrix factors.
    Ials,
    /// Ridge regression on behaviours.
    Ridge,
    /// What most members take.
    Popular,
    /// Item–item weights.
    Ease,
    /// Singular vectors.
    Svd,
    /// Item–item neighbours.
    Neighbors,
    /// What courses say of themselves.
    Content,
    /// What members rate highly.
    Quality,
    /// What members of the same language take.
    Segment,
    /// What most members take of late.
    Trending,
}

/// What kind of thing a reason names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasonKind {
    /// A past course: the id is an index into the courses.
    Course,
    /// A behaviour: the id is an index into the labels.
    Behaviour,
    /// Popularity: the id means nothing.
    Popular,
    /// A subject of the course that the member cares for: the id is an index into the labels.
    Tag,
    /// Popularity among members like this one: the id is an index into the labels, which has the segment's name.
    Segment,
    /// A course that few could take yet: the id means nothing.
    New,
    /// High ratings: the id means nothing.
    Rated,
}

/// Why a course is on a list: seldom more than fit in place.
pub type ItemReasons = SmallVec<[Reason; 3]>;

/// One recommended course.
#[derive(Debug, Clone, PartialEq)]
pub struct ListItem {
    /// Index into the courses.
    pub course: u32,
    /// Higher is better; comparable within one list only.
    pub score: f32,
    /// The model that put it there.
    pub source: Source,
    /// Why, strongest first.
    pub reasons: ItemReasons,
}

/// One reason for a recommended course.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reason {
    /// What the id names.
    pub kind: ReasonKind,
    /// Index, see [`ReasonKind`].
    pub id: u32,
    /// Part of the score in steps of 1/255.
    pub share_steps: u8,
}

impl Reason {
    /// A reason with a share of the score from 0 to 1; what lies outside is clamped, and rounded to 1/255.
    pub fn new(kind: ReasonKind, id: u32, share: f32) -> Self {
        // A float-to-integer `as` saturates, and turns NaN into 0.
        Self { kind, id, share_steps: (share * SHARE_STEPS).round() as u8 }
    }

    /// Part of the score, from 0 to 1.
    pub fn share(&self) -> f32 {
        f32::from(self.share_steps) / SHARE_STEPS
    }
}

impl Source {
    /// Every source, in the order of their codes.
    pub const ALL: [Self; 10] = [
        Self::Ials,
        Self::Ridge,
        Self::Popular,
        Self::Ease,
        Self::Svd,
        Self::Neighbors,
        Self::Content,
        Self::Quality,
        Self::Segment,
        Self::Trending,
    ];

    /// The name in tables and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ials => "ials",
            Self::Ridge => "ridge",
            Self::Popular => "popular",
            Self::Ease => "ease",
            Self::Svd => "svd",
            Self::Neighbors => "neighbors",
            Self::Content => "content",
            Self::Quality => "quality",
            Self::Segment => "segment",
            Self::Trending => "trending",
        }
    }

    /// The source of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == name)
    }

    fn from_code(code: u8) -> Result<Self, UnpackError> {
        Self::ALL.get(usize::from(code)).copied().ok_or(UnpackError::Code { what: "source", code })
    }
}

impl ReasonKind {
    /// Every kind, in the order of their codes.
    pub const ALL: [Self; 7] = [Self::Course, Self::Behaviour, Self::Popular, Self::Tag, Self::Segment, Self::New, Self::Rated];

    /// The name in tables and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Course => "course",
            Self::Behaviour => "behaviour",
            Self::Popular => "popular",
            Self::Tag => "tag",
            Self::Segment => "segment",
            Self::New => "new",
            Self::Rated => "rated",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    fn from_code(code: u8) -> Result<Self, UnpackError> {
        Self::ALL.get(usize::from(code)).copied().ok_or(UnpackError::Code { what: "reason kind", code })
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for ReasonKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a list can't be packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PackError {
    /// The count field has two bytes.
    #[error("a list has {found} items, at most 65535 fit")]
    Items {
        /// Items given.
        found: usize,
    },
    /// The count field has one byte.
    #[error("item {item} has {found} reasons, at most 255 fit")]
    Reasons {
        /// Place in the list, from 0.
        item: usize,
        /// Reasons given.
        found: usize,
    },
}

/// Why bytes are not a packed value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnpackError {
    /// Cut, or with bytes left over.
    #[error("a packed value of {bytes} bytes does not have the length its counts say")]
    Length {
        /// Bytes found.
        bytes: usize,
    },
    /// Changed.
    #[error("a packed value's checksum is {stated:08x}, but its bytes sum to {computed:08x}")]
    Checksum {
        /// What the value says.
        stated: u32,
        /// What its bytes say.
        computed: u32,
    },
    /// From a newer program.
    #[error("{what} {code} is unknown to this program; upgrade hachi")]
    Code {
        /// What the code stands for.
        what: &'static str,
        /// The code found.
        code: u8,
    },
}

/// Packs one list, best item first.
pub fn pack(items: &[ListItem]) -> Result<Vec<u8>, PackError> {
    let count = u16::try_from(items.len()).map_err(|_| PackError::Items { found: items.len() })?;
    let mut bytes = Vec::with_capacity(2 + items.len() * ITEM_BYTES + CRC_BYTES);
    bytes.extend_from_slice(&count.to_le_bytes());
    for (at, item) in items.iter().enumerate() {
        pack_item(at, item, &mut bytes)?;
    }
    add_checksum(&mut bytes);
    Ok(bytes)
}

fn pack_item(at: usize, item: &ListItem, bytes: &mut Vec<u8>) -> Result<(), PackError> {
    let found = item.reasons.len();
    let reasons = u8::try_from(found).map_err(|_| PackError::Reasons { item: at, found })?;
    bytes.extend_from_slice(&item.course.to_le_bytes());
    bytes.extend_from_slice(&item.score.to_le_bytes());
    bytes.extend_from_slice(&[item.source as u8, reasons]);
    for reason in &item.reasons {
        bytes.push(reason.kind as u8);
        bytes.extend_from_slice(&reason.id.to_le_bytes());
        bytes.push(reason.share_steps);
    }
    Ok(())
}

/// Unpacks one list. Any bytes are safe: what isn't a list is an error.
pub fn unpack(bytes: &[u8]) -> Result<Vec<ListItem>, UnpackError> {
    let mut rest = Rest::checked(bytes)?;
    let count = usize::from(u16::from_le_bytes(rest.take()?));
    // Not more than could be there, whatever the count says.
    let mut items = Vec::with_capacity(count.min(rest.len() / ITEM_BYTES));
    for _ in 0..count {
        items.push(unpack_item(&mut rest)?);
    }
    rest.finish()?;
    Ok(items)
}

fn unpack_item(rest: &mut Rest<'_>) -> Result<ListItem, UnpackError> {
    let course = u32::from_le_bytes(rest.take()?);
    let score = f32::from_le_bytes(rest.take()?);
    let [source, count] = rest.take()?;
    let count = usize::from(count);
    let mut reasons = ItemReasons::with_capacity(count.min(rest.len() / REASON_BYTES));
    for _ in 0..count {
        let [kind] = rest.take()?;
        let id = u32::from_le_bytes(rest.take()?);
        let [share_steps] = rest.take()?;
        reasons.push(Reason { kind: ReasonKind::from_code(kind)?, id, share_steps });
    }
    Ok(ListItem { course, score, source: Source::from_code(source)?, reasons })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reasons() -> impl Strategy<Value = ItemReasons> {
        let reason = (0..ReasonKind::ALL.len(), any::<u32>(), any::<u8>());
        let reason = reason.prop_map(|(kind, id, share_steps)| Reason { kind: ReasonKind::ALL[kind], id, share_steps });
        proptest::collection::vec(reason, 0..5).prop_map(ItemReasons::from)
    }

    fn items() -> impl Strategy<Value = Vec<ListItem>> {
        let item = (any::<u32>(), -1e6_f32..1e6, 0..3_usize, reasons());
        let item = item.prop_map(|(course, score, source, reasons)| ListItem { course, score, source: Source::ALL[source], reasons });
        proptest::collection::vec(item, 0..40)
    }

    proptest! {
        #[test]
        fn unpacks_what_it_packed(items in items()) {
            prop_assert_eq!(unpack(&pack(&items).unwrap()).unwrap(), items);
        }

        #[test]
        fn any_bytes_are_safe(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = unpack(&bytes);
        }

        #[test]
        fn any_bytes_with_a_right_checksum_are_safe(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let sum = crc32fast::hash(&body).to_le_bytes();
            let _ = unpack(&[body.as_slice(), &sum].concat());
        }

        #[test]
        fn a_changed_bit_is_noticed(items in items(), at in any::<prop::sample::Index>(), bit in 0..8_u8) {
            let mut bytes = pack(&items).unwrap();
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            prop_assert!(unpack(&bytes).is_err());
        }
    }

    #[test]
    fn too_much_does_not_fit() {
        let item = ListItem { course: 1, score: 0.5, source: Source::Ials, reasons: ItemReasons::new() };
        assert_eq!(pack(&vec![item.clone(); 65_536]), Err(PackError::Items { found: 65_536 }));
        let reason = Reason::new(ReasonKind::Course, 0, 0.1);
        let item = ListItem { reasons: ItemReasons::from_elem(reason, 256), ..item };
        assert_eq!(pack(&[item]), Err(PackError::Reasons { item: 0, found: 256 }));
    }

    #[test]
    fn shares_are_clamped() {
        let steps = |share| Reason::new(ReasonKind::Popular, 0, share).share_steps;
        assert_eq!([steps(-1.0), steps(0.5), steps(2.0), steps(f32::NAN)], [0, 128, 255, 0]);
    }

    #[test]
    fn names_go_both_ways() {
        assert!(Source::ALL.into_iter().all(|source| Source::from_name(source.as_str()) == Some(source)));
        assert!(ReasonKind::ALL.into_iter().all(|kind| ReasonKind::from_name(kind.as_str()) == Some(kind)));
        assert!(ReasonKind::ALL.iter().all(|kind| serde_json::to_value(kind).unwrap() == kind.as_str()));
        assert_eq!(Source::from_name("magic"), None);
    }
}
