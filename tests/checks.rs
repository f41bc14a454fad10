//! Checks of tables and sources: which end a run, which are told, and where the results are.

use tempfile::TempDir;
use toml::{Table, Value};

use crate::programs::assert_holds;
use crate::sample::{self, AS_OF};
use crate::site::Site;

/// A site of the sample with a model of its own, which `write` replaces.
struct Own {
    site: Site,
    models: TempDir,
}

impl Own {
    fn new() -> Own {
        let models = tempfile::tempdir().expect("a writable folder");
        std::fs::create_dir(models.path().join("own")).expect("a writable folder");
        let mut config = sample::config();
        config["models"]["path"] = models.path().display().to_string().into();
        Own { site: sample::copy_with(&config), models }
    }

    /// `own/mine.sql` with these checks over this select, whose grain is `user_id`.
    fn write(&self, checks: &str, select: &str) -> &Self {
        let header = format!("/*---\ndescription = \"d\"\nkind = \"table\"\ngrain = [\"user_id\"]\n[checks]\n{checks}\n---*/\n{select}\n");
        std::fs::write(self.models.path().join("own/mine.sql"), header).expect("a writable file");
        self
    }

    fn run(&self) -> crate::programs::Said {
        self.site.hachi(&["run", "--as-of", AS_OF, "--select", "mine", "--json"])
    }

    /// `check_name status failing_rows` of the own model.
    fn results(&self) -> Vec<String> {
        let sql = "select check_name || ' ' || status || ' ' || cast(failing_rows as varchar) from check_results \
            where model = 'mine' order by check_name";
        self.site.column(sql)
    }
}

const MEMBERS: &str = "select user_id, tenure_days from engagement_features";
const ONE: &str = "select user_id, tenure_days from engagement_features order by user_id limit 1";

#[test]
fn all_broken_checks_of_a_table_are_told_at_once() {
    let own = Own::new();
    own.write("expressions = { old = \"tenure_days > 100000\" }\naccepted = { user_id = [\"ana\"] }", MEMBERS);
    let refused = own.run().failed(5);
    assert_holds(&refused, &["`mine` fails its check accepted (user_id): 296 rows break it; expressions (old): 296 rows break it"]);
    assert_eq!(own.site.latest().number, 1);
}

#[test]
fn a_check_that_warns_is_told_and_published() {
    let own = Own::new();
    own.write("expressions = { old = \"tenure_days > 100000\" }\nwarn = [\"old\"]", MEMBERS);
    let outcome = own.run().ok().json();
    assert_eq!((&outcome["warnings"][0]["check"], &outcome["warnings"][0]["failing_rows"]), (&"expressions (old)".into(), &296.into()));
    assert_eq!(own.results(), ["contract pass 0", "expressions (old) warn 296", "unique (user_id) pass 0"]);
    let site = &own.site;
    let said = site.hachi(&["run", "--as-of", AS_OF, "--select", "mine"]).ok().stdout;
    assert_holds(&said, &["Warnings", "expressions (old)", "296 rows break it"]);
}

#[test]
fn values_are_found_where_they_must_be() {
    let own = Own::new();
    own.write("relationships = { user_id = \"engagement_features.user_id\" }", MEMBERS).run().ok();
    own.write("relationships = { user_id = \"course_stats.course_id\" }", MEMBERS);
    assert_holds(&own.run().failed(5), &["relationships (user_id in course_stats.course_id): 296 rows break it"]);
    own.write("relationships = { user_id = \"course_stat.course_id\" }", MEMBERS);
    assert_holds(&own.run().failed(3), &["`course_stat`", "did you mean `course_stats`?"]);
}

#[test]
fn a_leap_of_the_number_of_rows_is_noticed() {
    let own = Own::new();
    own.write("max_drift = 0.5", MEMBERS).run().ok();
    own.write("max_drift = 0.5", ONE);
    assert_holds(&own.run().failed(5), &["`mine` fails its check drift (0.5): 1 rows, 296 in the last snapshot"]);
    own.write("max_drift = 0.5\nwarn = [\"drift\"]", ONE).run().ok();
    assert_eq!(own.results(), ["contract pass 0", "drift (0.5) warn 295", "unique (user_id) pass 0"]);
}

#[test]
fn changed_columns_are_told_and_refused_where_they_are_promised() {
    let own = Own::new();
    own.write("", MEMBERS).run().ok();
    let changed = "select user_id, cast(tenure_days as double) as tenure_days, 1 as one from engagement_features";
    let outcome = own.write("", changed).run().ok().json();
    assert_eq!(outcome["contract"][0]["table"], "mine");
    assert_eq!((&outcome["contract"][0]["added"][0], &outcome["contract"][0]["changed"][0][0]), (&"one".into(), &"tenure_days".into()));
    assert_eq!(outcome["warnings"][0]["detail"], "+ one, ~ tenure_days Int64 → Float64");
    let refused = own.write("contract = \"enforced\"", "select user_id, 1 as one from engagement_features").run().failed(5);
    assert_holds(&refused, &["`mine` fails its check contract: − tenure_days"]);
}

#[test]
fn checks_that_name_what_is_not_there() {
    let refused = |checks: &str| {
        let own = Own::new();
        own.write(checks, MEMBERS);
        own.site.hachi(&["check"]).failed(3)
    };
    assert_holds(&refused("not_null = [\"user\"]"), &["own/mine.sql", "column `user`", "did you mean `user_id`?"]);
    assert_holds(&refused("expressions = { old = \"tenure > 3\" }"), &["own/mine.sql: checks.expressions.old", "no column `tenure`"]);
    assert_holds(&refused("warn = [\"drfit\"]"), &["check `drfit`", "did you mean `drift`?"]);
}

#[test]
fn a_part_that_is_built_again_leaves_the_results_of_the_rest() {
    let site = sample::copy();
    let results = "select model, check_name, status from check_results order by model, check_name";
    let before = site.query(results);
    site.hachi(&["run", "--as-of", AS_OF, "--select", "course_stats"]).ok();
    assert_eq!(site.query(results), before);
}

fn with_freshness(limits: &[(&str, &str)]) -> Site {
    let mut config = sample::config();
    let limits = Table::from_iter(limits.iter().map(|(key, limit)| ((*key).to_owned(), Value::from(*limit))));
    config["sources"]["ratings"].as_table_mut().expect("a source").insert("freshness".to_owned(), limits.into());
    sample::copy_with(&config)
}

#[test]
fn a_source_that_stopped_arriving() {
    let site = with_freshness(&[("warn_after", "36h"), ("error_after", "5d")]);
    let run = |as_of: &str| site.hachi(&["run", "--as-of", as_of, "--json"]);
    assert_eq!(run(AS_OF).ok().json()["warnings"], serde_json::json!([]));
    let late = run("2026-04-03").ok().json();
    assert_eq!((&late["warnings"][0]["model"], &late["warnings"][0]["check"]), (&"raw_ratings".into(), &"freshness".into()));
    assert_eq!(late["warnings"][0]["detail"], "its latest day ended 48 h before as_of, more than 1day 12h");
    let refused = run("2026-04-07").failed(5);
    assert_holds(
        &refused,
        &["`raw_ratings` fails its check freshness", "ended 144 h before as_of, more than 5days", "nothing was published"],
    );
    assert_eq!(site.latest().number, 3);
    let wrong = with_freshness(&[("warn_after", "soon")]).hachi(&["check"]).failed(3);
    assert_holds(&wrong, &["`sources.ratings.freshness.warn_after` is `soon`", "`36h`"]);
}
