//! The resource of every request: which instance of the exporter sends.
//!
//! The attributes are those of <https://opentelemetry.io/docs/specs/semconv/resource/#service>.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::resource::v1::Resource;

use super::proto::{NAME, attribute};

/// The resource of an instance. Attributes in `configured` replace those of the same name.
pub fn resource(instance_id: &str, configured: &BTreeMap<String, String>) -> Resource {
    let own = [
        ("service.name", NAME),
        ("service.version", env!("CARGO_PKG_VERSION")),
        // Stored with the counters: another id would start new series for them.
        ("service.instance.id", instance_id),
    ];
    let mut all: BTreeMap<&str, &str> = own.into();
    all.extend(configured.iter().map(|(name, text)| (&**name, &**text)));
    Resource {
        attributes: all
            .iter()
            .map(|(name, text)| attribute(name, text))
            .collect(),
        ..Resource::default()
    }
}
