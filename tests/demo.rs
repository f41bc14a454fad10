//! `hachi demo`: everything once, as someone sees it who has just arrived.

use std::collections::BTreeMap;

use crate::programs::assert_holds;
use crate::sample;
use crate::sidecar::Sidecar;

/// The lines under `heading`, up to the next blank one.
fn section<'d>(demo: &'d str, heading: &str) -> Vec<&'d str> {
    demo.lines().skip_while(|line| *line != heading).skip(1).take_while(|line| !line.trim().is_empty()).collect()
}

/// Source → rows read, kept, rejected, as printed.
fn printed_rows(demo: &str) -> BTreeMap<String, [u64; 3]> {
    let number = |text: &str| text.replace(',', "").parse::<u64>().expect("a number of rows");
    let row = |line: &&str| {
        let cells: Vec<_> = line.split_whitespace().collect();
        (cells[0].to_owned(), [number(cells[1]), number(cells[2]), number(cells[3])])
    };
    section(demo, "Rows").iter().skip(1).map(row).collect()
}

#[test]
fn every_row_of_every_source_is_kept_or_rejected() {
    let published = sample::published();
    let rows = printed_rows(&published.demo);
    let footers: BTreeMap<_, _> = published.site.latest().inputs.into_iter().map(|input| (input.source, input.rows)).collect();
    assert_eq!(rows.len(), 9, "{}", published.demo);
    for (source, [read, kept, rejected]) in &rows {
        assert_eq!(*read, kept + rejected, "{source}");
        assert_eq!(*read, footers[source], "rows of {source} by the footers of its files");
    }
    assert!(rows["access_log"][2] > 0 && rows["ratings"][2] > 0, "the sample has broken rows: {rows:?}");
}

#[test]
fn rejected_rows_are_counted_by_reason() {
    let published = sample::published();
    let rejected: u64 = printed_rows(&published.demo).values().map(|[_, _, rejected]| rejected).sum();
    let counts = section(&published.demo, "Rejected").into_iter().skip(1);
    let counted: u64 = counts.map(|line| line.split_whitespace().last().expect("a count").parse::<u64>().expect("a count")).sum();
    assert_eq!(counted, rejected, "{}", published.demo);
    assert_eq!(published.site.query("select * from rejects").len() as u64, rejected);
}

#[test]
fn it_shows_retention_kpis_and_a_list_with_reasons() {
    let demo = &sample::published().demo;
    let triangle = section(demo, "Retention: members active in the weeks after their first");
    assert!(triangle.len() > 10 && triangle[0].starts_with("week of"), "{demo}");
    assert!(triangle[1].contains("100%"), "{demo}");
    assert!(section(demo, "KPIs").iter().any(|line| line.starts_with("Weekly active members")), "{demo}");
    assert_holds(demo, &["Recommended to member u", "because ", "you took “", "Snapshot 1", "complete up to 2026-03-30"]);
}

#[test]
fn no_cohort_below_the_smallest_group_is_shown() {
    let site = &sample::published().site;
    let shown = site.query("select * from cohort_retention where cohort_size < 5 or retained between 1 and 4");
    assert!(shown.is_empty(), "{shown:?}");
    let suppressed = site.query("select * from cohort_retention where suppressed and (retained is not null or rate is not null)");
    assert!(suppressed.is_empty(), "{suppressed:?}");
}

#[test]
fn it_serves_what_it_shows() {
    let site = sample::unpublished();
    let demo = Sidecar::ready(&mut site.command(&["demo", "--listen", "127.0.0.1:0"]));
    for path in ["/v1/courses/popular", "/v1/kpis", "/v1/retention?unit=week", "/status"] {
        assert_eq!(demo.get(path).status, 200, "{path}");
    }
    assert_eq!(demo.get("/v1/users/a%2Fb/recommendations").ok()["source"], "personal");
    assert!(demo.stop(), "it did not end well");
}
