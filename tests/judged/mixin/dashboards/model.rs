//! As much of a dashboard's JSON as the rules look at.

use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Dashboard {
    pub uid: String,
    pub title: String,
    pub description: String,
    pub tags: Vec<String>,
    pub editable: bool,
    pub graph_tooltip: u8,
    pub schema_version: u32,
    pub refresh: String,
    pub panels: Vec<Panel>,
    pub templating: List<Variable>,
    pub annotations: List<Annotation>,
    pub links: Vec<Link>,
}

impl Dashboard {
    /// Every panel that shows something, those of folded rows too.
    pub fn shown(&self) -> impl Iterator<Item = &Panel> {
        (self.panels.iter())
            .flat_map(|panel| std::iter::once(panel).chain(&panel.panels))
            .filter(|panel| !panel.is_row())
    }

    /// A variable by its name.
    pub fn variable(&self, name: &str) -> Option<&Variable> {
        (self.templating.list.iter()).find(|variable| variable.name == name)
    }
}

#[derive(Debug, Clone, Deserialize)]
pub struct List<T> {
    pub list: Vec<T>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Panel {
    pub id: u32,
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    #[serde(default)]
    pub description: String,
    pub grid_pos: GridPos,
    pub datasource: Option<Datasource>,
    /// The Min step.
    pub interval: Option<String>,
    #[serde(default)]
    pub field_config: FieldConfig,
    #[serde(default)]
    pub targets: Vec<Target>,
    /// What a folded row holds.
    #[serde(default)]
    pub panels: Vec<Panel>,
    /// The variable a row is there once for each value of.
    pub repeat: Option<String>,
}

impl Panel {
    pub fn is_row(&self) -> bool {
        self.kind == "row"
    }
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub struct GridPos {
    pub x: u32,
    pub y: u32,
    pub w: u32,
    pub h: u32,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub struct FieldConfig {
    pub defaults: FieldDefaults,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldDefaults {
    #[serde(default)]
    pub unit: String,
    #[serde(default)]
    pub no_value: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    pub ref_id: String,
    pub expr: String,
    #[serde(default)]
    pub legend_format: String,
    #[serde(default)]
    pub format: String,
    pub instant: bool,
    pub range: bool,
    pub datasource: Option<Datasource>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Datasource {
    pub uid: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Variable {
    pub name: String,
    pub label: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub query: String,
    pub hide: u8,
    pub refresh: u8,
    pub multi: bool,
    pub include_all: bool,
    #[serde(default)]
    pub all_value: String,
    pub datasource: Option<Datasource>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Annotation {
    pub name: String,
    pub datasource: Datasource,
    pub target: AnnotationTarget,
}

#[derive(Debug, Clone, Deserialize)]
pub struct AnnotationTarget {
    pub expr: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Link {
    #[serde(rename = "type")]
    pub kind: String,
    pub tags: Vec<String>,
    pub include_vars: bool,
    pub keep_time: bool,
}
