//! The time of access logs, `17/May/2015:10:05:03 +0000`: fixed columns, so it is read by position.

use chrono::NaiveDate;

use super::iso::two_digits;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Microseconds UTC; None when it is not such a time.
pub(super) fn parse(text: &str) -> Option<i64> {
    let well_formed = text.len() == 26 && text.is_ascii();
    well_formed.then_some(())?;
    let punctuation = [(2, b'/'), (6, b'/'), (11, b':'), (14, b':'), (17, b':'), (20, b' ')];
    punctuation.iter().all(|(at, mark)| text.as_bytes()[*at] == *mark).then_some(())?;
    let days = days(text)?;
    let seconds = clock(text)?;
    Some((days * 86_400 + seconds - offset(&text[21..])?) * 1_000_000)
}

/// Days since 1970-01-01.
fn days(text: &str) -> Option<i64> {
    let month = MONTHS.iter().position(|name| *name == &text[3..6])?;
    let year = two_digits(&text[7..9])? * 100 + two_digits(&text[9..11])?;
    let day = u32::try_from(two_digits(&text[..2])?).ok()?;
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, u32::try_from(month).ok()? + 1, day)?;
    Some(i64::from(date.to_epoch_days()))
}

fn clock(text: &str) -> Option<i64> {
    let (hours, minutes) = (two_digits(&text[12..14])?, two_digits(&text[15..17])?);
    let seconds = two_digits(&text[18..20])?;
    (hours < 24 && minutes < 60 && seconds <= 60).then_some(hours * 3600 + minutes * 60 + seconds)
}

fn offset(text: &str) -> Option<i64> {
    let (hours, minutes) = (two_digits(&text[1..3])?, two_digits(&text[3..5])?);
    let seconds = (hours < 24 && minutes < 60).then_some(hours * 3600 + minutes * 60)?;
    match &text[..1] {
        "+" => Some(seconds),
        "-" => Some(-seconds),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn every_line_has_its_own_offset() {
        assert_eq!(parse("17/May/2015:10:05:03 +0000"), Some(1_431_857_103_000_000));
        assert_eq!(parse("17/May/2015:10:05:03 +0530"), Some(1_431_837_303_000_000));
        assert_eq!(parse("17/May/2015:10:05:03 -0800"), Some(1_431_885_903_000_000));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "17/May/2015:10:05:03",
            "32/May/2015:10:05:03 +0000",
            "17/Mai/2015:10:05:03 +0000",
            "17/May/2015:25:05:03 +0000",
            "17/May/2015:10:05:03 *0000",
            "17/May/2015 10:05:03 +0000",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
