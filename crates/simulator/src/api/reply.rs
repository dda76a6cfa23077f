//! Requests and replies, including the three shapes of an error.
use std::time::Duration;

use bytes::Bytes;
use serde_json::json;

/// A request.
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

/// A reply, and how the caller has to deliver it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The headers, without `Content-Length`.
    pub headers: Vec<(&'static str, String)>,
    /// The whole body, even if less of it has to be delivered.
    pub body: Bytes,
    /// How the body has to be delivered.
    pub delivery: Delivery,
}

/// How a body is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// Whole and without a delay.
    Whole,
    /// Whole, after this delay.
    Delayed(Duration),
    /// Only this many bytes of it, although `Content-Length` announces all; then the connection closes.
    Truncated(usize),
}

impl Reply {
    pub(crate) fn json(status: u16, body: impl Into<Bytes>) -> Self {
        let headers = vec![("content-type", "application/json".to_owned())];
        Self {
            status,
            headers,
            body: body.into(),
            delivery: Delivery::Whole,
        }
    }

    /// An error as most of the API's.
    pub(super) fn error(status: u16, message: &str) -> Self {
        Self::json(status, json!({"message": message}).to_string())
    }

    /// An error about the version in the `Accept` header, with status 400.
    pub(super) fn version_error(message: &str) -> Self {
        // Formatted by hand to keep the documented order of the keys.
        Self::json(
            400,
            format!(
                r#"{{"statusCode":400,"error":"Bad Request","message":{}}}"#,
                json!(message)
            ),
        )
    }

    /// An error of the token endpoint, with status 400.
    pub(super) fn token_error(error: &str, description: &str) -> Self {
        Self::json(
            400,
            json!({"error": error, "error_description": description}).to_string(),
        )
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}
