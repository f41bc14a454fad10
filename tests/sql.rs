//! `hachi sql`: answers about the lake, in three forms; nothing else can be read, and nothing changed.

use crate::programs::assert_holds;
use crate::sample;

const TWO_ROWS: &str = "select kpi, unit from kpi_snapshot where kpi in ('dau', 'mau') order by kpi";

#[test]
fn tables_json_and_csv_hold_the_same_rows() {
    let site = &sample::published().site;
    let printed = |form: &[&str]| site.hachi(&[&["sql", TWO_ROWS], form].concat()).ok().stdout;
    let blanks_gone: Vec<_> = printed(&[]).lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(blanks_gone, ["kpi unit", "dau members", "mau members"]);
    assert_eq!(printed(&["--csv"]), "kpi,unit\ndau,members\nmau,members\n");
    assert_eq!(printed(&["--json"]), "[{\"kpi\":\"dau\",\"unit\":\"members\"},{\"kpi\":\"mau\",\"unit\":\"members\"}]\n");
}

#[test]
fn no_rows_are_an_answer_too() {
    let site = &sample::published().site;
    let nothing = "select kpi from kpi_snapshot where false";
    assert_eq!(site.hachi(&["sql", "--json", nothing]).ok().stdout, "[]\n");
    assert_eq!(site.hachi(&["sql", "--csv", nothing]).ok().stdout, "kpi\n");
    assert_eq!(site.hachi(&["sql", nothing]).ok().stdout.trim(), "kpi");
}

#[test]
fn every_published_table_is_listed_and_has_its_rows() {
    let site = &sample::published().site;
    let listed = site.hachi(&["sql", "show tables"]).ok().stdout;
    for table in site.latest().tables {
        assert!(listed.contains(&table.name), "`{}` is not in:\n{listed}", table.name);
        let counted = site.column(&format!("select count(*) from {}", table.name));
        assert_eq!(counted, [table.rows.to_string()], "{}", table.name);
    }
}

#[test]
fn whatever_changes_something_is_refused() {
    let site = &sample::published().site;
    let target = site.path("copied.csv");
    let copy = format!("copy (select 1) to '{}'", target.display());
    let external = format!("create external table t stored as csv location '{}'", site.path("hachi.toml").display());
    let statements = [
        "create table t as select 1",
        "create view v as select 1",
        "create or replace table events as select 1",
        "insert into events select * from events",
        "delete from events",
        "update events set kind = 'x'",
        "drop table events",
        "set datafusion.execution.batch_size = 1",
        &copy,
        &external,
    ];
    for statement in statements {
        let refused = site.hachi(&["sql", statement]).failed(1);
        assert!(refused.contains("only a `select`") || refused.contains("failed to plan"), "{statement}: {refused}");
    }
    assert!(!target.exists(), "`copy` wrote a file");
    assert_eq!(site.latest().number, 1);
}

#[test]
fn files_of_the_machine_can_not_be_read() {
    let site = &sample::published().site;
    let config = site.path("hachi.toml").display().to_string();
    let manifest = site.lake().join("manifests/00000000000000000001.json").display().to_string();
    for path in ["/etc/passwd", &config, &format!("file://{config}"), &manifest] {
        let refused = site.hachi(&["sql", &format!("select * from '{path}'")]).failed(1);
        assert_holds(&refused, &["failed to plan `your query`"]);
        assert!(!refused.contains("root:") && !refused.contains("timezone"), "{refused}");
    }
}

#[test]
fn a_wrong_query_says_what_is_wrong() {
    let site = &sample::published().site;
    assert_holds(&site.hachi(&["sql", "select kind from evnts"]).failed(1), &["evnts"]);
    assert_holds(&site.hachi(&["sql", "select knd from events"]).failed(1), &["knd", "kind"]);
    assert_holds(&site.hachi(&["sql", "selec 1"]).failed(1), &["selec"]);
}

#[test]
fn without_a_lake_it_says_how_to_get_one() {
    let site = sample::unpublished();
    assert_holds(&site.hachi(&["sql", "select 1"]).failed(1), &["nothing is published", "`hachi run`"]);
    assert!(!site.lake().exists(), "asking made a lake");
}
