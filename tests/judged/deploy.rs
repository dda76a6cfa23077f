//! What is in `deploy`: the programs that read it take it, and what it says of the exporter is so.

mod chart;
mod compose;
mod image;
mod kustomize;
mod pod;
mod program;
mod schemas;
mod systemd;
mod tools;

use std::path::{Path, PathBuf};

use serde_json::Value;

use vcc_test_support::repository::repository;

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The documents of a YAML file.
fn documents(text: &str) -> Vec<Value> {
    let read: Vec<Value> = serde_saphyr::from_multiple(text).unwrap();
    read.into_iter().filter(|one| !one.is_null()).collect()
}

/// The one document of a YAML file.
fn document(path: &Path) -> Value {
    serde_saphyr::from_str(&read(path))
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The values of a list of strings.
fn strings(list: &Value) -> Vec<&str> {
    let list = list.as_array().unwrap();
    list.iter().map(|one| one.as_str().unwrap()).collect()
}

/// The files of a folder whose names end like this, by name.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(repository(folder)).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.to_str().unwrap().ends_with(ending));
    paths.sort();
    paths
}
