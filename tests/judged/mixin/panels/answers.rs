//! Questions to Prometheus' API, and whether the answers are good ones.

use serde_json::Value;
use url::Url;

use vcc_test_support::history::remote::{self, TimeSeries};
use vcc_test_support::http::try_get;

/// The API of a Prometheus.
pub struct Prometheus(String);

/// When something is asked, in Unix seconds.
#[derive(Debug, Clone, Copy)]
pub enum Moment {
    /// At one moment.
    At(i64),
    /// From one moment to another, every so many seconds.
    During { from: i64, to: i64, step: i64 },
}

impl Prometheus {
    pub fn at(address: String) -> Self {
        Prometheus(address)
    }

    /// The series an expression gives; a warning or a remark is as bad as an error.
    pub async fn ask(&self, query: &str, when: Moment) -> Result<Vec<Value>, String> {
        let query = ("query", query.to_owned());
        let (path, parameters) = match when {
            Moment::At(time) => ("query", vec![query, ("time", time.to_string())]),
            Moment::During { from, to, step } => {
                let range = [("start", from), ("end", to), ("step", step)];
                let range = range.map(|(name, value)| (name, value.to_string()));
                ("query_range", [query].into_iter().chain(range).collect())
            }
        };
        let mut answer = self.get(path, &parameters).await?;
        match answer["data"]["result"].take() {
            Value::Array(series) => Ok(series),
            other => Err(format!("no series but {other}")),
        }
    }

    /// The values of a label in the series of a selector.
    pub async fn label_values(&self, label: &str, selector: &str) -> Result<Vec<String>, String> {
        let parameters = [("match[]", selector.to_owned())];
        let answer = self
            .get(&format!("label/{label}/values"), &parameters)
            .await?;
        let values = answer["data"].as_array().unwrap().iter();
        Ok(values
            .map(|value| value.as_str().unwrap().to_owned())
            .collect())
    }

    /// Stores series that are computed.
    pub async fn store(&self, series: Vec<TimeSeries>) {
        if !series.is_empty() {
            remote::write(&self.0, series).await;
        }
    }

    async fn get(&self, path: &str, parameters: &[(&str, String)]) -> Result<Value, String> {
        let base = format!("{}/api/v1/{path}", self.0);
        let url = Url::parse_with_params(&base, parameters).unwrap();
        let answer: Value = serde_json::from_str(&try_get(url.as_str()).await?).unwrap();
        for remarks in ["warnings", "infos"] {
            if let Some(said) = answer.get(remarks) {
                return Err(format!("{remarks}: {said}"));
            }
        }
        Ok(answer)
    }
}

/// The numbers of a series.
pub fn numbers(series: &Value) -> Vec<f64> {
    let number = |sample: &Value| sample[1].as_str().unwrap().parse::<f64>().unwrap();
    match &series["values"] {
        Value::Array(values) => values.iter().map(number).collect(),
        _ => vec![number(&series["value"])],
    }
}

/// Whether there is anything to draw.
pub fn says_something(series: &[Value]) -> bool {
    let mut all = series.iter().flat_map(numbers);
    all.any(f64::is_finite)
}
