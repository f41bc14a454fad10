//! Which language a person is told something in: as the query says, else as the browser prefers.

use hachi_snapshot::Language;

use super::query::Query;
use crate::problem::Problem;

/// The parameter's name.
pub(super) const PARAMETER: &str = "lang";
/// Its values; `auto`, the default, is the browser's.
const VALUES: [&str; 3] = ["auto", "en", "zh"];

/// The language of a request with this query and `Accept-Language`; the default one where neither names one that is spoken here.
pub(super) fn language(query: &Query<'_>, accepted: Option<&str>) -> Result<Language, Problem> {
    Ok(preferred_or(query.choice(PARAMETER, &VALUES)?, accepted))
}

/// The language asked for, else the one preferred, else the default one.
pub(super) fn preferred_or(asked: &str, accepted: Option<&str>) -> Language {
    Language::of_tag(asked).or_else(|| accepted.and_then(preferred)).unwrap_or_default()
}

/// The language of the greatest weight, the first of equals (RFC 9110); what is not acceptable has weight 0.
fn preferred(accepted: &str) -> Option<Language> {
    let weighed = accepted.split(',').filter_map(|range| {
        let (tag, weight) = range.split_once(';').unwrap_or((range, "q=1"));
        let weight: f32 = weight.trim().strip_prefix("q=").and_then(|weight| weight.trim().parse().ok())?;
        Language::of_tag(tag).filter(|_| weight > 0.0).map(|language| (language, weight))
    });
    let heavier = |best: (Language, f32), next: (Language, f32)| if next.1 > best.1 { next } else { best };
    weighed.reduce(heavier).map(|(language, _)| language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_goes_before_the_browser() {
        let of = |query, accepted| language(&Query::parse(query, &[PARAMETER]).unwrap(), accepted);
        assert_eq!(of("lang=zh", Some("en")), Ok(Language::Chinese));
        assert_eq!(of("lang=en", Some("zh-CN")), Ok(Language::English));
        assert_eq!(of("", Some("zh-CN,zh;q=0.9,en;q=0.8")), Ok(Language::Chinese));
        assert_eq!((of("", Some("fr")), of("lang=auto", None)), (Ok(Language::English), Ok(Language::English)));
        assert!(of("lang=fr", None).is_err());
    }

    #[test]
    fn weights_decide_and_nonsense_is_passed_over() {
        for (accepted, expected) in [
            ("en;q=0.5, zh;q=0.8", Some(Language::Chinese)),
            ("fr, en;q=0.8, zh;q=0.8", Some(Language::English)),
            ("zh;q=0, en;q=0.1", Some(Language::English)),
            ("zh;q=x, *, ;;, en-US", Some(Language::English)),
            ("", None),
        ] {
            assert_eq!(preferred(accepted), expected, "{accepted}");
        }
    }
}
