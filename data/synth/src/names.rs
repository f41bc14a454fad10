//! Ids of members and visitors as the site would write them, a few of them hostile.

use std::fmt;

/// Ids that break naive paths, queries, sorting and encodings.
pub(crate) const HOSTILE_IDS: [&str; 6] = ["a/b", "名前", "\"; drop", "o'brien", "ünïcödé", "🐕"];
/// Communities smaller than this have ordinary ids only.
const MEMBERS_FOR_HOSTILE_IDS: u32 = 50;
/// Ids start here so that they have the same width up to 900,000 members.
const FIRST_NUMBER: u32 = 100_000;

/// Which members carry a hostile id.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    hostile: [Option<u32>; HOSTILE_IDS.len()],
}

impl Names {
    /// Hostile ids are spread evenly over the members in order of joining.
    pub(crate) fn new(members: u32) -> Self {
        let slots = HOSTILE_IDS.len() as u64 + 1;
        let member = |k: usize| ((k as u64 + 1) * u64::from(members) / slots) as u32;
        let hostile = std::array::from_fn(|k| (members >= MEMBERS_FOR_HOSTILE_IDS).then(|| member(k)));
        Self { hostile }
    }

    pub(crate) fn user_id(&self, member: u32) -> UserId {
        match self.hostile.iter().position(|holder| *holder == Some(member)) {
            Some(k) => UserId::Hostile(HOSTILE_IDS[k]),
            None => UserId::Number(FIRST_NUMBER + member),
        }
    }
}

/// A member's id in clear.
#[derive(Clone, Copy, Debug)]
pub(crate) enum UserId {
    Number(u32),
    Hostile(&'static str),
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "u{number}"),
            Self::Hostile(id) => f.write_str(id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_hostile_id_has_one_holder() {
        let names = Names::new(300);
        let ids: Vec<String> = (0..300).map(|member| names.user_id(member).to_string()).collect();
        for hostile in HOSTILE_IDS {
            assert_eq!(ids.iter().filter(|id| *id == hostile).count(), 1, "{hostile}");
        }
        assert_eq!(ids[0], "u100000");
    }
}
