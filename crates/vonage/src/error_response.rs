//! Turns a response that is not a page into an error, with what the server says about it.

use std::time::SystemTime;

use serde_json::Value;

use super::error::{FetchError, FetchErrorKind};
use super::transport::{RequestTarget, Response};
use vcc_net::backoff::parse_retry_after;
use vcc_net::sanitize::sanitize_for_log;

/// The error that a response of the API with a status other than 200 means. `secrets` are cut out of
/// what the response says; `now` is what a date in `Retry-After` is compared with.
pub(super) fn api_error(
    at: RequestTarget,
    response: &Response,
    secrets: &[&str],
    now: SystemTime,
) -> FetchError {
    let message = ErrorBody::read(response, secrets).message();
    let kind = match response.status {
        400 => FetchErrorKind::BadRequest { message },
        401 => FetchErrorKind::Unauthorized,
        403 => FetchErrorKind::Forbidden { message },
        _ => common_error(response, message, now),
    };
    kind.at(at)
}

/// The same for a response of the token endpoint, whose 400, 401 and 403 all mean that it rejects
/// the credentials.
pub(super) fn token_error(
    at: RequestTarget,
    response: &Response,
    secrets: &[&str],
    now: SystemTime,
) -> FetchError {
    let body = ErrorBody::read(response, secrets);
    if !matches!(response.status, 400 | 401 | 403) {
        return common_error(response, body.message(), now).at(at);
    }
    let description = body.explanation.unwrap_or_default();
    let kind = match body.error {
        Some(code) if code == "invalid_scope" => FetchErrorKind::InvalidScope { description },
        code => FetchErrorKind::TokenRefused {
            error: code.unwrap_or_else(|| format!("status {}", response.status)),
            description,
        },
    };
    kind.at(at)
}

/// The statuses that mean the same for both.
fn common_error(response: &Response, message: String, now: SystemTime) -> FetchErrorKind {
    let status = response.status;
    let header = response.retry_after.as_deref();
    let retry_after = header.and_then(|value| parse_retry_after(value, now));
    match status {
        404 => FetchErrorKind::NotFound,
        429 => FetchErrorKind::Throttled { retry_after },
        500..=599 => FetchErrorKind::ServerError {
            status,
            retry_after,
            message,
        },
        _ => FetchErrorKind::UnexpectedStatus { status, message },
    }
}

/// The texts of an error's body, sanitised. Three shapes exist: `message`; `statusCode`, `error` and
/// `message`; `error` and `error_description`.
#[derive(Default)]
struct ErrorBody {
    error: Option<String>,
    explanation: Option<String>,
}

impl ErrorBody {
    fn read(response: &Response, secrets: &[&str]) -> Self {
        if response.status < 400 {
            // Not the text of an error: it may be a token, or a page with personal data.
            return Self::default();
        }
        let Ok(body) = serde_json::from_slice::<Value>(&response.body) else {
            // The web page of a gateway: its beginning usually names the gateway.
            let text = sanitize_for_log(&String::from_utf8_lossy(&response.body), secrets);
            return Self {
                error: None,
                explanation: Some(text),
            };
        };
        let field = |name| Some(sanitize_for_log(body.get(name)?.as_str()?, secrets));
        Self {
            error: field("error"),
            explanation: field("message").or_else(|| field("error_description")),
        }
    }

    /// The explanation, or else the name of the error.
    fn message(self) -> String {
        self.explanation.or(self.error).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::Operation;
    use crate::error::FetchErrorReason;

    const NOW: SystemTime = SystemTime::UNIX_EPOCH;

    fn at() -> RequestTarget {
        RequestTarget {
            operation: Operation::Interactions,
            host: "api.example.com".into(),
        }
    }

    fn response(status: u16, body: &'static str) -> Response {
        Response {
            status,
            body: body.into(),
            ..Response::default()
        }
    }

    fn of_api(status: u16, body: &'static str) -> FetchError {
        api_error(at(), &response(status, body), &[], NOW)
    }

    fn of_token(status: u16, body: &'static str) -> FetchError {
        token_error(at(), &response(status, body), &[], NOW)
    }

    #[test]
    fn all_three_error_shapes_are_read() {
        let window = r#"{"message":"Request window size limit exceeded 31 days"}"#;
        let version = r#"{"statusCode":400,"error":"Bad Request","message":"Invalid api-version! Valid values: 2,3"}"#;
        let token =
            r#"{"error":"unsupported_grant_type","error_description":"Invalid grant_type"}"#;
        for (body, want) in [
            (window, "Request window size limit exceeded 31 days"),
            (version, "Invalid api-version! Valid values: 2,3"),
            (token, "Invalid grant_type"),
            (r#"{"error":"nothing more"}"#, "nothing more"),
            (r#"{"message":7}"#, ""),
            ("[]", ""),
            ("<h1>Bad\n gateway</h1>", "<h1>Bad gateway</h1>"),
        ] {
            let error = of_api(400, body);
            assert_eq!(error.at, at());
            let FetchErrorKind::BadRequest { message } = error.kind else {
                panic!("{error}");
            };
            assert_eq!(message, want);
        }
        let refused = of_token(400, token);
        assert_eq!(refused.at, at());
        let FetchErrorKind::TokenRefused { error, description } = refused.kind else {
            panic!("{refused}");
        };
        assert_eq!(error, "unsupported_grant_type");
        assert_eq!(description, "Invalid grant_type");
    }

    #[test]
    fn the_body_of_a_success_is_never_quoted() {
        for refuse in [of_api, of_token] {
            let error = refuse(206, "+4420794600");
            assert!(!format!("{error} {error:?}").contains("+44"), "{error:?}");
        }
    }

    #[test]
    fn a_date_to_retry_after_is_compared_with_the_clock_that_is_passed_in() {
        let mut response = response(429, "");
        response.retry_after = Some("Thu, 01 Jan 1970 00:00:42 GMT".to_owned());
        let error = api_error(at(), &response, &[], NOW);
        assert_eq!(error.retry_after(), Some(Duration::from_secs(42)));
    }

    #[test]
    fn every_status_has_its_reason() {
        for (status, api, token) in [
            (204, "unexpected_status", "unexpected_status"),
            (206, "unexpected_status", "unexpected_status"),
            (400, "bad_request", "token_refused"),
            (401, "unauthorized", "token_refused"),
            (403, "forbidden", "token_refused"),
            (404, "not_found", "not_found"),
            (418, "unexpected_status", "unexpected_status"),
            (429, "throttled", "throttled"),
            (500, "server_error", "server_error"),
            (524, "server_error", "server_error"),
        ] {
            assert_eq!(of_api(status, "").reason().as_str(), api);
            assert_eq!(of_token(status, "").reason().as_str(), token);
        }
    }

    #[test]
    fn every_reason_is_on_the_published_list() {
        for status in 100..=599 {
            let reason = of_api(status, "").reason();
            assert!(FetchErrorReason::ALL.contains(&reason), "{reason:?}");
        }
    }
}
