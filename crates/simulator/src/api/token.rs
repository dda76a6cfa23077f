//! The token endpoint and the tokens it has issued.
use std::collections::VecDeque;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::json;

use super::reply::{Call, Reply};
use crate::rng::SimRng;
use crate::settings::SimulatorConfig;

const TOKEN_STREAM: u64 = 5;
const LIFETIME_SECONDS: i64 = 7_200;
/// Maximum number of valid tokens; a further one replaces the oldest.
const MAX_TOKENS: usize = 1_000;

/// A token request is rejected; the texts are those of the API.
#[derive(Debug, thiserror::Error)]
pub(super) enum TokenError {
    #[error("Method not allowed")]
    Method,
    #[error("The body must be a form")]
    NoForm,
    #[error("Invalid grant_type")]
    GrantType,
    #[error("Invalid client credentials")]
    Credentials,
    #[error("\"vonage/api/{0}\" is an invalid scope")]
    Scope(String),
}

impl From<TokenError> for Reply {
    fn from(error: TokenError) -> Self {
        let description = error.to_string();
        let code = match error {
            TokenError::Method => return Self::error(405, &description),
            TokenError::NoForm => "invalid_request",
            TokenError::GrantType => "unsupported_grant_type",
            TokenError::Credentials => "invalid_client",
            TokenError::Scope(_) => "invalid_scope",
        };
        Self::token_error(code, &description)
    }
}

/// The valid tokens, oldest first, each with its end in Unix milliseconds.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    valid: VecDeque<(String, i64)>,
    issued: u64,
}

impl Tokens {
    /// Issues a token; no secret is accepted unless `secret_valid`.
    pub(super) fn issue(
        &mut self,
        config: &SimulatorConfig,
        secret_valid: bool,
        call: &Call<'_>,
        now_ms: i64,
    ) -> Result<Reply, TokenError> {
        check_request(config, secret_valid, call)?;
        self.issued += 1;
        let token = SimRng::new(config.seed, TOKEN_STREAM, self.issued)
            .guid()
            .replace('-', "");
        let until_ms = now_ms + LIFETIME_SECONDS * 1000;
        self.valid.push_back((token.clone(), until_ms));
        if self.valid.len() > MAX_TOKENS {
            self.valid.pop_front();
        }
        let body =
            json!({"access_token": token, "expires_in": LIFETIME_SECONDS, "token_type": "Bearer"});
        Ok(Reply::json(200, body.to_string()).with("cache-control", "no-store"))
    }

    /// Whether this `Authorization` header has a valid token; the scheme may be in any letter case.
    pub(super) fn accepts(&self, authorization: Option<&str>, now_ms: i64) -> bool {
        let Some(token) = authorization.and_then(bearer) else {
            return false;
        };
        self.valid
            .iter()
            .any(|(valid, until)| valid == token && now_ms < *until)
    }

    /// Invalidates the token in this `Authorization` header.
    pub(super) fn revoke(&mut self, authorization: Option<&str>) {
        let Some(token) = authorization.and_then(bearer) else {
            return;
        };
        self.valid.retain(|(valid, _)| valid != token);
    }
}

fn check_request(
    config: &SimulatorConfig,
    secret_valid: bool,
    call: &Call<'_>,
) -> Result<(), TokenError> {
    if call.method != "POST" {
        return Err(TokenError::Method);
    }
    let is_form = call
        .content_type
        .is_some_and(|it| it.starts_with("application/x-www-form-urlencoded"));
    if !is_form {
        return Err(TokenError::NoForm);
    }
    let form: Vec<(String, String)> = url::form_urlencoded::parse(call.body)
        .into_owned()
        .collect();
    let field = |name: &str| {
        let field = form.iter().find(|(key, _)| key == name);
        field.map(|(_, value)| value.as_str())
    };
    if field("grant_type") != Some("client_credentials") {
        return Err(TokenError::GrantType);
    }
    let basic = call.authorization.and_then(basic_credentials);
    let credentials = match &basic {
        Some((id, secret)) => Some((id.as_str(), secret.as_str())),
        None => field("client_id").zip(field("client_secret")),
    };
    let expected = (config.client_id.as_str(), config.client_secret.as_str());
    if credentials != Some(expected) || !secret_valid {
        return Err(TokenError::Credentials);
    }
    let scope = field("scope").unwrap_or_default();
    if !scope.split_whitespace().any(|word| word == "stats") {
        return Err(TokenError::Scope(scope.to_owned()));
    }
    Ok(())
}

fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Id and secret in an HTTP Basic header; the padding of the Base64 may be missing.
fn basic_credentials(authorization: &str) -> Option<(String, String)> {
    let (scheme, encoded) = authorization.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let encoded = encoded.trim().trim_end_matches('=');
    let decoded = STANDARD_NO_PAD.decode(encoded);
    let text = String::from_utf8(decoded.ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(body: &str, authorization: Option<&str>) -> Reply {
        let content_type = Some("application/x-www-form-urlencoded");
        let path = "/Auth/connect/token";
        let body = body.as_bytes();
        let call = Call {
            method: "POST",
            path,
            query: "",
            accept: None,
            authorization,
            content_type,
            body,
        };
        let reply = Tokens::default().issue(&SimulatorConfig::default(), true, &call, 0);
        reply.unwrap_or_else(Reply::from)
    }

    fn text(reply: &Reply) -> &str {
        std::str::from_utf8(&reply.body).expect("text")
    }

    #[test]
    fn credentials_are_taken_from_the_form_or_from_basic() {
        let form =
            "grant_type=client_credentials&client_id=simulated&client_secret=simulated&scope=stats";
        let reply = ask(form, None);
        assert_eq!(reply.status, 200);
        assert!(
            text(&reply).contains("\"expires_in\":7200")
                && text(&reply).contains("\"token_type\":\"Bearer\"")
        );
        let basic = "grant_type=client_credentials&scope=users:read%20stats";
        assert_eq!(
            ask(basic, Some("Basic c2ltdWxhdGVkOnNpbXVsYXRlZA==")).status,
            200
        );
        let refused = ask(basic, Some("Basic c2ltdWxhdGVkOndyb25n"));
        assert_eq!(
            (refused.status, text(&refused).contains("invalid_client")),
            (400, true)
        );
    }

    #[test]
    fn errors_have_the_documented_shape() {
        let reply = ask("grant_type=password", None);
        assert_eq!(reply.status, 400);
        assert_eq!(
            text(&reply),
            r#"{"error":"unsupported_grant_type","error_description":"Invalid grant_type"}"#
        );
        let reply = ask(
            "grant_type=client_credentials&client_id=simulated&client_secret=simulated&scope=other",
            None,
        );
        assert_eq!(
            text(&reply),
            r#"{"error":"invalid_scope","error_description":"\"vonage/api/other\" is an invalid scope"}"#
        );
        assert!(
            text(&ask("grant_type=client_credentials&scope=stats", None))
                .contains("invalid_client")
        );
    }
}
