//! Help for someone who mistyped a name: the known one that is most like it.

/// Below this similarity (0 to 1) a name is no help.
const SIMILARITY_MIN: f64 = 0.6;

/// "; did you mean `x`?" for the candidate nearest to `typed`, or nothing if none is near.
#[must_use]
pub fn did_you_mean<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    let scored = candidates.into_iter().map(|name| (strsim::jaro_winkler(typed, name), name));
    let nearest = scored.filter(|(score, _)| *score >= SIMILARITY_MIN).max_by(|a, b| a.0.total_cmp(&b.0));
    nearest.map_or_else(String::new, |(_, name)| format!("; did you mean `{name}`?"))
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;

    #[test]
    fn names_what_is_near_and_nothing_else() {
        assert_eq!(did_you_mean("timezon", ["week_start", "timezone"]), "; did you mean `timezone`?");
        assert_eq!(did_you_mean("qqq", ["week_start", "timezone"]), "");
    }
}
