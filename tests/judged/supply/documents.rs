//! What documents point to in the repository is there.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

use super::repository;

#[test]
fn every_link_within_the_repository_leads_somewhere() {
    let pages = pages(&repository(""));
    assert!(pages.len() > 10, "{}", pages.len());
    let headings: HashMap<_, _> = pages
        .iter()
        .map(|(path, text)| (path.clone(), anchors(text)))
        .collect();
    let mut dead = Vec::new();
    for (page, text) in &pages {
        for link in links(text).filter(|link| !is_elsewhere(link)) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => page.clone(),
                file => plain(&page.parent().unwrap().join(file)),
            };
            let known = headings.get(&target);
            let has = |anchors: &Vec<String>| anchors.iter().any(|one| one == anchor);
            if !target.exists() || !(anchor.is_empty() || known.is_none_or(has)) {
                dead.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(dead.is_empty(), "{dead:#?}");
}

/// The Markdown files under a folder, without what is built or downloaded, and without what is there
/// under another name too.
fn pages(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let (path, kind) = (entry.path(), entry.file_type().unwrap());
        let name = path.file_name().unwrap().to_str().unwrap();
        if kind.is_dir() && !["target", "node_modules", ".git"].contains(&name) {
            found.extend(pages(&path));
        } else if name.ends_with(".md") {
            let text = std::fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found
}

/// What is pointed to, in Markdown's way and in HTML's, outside examples.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let marks = [("](", ')'), ("href=\"", '"'), ("src=\"", '"')];
    let lines = prose(text);
    lines.flat_map(move |line| {
        marks.into_iter().flat_map(move |(begins, ends)| {
            let rests = line.split(begins).skip(1);
            rests.filter_map(move |rest| Some(rest.split_once(ends)?.0))
        })
    })
}

/// Lines that are not in a fenced block.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut fenced = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !(fence || fenced)
    })
}

/// The anchors of its headings, as GitHub makes them.
fn anchors(text: &str) -> Vec<String> {
    let headings = prose(text).filter(|line| line.starts_with('#'));
    let words = headings.map(|line| line.trim_start_matches('#').trim().to_lowercase());
    words
        .map(|words| {
            let kept = |c: &char| c.is_alphanumeric() || " -_".contains(*c);
            words
                .chars()
                .filter(kept)
                .collect::<String>()
                .replace(' ', "-")
        })
        .collect()
}

fn is_elsewhere(link: &str) -> bool {
    link.contains("://") || link.starts_with("mailto:")
}

/// The path without its steps up.
fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}
