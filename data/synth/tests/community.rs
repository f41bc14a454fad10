//! A generated community, read back from its files.

#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{Float64Type, TimestampMicrosecondType};
use arrow::row::{RowConverter, SortField};
use chrono::{Days, NaiveDate, NaiveTime};
use hachi_synth::{BrokenKind, Params, Plan, Summary, SynthError, generate};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

const HOUR_US: i64 = 3_600_000_000;

fn small() -> Params {
    Params { members: 120, days: 35, ..Params::default() }
}

fn community(params: &Params) -> (tempfile::TempDir, Summary) {
    let folder = tempfile::tempdir().unwrap();
    let summary = generate(params, folder.path(), &mut |_| {}).unwrap();
    (folder, summary)
}

/// Every file below a folder with its bytes.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(folder).unwrap().to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    found
}

fn batches(folder: &Path, table: &str) -> Vec<RecordBatch> {
    let paths = files(&folder.join(table)).into_keys();
    let read = |path: PathBuf| {
        let file = File::open(folder.join(table).join(path)).unwrap();
        ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap().map(Result::unwrap)
    };
    paths.flat_map(read).collect()
}

fn column(batch: &RecordBatch, name: &str) -> Vec<Option<String>> {
    let values = batch.column_by_name(name).unwrap().as_string::<i32>();
    values.iter().map(|value| value.map(str::to_owned)).collect()
}

fn times(batch: &RecordBatch) -> Vec<i64> {
    batch.column_by_name("ts").unwrap().as_primitive::<TimestampMicrosecondType>().values().to_vec()
}

#[test]
fn same_params_same_bytes_whatever_the_threads() {
    let (one, _) = community(&Params { threads: 1, ..small() });
    let (three, _) = community(&Params { threads: 3, ..small() });
    let (other, _) = community(&Params { seed: 9, ..small() });
    assert_eq!(files(one.path()), files(three.path()));
    assert_ne!(files(one.path()), files(other.path()));
}

#[test]
fn an_occupied_folder_is_left_alone() {
    let (folder, _) = community(&Params { days: 1, members: 1, ..small() });
    let before = files(folder.path());
    let error = generate(&small(), folder.path(), &mut |_| {}).unwrap_err();
    assert!(matches!(error, SynthError::Occupied(_)), "{error}");
    assert_eq!(files(folder.path()), before);
}

#[test]
fn rows_are_as_the_summary_says() {
    let (folder, summary) = community(&small());
    for table in &summary.tables {
        let rows: usize = batches(folder.path(), table.name).iter().map(RecordBatch::num_rows).sum();
        assert_eq!(rows as u64, table.rows, "{}", table.name);
        let bytes: usize = files(&folder.path().join(table.name)).values().map(Vec::len).sum();
        assert_eq!(bytes as u64, table.bytes, "{}", table.name);
    }
}

#[test]
fn rows_repeat_only_where_intended() {
    let (folder, summary) = community(&small());
    let mut repeated = 0;
    let mut seen = HashSet::new();
    for batch in batches(folder.path(), "access_log") {
        let fields = batch.schema().fields().iter().map(|field| SortField::new(field.data_type().clone())).collect();
        let rows = RowConverter::new(fields).unwrap().convert_columns(batch.columns()).unwrap();
        repeated += rows.iter().filter(|row| !seen.insert(row.as_ref().to_vec())).count() as u64;
    }
    assert!(repeated > 0);
    assert_eq!(repeated, summary.log.duplicate_rows);
}

#[test]
fn the_log_is_sorted_and_local_but_for_late_rows() {
    let (folder, summary) = community(&small());
    let mut late = 0;
    for partition in fs::read_dir(folder.path().join("access_log")).unwrap() {
        let partition = partition.unwrap().file_name().into_string().unwrap();
        let date: NaiveDate = partition.strip_prefix("event_date=").unwrap().parse().unwrap();
        let first_ts = date.and_time(NaiveTime::MIN).and_utc().timestamp_micros() - 8 * HOUR_US;
        let table = format!("access_log/{partition}");
        let times: Vec<i64> = batches(folder.path(), &table).iter().flat_map(times).collect();
        assert!(times.is_sorted(), "{partition}");
        assert!(times[times.len() - 1] < first_ts + 24 * HOUR_US, "{partition}");
        late += times.iter().filter(|ts| (0..first_ts).contains(*ts)).count() as u64;
    }
    assert!(late > 0);
    assert_eq!(late, summary.log.late_rows);
}

#[test]
fn broken_rows_are_all_there_is_to_reject() {
    let (folder, summary) = community(&small());
    let mut found: BTreeMap<BrokenKind, u64> = BTreeMap::new();
    let mut add = |kind, count: usize| *found.entry(kind).or_default() += count as u64;
    for batch in batches(folder.path(), "access_log") {
        add(BrokenKind::LogWithoutPath, column(&batch, "path").iter().filter(|path| path.is_none()).count());
        add(BrokenKind::LogBeforeEpoch, times(&batch).iter().filter(|ts| **ts < 0).count());
    }
    for batch in batches(folder.path(), "ratings") {
        let ratings = batch.column_by_name("rating").unwrap().as_primitive::<Float64Type>().values();
        add(BrokenKind::NegativeRating, ratings.iter().filter(|rating| **rating < 0.0).count());
        add(BrokenKind::NanRating, ratings.iter().filter(|rating| rating.is_nan()).count());
        add(BrokenKind::RatingAboveScale, ratings.iter().filter(|rating| **rating > 5.0).count());
        add(BrokenKind::RatingBeforeEpoch, times(&batch).iter().filter(|ts| **ts < 0).count());
        add(BrokenKind::RatingWithoutUser, column(&batch, "user_id").iter().flatten().filter(|id| id.is_empty()).count());
    }
    assert_eq!(found.into_iter().collect::<Vec<_>>(), summary.truth.broken_rows);
}

#[test]
fn ids_refer_to_members_and_courses() {
    let (folder, _) = community(&small());
    let ids = |table: &str, name: &str| -> BTreeSet<String> {
        batches(folder.path(), table).iter().flat_map(|batch| column(batch, name)).flatten().collect()
    };
    let (members, courses) = (ids("members", "user_id"), ids("courses", "course_id"));
    assert_eq!(members.len(), 120);
    assert!(members.contains("名前") && members.contains("a/b"));
    for table in ["access_log", "interactions", "payments", "exposures", "moderation", "impressions"] {
        let unknown: Vec<String> = ids(table, "user_id").difference(&members).cloned().collect();
        assert_eq!(unknown, Vec::<String>::new(), "in `{table}`");
    }
    for table in ["ratings", "interactions", "impressions"] {
        assert!(ids(table, "course_id").is_subset(&courses), "in `{table}`");
    }
    assert!(ids("members", "referrer_id").is_subset(&members));
}

/// Members of before the start, seen over the first seven days, before any experiment runs.
#[test]
fn retention_is_as_true_as_said() {
    const WEEK: u32 = 7;
    let params = Params { members: 6_000, days: 21, ..Params::default() };
    let (folder, summary) = community(&params);
    let plans = joined_before(folder.path(), params.start);
    let mut expected = 0.0;
    for (plan, age_days) in plans.values() {
        expected += (0..WEEK).map(|day| summary.truth.activity(*plan, age_days + day)).sum::<f64>();
    }
    let mut seen = BTreeSet::new();
    for day in 0..WEEK {
        let date = params.start + Days::new(u64::from(day));
        let log = batches(folder.path(), &format!("access_log/event_date={date}"));
        let users = log.iter().flat_map(|batch| column(batch, "user_id")).flatten();
        seen.extend(users.filter(|user| plans.contains_key(user)).map(|user| (user, day)));
    }
    // A member's active days lie between 0 and 7, so their variance is at most 7 times their mean.
    let tolerance = 4.0 * (f64::from(WEEK) * expected).sqrt();
    let difference = seen.len() as f64 - expected;
    assert!(difference.abs() < tolerance && tolerance < 0.25 * expected, "{} of {expected}", seen.len());
}

/// Plan and age in days at the start, by user id.
fn joined_before(folder: &Path, start: NaiveDate) -> BTreeMap<String, (Plan, u32)> {
    let start_ts = start.and_time(NaiveTime::MIN).and_utc().timestamp_micros() - 8 * HOUR_US;
    let mut found = BTreeMap::new();
    for batch in batches(folder, "members") {
        let joined_at = batch.column_by_name("joined_at").unwrap().as_primitive::<TimestampMicrosecondType>();
        let (users, plans) = (column(&batch, "user_id"), column(&batch, "plan"));
        for ((user, plan), ts) in users.into_iter().zip(plans).zip(joined_at.values()) {
            let plan = Plan::ALL.into_iter().find(|known| Some(known.name()) == plan.as_deref()).unwrap();
            let age_us = start_ts - ts;
            if age_us > 0 {
                found.insert(user.unwrap(), (plan, age_us.div_euclid(24 * HOUR_US) as u32 + 1));
            }
        }
    }
    found
}

#[test]
fn reviews_agree_with_ratings() {
    let (folder, _) = community(&Params { members: 400, ..small() });
    let (mut praise, mut blame) = (Vec::new(), Vec::new());
    for batch in batches(folder.path(), "ratings") {
        let ratings = batch.column_by_name("rating").unwrap().as_primitive::<Float64Type>().values().to_vec();
        for (rating, review) in ratings.into_iter().zip(column(&batch, "review")) {
            let review = review.unwrap_or_default();
            if review.contains("推荐！") || review.contains("谢谢老师") {
                praise.push(rating);
            } else if review.contains("不推荐") || review.contains("建议换一门课") {
                blame.push(rating);
            }
        }
    }
    assert!(praise.len() > 10 && !blame.is_empty(), "{} and {}", praise.len(), blame.len());
    assert!(praise.iter().all(|rating| *rating >= 4.0), "{praise:?}");
    assert!(blame.iter().all(|rating| *rating < 4.0), "{blame:?}");
}
