//! Rotten bytes: nothing that was changed is taken for what was published.

use std::path::PathBuf;

use chrono::{DateTime, NaiveDate};
use hachi_snapshot::{Check, Column, FileEntry, Input, Lake, Manifest, Part, Severity, Table};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{block_on, is_full, whole};
use crate::sample;

const MASKS: [u8; 3] = [0x01, 0x80, 0xff];
/// Flips in other files.
const FLIPS: u64 = 500;
const ALL_FLIPS: u64 = 10_000;

/// A manifest with one of everything, as short as that can be: each of its bytes is tried.
fn manifest() -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a writable folder");
    let lake = Lake::local(folder.path()).expect("a lake");
    for path in ["data/r/t/part-0.parquet", "serve/r/serve.redb"] {
        let file = folder.path().join(path);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        std::fs::write(file, path).expect("a file");
    }
    let committed = block_on(async {
        let mut draft = Manifest::draft("r", DateTime::UNIX_EPOCH, "test");
        let text = str::to_owned;
        let part = Part { first: Some(NaiveDate::default()), last: Some(NaiveDate::default()), row_sum: text("7") };
        let file = lake.seal("data/r/t/part-0.parquet").await.expect("a file").with_rows(1);
        draft.inputs.push(Input { source: text("ratings"), files: 1, rows: 1 });
        draft.tables.push(Table {
            name: text("t"),
            description: text("one"),
            grain: vec![text("id")],
            columns: vec![Column { name: text("id"), data_type: text("Int64"), description: text("a number") }],
            rows: 1,
            content_hash: text("0"),
            made_from: text("1"),
            files: vec![FileEntry { part: Some(part), ..file }],
        });
        draft.serve.push(lake.seal("serve/r/serve.redb").await.expect("a file"));
        let check = Check {
            model: text("t"),
            check: text("unique"),
            passed: true,
            severity: Severity::Warn,
            failing_rows: 0,
            detail: text("fine"),
        };
        draft.checks.push(check);
        lake.commit(draft).await.expect("a snapshot")
    });
    std::fs::read(folder.path().join(format!("manifests/{:020}.json", committed.number))).expect("a manifest")
}

#[test]
fn no_changed_or_cut_manifest_is_believed() {
    let json = manifest();
    assert!(Manifest::from_json(&json).is_ok());
    for place in 0..json.len() {
        for mask in MASKS {
            let mut changed = json.clone();
            changed[place] ^= mask;
            assert!(Manifest::from_json(&changed).is_err(), "byte {place} ^ {mask:#x}");
        }
        assert!(Manifest::from_json(&json[..place]).is_err(), "cut at {place}");
    }
    println!("manifest: {} bytes × {} masks, {} cuts", json.len(), MASKS.len(), json.len());
}

#[test]
fn no_flipped_bit_of_a_file_is_overlooked() {
    let site = sample::copy();
    let lake = Lake::local(site.lake()).expect("a lake");
    let published = whole(&site);
    let files: Vec<(&FileEntry, PathBuf)> = published.files().map(|file| (file, site.lake().join(&file.path))).collect();
    let bytes: u64 = files.iter().map(|(file, _)| file.bytes).sum();
    let mut stream = ChaCha8Rng::seed_from_u64(8);
    let flips = if is_full() { ALL_FLIPS } else { FLIPS };
    for _ in 0..flips {
        let mut place = stream.random_range(0..bytes);
        let (file, path) = files
            .iter()
            .find(|(file, _)| {
                file.bytes > place || {
                    place -= file.bytes;
                    false
                }
            })
            .expect("within all bytes");
        let mut content = std::fs::read(path).expect("a file");
        let mask = 1 << stream.random_range(0..8);
        content[place as usize] ^= mask;
        std::fs::write(path, &content).expect("a file of ours");
        let alone = Manifest { serve: vec![(*file).clone()], ..published.clone() };
        assert!(block_on(lake.verify_serve(&alone)).is_err(), "{} at {place} ^ {mask:#x}", file.path);
        content[place as usize] ^= mask;
        std::fs::write(path, &content).expect("a file of ours");
    }
    whole(&site);
    println!("files: {flips} flips in {bytes} bytes of {} files", files.len());
}
