//! The plain manifests: what is committed is what the chart makes, and Kustomize builds the examples.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::chart::rendered;
use super::pod::{assert_sound, exporter, of_kind, the};
use super::program::assert_configures;
use super::schemas::assert_valid;
use super::tools::kustomize;
use super::{document, documents, read, repository};
use vcc_test_support::committed::assert_committed;
use vcc_test_support::tools::output_of;

const MANIFESTS: &str = "deploy/kubernetes";

#[test]
fn committed_manifests_are_what_the_chart_makes() {
    let monitoring = [
        "--set=monitor.kind=ServiceMonitor,prometheusRule.enabled=true",
        "--show-only=templates/monitor.yaml",
        "--show-only=templates/prometheusrule.yaml",
    ];
    for (file, made) in [
        ("base/vcc-exporter.yaml", plain(&rendered(&[]))),
        (
            "components/monitoring/monitoring.yaml",
            plain(&rendered(&monitoring)),
        ),
    ] {
        assert_committed(&format!("{MANIFESTS}/{file}"), &made, "-p judged kustomize");
    }
}

/// What the chart makes, without what is only true of a release of Helm, and without the
/// configuration, which Kustomize makes of a file and names after what is in it.
fn plain(rendered: &str) -> String {
    const OF_HELM: [&str; 3] = [
        "# Source:",
        "app.kubernetes.io/managed-by:",
        "helm.sh/chart:",
    ];
    let of_helm = |line: &str| {
        OF_HELM
            .iter()
            .any(|start| line.trim_start().starts_with(start))
    };
    let objects = rendered
        .split("---\n")
        .filter(|object| !object.contains("kind: ConfigMap\n"));
    let objects = objects.map(|object| {
        let lines = object.lines().filter(|line| !of_helm(line));
        let lines: Vec<&str> = lines.map(str::trim_end).collect();
        lines.join("\n").trim().to_owned()
    });
    let objects: Vec<String> = objects.filter(|object| !object.is_empty()).collect();
    format!(
        "# Made from deploy/helm/vcc-exporter: change it there.\n---\n{}\n",
        objects.join("\n---\n")
    )
}

/// What an example becomes, with the secret that is not in the repository.
fn built(example: &str) -> Vec<Value> {
    let directory = tempfile::tempdir().unwrap();
    let mut copy = Command::new("cp");
    copy.arg("-R")
        .arg(repository(MANIFESTS))
        .arg(directory.path());
    output_of(&mut copy);
    let example = directory.path().join("kubernetes/examples").join(example);
    std::fs::write(example.join("client-secret"), "hush").unwrap();
    let mut build = Command::new(kustomize());
    let manifests = String::from_utf8(output_of(build.arg("build").arg(example))).unwrap();
    assert_valid(&manifests);
    documents(&manifests)
}

#[test]
fn an_account_of_ones_own_is_an_overlay() {
    let objects = built("account");
    let stateful_set = the(&objects, "StatefulSet");
    assert_sound(stateful_set);
    assert_mounted(&objects, stateful_set);
    let image = &exporter(stateful_set)["image"];
    assert_eq!(
        *image,
        format!(
            "registry.example.com/vcc-exporter:{}",
            env!("CARGO_PKG_VERSION")
        )
    );
    assert_eq!(of_kind(&objects, "ServiceMonitor").len(), 1);
    assert_eq!(of_kind(&objects, "PrometheusRule").len(), 1);
}

#[test]
fn a_sidecar_is_the_same_container_in_somebody_elses_pod() {
    let objects = built("sidecar");
    let stateful_set = the(&objects, "StatefulSet");
    assert_sound(stateful_set);
    assert_mounted(&objects, stateful_set);
    let pod = &stateful_set["spec"]["template"]["spec"];
    assert_eq!(
        pod["containers"].as_array().unwrap().len(),
        1,
        "the host is still there"
    );

    let patch = document(&repository(MANIFESTS).join("components/sidecar/sidecar.yaml"));
    let mut sidecar = exporter(&patch);
    let restarts = sidecar.as_object_mut().unwrap().remove("restartPolicy");
    assert_eq!(
        restarts,
        Some("Always".into()),
        "it would have to end before the host starts"
    );
    let chart = documents(&rendered(&[]));
    assert_eq!(sidecar, exporter(the(&chart, "StatefulSet")));
    let claim = document(&repository(MANIFESTS).join("components/sidecar/state.yaml"));
    let template = &the(&chart, "StatefulSet")["spec"]["volumeClaimTemplates"][0];
    assert_eq!(claim["spec"], template["spec"]);
}

/// Each `ConfigMap`, Secret and claim that the pod mounts is there, by the name Kustomize gave it.
fn assert_mounted(objects: &[Value], stateful_set: &Value) {
    let volumes = &stateful_set["spec"]["template"]["spec"]["volumes"];
    for volume in volumes.as_array().unwrap() {
        for (kind, name) in [
            ("ConfigMap", &volume["configMap"]["name"]),
            ("Secret", &volume["secret"]["secretName"]),
            (
                "PersistentVolumeClaim",
                &volume["persistentVolumeClaim"]["claimName"],
            ),
        ] {
            let mut all = of_kind(objects, kind).into_iter();
            let there = all.any(|object| object["metadata"]["name"] == *name);
            assert!(name.is_null() || there, "no {kind} {name}");
        }
    }
}

#[tokio::test]
async fn the_exporter_takes_the_examples_configurations() {
    for example in ["account", "sidecar"] {
        let folder = repository(MANIFESTS).join("examples").join(example);
        assert_configures(&folder.join("vcc-exporter.yml")).await;
        assert_secret_is_not_committed(&folder);
    }
}

fn assert_secret_is_not_committed(folder: &Path) {
    assert_eq!(read(&folder.join(".gitignore")), "/client-secret\n");
}
