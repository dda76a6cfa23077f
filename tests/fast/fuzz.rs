//! What `fuzz` says holds for any bytes, tried on its seeds and on changes of them: the same
//! number of the same changes every time. `fuzz/run` looks longer, and where the code has
//! branches.

#[path = "../../fuzz/src/lib.rs"]
mod properties;

use std::path::{Path, PathBuf};

use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// The most changes one input is made by.
const MOST_CHANGES: usize = 6;

#[test]
fn any_page_is_read_as_far_as_it_can_be() {
    let seeds = files(&["tests/data/pages", "tests/data/events"]);
    attack(&seeds, 3_000, properties::page::check);
}

#[test]
fn any_configuration_is_taken_or_refused_in_words() {
    let seeds = files(&["tests/data/config"]);
    attack(&seeds, 5_000, properties::config::check);
}

#[test]
fn any_answer_is_a_token_or_an_error_fit_to_be_shown() {
    let seeds = files(&["fuzz/seeds/token"]);
    attack(&seeds, 3_000, properties::token::check);
}

#[test]
fn any_wish_of_a_scraper_is_granted_or_text() {
    let seeds = files(&["fuzz/seeds/accept"]);
    attack(&seeds, 10_000, properties::accept::check);
}

#[test]
fn any_record_that_can_be_read_is_written_as_it_is() {
    attack(&openings(), 20_000, properties::record::check);
}

#[test]
fn any_record_in_a_state_is_read_or_refused() {
    attack(&openings(), 400, properties::stored::check);
}

#[test]
fn any_damage_of_a_state_is_found_or_does_no_harm() {
    let seeds = [vec![0], vec![1], vec![0, 0, 0, 0, 0, 0]];
    attack(&seeds, 60, properties::damaged::check);
}

/// Every beginning that chooses a kind of record and one of its examples, with one change of it.
fn openings() -> Vec<Vec<u8>> {
    let each = (0..6).flat_map(|kind| (0..8).map(move |which| (kind, which)));
    each.map(|(kind, which)| vec![kind, which, 0, 3, 0, 0, 0, 0xff])
        .collect()
}

fn files(folders: &[&str]) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let listed = folders.iter().flat_map(|folder| {
        let entries = std::fs::read_dir(root.join(folder)).unwrap();
        entries.map(|entry| entry.unwrap().path())
    });
    let mut paths: Vec<PathBuf> = listed.collect();
    paths.sort();
    assert!(!paths.is_empty());
    paths
        .iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect()
}

/// Checks the seeds and so many changes of them. What is found can be run again: its bytes are said.
fn attack(seeds: &[Vec<u8>], count: usize, check: fn(&[u8])) {
    let mut random = Pcg64Mcg::seed_from_u64(1);
    let changes = (0..count).map(|_| changed(seeds, &mut random));
    for input in seeds.iter().cloned().chain(changes) {
        let outcome = std::panic::catch_unwind(|| check(&input));
        assert!(
            outcome.is_ok(),
            "of these bytes: {:?}",
            input.escape_ascii().to_string()
        );
    }
}

fn changed(seeds: &[Vec<u8>], random: &mut impl Rng) -> Vec<u8> {
    let mut bytes = seeds[random.random_range(0..seeds.len())].clone();
    for _ in 0..random.random_range(1..=MOST_CHANGES) {
        let (from, to) = range(bytes.len(), random);
        match random.random_range(0..5) {
            0 => drop(bytes.drain(from..to)),
            1 => bytes.extend_from_within(from..to),
            2 => bytes.insert(from, random.random()),
            3 if from < bytes.len() => bytes[from] ^= 1 << random.random_range(0..8),
            _ => {
                let other = &seeds[random.random_range(0..seeds.len())];
                let (begin, end) = range(other.len(), random);
                bytes.splice(from..to, other[begin..end].iter().copied());
            }
        }
    }
    bytes
}

/// A stretch, mostly a short one.
fn range(length: usize, random: &mut impl Rng) -> (usize, usize) {
    let from = random.random_range(0..=length);
    let most = if random.random_ratio(1, 8) {
        length
    } else {
        16
    };
    (from, length.min(from + random.random_range(0..=most)))
}
