//! `hachi evaluate`: how good models are, on given files or on the site's own days.

mod acts;
mod given;
mod own;
mod shown;

use std::path::{Path, PathBuf};

use crate::evaluate::DEFAULT_CUTOFFS;

pub(super) use acts::{Window, days_of_site};
pub(super) use shown::{cell, metrics_json, spread};

const EXAMPLES: &str = "Examples:\n  \
    hachi evaluate --train train.parquet --test test.parquet --candidates candidates.parquet --model ials --set dim=192 epochs=12\n  \
    hachi evaluate --train u1.base.parquet --test u1.test.parquet --model als --set dim=20 reg=0.15 --json\n  \
    hachi evaluate --window-days 14";

/// Arguments of `hachi evaluate`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Parquet with `user_id`, `course_id`, and perhaps `rating` and `ts`, to learn from; default: the site's own days
    #[arg(long, value_name = "FILE", requires_all = ["test", "model"], conflicts_with_all = ["window_days", "lake"])]
    train: Option<PathBuf>,
    /// Parquet with `user_id`, `course_id`, and perhaps `rating`: what should be found
    #[arg(long, value_name = "FILE", requires = "train")]
    test: Option<PathBuf>,
    /// Parquet with `user_id`, `course_id`: what is ranked, besides the test's pairs; default: all courses learned from that the
    /// member does not have
    #[arg(long, value_name = "FILE", requires = "train")]
    candidates: Option<PathBuf>,
    /// Parquet like that of `--train`: what a member has when asked, in place of the rows learned from
    #[arg(long, value_name = "FILE", requires = "train")]
    history: Option<PathBuf>,
    /// The model: popular, quality, ease, ials, als, svd, neighbors or blend; default, on the site's own days: all
    #[arg(long, value_name = "NAME", requires = "train")]
    model: Option<String>,
    /// Parameters of the model: `dim`, `reg`, `alpha0`, `nu`, `epochs`, `seed` of ials, `dim`, `reg`, `epochs`, `seed` of als,
    /// `lambda` of ease, `dim`, `seed` of svd, `k` of neighbors; of blend those of its models, as in `ials.dim`, and `seed`
    #[arg(long, value_name = "NAME=VALUE", num_args = 1.., requires = "model", value_parser = setting)]
    set: Vec<(String, String)>,
    /// Where lists are cut
    #[arg(long, value_name = "K", num_args = 1.., default_values_t = DEFAULT_CUTOFFS.map(|k| k as u16),
        value_parser = clap::value_parser!(u16).range(1..=1000))]
    k: Vec<u16>,
    /// No single step allocates more than so many GiB
    #[arg(long, value_name = "GIB", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..))]
    memory_gib: u16,
    #[command(flatten)]
    window: Window,
    /// Print the metrics as JSON
    #[arg(long)]
    json: bool,
}

/// Evaluates, and says what came out.
pub fn evaluate(config: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    match (&arguments.train, &arguments.test, &arguments.model) {
        (Some(train), Some(test), Some(model)) => given::evaluate((train, test), model, arguments),
        _ => own::evaluate(config, arguments),
    }
}

impl Arguments {
    fn cutoffs(&self) -> Vec<usize> {
        self.k.iter().map(|&k| usize::from(k)).collect()
    }

    fn limit_bytes(&self) -> u64 {
        u64::from(self.memory_gib) << 30
    }
}

fn setting(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected `name=value`, such as `dim=192`")?;
    Ok((name.to_owned(), value.to_owned()))
}
