//! Tools that judge the exporter from outside: written in Go, built from `tests/tools` and its
//! neighbours, and some that Python's installer has.
//!
//! They are built rather than downloaded: their versions and checksums are then pinned by
//! `go.sum` as the crates' are by `Cargo.lock`, and Python's by hashes in `requirements.txt`. Go
//! keeps what it built, so only the first build takes minutes.

use std::io::{Seek, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use serde_json::Value;

/// Prometheus can find its targets in clouds; without that half of its code falls away.
const TAGS: &str = "remove_all_sd";

/// Where tools are built and kept. Cargo names it to tests, but not to examples.
const KEPT: &str = match option_env!("CARGO_TARGET_TMPDIR") {
    Some(directory) => directory,
    None => concat!(env!("CARGO_MANIFEST_DIR"), "/target/tmp"),
};

/// Where the reference parser's reader and requirements are.
const OPENMETRICS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tools/openmetrics");

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

/// The Python that has the reference parser of OpenMetrics: see [`read_openmetrics`].
pub fn openmetrics_reader() -> &'static Path {
    static INSTALLED: OnceLock<PathBuf> = OnceLock::new();
    INSTALLED.get_or_init(install_openmetrics_reader)
}

/// Builds a command of a Go module of the tests.
pub fn build(module: &str, package: &str) -> PathBuf {
    let module = Path::new(env!("CARGO_MANIFEST_DIR")).join(module);
    build_in(&module, package)
}

/// Builds a command in a Go module, which Go makes a matter of a second once it was built.
fn build_in(module: &Path, package: &str) -> PathBuf {
    let path = tools().join(command_name(package));
    let mut go = Command::new("go");
    go.current_dir(module)
        .args(["build", "-tags", TAGS, "-ldflags", "-s -w", "-o"])
        .arg(&path)
        .arg(package);
    prepare(
        &mut go,
        &format!(
            "Install the Go version that {}/go.mod names, or a later one",
            module.display()
        ),
    );
    path
}

/// Builds Alertmanager in a copy of the module that `tests/tools` pins.
///
/// The web page it embeds is made by its release and is not in the module, and without one it does
/// not compile. Go does not let a file be laid over a module it has downloaded, so a copy gets an
/// empty page. No test looks at it.
fn build_alertmanager() -> PathBuf {
    let downloaded = module("tests/tools", "github.com/prometheus/alertmanager");
    // Its folder bears its version, so that another version gets a copy of its own.
    let copy = tools().join("source").join(downloaded.file_name().unwrap());
    let page = copy.join("ui/app/dist/index.html");
    if !page.exists() {
        copy_files(&downloaded, &copy);
        std::fs::create_dir_all(page.parent().unwrap()).unwrap();
        // Last, so that a copy that was cut short is made again.
        std::fs::write(&page, "").unwrap();
    }
    build_in(&copy, "github.com/prometheus/alertmanager/cmd/alertmanager")
}

/// The source of a module that a Go module of the tests depends on, in the version it pins.
pub fn module(of: &str, name: &str) -> PathBuf {
    let mut go = Command::new("go");
    go.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(of))
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

/// Where the tools are put.
fn tools() -> PathBuf {
    Path::new(KEPT).join("tools")
}

/// The name Go gives to a command: a major version at the end of its path is none.
fn command_name(package: &str) -> &str {
    let is_version = |part: &str| {
        let number = part.strip_prefix('v');
        number.is_some_and(|number| number.parse::<u32>().is_ok())
    };
    package.rsplit('/').find(|part| !is_version(part)).unwrap()
}

/// Makes the environment of the parser of OpenMetrics.
fn install_openmetrics_reader() -> PathBuf {
    install("openmetrics", Path::new(OPENMETRICS)).join("bin/python")
}

/// Makes an environment of the packages that `requirements.txt` of a folder names, unless the one
/// that is there has them.
pub fn install(name: &str, folder: &Path) -> PathBuf {
    let environment = Path::new(KEPT).join(name);
    let required = folder.join("requirements.txt");
    let wanted = std::fs::read(&required).unwrap();
    let stamp = environment.join("installed.txt");
    if std::fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
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

/// Reads an OpenMetrics exposition, which must be valid: an array of families with their samples.
///
/// Numbers that JSON does not have are the strings `"nan"`, `"inf"` and `"-inf"`.
pub fn read_openmetrics(body: &str) -> Value {
    let script = Path::new(OPENMETRICS).join("read.py");
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
