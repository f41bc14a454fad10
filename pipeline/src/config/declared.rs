//! Retention, funnels, segments and weights of acts: from what was written to what is declared.

use std::collections::BTreeMap;

use super::ConfigError;
use super::file::{self, File};
use super::recommend::weights;
use super::resolve::{in_range, value};
use crate::domain::declared::{Bracket, Declared, Funnel, Retention, Segment};

const DEFAULT_GONE_AFTER_DAYS: u32 = 30;
const DEFAULT_WINDOW_DAYS: u32 = 30;
const MAX_DAYS: u32 = 3650;
const UNITS: [&str; 3] = ["day", "week", "month"];
const MIN_STEPS: usize = 2;

/// What `file` declares.
///
/// # Errors
/// When a name, a list or a number is not as it must be.
pub fn declared(file: &File) -> Result<Declared, ConfigError> {
    Ok(Declared {
        retention: retention(&file.retention)?,
        funnels: file.funnels.iter().map(|(name, written)| funnel(name, written)).collect::<Result<_, _>>()?,
        segments: file.segments.iter().map(|(name, written)| segment(name, written)).collect::<Result<_, _>>()?,
        weights: weights(file)?,
    })
}

fn retention(written: &file::Retention) -> Result<Retention, ConfigError> {
    Ok(Retention {
        start: some_kinds("retention.start", written.start.as_deref())?,
        returns: some_kinds("retention.return", written.returns.as_deref())?,
        end: kinds("retention.end", written.end.as_deref().unwrap_or_default())?,
        gone_after_days: days("retention.gone_after_days", written.gone_after_days, DEFAULT_GONE_AFTER_DAYS)?,
        brackets: brackets(&written.brackets)?,
    })
}

/// An empty list would let no member start or return; who means every kind leaves the key out.
fn some_kinds(key: &str, written: Option<&[String]>) -> Result<Option<Vec<String>>, ConfigError> {
    match written {
        None => Ok(None),
        Some([]) => Err(value(key, "[]", "at least one kind of act; leave the key out for every kind")),
        Some(list) => kinds(key, list).map(Some),
    }
}

fn kinds(key: &str, written: &[String]) -> Result<Vec<String>, ConfigError> {
    match written.iter().find(|kind| kind.trim().is_empty() || kind.contains(char::is_control)) {
        Some(kind) => Err(value(key, kind.escape_debug(), "kinds of act such as `lesson_view`")),
        None => Ok(written.to_vec()),
    }
}

fn days(key: &str, written: Option<u32>, default: u32) -> Result<u32, ConfigError> {
    in_range(key, written.unwrap_or(default), 1..=MAX_DAYS)
}

/// The brackets of each unit, in order; a unit that is not written has its default ones.
fn brackets(written: &BTreeMap<String, Vec<Vec<u32>>>) -> Result<Vec<Bracket>, ConfigError> {
    if let Some(unit) = written.keys().find(|unit| !UNITS.contains(&unit.as_str())) {
        return Err(value("retention.brackets", unit, "brackets of `day`, `week` or `month`"));
    }
    let mut all = Vec::new();
    for unit in UNITS {
        let spans = written.get(unit).cloned().unwrap_or_else(|| default_spans(unit));
        let mut of_unit = spans.iter().map(|span| bracket(unit, span)).collect::<Result<Vec<_>, _>>()?;
        of_unit.sort();
        apart(&of_unit)?;
        all.extend(of_unit);
    }
    Ok(all)
}

fn default_spans(unit: &str) -> Vec<Vec<u32>> {
    let spans: &[[u32; 2]] = match unit {
        "day" => &[[1, 3], [4, 7], [8, 14], [15, 30]],
        "week" => &[[1, 4], [5, 12]],
        _ => &[[1, 3]],
    };
    spans.iter().map(|span| span.to_vec()).collect()
}

fn bracket(unit: &str, span: &[u32]) -> Result<Bracket, ConfigError> {
    let (first, last) = match *span {
        [first] => (first, None),
        [first, last] if first <= last => (first, Some(last)),
        _ => {
            let expected = "`[first, last]` with first ≤ last, or `[first]` for a bracket without an end";
            return Err(value(&format!("retention.brackets.{unit}"), format!("{span:?}"), expected));
        }
    };
    Ok(Bracket { unit: unit.to_owned(), first, last })
}

/// Of sorted brackets of one unit, each ends before the next begins.
fn apart(sorted: &[Bracket]) -> Result<(), ConfigError> {
    let overlap = sorted.windows(2).find(|pair| pair[0].last.is_none_or(|last| last >= pair[1].first));
    let Some([one, other]) = overlap else { return Ok(()) };
    let text = |b: &Bracket| b.last.map_or_else(|| format!("[{}]", b.first), |last| format!("[{}, {last}]", b.first));
    let key = format!("retention.brackets.{}", one.unit);
    Err(value(&key, format!("{}, {}", text(one), text(other)), "brackets that do not overlap"))
}

fn funnel(name: &str, written: &file::Funnel) -> Result<Funnel, ConfigError> {
    let key = format!("funnels.{name}");
    snake_case(&key, name)?;
    let steps_key = format!("{key}.steps");
    if written.steps.len() < MIN_STEPS {
        return Err(value(&steps_key, format!("{:?}", written.steps), "at least two kinds of act, in order"));
    }
    Ok(Funnel {
        name: name.to_owned(),
        steps: kinds(&steps_key, &written.steps)?,
        window_days: days(&format!("{key}.window_days"), written.window_days, DEFAULT_WINDOW_DAYS)?,
    })
}

fn segment(name: &str, written: &file::Segment) -> Result<Segment, ConfigError> {
    let key = format!("segments.{name}");
    snake_case(&key, name)?;
    if written.predicate.trim().is_empty() {
        return Err(value(&format!("{key}.where"), &written.predicate, "a predicate such as `active_days_30 = 0 and is_paying`"));
    }
    Ok(Segment { name: name.to_owned(), predicate: written.predicate.clone(), description: written.description.clone() })
}

pub(super) fn snake_case(key: &str, name: &str) -> Result<(), ConfigError> {
    let starts_well = name.starts_with(|c: char| c.is_ascii_lowercase());
    if starts_well && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_') {
        return Ok(());
    }
    Err(value(key, name, "a name of lowercase letters, digits and `_` that starts with a letter"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Declared, String> {
        let file: File = toml::from_str(text).map_err(|e| e.to_string())?;
        declared(&file).map_err(|e| e.to_string())
    }

    #[test]
    fn what_is_not_written_has_its_default() {
        let retention = of("[retention.brackets]\nweek = [[8], [1, 7]]").expect("sound").retention;
        assert_eq!((retention.start, retention.returns, retention.end.len(), retention.gone_after_days), (None, None, 0, 30));
        let spans: Vec<_> = retention.brackets.iter().map(|b| (b.unit.as_str(), b.first, b.last)).collect();
        let days = [("day", 1, Some(3)), ("day", 4, Some(7)), ("day", 8, Some(14)), ("day", 15, Some(30))];
        assert_eq!(spans, [&days[..], &[("week", 1, Some(7)), ("week", 8, None), ("month", 1, Some(3))]].concat());
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let check = |text: &str, says: &str| {
            let error = of(text).expect_err("not sound");
            assert!(error.contains(says), "{error}");
        };
        check("[retention.brackets]\nday = [[3, 1]]", "`retention.brackets.day` is `[3, 1]`");
        check("[retention.brackets]\nday = [[1, 3], [3, 5]]", "is `[1, 3], [3, 5]`, expected brackets that do not overlap");
        check("[retention.brackets]\nday = [[4], [7, 9]]", "is `[4], [7, 9]`");
        check("[retention.brackets]\nyear = [[1]]", "`day`, `week` or `month`");
        check("[retention]\nstart = []", "leave the key out for every kind");
        check("[retention]\nend = [\" \"]", "kinds of act");
        check("[funnels.learn]\nsteps = [\"a\"]", "`funnels.learn.steps` is `[\"a\"]`, expected at least two");
        check("[funnels.Learn]\nsteps = [\"a\", \"b\"]", "lowercase");
        check("[segments.x]\ndescription = \"d\"", "`segments.x.where`");
    }
}
