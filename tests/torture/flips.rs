//! Rotten bytes: nothing that was changed is taken for what was published.

use std::path::PathBuf;

use hachi_snapshot::{FileEntry, Lake, Manifest};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{block_on, is_full, places, whole};
use crate::sample;

const MASKS: [u8; 3] = [0x01, 0x80, 0xff];
/// Bytes of a manifest that are tried where not all are, and flips in other files.
const SOME: u64 = 400;
const FLIPS: u64 = 500;
const ALL_FLIPS: u64 = 10_000;

#[test]
fn no_changed_or_cut_manifest_is_believed() {
    let site = sample::copy();
    let number = whole(&site).number;
    let json = std::fs::read(site.lake().join(format!("manifests/{number:020}.json"))).expect("a manifest");
    assert!(Manifest::from_json(&json).is_ok());
    for place in places(json.len() as u64, SOME) {
        let place = place as usize - 1;
        for mask in MASKS {
            let mut changed = json.clone();
            changed[place] ^= mask;
            assert!(Manifest::from_json(&changed).is_err(), "byte {place} ^ {mask:#x}");
        }
        assert!(Manifest::from_json(&json[..place]).is_err(), "cut at {place}");
    }
}

#[test]
fn no_flipped_bit_of_a_file_is_overlooked() {
    let site = sample::copy();
    let lake = Lake::local(site.lake()).expect("a lake");
    let published = whole(&site);
    let files: Vec<(&FileEntry, PathBuf)> = published.files().map(|file| (file, site.lake().join(&file.path))).collect();
    let bytes: u64 = files.iter().map(|(file, _)| file.bytes).sum();
    let mut stream = ChaCha8Rng::seed_from_u64(8);
    for _ in 0..if is_full() { ALL_FLIPS } else { FLIPS } {
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
}
