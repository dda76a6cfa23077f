//! Why a page or a token could not be fetched: one closed list, each entry with its message for the
//! operator and, by its name, its label in the metrics.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use strum::{EnumDiscriminants, IntoStaticStr, VariantArray};
use thiserror::Error;

use super::transport::{RequestTarget, TransportError};
use vcc_net::secret::SecretFileError;

/// A request that brought no page and no token.
#[derive(Debug)]
pub struct FetchError {
    /// The request that failed: the token's, if no token could be obtained for a page.
    pub at: RequestTarget,
    /// Why.
    pub kind: FetchErrorKind,
}

/// Why a request failed. Texts from outside are sanitised, and without secrets
/// ([`sanitize_for_log`](vcc_net::sanitize::sanitize_for_log)).
///
/// The discriminants are the values of the `reason` label: a variant's name in snake case.
#[derive(Debug, Error, EnumDiscriminants)]
#[strum_discriminants(
    name(FetchErrorReason),
    doc = "The values of the `reason` label, one per [`FetchErrorKind`].",
    derive(Hash, IntoStaticStr, VariantArray),
    strum(serialize_all = "snake_case"),
    allow(missing_docs)
)]
#[expect(missing_docs, reason = "the variants say what their fields are")]
pub enum FetchErrorKind {
    /// The API rejected a new token as well (401).
    #[error(
        "refused a new token too (401); check that the API URL and the token URL belong to the \
         same region and account"
    )]
    Unauthorized,
    /// The API knows the token and denies access, with a new one as well (403).
    #[error(
        "denied (403){}; check that these credentials may read statistics and that this network \
         address is allowed", after_colon(.message)
    )]
    Forbidden { message: String },
    /// The token endpoint rejected the credentials.
    #[error(
        "credentials refused: {error}{}; check the client id, its secret, and that the token URL \
         is of the account's region", after_colon(.description)
    )]
    TokenRefused { error: String, description: String },
    /// The credentials do not include the scope of the Stats API.
    #[error(
        "the credentials lack the `stats` scope{}; add it to them in the account's administration",
        after_colon(.description)
    )]
    InvalidScope { description: String },
    /// The token endpoint answered 200, but not with a token.
    #[error(
        "the answer ({}) holds no usable token; check that the token URL is right and that no \
         proxy answers in its place", .content_type.as_deref().unwrap_or("of no stated type")
    )]
    TokenUnreadable { content_type: Option<String> },
    /// The client secret could not be read from its file; no request was made.
    #[error("client {0}")]
    Secret(#[source] SecretFileError),
    /// The API did not accept the request itself (400).
    #[error("not accepted (400){}", after_colon(.message))]
    BadRequest { message: String },
    /// There is nothing at this URL (404).
    #[error("nothing there (404); check the region and the path of the URL")]
    NotFound,
    /// Too many requests (429), still after the retries.
    #[error(
        "too many requests (429){}; the limit is shared by all integrations of the account: lower \
         the request budget here or there", asked_to_wait(*.retry_after)
    )]
    Throttled { retry_after: Option<Duration> },
    /// The server failed (5xx), still after the retries.
    #[error(
        "the server failed ({status}){}; it is asked again, for less if this goes on",
        after_colon(.message)
    )]
    ServerError {
        status: u16,
        retry_after: Option<Duration>,
        message: String,
    },
    /// A status that this API does not use.
    #[error(
        "unexpected status {status}{}; check the URL and any proxy on the way",
        after_colon(.message)
    )]
    UnexpectedStatus { status: u16, message: String },
    /// No complete response in time.
    #[error("no complete answer in time; it is asked again, for less if this goes on")]
    Timeout,
    /// No connection.
    #[error(
        "no connection{}; check name lookup, firewall, proxy and CA certificates",
        after_colon(.cause)
    )]
    Connect { cause: String },
    /// The connection broke before the response was complete.
    #[error("the connection broke before the answer was whole{}", after_colon(.cause))]
    Interrupted { cause: String },
    /// The response is larger than the limit, in bytes.
    #[error(
        "the answer is larger than {} MiB and was dropped; lower the page size if this goes on",
        .limit >> 20
    )]
    TooLarge { limit: usize },
    /// The server redirected, which is not followed.
    #[error(
        "a redirect to {} was not followed, so as not to take the token there; check the URL, or a \
         login page or proxy is in the way", .to_host.as_deref().unwrap_or("an unnamed place")
    )]
    Redirect { to_host: Option<String> },
    /// The request could not be formed.
    #[error("could not be sent{}", after_colon(.cause))]
    Other { cause: String },
}

fn after_colon(detail: &str) -> String {
    match detail {
        "" => String::new(),
        detail => format!(": {detail}"),
    }
}

fn asked_to_wait(wait: Option<Duration>) -> String {
    wait.map_or_else(String::new, |wait| {
        format!(", asked to wait {} s", wait.as_secs())
    })
}

impl FetchErrorReason {
    /// Every value, so that a metric can show them all at 0 before anything fails.
    pub const ALL: &[Self] = <Self as VariantArray>::VARIANTS;

    /// The value of the `reason` label.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl FetchErrorKind {
    /// The error of a request to `at` that failed for this reason.
    pub(super) fn at(self, at: RequestTarget) -> FetchError {
        FetchError { at, kind: self }
    }
}

impl From<TransportError> for FetchErrorKind {
    fn from(error: TransportError) -> Self {
        match error {
            TransportError::Connect(cause) => Self::Connect { cause },
            TransportError::Timeout => Self::Timeout,
            TransportError::TooLarge { limit } => Self::TooLarge { limit },
            TransportError::Interrupted(cause) => Self::Interrupted { cause },
            TransportError::RefusedRedirect { to_host } => Self::Redirect { to_host },
            TransportError::Other(cause) => Self::Other { cause },
        }
    }
}

impl FetchError {
    /// The value of the `reason` label.
    pub fn reason(&self) -> FetchErrorReason {
        FetchErrorReason::from(&self.kind)
    }

    /// Whether the request may have been too large for the server: any 5xx (501 and 504 are seen
    /// on large windows) or a timeout.
    pub fn is_server_overload(&self) -> bool {
        matches!(
            self.kind,
            FetchErrorKind::ServerError { .. } | FetchErrorKind::Timeout
        )
    }

    /// Whether a smaller window may succeed: the server is overloaded, or the response was larger
    /// than the limit.
    pub fn wants_smaller_window(&self) -> bool {
        self.is_server_overload() || matches!(self.kind, FetchErrorKind::TooLarge { .. })
    }

    /// Whether the same request may succeed after a pause. A timeout is not such a case: it has
    /// used up its minute already, and a smaller window helps more.
    pub fn is_transient(&self) -> bool {
        matches!(
            self.kind,
            FetchErrorKind::Throttled { .. }
                | FetchErrorKind::ServerError { .. }
                | FetchErrorKind::Connect { .. }
                | FetchErrorKind::Interrupted { .. }
        )
    }

    /// The pause that the server asked for, already bounded.
    pub fn retry_after(&self) -> Option<Duration> {
        match self.kind {
            FetchErrorKind::Throttled { retry_after }
            | FetchErrorKind::ServerError { retry_after, .. } => retry_after,
            _ => None,
        }
    }
}

/// The request, what happened, and what to check. A secret that cannot be read fails before there
/// is a request to name.
impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            FetchErrorKind::Secret(_) => self.kind.fmt(f),
            kind => write!(f, "{}: {kind}", self.at),
        }
    }
}

impl Error for FetchError {
    /// The kind is part of this error's own text, so the chain goes on below it.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.kind.source()
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::Operation;
    use vcc_net::secret::{ReadSecretError, SecretSource};

    /// The values are a contract with rules and dashboards: a variant that is renamed must keep its
    /// label.
    #[test]
    fn the_reasons_are_the_published_ones() {
        let reasons: Vec<_> = (FetchErrorReason::ALL.iter())
            .map(|reason| reason.as_str())
            .collect();
        let published = [
            "unauthorized",
            "forbidden",
            "token_refused",
            "invalid_scope",
            "token_unreadable",
            "secret",
            "bad_request",
            "not_found",
            "throttled",
            "server_error",
            "unexpected_status",
            "timeout",
            "connect",
            "interrupted",
            "too_large",
            "redirect",
            "other",
        ];
        assert_eq!(reasons, published);
    }

    #[test]
    fn an_unreadable_secret_leads_to_the_error_of_its_file() {
        let source = SecretSource::File("/nowhere/secret".into());
        let kind = FetchErrorKind::Secret(source.read().unwrap_err());
        let url = Url::parse("https://id.example.com:8443/token").unwrap();
        let error = kind.at(RequestTarget::new(Operation::Token, &url));
        assert!(
            error
                .to_string()
                .starts_with("client secret file /nowhere/secret: "),
            "{error}"
        );
        let cause = error.source().and_then(Error::source).unwrap();
        assert!(matches!(cause.downcast_ref(), Some(ReadSecretError::Io(_))));
        let error = FetchErrorKind::Timeout.at(error.at);
        assert!(
            error
                .to_string()
                .starts_with("token request to id.example.com:8443: no complete answer"),
            "{error}"
        );
    }
}
