//! The API client edge, from outside: a scripted transport for everything that
//! takes time, local servers for everything that happens on the wire.
#![allow(clippy::unwrap_used, reason = "a helper of a test is a test")]
mod bodies;
mod retries;
mod secrets;
mod servers;
mod tokens;
mod wire;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use secrecy::ExposeSecret;
use tokio::time::Instant;
use url::Url;
use vcc_net::clock::SystemClock;
use vcc_net::secret::SecretSource;
use vcc_vonage::transport::ResponseFuture;
use vcc_vonage::{
    ApiClient, ClientDeps, Credentials, Endpoints, FetchError, FetchedPage, Observer, Operation,
    PageQuery, Request, Response, RetrySettings, Transport, TransportError,
};

const QUERY: PageQuery = PageQuery {
    start_ms: 1_700_000_000_000,
    end_ms: Some(1_700_000_060_000),
    page: 2,
    limit: 5000,
};

type Answer = Result<Response, TransportError>;

/// A request as the transport saw it.
#[derive(Debug, Clone, PartialEq)]
struct Seen {
    at: Instant,
    operation: Operation,
    url: Url,
    accept: &'static str,
    authorization: Option<String>,
    content_type: Option<&'static str>,
    body: Option<String>,
}

/// Answers from two scripts. Where they end, every token request gets the next
/// of `token-1`, `token-2`… and every page is good.
#[derive(Default)]
struct Script {
    tokens: Mutex<VecDeque<Answer>>,
    pages: Mutex<VecDeque<Answer>>,
    seen: Mutex<Vec<Seen>>,
}

impl Script {
    fn pages(answers: impl IntoIterator<Item = Answer>) -> Arc<Self> {
        Self::new([], answers)
    }

    fn tokens(answers: impl IntoIterator<Item = Answer>) -> Arc<Self> {
        Self::new(answers, [])
    }

    fn new(
        tokens: impl IntoIterator<Item = Answer>,
        pages: impl IntoIterator<Item = Answer>,
    ) -> Arc<Self> {
        Arc::new(Self {
            tokens: Mutex::new(tokens.into_iter().collect()),
            pages: Mutex::new(pages.into_iter().collect()),
            seen: Mutex::default(),
        })
    }

    fn seen(&self, operation: Operation) -> Vec<Seen> {
        let seen = self.seen.lock().unwrap();
        let of_it = seen.iter().filter(|seen| seen.operation == operation);
        of_it.cloned().collect()
    }

    fn page_tokens(&self) -> Vec<String> {
        let pages = self.seen(Operation::Interactions);
        pages
            .into_iter()
            .filter_map(|page| page.authorization)
            .collect()
    }

    /// The pauses between the page requests.
    fn pauses(&self) -> Vec<Duration> {
        let pages = self.seen(Operation::Interactions);
        pages
            .windows(2)
            .map(|pair| pair[1].at - pair[0].at)
            .collect()
    }

    fn answer(&self, request: Request) -> Answer {
        let operation = request.operation;
        self.seen.lock().unwrap().push(Seen {
            at: Instant::now(),
            operation,
            url: request.url,
            accept: request.accept,
            authorization: request
                .authorization
                .map(|it| it.expose_secret().to_owned()),
            content_type: request.content_type,
            body: request.body.map(|it| it.expose_secret().to_owned()),
        });
        match operation {
            Operation::Token => {
                let serial = self.seen(Operation::Token).len();
                let scripted = self.tokens.lock().unwrap().pop_front();
                scripted.unwrap_or_else(|| token(&format!("token-{serial}"), 7200))
            }
            _ => {
                let scripted = self.pages.lock().unwrap().pop_front();
                scripted.unwrap_or_else(|| status(200))
            }
        }
    }
}

impl Transport for Script {
    fn send(&self, request: Request) -> ResponseFuture<'_> {
        // Yielding lets other tasks in, as a network would.
        Box::pin(async {
            tokio::task::yield_now().await;
            self.answer(request)
        })
    }
}

/// Writes down what an observer is told.
#[derive(Default)]
struct Recorder(Mutex<Vec<String>>);

impl Recorder {
    fn told(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    fn note(&self, text: String) {
        self.0.lock().unwrap().push(text);
    }
}

impl Observer for Recorder {
    fn request(&self, operation: Operation, code: &str, seconds: f64) {
        assert!(seconds >= 0.0);
        self.note(format!("{} {code}", operation.as_str()));
    }

    fn throttled(&self, operation: Operation) {
        self.note(format!("throttled {}", operation.as_str()));
    }

    fn retried(&self, operation: Operation) {
        self.note(format!("retried {}", operation.as_str()));
    }

    fn token_expires(&self, remaining: Duration) {
        self.note(format!("expires {}", remaining.as_secs()));
    }
}

fn client(transport: Arc<dyn Transport>) -> ApiClient {
    observed(transport, Arc::new(()))
}

fn observed(transport: Arc<dyn Transport>, observer: Arc<dyn Observer>) -> ApiClient {
    with_secret(transport, observer, SecretSource::Value("s3cret".into()))
}

fn with_secret(
    transport: Arc<dyn Transport>,
    observer: Arc<dyn Observer>,
    secret: SecretSource,
) -> ApiClient {
    ApiClient::new(
        endpoints("https://api.example.com", "https://login.example.com/token"),
        credentials(secret),
        RetrySettings::default(),
        deps(transport, observer),
    )
}

fn deps(transport: Arc<dyn Transport>, observer: Arc<dyn Observer>) -> ClientDeps {
    ClientDeps {
        transport,
        observer,
        clock: Arc::new(SystemClock),
    }
}

fn endpoints(api_url: &str, token_url: &str) -> Endpoints {
    Endpoints {
        api_url: Url::parse(api_url).unwrap(),
        token_url: Url::parse(token_url).unwrap(),
    }
}

fn credentials(secret: SecretSource) -> Credentials {
    Credentials {
        client_id: "an id".to_owned(),
        secret,
    }
}

fn answer(status: u16, body: &str) -> Answer {
    Ok(Response {
        status,
        content_type: Some("application/json".to_owned()),
        body: body.to_owned().into(),
        ..Response::default()
    })
}

fn status(status: u16) -> Answer {
    answer(status, "{}")
}

fn throttled(retry_after: &str) -> Answer {
    Ok(Response {
        status: 429,
        retry_after: Some(retry_after.to_owned()),
        ..Response::default()
    })
}

fn token(name: &str, expires_in: u64) -> Answer {
    answer(
        200,
        &format!(r#"{{"access_token":"{name}","expires_in":{expires_in},"token_type":"Bearer"}}"#),
    )
}

fn reason(outcome: &Result<FetchedPage, FetchError>) -> &'static str {
    let reason = |error: &FetchError| error.reason().as_str();
    outcome.as_ref().map_or_else(reason, |_| "none")
}
