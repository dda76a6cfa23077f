//! Who sends: the resource of every request, and the scope of what is in it.
//!
//! The attributes are those of <https://opentelemetry.io/docs/specs/semconv/resource/#service>.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::resource::v1::Resource;

use super::metrics::attribute;

/// The name of the service and of the scope.
pub const NAME: &str = "vcc-exporter";

/// The resource of an instance. `configured` says more about it, and wins.
pub fn resource(instance_id: &str, configured: &BTreeMap<String, String>) -> Resource {
    let own = [
        ("service.name", NAME),
        ("service.version", env!("CARGO_PKG_VERSION")),
        // Kept with the counters: a new one would make new series of them.
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

/// What measured.
pub fn scope() -> InstrumentationScope {
    InstrumentationScope {
        name: NAME.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..InstrumentationScope::default()
    }
}
