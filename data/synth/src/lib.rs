//! A synthetic paid learning community for programmers, of any size.
//!
//! The same [`Params`] give the same bytes, whatever the number of threads. Rows stream to Parquet day by day, so memory
//! grows with members (a few dozen bytes each, and some more for those active on one day) and courses, never with days.
//! What is true of the community by construction (hazard of leaving, lift of an experiment, broken rows) is handed back
//! as [`Truth`], so that what is estimated from the files can be held against it.
//!
//! How data moves: `members` and `catalog` set the scene, `planner` goes through the days in order and decides who does
//! what, `day` renders one planned day to rows (days may be rendered in parallel), `write` puts them into files.
//!
//! What does not belong here: reading, configuration files, the command line, and anything the pipeline computes.

mod access_log;
mod agents;
mod board;
mod broken;
mod calendar;
mod catalog;
mod course_titles;
mod crowd;
mod day;
mod error;
mod exposures;
mod forum_phrases;
mod generate;
mod hazard;
mod hits;
mod impressions;
mod interactions;
mod members;
mod moderation;
mod names;
mod pages;
mod params;
mod payments;
mod planner;
mod random;
mod ratings;
mod review_phrases;
mod reviews;
mod schema;
mod summary;
mod tastes;
mod truth;
mod visit;
mod walk;
mod world;
mod write;

pub use error::SynthError;
pub use generate::generate;
pub use hazard::Hazard;
pub use members::{Engagement, Plan};
pub use params::{Params, ParamsError, ValidParams};
pub use summary::{LogCounts, Progress, Summary, TableSummary};
pub use truth::{BrokenKind, Experiment, Truth};
