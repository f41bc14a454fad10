//! Who asks, and what each may be told. One table, so that it can be read at a glance.
//!
//! | need | site | operator | member | visitor |
//! |---|---|---|---|---|
//! | nothing: health, the API's description, pages | yes | yes | yes | yes |
//! | courses: lists that are the same for everybody | yes | yes | yes | where `[visitors]` says so |
//! | a member's lists, courses, session, impressions | yes | no | their own | no |
//! | a member's profile | yes | yes | their own | no |
//! | numbers: KPIs, retention, status, metrics | yes | yes | no | no |

use std::sync::Arc;

use super::visitors::Visitors;
use crate::problem::Problem;

/// Who asks. Nothing here goes into a log but [`Caller::kind`].
#[derive(Debug, Clone)]
pub(crate) enum Caller {
    /// Tokens are not asked for: this machine, which may do all.
    Machine,
    /// Who has not been asked, and may do nothing.
    Nobody,
    /// Whoever shows no token, with all others who don't.
    Visitor(Arc<Visitors>),
    /// The site's server.
    Site,
    /// Somebody who runs or analyses the site.
    Operator,
    /// A member's browser; the id as the site has it.
    Member(String),
}

/// What an answer needs of who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need<'a> {
    /// Nothing.
    Nothing,
    /// To be known, or to visit where visitors are let in.
    Courses,
    /// To ask for this member; none where nobody is named.
    Member(Option<&'a str>),
    /// To ask for this member, or to run the site.
    Profile(&'a str),
    /// To see numbers of the whole community.
    Numbers,
}

impl Caller {
    /// Refuses what this caller may not be told.
    pub(crate) fn check(&self, need: Need<'_>) -> Result<(), Problem> {
        let fine = match (self, need) {
            (Self::Machine, _) | (_, Need::Nothing) => true,
            (Self::Nobody, _) => return Err(Problem::token_needed()),
            (Self::Visitor(visitors), need) => return visitors.check(need),
            (_, Need::Courses) | (Self::Site, _) => true,
            (Self::Operator, need) => matches!(need, Need::Profile(_) | Need::Numbers),
            (Self::Member(own), Need::Member(asked)) => asked.is_none_or(|asked| asked == own),
            (Self::Member(own), Need::Profile(asked)) => asked == own,
            (Self::Member(_), Need::Numbers) => false,
        };
        if fine { Ok(()) } else { Err(Problem::forbidden("this token is not for what was asked")) }
    }

    /// Whether what they may be told depends on what they ask for alone.
    pub(crate) fn is_known(&self) -> bool {
        !matches!(self, Self::Nobody | Self::Visitor(_))
    }

    /// What analysts make of a member is for operators, and for who runs all of it on one machine.
    pub(crate) fn is_operator(&self) -> bool {
        matches!(self, Self::Operator | Self::Machine)
    }

    /// Of whom a request without a member's id is.
    pub(crate) fn member(&self) -> Option<&str> {
        match self {
            Self::Member(own) => Some(own),
            _ => None,
        }
    }

    /// What a log may say.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Machine => "machine",
            Self::Nobody => "nobody",
            Self::Visitor(_) => "visitor",
            Self::Site => "site",
            Self::Operator => "operator",
            Self::Member(_) => "member",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    fn check(caller: &Caller, expected: [bool; 6]) {
        let needs = [Need::Nothing, Need::Courses, Need::Member(Some("ann")), Need::Member(None), Need::Profile("ann"), Need::Numbers];
        assert_eq!(needs.map(|need| caller.check(need).is_ok()), expected, "{caller:?}");
    }

    #[test]
    fn the_table_holds() {
        check(&Caller::Machine, [true; 6]);
        check(&Caller::Nobody, [true, false, false, false, false, false]);
        let visitor = |lists_per_second| Caller::Visitor(Arc::new(Visitors::new(lists_per_second)));
        check(&visitor(None), [true, false, false, false, false, false]);
        check(&visitor(NonZeroU32::new(9)), [true, true, false, false, false, false]);
        check(&Caller::Site, [true; 6]);
        check(&Caller::Operator, [true, true, false, false, true, true]);
        check(&Caller::Member("ann".to_owned()), [true, true, true, true, true, false]);
        check(&Caller::Member("bob".to_owned()), [true, true, false, true, false, false]);
    }
}
