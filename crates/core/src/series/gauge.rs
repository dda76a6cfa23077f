//! Values that are computed for a scrape and not counted.

use std::borrow::Cow;

use crate::catalogue::Family;

/// Label names and values of a gauge.
pub type GaugeLabels = Vec<(&'static str, Cow<'static, str>)>;

/// A value computed for one scrape.
#[derive(Debug, Clone, PartialEq)]
pub struct Gauge {
    /// The family it belongs to.
    pub family: Family,
    /// Its labels.
    pub labels: GaugeLabels,
    /// Its value.
    pub value: f64,
}
