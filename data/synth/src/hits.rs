//! A request in 20 bytes, so that a day can be sorted before its rows are written out.

use crate::pages::Page;

const MEMBER: u32 = 0;
const GUEST: u32 = 1;
const CRAWLER: u32 = 2;
const PROBE: u32 = 3;
const KIND_BITS: u32 = 2;

/// Who sends a request, packed: kind in the lowest two bits, number above.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Actor(u32);

/// An [`Actor`] unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Member(u32),
    /// Number within the day.
    Guest(u32),
    Crawler(usize),
    Probe(usize),
}

impl Actor {
    pub(crate) const fn member(member: u32) -> Self {
        Self(member << KIND_BITS | MEMBER)
    }

    pub(crate) const fn guest(number: u32) -> Self {
        Self(number << KIND_BITS | GUEST)
    }

    pub(crate) const fn crawler(number: u32) -> Self {
        Self(number << KIND_BITS | CRAWLER)
    }

    pub(crate) const fn probe(number: u32) -> Self {
        Self(number << KIND_BITS | PROBE)
    }

    pub(crate) const fn who(self) -> Who {
        let number = self.0 >> KIND_BITS;
        match self.0 & 0b11 {
            MEMBER => Who::Member(number),
            GUEST => Who::Guest(number),
            CRAWLER => Who::Crawler(number as usize),
            _ => Who::Probe(number as usize),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Head,
    Post,
    Options,
}

impl Method {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Options => "OPTIONS",
        }
    }
}

/// When the request was made, relative to the day of the partition in which it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    OnTime,
    /// So many days earlier, at the same time of day.
    Late(u8),
    /// Broken: a clock that stood at 1969.
    BeforeEpoch,
}

/// What follows the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Query {
    None,
    PhpSession,
    Gclid,
    Campaign,
}

/// One request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hit {
    /// Milliseconds since local midnight.
    pub(crate) ms: u32,
    pub(crate) actor: Actor,
    /// Course, topic or asset, as the page has it.
    pub(crate) subject: u32,
    pub(crate) lesson: u16,
    pub(crate) status: u16,
    pub(crate) page: Page,
    pub(crate) method: Method,
    pub(crate) when: When,
    pub(crate) query: Query,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actors_survive_packing() {
        assert_eq!(Actor::member(49_999_999).who(), Who::Member(49_999_999));
        assert_eq!(Actor::probe(1).who(), Who::Probe(1));
    }

    #[test]
    fn a_hit_takes_little() {
        assert!(size_of::<Hit>() <= 24, "{}", size_of::<Hit>());
    }
}
