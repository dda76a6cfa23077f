//! What a request is made of, what an answer is made of, and the three shapes of an error.
use std::time::Duration;

use bytes::Bytes;
use serde_json::json;

/// A request, taken apart by whoever received it.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The method, in capitals.
    pub method: &'a str,
    /// The path without the query.
    pub path: &'a str,
    /// The query without the question mark, still percent-encoded; empty if there is none.
    pub query: &'a str,
    /// The `Accept` header.
    pub accept: Option<&'a str>,
    /// The `Authorization` header.
    pub authorization: Option<&'a str>,
    /// The `Content-Type` header.
    pub content_type: Option<&'a str>,
    /// The body.
    pub body: &'a [u8],
}

/// An answer and how it is to be delivered.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The headers, without `Content-Length`.
    pub headers: Vec<(&'static str, String)>,
    /// The whole body, even if less of it is to be delivered.
    pub body: Bytes,
    /// What happens to the body on its way.
    pub delivery: Delivery,
}

/// How a body travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// At once and whole.
    Whole,
    /// Whole, after this long.
    Delayed(Duration),
    /// Only this many bytes of it, although the headers announce all; then the connection closes.
    CutOff(usize),
}

impl Reply {
    /// An answer with a JSON body.
    pub(super) fn json(status: u16, body: impl Into<Bytes>) -> Self {
        let headers = vec![("content-type", "application/json".to_owned())];
        Self {
            status,
            headers,
            body: body.into(),
            delivery: Delivery::Whole,
        }
    }

    /// The API's ordinary error.
    pub(super) fn error(status: u16, message: &str) -> Self {
        Self::json(status, json!({"message": message}).to_string())
    }

    /// The error about the version in the `Accept` header.
    pub(super) fn version_error(message: &str) -> Self {
        // Written by hand to keep the documented order of the keys.
        Self::json(
            400,
            format!(
                r#"{{"statusCode":400,"error":"Bad Request","message":{}}}"#,
                json!(message)
            ),
        )
    }

    /// The token endpoint's error.
    pub(super) fn token_error(error: &str, description: &str) -> Self {
        Self::json(
            400,
            json!({"error": error, "error_description": description}).to_string(),
        )
    }

    /// The same with one more header.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}
