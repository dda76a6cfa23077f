# Short names for everyday commands: https://just.systems. `just` lists them.

_default:
    @just --list --unsorted

# Compile everything, fastest answer first
check:
    cargo check --workspace --all-targets

# The fast tier: needs Rust and a C compiler
test *ARGS:
    cargo test {{ARGS}}

# The rules of counting alone: the loop for an edit of the core
core *ARGS:
    cargo test --package vcc-core {{ARGS}}

# Format and lint
lint:
    .ci/run fmt clippy

# Tests against Prometheus, Grafana's browser, Helm and other programs
judged *ARGS:
    cargo test --package judged {{ARGS}}

# Long histories
soak *ARGS:
    cargo test --package soak {{ARGS}}

# Everything a change must pass
ci *STEPS:
    .ci/run {{STEPS}}

# A simulated contact centre with its exporter
demo *ARGS:
    cargo run -- demo {{ARGS}}

# Figures as ratios, in one run
bench *ARGS:
    cargo bench --features peers {{ARGS}}

# Accept changed snapshots after reading them (cargo install cargo-insta)
review:
    cargo insta review
