//! Segments of members that `hachi.toml` declares.

use toml::{Table, Value};

use crate::programs::assert_holds;
use crate::sample::{self, AS_OF};

fn with_segments(segments: &[(&str, &str)]) -> Table {
    let mut config = sample::config();
    let declared = segments.iter().map(|(name, predicate)| {
        let segment = Table::from_iter([("where".to_owned(), Value::from(*predicate))]);
        ((*name).to_owned(), Value::from(segment))
    });
    config.insert("segments".to_owned(), Table::from_iter(declared).into());
    config
}

#[test]
fn members_are_in_the_segments_whose_predicate_is_true() {
    let site = sample::copy_with(&with_segments(&[("anyone", "true"), ("silent", "recency_days > 30"), ("nobody", "false")]));
    site.hachi(&["run", "--as-of", AS_OF, "--select", "segments"]).ok();
    let counted = "select segment, count(*) from member_segments group by segment order by segment";
    // Who never did anything has no `recency_days`: unknown is not true.
    let expected = "select 'anyone', count(*) from engagement_features union all \
        select 'silent', count(*) filter (where recency_days > 30) from engagement_features order by 1";
    assert_eq!(site.column(counted), site.column(expected));
}

#[test]
fn without_declared_segments_the_table_is_empty() {
    let site = sample::copy_with(&with_segments(&[]));
    site.hachi(&["run", "--as-of", AS_OF, "--select", "segments"]).ok();
    assert_eq!(site.column("select count(*) from member_segments"), ["0"]);
}

#[test]
fn a_predicate_that_is_none_is_refused_before_a_run() {
    let refused = |predicate: &str| sample::copy_with(&with_segments(&[("mine", predicate)])).hachi(&["check"]).failed(3);
    let message = refused("active_day_30 = 0");
    assert_holds(&message, &["`segments.mine.where` is `active_day_30 = 0`", "no column `active_day_30`; did you mean `active_days_30`?"]);
    assert_holds(&message, &["its columns are `user_id`, `tenure_days`"]);
    assert_holds(&refused("recency_days"), &["non-boolean"]);
    assert_holds(&refused("exists (select 1)"), &["it has a subquery"]);
    assert_holds(&refused("user_id in (select user_id from events)"), &["`segments.mine.where`", "events"]);
    assert_holds(&refused("now() > timestamp '2020-01-01'"), &["it has a function of the moment"]);
    assert_holds(&refused("true; drop table events"), &["end of expression"]);
}
