//! The schemas of Kubernetes' and the Prometheus operator's objects, and what is held to them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::{Value, json};

use super::read;
use super::tools::{data_of, kubeconform};
use vcc_test_support::tools::output_of;

/// What we deploy of Kubernetes.
const KUBERNETES: [&str; 8] = [
    "io.k8s.api.apps.v1.StatefulSet",
    "io.k8s.api.core.v1.ConfigMap",
    "io.k8s.api.core.v1.PersistentVolumeClaim",
    "io.k8s.api.core.v1.Secret",
    "io.k8s.api.core.v1.Service",
    "io.k8s.api.core.v1.ServiceAccount",
    "io.k8s.api.networking.v1.NetworkPolicy",
    "io.k8s.api.policy.v1.PodDisruptionBudget",
];

/// What we deploy of the Prometheus operator, as its files are named.
const OPERATOR: [&str; 3] = ["podmonitor", "prometheusrule", "servicemonitor"];

/// Holds manifests to the schemas. A field they do not know is a mistake too.
pub fn assert_valid(manifests: &str) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("manifests.yaml");
    std::fs::write(&file, manifests).unwrap();
    let names = schemas().join("{{.ResourceKind}}-{{.ResourceAPIVersion}}.json");
    let mut command = Command::new(kubeconform());
    // Strict is about keys that stand twice.
    command
        .args(["-strict", "-schema-location"])
        .arg(names)
        .arg(file);
    output_of(&mut command);
}

/// Where the schemas are, one a kind.
fn schemas() -> &'static Path {
    static WRITTEN: OnceLock<PathBuf> = OnceLock::new();
    WRITTEN.get_or_init(|| {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("schemas");
        std::fs::create_dir_all(&directory).unwrap();
        write_kubernetes(&directory);
        write_operator(&directory);
        directory
    })
}

fn write_kubernetes(directory: &Path) {
    let file = data_of("k8s.io/kubernetes").join("api/openapi-spec/swagger.json");
    let swagger: Value = serde_json::from_str(&read(&file)).unwrap();
    let mut definitions = swagger["definitions"].clone();
    close(&mut definitions);
    // OpenAPI 2 cannot say this.
    definitions["io.k8s.apimachinery.pkg.util.intstr.IntOrString"] =
        json!({"anyOf": [{"type": "integer"}, {"type": "string"}]});
    for name in KUBERNETES {
        let mut parts = name.rsplit('.');
        let kind = parts.next().unwrap().to_lowercase();
        let version = parts.next().unwrap();
        let schema = json!({
            "$ref": format!("#/definitions/{name}"),
            "definitions": definitions,
        });
        write(directory, &format!("{kind}-{version}"), &schema);
    }
}

fn write_operator(directory: &Path) {
    let folder = data_of("github.com/prometheus-operator/prometheus-operator")
        .join("jsonnet/prometheus-operator");
    for kind in OPERATOR {
        let file = folder.join(format!("{kind}s-crd.json"));
        let definition: Value = serde_json::from_str(&read(&file)).unwrap();
        for version in definition["spec"]["versions"].as_array().unwrap() {
            let mut schema = version["schema"]["openAPIV3Schema"].clone();
            close(&mut schema);
            let name = version["name"].as_str().unwrap();
            write(directory, &format!("{kind}-{name}"), &schema);
        }
    }
}

fn write(directory: &Path, name: &str, schema: &Value) {
    let text = serde_json::to_string(schema).unwrap();
    std::fs::write(directory.join(format!("{name}.json")), text).unwrap();
}

/// Lets every object have no more than the properties that are listed.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            map.values_mut().for_each(close);
            let lists = map.get("type") == Some(&json!("object")) && map.contains_key("properties");
            if lists && !map.contains_key("x-kubernetes-preserve-unknown-fields") {
                map.entry("additionalProperties").or_insert(json!(false));
            }
        }
        Value::Array(list) => list.iter_mut().for_each(close),
        _ => {}
    }
}

#[test]
fn what_no_schema_knows_is_found() {
    let wrong = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndate:\n  b: c\n";
    let found = std::panic::catch_unwind(|| assert_valid(wrong));
    assert!(found.is_err(), "a misspelt field passed");
    assert_valid(&wrong.replace("date", "data"));
}
