//! The Compose project: Compose's own loader takes it, everything it mounts is there, and the programs
//! that read it find nothing wrong.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::program::{assert_configures, assert_takes};
use super::tools::compose;
use super::{document, documents, read, repository, strings};
use vcc_test_support::tools::{amtool, collector, output_of, promtool};

const DEMO: &[&str] = &["compose.yaml"];
const ACCOUNT: &[&str] = &["compose.yaml", "compose.account.yaml"];

/// The project that Compose makes of files, with every profile.
fn project(files: &[&str]) -> Value {
    let mut command = Command::new(compose());
    command
        .env("COMPOSE_PROFILES", "otel")
        .current_dir(repository("deploy"))
        .args(files);
    serde_json::from_slice(&output_of(&mut command)).unwrap()
}

fn services(project: &Value) -> impl Iterator<Item = (&String, &Value)> {
    project["services"].as_object().unwrap().iter()
}

/// What a service sees of the repository: where it lies, and where it is mounted.
fn mounts(service: &Value) -> Vec<(PathBuf, PathBuf)> {
    let volumes = service["volumes"].as_array().into_iter().flatten();
    let binds = volumes.filter(|volume| volume["type"] == "bind");
    let path = |value: &Value| PathBuf::from(value.as_str().unwrap());
    binds
        .map(|bind| (path(&bind["source"]), path(&bind["target"])))
        .collect()
}

/// A service's file system, as far as it is mounted: `inside` finds a path in it.
fn laid_out(service: &Value) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    for (source, target) in mounts(service) {
        let target = inside(&root, &target);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        let mut copy = Command::new("cp");
        output_of(copy.arg("-RL").arg(source).arg(target));
    }
    root
}

fn inside(root: &TempDir, path: &Path) -> PathBuf {
    root.path().join(path.strip_prefix("/").unwrap())
}

/// Where a service's command says that its configuration is.
fn configuration(service: &Value, flag: &str) -> PathBuf {
    let args = strings(&service["command"]);
    let mut values = args.iter().filter_map(|arg| arg.strip_prefix(flag));
    PathBuf::from(values.next().unwrap())
}

#[test]
fn what_is_mounted_is_there_and_read_only() {
    for files in [DEMO, ACCOUNT] {
        let project = project(files);
        for (name, service) in services(&project) {
            for (source, _) in mounts(service) {
                assert!(source.exists(), "{name} mounts {}", source.display());
            }
            let volumes = service["volumes"].as_array().into_iter().flatten();
            for bind in volumes.filter(|volume| volume["type"] == "bind") {
                assert_eq!(bind["read_only"], true, "{name}: {bind}");
            }
            let ports = service["ports"].as_array().into_iter().flatten();
            for port in ports {
                assert_eq!(
                    port["host_ip"], "127.0.0.1",
                    "{name} is open to the network"
                );
            }
        }
    }
}

/// The versions that our own tests judge with are those that are run.
#[test]
fn the_images_are_of_the_versions_the_tests_use() {
    let project = project(DEMO);
    let tag = |service: &str| {
        let image = project["services"][service]["image"].as_str().unwrap();
        image.rsplit(':').next().unwrap().to_owned()
    };
    let tools = read(&repository("tests/tools/go.mod"));
    let collector = read(&repository("tests/collector/go.mod"));
    let uses = |module: &str, version: &str| {
        module.contains(&format!("{version} ")) || module.contains(&format!("{version}\n"))
    };
    // Prometheus 3.15.1 is v0.315.1 as a module.
    let prometheus = tag("prometheus");
    let (major, rest) = prometheus.trim_start_matches('v').split_once('.').unwrap();
    let module = format!("prometheus/prometheus v0.{major}{rest}");
    assert!(uses(&tools, &module), "{module}");
    let module = format!("prometheus/alertmanager {}", tag("alertmanager"));
    assert!(uses(&tools, &module), "{module}");
    let module = format!("collector/otelcol v{}", tag("collector"));
    assert!(uses(&collector, &module), "{module}");
    assert_eq!(tag("exporter"), env!("CARGO_PKG_VERSION"));
}

#[tokio::test]
async fn the_exporter_takes_its_flags_and_its_configuration() {
    let project = project(DEMO);
    assert_takes(&strings(&project["services"]["exporter"]["command"]));
    let endpoint = &project["services"]["exporter"]["environment"]["OTEL_EXPORTER_OTLP_ENDPOINT"];
    assert_eq!(
        *endpoint, "http://collector:4318",
        "it pushes where the profile is on"
    );
    assert_configures(&repository("deploy/vcc-exporter.yml")).await;
}

#[test]
fn prometheus_takes_its_configuration_and_knows_who_is_there() {
    for files in [DEMO, ACCOUNT] {
        let project = project(files);
        let service = &project["services"]["prometheus"];
        let root = laid_out(service);
        let file = inside(&root, &configuration(service, "--config.file="));
        output_of(
            Command::new(promtool())
                .args(["check", "config"])
                .arg(&file),
        );

        let main = document(&file);
        let folder = file.parent().unwrap();
        let scraped = document(&folder.join(main["scrape_config_files"][0].as_str().unwrap()));
        let job = &scraped["scrape_configs"][0];
        assert_eq!(job["job_name"], "vcc-exporter", "the alerts look for it");
        assert_eq!(job["always_scrape_classic_histograms"], true);
        assert_service(
            &project,
            job["static_configs"][0]["targets"][0].as_str().unwrap(),
        );
        let receiver = &main["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"][0];
        assert_service(&project, receiver.as_str().unwrap());
    }
}

/// An address of a service that is there.
fn assert_service(project: &Value, address: &str) {
    let host = address
        .rsplit('/')
        .next()
        .unwrap()
        .split(':')
        .next()
        .unwrap();
    assert!(project["services"][host].is_object(), "{address} is nobody");
}

#[test]
fn alertmanager_takes_its_configuration() {
    let project = project(DEMO);
    let root = laid_out(&project["services"]["alertmanager"]);
    // Where the image looks, which has no command of ours.
    let file = inside(&root, Path::new("/etc/alertmanager/alertmanager.yml"));
    output_of(Command::new(amtool()).arg("check-config").arg(file));
}

#[test]
fn the_collector_takes_its_configuration_and_hands_on_to_tempo() {
    let project = project(DEMO);
    let service = &project["services"]["collector"];
    let root = laid_out(service);
    let file = inside(&root, &configuration(service, "--config="));
    let mut validate = Command::new(collector());
    output_of(
        validate
            .arg("validate")
            .arg(format!("--config={}", file.display())),
    );
    let collector = document(&file);
    let endpoint = collector["exporters"]["otlp_http"]["endpoint"]
        .as_str()
        .unwrap();
    assert_service(&project, endpoint);

    let service = &project["services"]["tempo"];
    let tempo = document(&inside(
        &laid_out(service),
        &configuration(service, "-config.file="),
    ));
    let listens = &tempo["distributor"]["receivers"]["otlp"]["protocols"]["http"]["endpoint"];
    let port = |address: &str| address.rsplit(':').next().unwrap().to_owned();
    assert_eq!(port(listens.as_str().unwrap()), port(endpoint));
}

#[test]
fn grafana_finds_its_data_sources_and_every_dashboard() {
    let project = project(DEMO);
    let service = &project["services"]["grafana"];
    let root = laid_out(service);
    let provisioning = inside(&root, Path::new("/etc/grafana/provisioning"));

    let sources = document(&provisioning.join("datasources/datasources.yaml"));
    let sources = sources["datasources"].as_array().unwrap();
    for source in sources {
        assert_service(&project, source["url"].as_str().unwrap());
    }
    let exemplars = &sources[0]["jsonData"]["exemplarTraceIdDestinations"][0]["datasourceUid"];
    assert_eq!(*exemplars, sources[1]["uid"]);

    let providers = documents(&read(&provisioning.join("dashboards/dashboards.yaml")));
    let folder = providers[0]["providers"][0]["options"]["path"]
        .as_str()
        .unwrap();
    let home = &service["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"];
    assert!(inside(&root, Path::new(home.as_str().unwrap())).exists());
    // Whatever ends in .json in there is loaded, unless something else is mounted over it.
    let hidden = strings(&service["tmpfs"]);
    let folder = inside(&root, Path::new(folder));
    let hidden: Vec<PathBuf> = hidden
        .iter()
        .map(|path| inside(&root, Path::new(path)))
        .collect();
    let shown = dashboards(&folder, &hidden);
    assert_eq!(shown.len(), super::files("dashboards", ".json").len());
    for path in shown {
        let dashboard: Value = serde_json::from_str(&read(&path)).unwrap();
        assert!(dashboard["title"].is_string(), "{} is none", path.display());
    }
}

/// The JSON files below a folder, without those in folders that are hidden.
fn dashboards(folder: &Path, hidden: &[PathBuf]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !hidden.contains(&path) {
            found.extend(dashboards(&path, hidden));
        } else if path.extension().is_some_and(|ending| ending == "json") {
            found.push(path);
        }
    }
    found
}
