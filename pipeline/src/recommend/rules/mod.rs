//! What the site wants of lists, whatever the models say: who may be shown what, how often an author, what is pushed.
//!
//! ```text
//! RulesOptions + facts of courses ──compile──▶ Rules: excluded(member) · boosted(course, score) · authors().admit(course)
//! ```
//! Pure: facts in, decisions out. Scores and their order belong to the models and `diversity`.

mod authors;
mod compile;
mod options;

#[cfg(test)]
mod tests;

pub use authors::AuthorCap;
pub use compile::{Member, Rules};
pub use options::{BOOST_RANGE, Boosts, RulesOptions};
