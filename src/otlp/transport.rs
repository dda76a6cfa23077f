//! One request to a receiver and its answer, over the network. It knows nothing of what is in them.
//!
//! A test puts its own road behind [`Wire`].

use std::fmt;
use std::io::Write;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use prost::Message;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER};
use reqwest::{redirect, retry};
use url::Url;

use super::target::{Filled, Target};
use crate::api::http::{CONNECT_TIMEOUT, USER_AGENT, authorities, causes};

/// The most that is read of an answer. A good one is a few bytes and a bad one a sentence; what is
/// larger comes from something else than a receiver.
pub const MAX_ANSWER_BYTES: usize = 64 << 10;

/// A body ready to be sent.
#[derive(Debug, Clone)]
pub struct Parcel {
    /// The encoded request.
    pub body: Bytes,
    /// Whether it is compressed with gzip.
    pub gzip: bool,
}

impl Parcel {
    /// Encodes a request. That takes a while, so it belongs on a blocking thread.
    pub fn pack(request: &impl Message, gzip: bool) -> Self {
        let plain = request.encode_to_vec();
        let packed = gzip.then(|| {
            let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
            packed.write_all(&plain).and_then(|()| packed.finish())
        });
        match packed {
            Some(Ok(body)) => Parcel {
                body: body.into(),
                gzip: true,
            },
            // Writing into memory does not fail; if it did, plain would do as well.
            _ => Parcel {
                body: plain.into(),
                gzip: false,
            },
        }
    }
}

/// What came back.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The `Retry-After` header as sent.
    pub retry_after: Option<String>,
    /// The decompressed body, or, of an answer that is an error anyway, its beginning.
    pub body: Bytes,
}

/// Why nothing came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoAnswer {
    /// No connection, or it broke.
    Unreachable(String),
    /// The request could not even be formed.
    Unsent(String),
    /// A good status with more behind it than an answer is.
    TooLarge,
}

/// The future of one exchange.
pub type Exchange<'a> = Pin<Box<dyn Future<Output = Result<Answer, NoAnswer>> + Send + 'a>>;

/// A road to a receiver.
pub trait Wire: Send + Sync + fmt::Debug {
    /// Posts a body with these headers beside the protocol's. Dropping the future abandons it.
    fn post(&self, parcel: Parcel, headers: Vec<Filled>) -> Exchange<'_>;
}

/// The road over HTTP or HTTPS: no redirects, which would carry the headers to a host nobody
/// configured, and no retries of its own.
#[derive(Debug)]
pub struct Http {
    client: reqwest::Client,
    url: Url,
}

impl Http {
    /// Prepares the road; nothing is sent yet.
    ///
    /// # Errors
    /// In words, if the authorities cannot be read or TLS cannot be set up.
    pub fn new(target: &Target) -> Result<Self, String> {
        let mut builder = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .gzip(true)
            .connect_timeout(Duration::min(target.timeout, CONNECT_TIMEOUT));
        if let Some(path) = &target.ca_file {
            builder = builder.tls_certs_merge(authorities(path)?);
        }
        let client = builder.build().map_err(|error| causes(&error))?;
        let url = target.url.clone();
        Ok(Http { client, url })
    }

    async fn exchange(&self, parcel: Parcel, headers: Vec<Filled>) -> Result<Answer, NoAnswer> {
        let mut request = self.client.post(self.url.clone());
        for header in headers {
            request = request.header(header.name, header.sent);
        }
        request = request.header(CONTENT_TYPE, "application/x-protobuf");
        if parcel.gzip {
            request = request.header(CONTENT_ENCODING, "gzip");
        }
        let response = request.body(parcel.body).send().await.map_err(classify)?;
        let retry_after = response.headers().get(RETRY_AFTER);
        let retry_after = retry_after.and_then(|value| value.to_str().ok());
        Ok(Answer {
            status: response.status().as_u16(),
            retry_after: retry_after.map(str::to_owned),
            body: body(response).await?,
        })
    }
}

impl Wire for Http {
    fn post(&self, parcel: Parcel, headers: Vec<Filled>) -> Exchange<'_> {
        Box::pin(self.exchange(parcel, headers))
    }
}

/// Counts what has been decompressed, so that no bomb gets past the limit. The end of an error's
/// body is forgiven.
async fn body(mut response: reqwest::Response) -> Result<Bytes, NoAnswer> {
    let good = response.status().is_success();
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= MAX_ANSWER_BYTES => {
                body.extend_from_slice(&chunk);
            }
            Ok(Some(_)) if good => return Err(NoAnswer::TooLarge),
            Err(error) if good => return Err(classify(error)),
            _ => return Ok(body.into()),
        }
    }
}

fn classify(error: reqwest::Error) -> NoAnswer {
    let causes = causes(&error);
    if error.is_builder() {
        NoAnswer::Unsent(causes)
    } else {
        NoAnswer::Unreachable(causes)
    }
}
