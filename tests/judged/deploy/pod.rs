//! What every pod that runs the exporter has, whoever made it.

use serde_json::{Value, json};

use super::program::assert_takes;
use super::strings;

/// The objects of a kind.
pub fn of_kind<'a>(objects: &'a [Value], kind: &str) -> Vec<&'a Value> {
    let found = objects.iter().filter(|object| object["kind"] == kind);
    found.collect()
}

/// The one object of a kind.
pub fn the<'a>(objects: &'a [Value], kind: &str) -> &'a Value {
    let found = of_kind(objects, kind);
    assert_eq!(found.len(), 1, "objects of kind {kind}");
    found[0]
}

/// The exporter among the containers of a `StatefulSet`, in either list.
pub fn exporter(stateful_set: &Value) -> Value {
    let pod = &stateful_set["spec"]["template"]["spec"];
    let lists = [&pod["containers"], &pod["initContainers"]];
    let mut all = lists.into_iter().filter_map(Value::as_array).flatten();
    let found = all.find(|container| container["name"] == "vcc-exporter");
    found.expect("no container is the exporter").clone()
}

/// One replica, nothing it could do but read, write its state and talk, and flags that exist.
pub fn assert_sound(stateful_set: &Value) {
    let spec = &stateful_set["spec"];
    assert_eq!(spec["replicas"], 1, "two exporters count everything twice");
    let pod = &spec["template"]["spec"];
    assert_eq!(pod["automountServiceAccountToken"], false);
    let security = &pod["securityContext"];
    assert_eq!(security["runAsNonRoot"], true);
    assert_eq!(security["seccompProfile"]["type"], "RuntimeDefault");
    assert!(
        security["fsGroup"].is_number(),
        "nobody could write the state"
    );

    let container = exporter(stateful_set);
    let own = json!({
        "allowPrivilegeEscalation": false,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": true,
    });
    assert_eq!(container["securityContext"], own);
    assert_eq!(container["env"], Value::Null, "a secret is a file");
    assert_takes(&strings(&container["args"]));
    for mount in container["volumeMounts"].as_array().unwrap() {
        let is_state = mount["mountPath"] == "/var/lib/vcc-exporter";
        assert_eq!(mount["readOnly"] == true, !is_state, "{mount}");
    }
}
