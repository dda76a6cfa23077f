//! Tools that judge the exporter from outside: written in Go, built from `tests/tools` and its
//! neighbours, and some that Python's installer has.
//!
//! They are built rather than downloaded: their versions and checksums are then pinned by
//! `go.sum` as the crates' are by `Cargo.lock`, and Python's by hashes in `requirements.txt`. What was
//! built is kept in `target/tmp` and found again for as long as these files are the same.

use std::fs::File;
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::repository::{repository, target};

/// Prometheus can find its targets in clouds; without that half of its code falls away.
const TAGS: &str = "remove_all_sd";

/// Where the reference parser's reader and requirements are.
const OPENMETRICS: &str = "tests/tools/openmetrics";

/// The Prometheus server.
pub fn prometheus() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        build(
            "tests/tools",
            "github.com/prometheus/prometheus/cmd/prometheus",
        )
    })
}

/// The checker of metrics, configurations and rules.
pub fn promtool() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        build(
            "tests/tools",
            "github.com/prometheus/prometheus/cmd/promtool",
        )
    })
}

/// The server that groups, inhibits and sends alerts.
pub fn alertmanager() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(build_alertmanager)
}

/// The checker of Alertmanager's configurations.
pub fn amtool() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        build(
            "tests/tools",
            "github.com/prometheus/alertmanager/cmd/amtool",
        )
    })
}

/// What makes dashboards and rules out of `dashboards/mixin`.
pub fn jsonnet() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| build("tests/tools", "github.com/google/go-jsonnet/cmd/jsonnet"))
}

/// What keeps jsonnet in one style.
pub fn jsonnetfmt() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| build("tests/tools", "github.com/google/go-jsonnet/cmd/jsonnetfmt"))
}

/// What finds mistakes in jsonnet that no evaluation meets.
pub fn jsonnet_lint() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        build(
            "tests/tools",
            "github.com/google/go-jsonnet/cmd/jsonnet-lint",
        )
    })
}

/// The linter of rules. It has a module of its own, because it wants an older Prometheus.
pub fn pint() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| build("tests/pint", "github.com/cloudflare/pint/cmd/pint"))
}

/// The reader of the protobuf exposition, by Prometheus' own types: see [`decode_protobuf`].
pub fn decoder() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| build("tests/tools", "vcc-exporter/tests/tools/decode"))
}

/// A client that speaks Go's TLS.
pub fn tls_client() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| build("tests/tools", "vcc-exporter/tests/tools/tlsclient"))
}

/// An OpenTelemetry Collector that is pushed to over OTLP and writes what it got to files.
pub fn collector() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| build("tests/collector", "vcc-exporter/tests/collector"))
}

/// The Python that has the reference parser of `OpenMetrics`: see [`read_openmetrics`].
pub fn openmetrics_reader() -> &'static Path {
    static INSTALLED: OnceLock<PathBuf> = OnceLock::new();
    INSTALLED.get_or_init(install_openmetrics_reader)
}

/// Builds a command of a Go module of the tests.
pub fn build(module: &str, package: &str) -> PathBuf {
    kept(module, package, |path| {
        build_in(&repository(module), package, path)
    })
}

/// Builds a command in a Go module.
fn build_in(module: &Path, package: &str, path: &Path) {
    let mut go = Command::new("go");
    go.current_dir(module)
        .args(["build", "-tags", TAGS, "-ldflags", "-s -w", "-o"])
        .arg(path)
        .arg(package);
    prepare(
        &mut go,
        &format!(
            "Install the Go version that {}/go.mod names, or a later one",
            module.display()
        ),
    );
}

/// Builds Alertmanager in a copy of the module that `tests/tools` pins.
///
/// The web page it embeds is made by its release and is not in the module, and without one it does
/// not compile. Go does not let a file be laid over a module it has downloaded, so a copy gets an
/// empty page. No test looks at it.
fn build_alertmanager() -> PathBuf {
    const OF: &str = "tests/tools";
    const PACKAGE: &str = "github.com/prometheus/alertmanager/cmd/alertmanager";
    kept(OF, PACKAGE, |path| {
        let downloaded = module(OF, "github.com/prometheus/alertmanager");
        let copy = path.with_extension("source");
        let _ = std::fs::remove_dir_all(&copy);
        copy_files(&downloaded, &copy);
        let page = copy.join("ui/app/dist/index.html");
        std::fs::create_dir_all(page.parent().unwrap()).unwrap();
        std::fs::write(&page, "").unwrap();
        build_in(&copy, PACKAGE, path);
        std::fs::remove_dir_all(&copy).unwrap();
    })
}

/// The source of a module that a Go module of the tests depends on, in the version it pins.
pub fn module(of: &str, name: &str) -> PathBuf {
    let mut go = Command::new("go");
    go.current_dir(repository(of))
        .args(["mod", "download", "-json", name]);
    let downloaded: Value = serde_json::from_slice(&output_of(&mut go)).unwrap();
    PathBuf::from(downloaded["Dir"].as_str().unwrap())
}

/// Copies the files of a folder and of those in it. They are written anew, because what Go has
/// downloaded is not to be written to, and a plain copy would not be either.
fn copy_files(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_files(&entry.path(), &target);
        } else {
            std::fs::write(target, std::fs::read(entry.path()).unwrap()).unwrap();
        }
    }
}

/// A command that was built of these sources before, or is built now.
fn kept(module: &str, package: &str, build: impl FnOnce(&Path)) -> PathBuf {
    let folder = target().join("tmp/tools").join(key(&repository(module)));
    let path = folder.join(command_name(package));
    if path.exists() {
        return path;
    }
    std::fs::create_dir_all(&folder).unwrap();
    let _lock = lock(&path);
    if !path.exists() {
        // It gets its name last, so that one that was cut short is built again.
        let partial = path.with_extension("partial");
        build(&partial);
        std::fs::rename(&partial, &path).unwrap();
    }
    path
}

/// Keeps other processes away until it is dropped.
fn lock(path: &Path) -> File {
    let file = File::create(path.with_extension("lock")).unwrap();
    file.lock().unwrap();
    file
}

/// A digest of the files that say what is built: versions, checksums and sources of our own.
fn key(folder: &Path) -> String {
    let mut files = Vec::new();
    files_below(folder, &mut files);
    files.sort();
    let mut digest = Sha256::new();
    for file in files {
        let name = file.strip_prefix(folder).unwrap();
        digest.update(name.to_str().unwrap().as_bytes());
        digest.update(std::fs::read(&file).unwrap());
    }
    let digest = digest.finalize();
    digest[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// The name Go gives to a command: a major version at the end of its path is none.
fn command_name(package: &str) -> &str {
    let is_version = |part: &str| {
        let number = part.strip_prefix('v');
        number.is_some_and(|number| number.parse::<u32>().is_ok())
    };
    package.rsplit('/').find(|part| !is_version(part)).unwrap()
}

/// Makes the environment of the parser of `OpenMetrics`.
fn install_openmetrics_reader() -> PathBuf {
    install("openmetrics", &repository(OPENMETRICS)).join("bin/python")
}

/// Makes an environment of the packages that `requirements.txt` of a folder names, unless the one
/// that is there has them.
pub fn install(name: &str, folder: &Path) -> PathBuf {
    let environment = target().join("tmp/python").join(name);
    let required = folder.join("requirements.txt");
    let wanted = std::fs::read(&required).unwrap();
    let stamp = environment.join("installed.txt");
    let is_there = || std::fs::read(&stamp).is_ok_and(|installed| installed == wanted);
    if is_there() {
        return environment;
    }
    std::fs::create_dir_all(environment.parent().unwrap()).unwrap();
    let _lock = lock(&environment);
    if is_there() {
        return environment;
    }
    let help = "Install Python 3 with its venv module";
    let mut venv = Command::new("python3");
    venv.args(["-m", "venv", "--clear"]).arg(&environment);
    prepare(&mut venv, help);
    let mut pip = Command::new(environment.join("bin/python"));
    pip.args(["-m", "pip", "install", "--disable-pip-version-check"])
        .args(["--require-hashes", "-r"])
        .arg(&required);
    prepare(&mut pip, help);
    // Last, so that an installation that was cut short is made again.
    std::fs::write(&stamp, wanted).unwrap();
    environment
}

/// Runs a command without which a tool cannot be had.
fn prepare(command: &mut Command, help: &str) {
    match command.output() {
        Ok(output) if output.status.success() => {}
        Ok(output) => panic!(
            "{command:?} ended with {}:\n{}",
            output.status,
            said(&output)
        ),
        Err(error) => panic!("this test needs {command:?}, which cannot be run: {error}. {help}"),
    }
}

/// Feeds a `/metrics` body to `promtool check metrics`, which must have nothing to say about it.
pub fn assert_promtool_is_silent(body: &str) {
    let output = feed(
        Command::new(promtool()).args(["check", "metrics"]),
        body.as_bytes(),
    );
    assert!(
        output.status.success() && said(&output).is_empty(),
        "promtool check metrics ended with {}:\n{}",
        output.status,
        said(&output)
    );
}

/// Reads a protobuf exposition: an array of families, as protobuf's own JSON spells them.
///
/// Fields are named as in the `.proto` file; 64-bit integers are strings, as are `"NaN"` and
/// `"Infinity"`, and times are RFC 3339.
pub fn decode_protobuf(body: &[u8]) -> Value {
    read(&mut Command::new(decoder()), body)
}

/// Reads an `OpenMetrics` exposition, which must be valid: an array of families with their samples.
///
/// Numbers that JSON does not have are the strings `"nan"`, `"inf"` and `"-inf"`.
pub fn read_openmetrics(body: &str) -> Value {
    let script = repository(OPENMETRICS).join("read.py");
    read(
        Command::new(openmetrics_reader()).arg(script),
        body.as_bytes(),
    )
}

/// What a reader makes of a body, which it must not refuse.
fn read(reader: &mut Command, body: &[u8]) -> Value {
    let output = feed(reader, body);
    assert!(
        output.status.success(),
        "{reader:?} ended with {}:\n{}\nof this body:\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr),
        String::from_utf8_lossy(body)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Runs a command on an input. It is a file, because a pipe that is written to in full before it
/// is read from would block both sides.
fn feed(command: &mut Command, input: &[u8]) -> Output {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(input).unwrap();
    file.rewind().unwrap();
    command.stdin(file).output().unwrap()
}

/// What a command prints, which must succeed.
pub fn output_of(command: &mut Command) -> Vec<u8> {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?} ended with {}:\n{}",
        output.status,
        said(&output)
    );
    output.stdout
}

/// All that a command printed.
pub fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}
