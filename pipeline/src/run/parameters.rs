//! The run's parameters as SQL literals: the only way time and configuration reach a model.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};

use crate::config::{Config, WeekStart};
use crate::domain::timestamps::end_of_day_micros;
use crate::models::Parameters;

/// All parameters of a run at `as_of` with `watermark`, the last local day that landed whole.
#[must_use]
pub fn parameters(config: &Config, as_of: DateTime<Utc>, watermark: NaiveDate) -> Parameters {
    let as_of_date = as_of.with_timezone(&config.timezone).date_naive();
    let week_shift = match config.week_start {
        WeekStart::Monday => 0,
        WeekStart::Sunday => 1,
    };
    let watermark_end = end_of_day_micros(watermark, config.timezone);
    let (rating_min, rating_max) = config.rating_range;
    let retention = &config.declared.retention;
    let literals = [
        ("as_of", instant(as_of)),
        ("as_of_date", format!("date '{as_of_date}'")),
        ("dwell_hour", double(config.dwell_hour)),
        // Without a list no interaction ends a membership: there is no "any" for `end`.
        ("end_any", false.to_string()),
        ("end_kinds", texts(&retention.end)),
        ("gone_after_days", retention.gone_after_days.to_string()),
        ("half_life_days", double(config.half_life_days)),
        ("min_group", config.min_group.to_string()),
        ("rating_max", double(rating_max)),
        ("rating_min", double(rating_min)),
        ("return_any", retention.returns.is_none().to_string()),
        ("return_kinds", texts(retention.returns.as_deref().unwrap_or_default())),
        ("session_gap_s", config.session_gap_s.to_string()),
        ("start_any", retention.start.is_none().to_string()),
        ("start_kinds", texts(retention.start.as_deref().unwrap_or_default())),
        ("watermark", format!("date '{watermark}'")),
        ("watermark_end", instant(DateTime::from_timestamp_micros(watermark_end).unwrap_or(as_of))),
        ("week_shift", week_shift.to_string()),
    ];
    Parameters::new(literals.map(|(name, literal)| (name.to_owned(), literal)).into_iter().collect::<BTreeMap<_, _>>())
}

fn instant(at: DateTime<Utc>) -> String {
    format!("timestamptz '{}'", at.to_rfc3339_opts(SecondsFormat::Micros, true))
}

fn double(value: f64) -> String {
    format!("cast({value} as double)")
}

/// For `in (…)`; no text at all becomes the empty one, which is the kind of nothing.
fn texts(values: &[String]) -> String {
    let quoted: Vec<String> = values.iter().map(|value| format!("'{}'", value.replace('\'', "''"))).collect();
    if quoted.is_empty() { "''".to_owned() } else { quoted.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::texts;

    #[test]
    fn texts_are_quoted_and_never_an_empty_list() {
        assert_eq!(texts(&[]), "''");
        assert_eq!(texts(&["view".to_owned(), "it's".to_owned()]), "'view', 'it''s'");
    }
}
