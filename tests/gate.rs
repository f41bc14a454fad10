//! Lists are made by models that were judged: once a week, and not published where they fall short of those that are. What answers a
//! posted session is published with them.

use hachi_session::{FoldIn, ItemRows, Params, Workspace};
use hachi_snapshot::ServeReader;
use toml::Table;

use crate::programs::assert_holds;
use crate::sample::{self, AS_OF};
use crate::site::Site;

/// Acts weigh nothing, so that ratings, and time on lessons, alone say what a member chose: what is left says too little.
const WORSE: &str = "
[recommend.evaluation]
tolerance = 0.0

[recommend.weights]
page_view = 0
course_view = 0
lesson_view = 0
complete = 0
like = 0
comment = 0
post = 0
topic = 0
reply = 0
answer_accepted = 0
bookmark = 0
follow = 0
share = 0
";

fn with(more: &str) -> String {
    let mut config = sample::config();
    config.extend(more.parse::<Table>().expect("TOML"));
    config.to_string()
}

fn content(site: &Site, table: &str) -> String {
    site.latest().tables.into_iter().find(|t| t.name == table).expect("a published table").content_hash
}

fn published_value(site: &Site) -> Vec<String> {
    let of = "from model_evaluation where model = 'blend' and metric = 'ndcg@10'";
    site.column(&format!("select cast(value as varchar) {of} and window = 'published'"))
}

#[test]
fn models_that_fall_short_are_not_published() {
    let site = sample::unpublished();
    site.hachi(&["run", "--as-of", AS_OF]).ok();
    let (lists, value) = (content(&site, "recommendations"), published_value(&site));
    site.write("hachi.toml", with(WORSE));
    let said = site.hachi(&["run", "--as-of", AS_OF, "--json"]).ok();
    assert_holds(&said.stderr, &["the lists stay as they are", "`recommend.evaluation.tolerance`"]);
    let gate = &said.json()["gate"];
    assert_eq!(gate["has_kept_earlier"], true, "{gate}");
    // The last digit of a number depends on who reads the JSON.
    let published: f64 = value[0].parse().expect("a number");
    assert!(gate["published"]["value"].as_f64().is_some_and(|told| (told - published).abs() < 1e-12), "{gate}");
    assert_eq!((content(&site, "recommendations"), published_value(&site)), (lists.clone(), value.clone()));

    // A list that stays must not keep whom it may not.
    let member = site.column("select user_id from recommendations order by user_id limit 1").remove(0);
    let known = site.hachi_reading(sample_members().as_bytes(), &["pseudonym", "-", "--json"]).ok().json();
    let row = known.as_array().expect("rows").iter().find(|row| row["pseudonym"] == member.as_str()).expect("a member of the sample");
    site.write("lists/refused.txt", format!("{}\n", row["id"].as_str().expect("an id")));
    site.write("hachi.toml", with(&format!("{WORSE}\n[privacy]\nrefused = \"lists/refused.txt\"\n")));
    assert_holds(&site.hachi(&["run", "--as-of", AS_OF]).ok().stderr, &["the lists stay as they are"]);
    assert!(site.query(&format!("select * from recommendations where user_id = '{member}'")).is_empty());
    assert!(!site.query("select * from recommendations").is_empty());

    site.write("hachi.toml", with(&WORSE.replace("0.0", "1.0")));
    let said = site.hachi(&["run", "--as-of", AS_OF, "--json"]).ok();
    assert_eq!(said.json()["gate"]["has_kept_earlier"], false);
    assert_ne!(content(&site, "recommendations"), lists);
    assert_ne!(published_value(&site), value);
}

fn sample_members() -> String {
    let mut ids: Vec<String> = sample::texts("members", "user_id").into_iter().collect();
    ids.sort();
    ids.join("\n")
}

#[test]
fn models_are_judged_once_a_week() {
    let site = sample::copy();
    let files = |table: &str| {
        let tables = site.latest().tables;
        tables.into_iter().filter(|t| t.name == table).flat_map(|t| t.files).map(|file| file.path).collect::<Vec<_>>()
    };
    let before = files("model_evaluation");
    let plan = site.hachi(&["plan", "--as-of", "2026-04-02", "--json"]).ok().stdout;
    site.hachi(&["run", "--as-of", "2026-04-02"]).ok();
    assert_eq!(files("model_evaluation"), before, "{plan}");
    site.hachi(&["run", "--as-of", "2026-03-25"]).ok();
    assert_ne!(files("model_evaluation"), before);
    let windows = site.column("select distinct cast(to_date as varchar) from model_evaluation where window = 'test'");
    assert_eq!(windows, ["2026-03-15"]);
}

#[test]
fn what_answers_a_posted_session_is_published() {
    let site = &sample::published().site;
    let path = site.lake().join(&site.latest().serve[0].path);
    let model = ServeReader::open(&path).expect("a sound file").session().expect("a sound model").expect("a model");
    let courses = site.query("select * from course_factors").len();
    let (factors, rows) = (model.factors.expect("factors"), model.rows.expect("rows"));
    assert_eq!((model.courses.len(), factors.values.len()), (courses, courses * factors.dim as usize));
    let params = Params { dim: factors.dim as usize, alpha0: factors.alpha0, reg: factors.reg, nu: factors.nu };
    let fold_in = FoldIn::new(courses, factors.values, factors.gram, params).expect("a model that can be folded into");
    let rows = ItemRows::new(courses, rows.offsets.iter().map(|end| *end as usize).collect::<Vec<_>>(), rows.columns, rows.weights);
    let rows = rows.expect("rows that add up");
    let mut scores = vec![0.0; courses];
    fold_in.score(&[0, 3], &mut Workspace::default(), &mut scores).expect("scores");
    assert!(scores.iter().any(|score| *score > 0.0), "{scores:?}");
    rows.score(&[0, 3], &mut scores).expect("scores");
    assert!(scores.iter().any(|score| *score > 0.0), "{scores:?}");
}
