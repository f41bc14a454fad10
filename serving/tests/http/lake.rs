//! A lake with small snapshots that say their number in every title.

use std::path::{Path, PathBuf};

use chrono::DateTime;
use hachi_snapshot::{
    Course, Facet, Lake, ListItem, Manifest, PseudonymKey, Reason, ReasonKind, ServeWriter, SessionModel, SessionRows, Source,
};
use tempfile::TempDir;

const KEY: [u8; 32] = [7; 32];

pub struct TestLake {
    folder: TempDir,
    lake: Lake,
}

/// What is wrong with a snapshot: with its serving file after it was hashed, or with the key of its pseudonyms.
#[derive(Clone, Copy, PartialEq)]
pub enum Damage {
    None,
    OneByte,
    OtherKey,
}

impl TestLake {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::local(folder.path().join("lake")).unwrap();
        Self { folder, lake }
    }

    pub fn path(&self) -> &Path {
        self.lake.root()
    }

    /// The pseudonym key's file.
    pub fn key(&self) -> PathBuf {
        use std::io::Write;
        use std::os::unix::fs::OpenOptionsExt;
        let path = self.folder.path().join("key");
        let mut file = std::fs::File::options().write(true).create(true).truncate(true).mode(0o600).open(&path).unwrap();
        writeln!(file, "{}", "07".repeat(KEY.len())).unwrap();
        path
    }

    /// Publishes snapshot `number`, which must be the next.
    pub fn publish(&self, number: u64) {
        self.publish_with(number, Damage::None);
    }

    pub fn publish_with(&self, number: u64, damage: Damage) {
        let path = format!("serve/run-{number}/serve.redb");
        let file = self.lake.file(&path).unwrap();
        write(&file, number);
        let mut manifest = Manifest::draft(format!("run-{number}"), DateTime::UNIX_EPOCH, "test");
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        manifest.serve.push(runtime.block_on(self.lake.seal(&path)).unwrap());
        manifest.hashes.key = PseudonymKey::new(if damage == Damage::OtherKey { [8; 32] } else { KEY }).fingerprint();
        if damage == Damage::OneByte {
            let mut bytes = std::fs::read(&file).unwrap();
            bytes[5000] ^= 1;
            std::fs::write(&file, bytes).unwrap();
        }
        manifest.parent = runtime.block_on(self.lake.latest()).unwrap().manifest.map(|latest| latest.number);
        assert_eq!(runtime.block_on(self.lake.commit(manifest)).unwrap().number, number);
    }

    /// Removes a snapshot's serving file, as a collection would.
    pub fn let_go(&self, number: u64) {
        std::fs::remove_dir_all(self.path().join(format!("serve/run-{number}"))).unwrap();
    }

    /// Leaves half a manifest, as a crash would.
    pub fn tear(&self, number: u64) {
        std::fs::write(self.path().join(format!("manifests/{number:020}.json")), "{\"format_version\": \"1.0\",").unwrap();
    }
}

/// The members with a list of their own.
pub const MEMBERS: [&str; 3] = ["ann", "团队/李 雷", "x"];

fn write(file: &Path, number: u64) {
    let mut writer = ServeWriter::create(file).unwrap();
    writer.put_courses((0..30).map(|at| course(at, number))).unwrap();
    writer.put_labels(["tag:rust"]).unwrap();
    let key = PseudonymKey::new(KEY);
    writer.put_lists(MEMBERS.map(|id| (key.pseudonym(id), (0..20).map(item).collect()))).unwrap();
    let popular: Vec<_> = (15..30)
        .map(|at| {
            serde_json::json!({
                "course_id": course_id(at), "title": format!("snapshot {number}"), "score": 0.5, "trending": at, "learners": 9,
            })
        })
        .collect();
    writer.put_document("popular", &serde_json::to_vec(&popular).unwrap()).unwrap();
    let similar = [serde_json::json!({"course_id": "c1", "title": "one", "score": 0.5}), serde_json::json!({"course_id": "c2"})];
    writer.put_document("similar/c/0 ü", &serde_json::to_vec(&similar).unwrap()).unwrap();
    writer.put_document("kpis", br#"[{"kpi":"dau","value":12.5}]"#).unwrap();
    let days = r#"[{"event_date":"2024-01-30","value":1.5},{"event_date":"2024-01-31","value":2.5}]"#;
    writer.put_document("kpis/dau", days.as_bytes()).unwrap();
    writer.put_document("retention/month/recurring/on", br#"[{"cohort_size":7}]"#).unwrap();
    writer.put_document("lifecycle/week", br#"[{"active_members":7}]"#).unwrap();
    writer.put_document("experiments", br#"[{"experiment":"home","variant":"control","members":12}]"#).unwrap();
    writer.put_document("models/ndcg@10", br#"[{"model":"blend","value":0.5}]"#).unwrap();
    put_members(&mut writer, &key);
    // Who took a course takes the two after it.
    let rows: Vec<[u32; 2]> = (0..30).map(|at| [at.min(27) + 1, at.min(27) + 2]).collect();
    let rows = SessionRows { offsets: (0..=30).map(|row| row * 2).collect(), columns: rows.concat(), weights: [2.0, 1.0].repeat(30) };
    writer.put_session(&SessionModel { courses: (0..30).collect(), factors: None, rows: Some(rows) }).unwrap();
    writer.finish().unwrap();
}

/// `ann` has a profile; `x`, who has a list all the same, refuses personalisation.
fn put_members(writer: &mut ServeWriter, key: &PseudonymKey) {
    let ann = key.pseudonym("ann");
    writer.put_facets(Facet::Profile, [(ann, br#"{"plan":"pro","week_state":"new"}"#.to_vec())]).unwrap();
    let courses = br#"[{"course_id":"c1","progress":0.5},{"course_id":"c2","progress":null}]"#;
    writer.put_facets(Facet::Courses, [(ann, courses.to_vec())]).unwrap();
    writer.put_facets(Facet::Interests, [(ann, br#"[{"tag":"rust","share":1.0}]"#.to_vec())]).unwrap();
    writer.put_facets(Facet::Segments, [(ann, br#"["regulars"]"#.to_vec())]).unwrap();
    writer.put_facets(Facet::Refusal, [(key.pseudonym("x"), b"{}".to_vec())]).unwrap();
}

/// Every third is about Rust; the last ones are the latest.
fn course(at: u32, number: u64) -> Course {
    let tags = if at.is_multiple_of(3) { vec!["Rust".to_owned()] } else { Vec::new() };
    let published_at = DateTime::from_timestamp(i64::from(at) - 1_000, 0);
    Course { course_id: course_id(at), title: format!("snapshot {number}"), tags, published_at }
}

/// The first needs encoding in a URL.
fn course_id(at: u32) -> String {
    if at == 0 { "c/0 ü".to_owned() } else { format!("c{at}") }
}

fn item(course: u32) -> ListItem {
    let reasons = [Reason::new(ReasonKind::Course, 3, 0.5), Reason::new(ReasonKind::Behaviour, 0, 0.25)].into_iter().collect();
    ListItem { course, score: 1.0 - course as f32 / 32.0, source: Source::Ials, reasons }
}
