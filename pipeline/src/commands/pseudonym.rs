//! `hachi pseudonym`: which member is which, for whoever holds the key.

use std::io::BufRead;
use std::path::Path;

use anyhow::Context;
use hachi_snapshot::PseudonymKey;

use super::{open, output};
use crate::config::Config;

/// What stands for standard input.
const STDIN: &str = "-";

const EXAMPLE: &str = "Example: the last days of member 4711\n  \
    hachi sql \"select * from member_days where user_id = '$(hachi pseudonym 4711)' order by event_date desc limit 7\"";

/// Arguments of `hachi pseudonym`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Arguments {
    /// Members' ids as the site writes them; `-` reads them from standard input, one a line
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
    /// Print ids and pseudonyms as JSON
    #[arg(long)]
    json: bool,
}

/// Prints the pseudonym of each id, one a line, in the order of the ids.
pub fn pseudonym(config: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let key = key(&open::config(config, None, None)?)?;
    let ids = ids(&arguments.ids)?;
    let named = ids.iter().map(|id| (id, key.pseudonym(id).to_string()));
    if arguments.json {
        let rows: Vec<_> = named.map(|(id, pseudonym)| serde_json::json!({"id": id, "pseudonym": pseudonym})).collect();
        return output::print(serde_json::to_string_pretty(&rows)?);
    }
    named.into_iter().try_for_each(|(_, pseudonym)| output::print(pseudonym))
}

/// The key that is there: a new one would name nobody.
pub fn key(config: &Config) -> anyhow::Result<PseudonymKey> {
    let path = open::key_path(config)?;
    if !path.exists() {
        anyhow::bail!(
            "there is no pseudonym key at `{}`; the first `hachi run` makes one, or name yours as `privacy.key_file`",
            path.display()
        );
    }
    Ok(PseudonymKey::load(path)?)
}

/// The ids as typed, with those on standard input in the place of `-`.
pub fn ids(typed: &[String]) -> anyhow::Result<Vec<String>> {
    let mut ids = Vec::new();
    for id in typed {
        if id != STDIN {
            ids.push(id.clone());
            continue;
        }
        for line in std::io::stdin().lock().lines() {
            let line = line.context("failed to read ids from standard input")?;
            ids.extend(Some(line).filter(|line| !line.trim().is_empty()));
        }
    }
    Ok(ids)
}
