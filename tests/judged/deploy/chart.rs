//! The Helm chart: what it makes of its values is what Kubernetes, the Prometheus operator and the
//! exporter take.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use vcc_web::config_file::{ClientAuth, WebFile};

use super::pod::{assert_sound, exporter, of_kind, the};
use super::program::assert_configures;
use super::schemas::assert_valid;
use super::tools::helm;
use super::{document, documents, files, read, repository};
use vcc_test_support::tools::{output_of, said};

const CHART: &str = "deploy/helm/vcc-exporter";

/// What the chart makes, with more arguments for `helm template`.
pub fn rendered(args: &[&str]) -> String {
    let mut command = Command::new(helm());
    command
        .args(["template", "vcc-exporter"])
        .arg(repository(CHART))
        .args(args);
    String::from_utf8(output_of(&mut command)).unwrap()
}

/// Everything that can be switched on.
fn everything() -> String {
    repository("tests/judged/deploy/values/everything.yaml")
        .to_str()
        .unwrap()
        .to_owned()
}

#[test]
fn every_set_of_values_makes_valid_manifests_and_passes_the_linter() {
    let mut sets = files("tests/judged/deploy/values", ".yaml");
    sets.push(repository(CHART).join("values.yaml"));
    assert!(sets.len() > 3, "{sets:?}");
    for values in sets {
        let values = values.to_str().unwrap();
        let mut lint = Command::new(helm());
        lint.args(["lint", "--strict", "--values", values]);
        output_of(lint.arg(repository(CHART)));
        let manifests = rendered(&["--values", values]);
        assert_valid(&manifests);
        let objects = documents(&manifests);
        assert_selected(&objects);
        assert_eq!(the(&objects, "StatefulSet")["spec"]["replicas"], 1);
    }
}

/// Who looks for the pod finds it.
fn assert_selected(objects: &[Value]) {
    let stateful_set = the(objects, "StatefulSet");
    let labels = &stateful_set["spec"]["template"]["metadata"]["labels"];
    let service = the(objects, "Service");
    assert_eq!(
        stateful_set["spec"]["serviceName"],
        service["metadata"]["name"]
    );
    let mut selectors = vec![
        &stateful_set["spec"]["selector"]["matchLabels"],
        &service["spec"]["selector"],
    ];
    for object in of_kind(objects, "PodDisruptionBudget") {
        selectors.push(&object["spec"]["selector"]["matchLabels"]);
    }
    for object in of_kind(objects, "NetworkPolicy") {
        selectors.push(&object["spec"]["podSelector"]["matchLabels"]);
    }
    for object in of_kind(objects, "PodMonitor") {
        selectors.push(&object["spec"]["selector"]["matchLabels"]);
    }
    for selector in selectors {
        let selector = selector.as_object().unwrap();
        assert!(!selector.is_empty());
        for (name, value) in selector {
            assert_eq!(&labels[name], value, "{name}");
        }
    }
    for object in of_kind(objects, "ServiceMonitor") {
        let selector = object["spec"]["selector"]["matchLabels"]
            .as_object()
            .unwrap();
        for (name, value) in selector {
            assert_eq!(&service["metadata"]["labels"][name], value, "{name}");
        }
    }
}

#[test]
fn values_that_would_not_do_are_refused() {
    for (value, named) in [
        ("replicas=2", "replicas"),
        ("monitor.kind=Both", "kind"),
        ("config.state.path=/data", "state"),
        ("config.web.listen_address=0.0.0.0:1", "listen_address"),
        ("config.accounts=null", "accounts"),
        ("port=80", "port"),
        ("persistence.accessMode=ReadWriteMany", "accessMode"),
        ("secret.existingSecret=", "existingSecret"),
        ("log.level=chatty", "level"),
    ] {
        let mut command = Command::new(helm());
        command.args(["template", "vcc-exporter", "--set", value]);
        let output = command.arg(repository(CHART)).output().unwrap();
        let said = said(&output);
        assert!(!output.status.success(), "{value} was taken");
        assert!(said.contains(named), "{value}: {said}");
    }
}

#[tokio::test]
async fn the_exporter_takes_its_flags_and_its_configuration() {
    let objects = documents(&rendered(&[]));
    assert_sound(the(&objects, "StatefulSet"));
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("vcc-exporter.yml");
    let text = the(&objects, "ConfigMap")["data"]["vcc-exporter.yml"]
        .as_str()
        .unwrap();
    std::fs::write(&file, text).unwrap();
    assert_configures(&file).await;
}

#[test]
fn a_secret_that_is_there_is_mounted_and_never_made() {
    let objects = documents(&rendered(&["--set", "secret.existingSecret=mine"]));
    assert_eq!(of_kind(&objects, "Secret").len(), 0);
    let volumes = &the(&objects, "StatefulSet")["spec"]["template"]["spec"]["volumes"];
    let mut volumes = volumes.as_array().unwrap().iter();
    assert!(volumes.any(|volume| volume["secret"]["secretName"] == "mine"));
}

#[test]
fn another_configuration_makes_another_pod_and_the_same_one_does_not() {
    let pod = |args: &[&str]| {
        let objects = documents(&rendered(args));
        the(&objects, "StatefulSet")["spec"]["template"].clone()
    };
    assert_eq!(pod(&[]), pod(&["--set", "dashboards.enabled=true"]));
    assert_ne!(pod(&[]), pod(&["--set", "config.poll.interval=30s"]));
}

/// Prometheus' labels must not change with the pod, because the counters do not.
#[test]
fn a_monitor_calls_the_exporter_by_one_name() {
    for (kind, list) in [
        ("ServiceMonitor", "endpoints"),
        ("PodMonitor", "podMetricsEndpoints"),
    ] {
        let objects = documents(&rendered(&["--set", &format!("monitor.kind={kind}")]));
        let spec = &the(&objects, kind)["spec"];
        assert_eq!(spec["scrapeClassicHistograms"], true);
        let endpoint = &spec[list][0];
        let port = &exporter(the(&objects, "StatefulSet"))["ports"][0]["name"];
        assert_eq!(&endpoint["port"], port);
        let rules = endpoint["relabelings"].as_array().unwrap();
        let set = |label: &str| {
            let rule = rules.iter().find(|rule| rule["targetLabel"] == label);
            rule.unwrap()["replacement"].as_str().unwrap()
        };
        // The alerts look for this job: `exporterSelector` of the mixin.
        assert_eq!(set("job"), "vcc-exporter");
        assert_eq!(set("instance"), "vcc-exporter");
        assert!(rules.iter().any(|rule| rule["action"] == "labeldrop"));
    }
}

#[test]
fn rules_and_dashboards_are_those_of_the_repository() {
    let objects = documents(&rendered(&["--values", &everything()]));
    let groups = the(&objects, "PrometheusRule")["spec"]["groups"]
        .as_array()
        .unwrap();
    let mut expected = Vec::new();
    for name in ["alerts.yml", "recording.yml", "thresholds.yml"] {
        let file = document(&repository("dashboards/rules").join(name));
        expected.extend(file["groups"].as_array().unwrap().clone());
    }
    assert_eq!(*groups, expected);

    let shown = of_kind(&objects, "ConfigMap").into_iter();
    let shown = shown.filter(|object| object["metadata"]["labels"]["grafana_dashboard"] == "1");
    let shown: BTreeMap<String, Value> = shown.flat_map(dashboards).collect();
    let expected = files("dashboards", ".json").into_iter().map(|path| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let dashboard: Value = serde_json::from_str(&read(&path)).unwrap();
        (name, dashboard)
    });
    let expected: BTreeMap<String, Value> = expected.collect();
    assert!(
        shown == expected,
        "the chart's dashboards are not those of the repository"
    );
}

/// What is in a `ConfigMap`, by the name of the file.
fn dashboards(map: &Value) -> BTreeMap<String, Value> {
    let data = map["data"].as_object().unwrap().iter();
    let read = data.map(|(name, text)| {
        let text = text.as_str().unwrap();
        (name.clone(), serde_json::from_str(text).unwrap())
    });
    read.collect()
}

#[test]
fn every_value_is_in_the_schema_and_explained() {
    let chart = repository(CHART);
    let schema: Value = serde_json::from_str(&read(&chart.join("values.schema.json"))).unwrap();
    let values = document(&chart.join("values.yaml"));
    let mut missing = Vec::new();
    compare(&values, &schema, "", &mut missing);
    assert_eq!(missing, Vec::<String>::new());
    assert_version(&chart);
}

/// Values without a schema, and the other way round.
fn compare(values: &Value, schema: &Value, at: &str, missing: &mut Vec<String>) {
    let (Some(values), Some(known)) = (values.as_object(), schema["properties"].as_object()) else {
        return;
    };
    // What is below is the exporter's to check.
    if at == ".config" {
        return;
    }
    let all = values.keys().chain(known.keys());
    for name in all.filter(|name| *name != "global") {
        match (values.get(name), known.get(name)) {
            (Some(value), Some(schema)) => compare(value, schema, &format!("{at}.{name}"), missing),
            _ => missing.push(format!("{at}.{name}")),
        }
    }
}

/// The chart installs the exporter it lies beside.
fn assert_version(chart: &Path) {
    let description = document(&chart.join("Chart.yaml"));
    assert_eq!(description["appVersion"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn tls_is_served_probed_and_scraped() {
    let with = |args: &[&str]| {
        let mut all = vec!["--set=tls.secretName=vcc-tls,monitor.kind=ServiceMonitor"];
        all.extend(args);
        documents(&rendered(&all))
    };
    let objects = with(&[]);
    let web = the(&objects, "ConfigMap")["data"]["web.yml"]
        .as_str()
        .unwrap();
    let web = WebFile::parse(Path::new("web.yml"), web.into()).unwrap();
    assert_eq!(web.tls.unwrap().client_auth, ClientAuth::None);
    let probes = ["startupProbe", "readinessProbe", "livenessProbe"];
    for probe in probes {
        assert_eq!(
            exporter(the(&objects, "StatefulSet"))[probe]["httpGet"]["scheme"],
            "HTTPS"
        );
    }
    let monitor = the(&objects, "ServiceMonitor");
    assert_eq!(monitor["spec"]["endpoints"][0]["scheme"], "https");

    let objects = with(&["--set=tls.verifyClients=true"]);
    let web = the(&objects, "ConfigMap")["data"]["web.yml"]
        .as_str()
        .unwrap();
    let web = WebFile::parse(Path::new("web.yml"), web.into()).unwrap();
    assert_eq!(web.tls.unwrap().client_auth, ClientAuth::RequireAndVerify);
    for probe in probes {
        let probe = &exporter(the(&objects, "StatefulSet"))[probe];
        assert_eq!(probe["tcpSocket"]["port"], "metrics", "{probe}");
    }
}
