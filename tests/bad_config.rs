//! A `hachi.toml` or command line that can't be meant: exit code 3 or 2, what is wrong, and what is nearest to it.

use crate::programs::assert_holds;
use crate::rows::RATINGS;
use crate::site::Site;

fn refused(config: &str) -> String {
    let site = Site::new(config);
    let message = site.hachi(&["check"]).failed(3);
    assert!(!site.lake().exists(), "a lake was made");
    message
}

#[test]
fn an_unknown_key_names_the_nearest() {
    let message = refused(&format!("[site]\ntimezon = \"UTC\"\n{RATINGS}"));
    assert_holds(&message, &["hachi.toml", "line 2", "unknown field `timezon`", "did you mean `timezone`?"]);
    assert_holds(&refused(&format!("[sties]\n{RATINGS}")), &["did you mean `site`?"]);
    assert_holds(&refused("[sources.ratings]\npaht = \"raw\"\n"), &["did you mean `path`?"]);
}

#[test]
fn an_unknown_table_names_the_nearest() {
    let message = refused("[sources.rating]\npath = \"raw/ratings\"\n");
    assert_holds(&message, &["`sources.rating`", "unknown table `rating`", "did you mean `ratings`?"]);
}

#[test]
fn an_unknown_column_names_the_nearest() {
    let message = refused(&format!("{RATINGS}[sources.ratings.columns]\nuserid = \"uid\"\n"));
    assert_holds(&message, &["`sources.ratings.columns`", "unknown column `userid`", "did you mean `user_id`?"]);
}

#[test]
fn a_time_zone_that_is_none_names_the_nearest() {
    let message = refused(&format!("[site]\ntimezone = \"Asia/Shangai\"\n{RATINGS}"));
    assert_holds(&message, &["`site.timezone` is `Asia/Shangai`", "expected an IANA time zone", "did you mean `Asia/Shanghai`?"]);
}

#[test]
fn values_out_of_their_range_say_the_range() {
    let of = |section: &str| refused(&format!("{section}\n{RATINGS}"));
    assert_holds(&of("[site]\nweek_start = \"friday\""), &["`site.week_start` is `friday`", "`monday` or `sunday`"]);
    assert_holds(&of("[site]\nwatermark = \"soon\""), &["`site.watermark` is `soon`"]);
    assert_holds(&of("[privacy]\nmin_group = 0"), &["`privacy.min_group` is `0`, expected 1 to 1000"]);
    assert_holds(&of("[sessions]\ngap_minutes = 0"), &["`sessions.gap_minutes` is `0`, expected 1 to 1440"]);
    assert_holds(&of("[engine]\nmemory_mib = 1"), &["`engine.memory_mib` is `1`, expected"]);
    assert_holds(&of("[engine]\nthreads = 0"), &["`engine.threads` is `0`, expected"]);
    assert_holds(&of("[retention]\nstart = []"), &["`retention.start` is `[]`", "leave the key out for every kind"]);
    assert_holds(&of("[retention.brackets]\nday = [[1, 3], [2, 5]]"), &["`retention.brackets.day`", "brackets that do not overlap"]);
    assert_holds(&of("[funnels.learn]\nsteps = [\"course_view\"]"), &["`funnels.learn.steps`", "at least two kinds of act"]);
    assert_holds(&of("[recommend]\nhalf_life_days = nan"), &["`recommend.half_life_days`"]);
    assert_holds(&of("[recommend]\nrating_min = 5.0\nrating_max = 1.0"), &["rating"]);
}

#[test]
fn a_store_is_a_bucket_and_a_prefix_without_secrets() {
    let of = |store: &str| refused(&format!("[lake]\nstore = \"{store}\"\n{RATINGS}"));
    assert_holds(&of("/srv/lake"), &["`lake.store` is `/srv/lake`", "expected `s3://bucket/prefix`"]);
    for store in ["s3://key:s3cret@our-lake/site", "s3://our-lake/site?secret=s3cret"] {
        let message = of(store);
        assert_holds(&message, &["`lake.store`", "our-lake/site`", "credentials, region and endpoint are read from the AWS_* variables"]);
        assert!(!message.contains("s3cret"), "{message}");
    }
}

#[test]
fn a_route_that_is_no_pattern() {
    let message = refused("[sources.access_log]\npath = \"raw\"\n[sources.access_log.routes]\n\"/courses/{course_id\" = \"view\"\n");
    assert_holds(&message, &["`sources.access_log.routes`", "/courses/{course_id"]);
}

#[test]
fn what_is_no_toml_says_where() {
    assert_holds(&refused("[site\n"), &["hachi.toml", "is not a valid configuration", "line 1"]);
    assert_holds(&refused("[site]\ntimezone = 5\n"), &["line 2", "string"]);
}

#[test]
fn nothing_to_work_on() {
    assert_holds(&refused(""), &["no `[sources.…]` is configured", "[sources.access_log]"]);
}

#[test]
fn a_configuration_that_is_not_there() {
    let site = Site::new(RATINGS);
    let message = site.hachi(&["run", "--config", "other.toml"]).failed(3);
    assert_holds(&message, &["failed to read `other.toml`", "`hachi init`", "`--config`"]);
}

#[test]
fn a_table_that_can_not_be_ingested() {
    let site = Site::new(RATINGS);
    site.write("x.csv", "a,b\n1,2\n");
    assert_holds(&site.hachi(&["ingest", "rating", "x.csv"]).failed(2), &["`rating` is no raw table", "`ratings`"]);
    assert_holds(&site.hachi(&["ingest", "members", "x.csv"]).failed(3), &["`[sources.members]` is not configured", "`path`"]);
    assert_holds(&site.hachi(&["ingest", "ratings", "x.csv", "--format", "xml"]).failed(4), &["format `xml` is unknown", "`jsonl`"]);
}

#[test]
fn models_of_the_sites_own_that_are_wrong() {
    let with = |file: &str, text: &str| {
        let site = Site::new(&format!("[models]\npath = \"own\"\n{RATINGS}"));
        site.write(&format!("own/{file}"), text);
        site.hachi(&["plan"]).failed(3)
    };
    let header = "/*---\ndescription = \"d\"\nkind = \"table\"\ngrain = []\n---*/\n";
    assert_holds(&with("mine/m.sql", "select 1 as one"), &["`mine/m.sql` has no usable header"]);
    assert_holds(&with("mine/m.sql", &header.replace("grain", "grian")), &["`mine/m.sql`", "grian"]);
    assert_holds(&with("mine/m.sql", &format!("{header}select * from evnts")), &["`evnts`", "did you mean `events`?"]);
    assert_holds(&with("mine/m.sql", &format!("{header}select * from raw_ratings")), &["only models under `staging` may"]);
    assert_holds(&with("mine/m.sql", &format!("{header}drop table events")), &["`mine/m.sql` is not one plain select"]);
    assert_holds(&with("mine/m.sql", &format!("{header}select * from m")), &["need each other in a circle", "`m`"]);
}

#[test]
fn what_init_writes_can_be_checked() {
    let site = Site::new(RATINGS);
    assert_holds(&site.hachi(&["init"]).failed(1), &["`hachi.toml`", "`--force`"]);
    site.hachi(&["init", "--config", "fresh.toml"]).ok();
    let message = site.hachi(&["check", "--config", "fresh.toml"]).failed(4);
    assert_holds(&message, &["`sources.access_log.path`", "`hachi ingest access_log FILE…`"]);
}
