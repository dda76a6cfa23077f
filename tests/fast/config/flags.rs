//! The command line, and how it overrides the file.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::CommandFactory;
use vcc_exporter::cli::{self, Cli, Command, EXIT_USAGE, StateCommand};
use vcc_exporter::ops::logging::{Format, Level};

use super::valid;

fn parse(line: &str) -> Result<Cli, (u8, String)> {
    cli::parse(std::iter::once("vcc-exporter").chain(line.split_whitespace()))
}

fn command(line: &str) -> Command {
    parse(line).expect(line).command
}

#[test]
fn the_definition_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn run_takes_flags_with_and_without_equals_sign() {
    let spaced = command(
        "run --config.file vcc.yml --web.listen-address 0.0.0.0:80 --web.telemetry-path /m --state.path /s",
    );
    let joined = command(
        "run --config.file=vcc.yml --web.listen-address=0.0.0.0:80 --web.telemetry-path=/m --state.path=/s",
    );
    assert_eq!(spaced, joined);
    let Command::Run(run) = spaced else {
        panic!("not run")
    };
    assert_eq!(run.config_file, Path::new("vcc.yml"));

    let mut config = valid("valid-full.yml");
    config.apply(run.overrides());
    assert_eq!(config.web.listen_address.to_string(), "0.0.0.0:80");
    assert_eq!(config.web.telemetry_path, "/m");
    assert_eq!(config.state_path, Some(PathBuf::from("/s")));
}

#[test]
fn without_flags_the_file_has_its_word() {
    let Command::Run(run) = command("run --config.file vcc.yml") else {
        panic!("not run")
    };
    let mut config = valid("valid-full.yml");
    config.apply(run.overrides());
    assert_eq!(config.web, valid("valid-full.yml").web);
    assert_eq!(config.state_path, valid("valid-full.yml").state_path);

    let error = valid("valid-minimal.yml").state_path("vcc.yml").err();
    assert_eq!(
        error.expect("a mistake").to_string(),
        "vcc.yml: state.path: is required to run: add it, or give --state.path"
    );
}

#[test]
fn the_log_flags_stand_before_or_after_the_command() {
    let log = parse("demo").unwrap().log;
    assert_eq!((log.level, log.format), (Level::Info, Format::Logfmt));
    for line in [
        "--log.level debug --log.format=json demo",
        "demo --log.level=debug --log.format json",
    ] {
        let log = parse(line).unwrap().log;
        assert_eq!((log.level, log.format), (Level::Debug, Format::Json));
    }
}

#[test]
fn demo_and_simulate_need_no_flag() {
    let Command::Demo(demo) = command("demo") else {
        panic!("not demo")
    };
    assert_eq!(demo.state_path, None);
    assert_eq!(demo.listen_address.to_string(), "127.0.0.1:9877");
    assert_eq!(demo.seed, 1);

    let Command::Simulate(simulate) = command("simulate") else {
        panic!("not simulate")
    };
    assert_eq!(simulate.listen_address.to_string(), "127.0.0.1:9878");
    assert_eq!((simulate.seed, simulate.per_hour), (1, 240));
    assert_eq!(simulate.start_unix_ms, None);
    assert_eq!(simulate.day_length, Duration::from_secs(86_400));

    let line = "simulate --seed 7 --per-hour 9 --start 2026-01-01T00:00:00Z --day-length 0s";
    let Command::Simulate(simulate) = command(line) else {
        panic!("not simulate")
    };
    assert_eq!((simulate.seed, simulate.per_hour), (7, 9));
    assert_eq!(simulate.start_unix_ms, Some(1_767_225_600_000));
    assert_eq!(simulate.day_length, Duration::ZERO);
}

#[test]
fn check_and_state_name_what_they_need() {
    let Command::Check(check) = command("check --config.file vcc.yml --live") else {
        panic!("not check")
    };
    assert_eq!((check.config_file, check.live), ("vcc.yml".into(), true));

    let line = "state backup --state.path /s --to /t";
    let Command::State(StateCommand::Backup(backup)) = command(line) else {
        panic!("not backup")
    };
    assert_eq!((backup.state_path, backup.to), ("/s".into(), "/t".into()));

    let line = "state reset-counters --state.path /s --account acme";
    let Command::State(StateCommand::ResetCounters(epoch)) = command(line) else {
        panic!("not reset-counters")
    };
    assert_eq!(epoch.account.as_deref(), Some("acme"));
}

#[test]
fn mistakes_exit_with_64_and_say_what_is_wrong() {
    for (line, said) in [
        ("", "Usage: vcc-exporter"),
        ("fly", "unrecognized subcommand 'fly'"),
        ("run", "--config.file <FILE>"),
        ("run --config.fil vcc.yml", "'--config.file'"),
        ("demo --seed -1", "unexpected argument '-1'"),
        ("demo --seed x", "invalid value 'x' for '--seed <N>'"),
        (
            "demo --log.level loud",
            "[possible values: error, warn, info, debug, trace]",
        ),
        (
            "run --config.file f --web.telemetry-path metrics",
            "invalid value 'metrics' for '--web.telemetry-path <PATH>': must start with /",
        ),
        (
            "run --config.file f --web.listen-address :80",
            "invalid value ':80' for '--web.listen-address <ADDRESS>'",
        ),
        ("simulate --per-hour 0", "0 is not in 1..=1000000"),
        (
            "simulate --start monday",
            "is not a time: write it such as 2026-01-01T00:00:00Z",
        ),
        (
            "simulate --day-length 25h",
            "is too long: allowed is 0s to 24h",
        ),
        ("state", "Usage: vcc-exporter state"),
        ("state backup --state.path /s", "--to <DIR>"),
    ] {
        let (code, text) = parse(line).expect_err(line);
        assert_eq!(code, EXIT_USAGE, "{line}: {text}");
        assert!(text.contains(said), "{line}: {text}");
    }
}

#[test]
fn help_and_version_are_no_mistake() {
    for line in ["--help", "-h", "help", "run --help", "state backup --help"] {
        let (code, text) = parse(line).expect_err(line);
        assert_eq!(code, 0, "{line}: {text}");
        assert!(text.contains("Usage: vcc-exporter"), "{line}: {text}");
        assert!(!text.contains('\u{1b}'), "{line}: colours in a file");
    }
    let version = format!("vcc-exporter {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(parse("--version"), Err((0, version)));
}
