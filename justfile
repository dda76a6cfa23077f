# Short names for everyday commands: https://just.systems. `just` lists them.

_default:
    @just --list --unsorted

# Type-check the workspace
check:
    cargo check --workspace --all-targets

# The fast tier: needs Rust and a C compiler
test *ARGS:
    cargo test {{ARGS}}

# Unit tests of vcc-core
core *ARGS:
    cargo test --package vcc-core {{ARGS}}

# Format the code
fmt:
    cargo fmt --all

# Check format and lints
lint:
    .ci/run fmt clippy

# Tests against Prometheus, Helm, a browser and other programs
judged *ARGS:
    cargo test --package judged {{ARGS}}

# Long simulated histories
soak *ARGS:
    cargo test --package soak {{ARGS}}

# Fuzz each target, or the named ones, for so many seconds: needs a C++ compiler
fuzz SECONDS="60" *TARGETS:
    fuzz/run {{SECONDS}} {{TARGETS}}

# Everything a change must pass
ci *STEPS:
    .ci/run {{STEPS}}

# A simulated contact centre with its exporter
demo *ARGS:
    cargo run -- demo {{ARGS}}

# Benchmarks against other libraries
bench *ARGS:
    cargo bench --features peers {{ARGS}}

# Accept changed snapshots after reading them (cargo install cargo-insta)
review:
    cargo insta review
