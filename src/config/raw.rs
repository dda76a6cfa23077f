//! The configuration file as it was written: every key optional, nothing judged.
//!
//! The comments of the keys are their documentation: see [`reference`](super::reference).
//!
//! A derived `deny_unknown_fields` would stop at the first surprise, and an
//! operator would meet the mistakes of a file one restart at a time. Here a key
//! that is not known is noted and a value of the wrong shape is kept as such, so
//! that `check` can report all of them at once.

use std::{collections::BTreeMap, fmt, marker::PhantomData};

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// What stands behind a key.
#[derive(Debug, Default)]
pub(super) enum Shape<T> {
    /// The key is not in the file.
    #[default]
    Absent,
    /// The key is there and nothing, or null, follows it.
    Empty,
    /// A value of another shape, and what it is in words.
    Wrong(&'static str),
    /// A value of the right shape.
    Right(T),
}

/// A single value, spelled as in the file where YAML lets us know.
#[derive(Debug)]
pub(super) struct Text {
    /// The value.
    pub(super) text: String,
    /// False when YAML read a number or a truth value: `0x1F` or `1e5` then
    /// arrives as its meaning, which is wrong for a name and right for a number.
    pub(super) exact: bool,
}

/// A single value.
pub(super) type Leaf = Shape<Text>;

impl Leaf {
    /// A value that comes from elsewhere than the file: spelled as it is.
    pub(super) fn spelled(text: String) -> Self {
        Shape::Right(Text { text, exact: true })
    }
}

/// What a [`Shape`] may hold: each method that is not overridden says no, after
/// reading past the value.
pub(super) trait Part<'de>: Sized {
    /// Takes a single value.
    fn from_text(_text: String, _exact: bool) -> Option<Self> {
        None
    }
    /// Takes a block of keys.
    fn from_map<A: MapAccess<'de>>(mut map: A) -> Result<Option<Self>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
    /// Takes a list.
    fn from_list<A: SeqAccess<'de>>(mut list: A) -> Result<Option<Self>, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

impl Part<'_> for Text {
    fn from_text(text: String, exact: bool) -> Option<Self> {
        Some(Self { text, exact })
    }
}

impl<'de, T: Part<'de>> Part<'de> for Vec<Shape<T>> {
    fn from_list<A: SeqAccess<'de>>(mut list: A) -> Result<Option<Self>, A::Error> {
        let mut items = Self::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Some(items))
    }
}

impl<'de, T: Part<'de>> Part<'de> for BTreeMap<String, Shape<T>> {
    fn from_map<A: MapAccess<'de>>(mut map: A) -> Result<Option<Self>, A::Error> {
        let mut entries = Self::new();
        while let Some((key, value)) = map.next_entry()? {
            entries.insert(key, value);
        }
        Ok(Some(entries))
    }
}

impl<'de, T: Part<'de>> Deserialize<'de> for Shape<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShapeVisitor(PhantomData))
    }
}

struct ShapeVisitor<T>(PhantomData<T>);

impl<'de, T: Part<'de>> ShapeVisitor<T> {
    fn text<E>(text: String, exact: bool) -> Result<Shape<T>, E> {
        Ok(T::from_text(text, exact).map_or(Shape::Wrong("a single value"), Shape::Right))
    }
}

impl<'de, T: Part<'de>> Visitor<'de> for ShapeVisitor<T> {
    type Value = Shape<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value, a list or a block of keys")
    }
    fn visit_str<E: Error>(self, v: &str) -> Result<Self::Value, E> {
        Self::text(v.to_owned(), true)
    }
    fn visit_bool<E: Error>(self, v: bool) -> Result<Self::Value, E> {
        Self::text(v.to_string(), false)
    }
    fn visit_i64<E: Error>(self, v: i64) -> Result<Self::Value, E> {
        Self::text(v.to_string(), false)
    }
    fn visit_u64<E: Error>(self, v: u64) -> Result<Self::Value, E> {
        Self::text(v.to_string(), false)
    }
    fn visit_i128<E: Error>(self, v: i128) -> Result<Self::Value, E> {
        Self::text(v.to_string(), false)
    }
    fn visit_u128<E: Error>(self, v: u128) -> Result<Self::Value, E> {
        Self::text(v.to_string(), false)
    }
    fn visit_f64<E: Error>(self, v: f64) -> Result<Self::Value, E> {
        Self::text(v.to_string(), false)
    }
    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Shape::Empty)
    }
    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Shape::Empty)
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Ok(T::from_map(map)?.map_or(Shape::Wrong("a block of keys"), Shape::Right))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        Ok(T::from_list(list)?.map_or(Shape::Wrong("a list"), Shape::Right))
    }
}

/// A block with a fixed set of keys.
pub(super) trait Block: Default {
    /// The keys the block may have, as they are written.
    const KEYS: &'static [&'static str];
    /// The keys it had besides, in the order of the file.
    fn unknown(&self) -> &[String];
}

/// A key as the documentation has it.
#[derive(Debug)]
pub struct Key {
    /// As it is written.
    pub name: &'static str,
    /// What it means.
    pub text: &'static str,
    /// What applies when it is not there; empty where there is nothing to say.
    pub default: &'static str,
    /// What is allowed.
    pub allowed: &'static str,
    /// The keys below it.
    pub below: &'static [Key],
    /// Whether it holds a list of blocks.
    pub is_list: bool,
}

/// What may stand behind a key, for the documentation.
pub(super) trait Described {
    /// The keys below it.
    const BELOW: &'static [Key] = &[];
    /// Whether it is a list.
    const IS_LIST: bool = false;
}

impl Described for Text {}
impl<T> Described for BTreeMap<String, Shape<T>> {}
impl<T: Described> Described for Vec<Shape<T>> {
    const BELOW: &'static [Key] = T::BELOW;
    const IS_LIST: bool = true;
}
impl<T: Described> Described for Shape<T> {
    const BELOW: &'static [Key] = T::BELOW;
    const IS_LIST: bool = T::IS_LIST;
}

/// Declares blocks: the field names are the keys and their comments the documentation, so that
/// neither can drift from the fields. Behind a key stand its default and what is allowed.
macro_rules! blocks {
    ($($(#[doc = $about:literal])* $block:ident { $(
        $(#[doc = $text:literal])*
        $key:ident: $shape:ty $(= $default:literal, $allowed:literal)?;
    )* })*) => {$(
        $(#[doc = $about])*
        #[derive(Debug, Default)]
        pub(super) struct $block {
            $(pub(super) $key: $shape,)*
            unknown: Vec<String>,
        }

        impl Described for $block {
            const BELOW: &'static [Key] = &[$(Key {
                name: stringify!($key),
                text: concat!($($text),*),
                default: concat!($($default)?),
                allowed: concat!($($allowed)?),
                below: <$shape as Described>::BELOW,
                is_list: <$shape as Described>::IS_LIST,
            }),*];
        }

        impl Block for $block {
            const KEYS: &'static [&'static str] = &[$(stringify!($key)),*];

            fn unknown(&self) -> &[String] {
                &self.unknown
            }
        }

        impl<'de> Part<'de> for $block {
            fn from_map<A: MapAccess<'de>>(mut map: A) -> Result<Option<Self>, A::Error> {
                let mut block = Self::default();
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        $(stringify!($key) => block.$key = map.next_value()?,)*
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                            block.unknown.push(key);
                        }
                    }
                }
                Ok(Some(block))
            }
        }
    )*};
}

blocks! {
    /// The whole file.
    File {
        /// The contact centres to read, each independently of the others.
        accounts: Shape<Vec<Shape<Account>>>;
        /// The way to the APIs of all accounts.
        api: Shape<Api>;
        /// When and how much is asked of the API.
        poll: Shape<Poll>;
        /// How long interactions are remembered.
        ledger: Shape<Ledger>;
        /// What is kept between two runs.
        state: Shape<State>;
        /// Where the exporter listens. How that is protected stands in a file of its own: see
        /// [web.md](web.md).
        web: Shape<Web>;
        /// What is exposed, and how much of it.
        metrics: Shape<Metrics>;
        /// What counts as good service: see [service-level.md](service-level.md).
        service_level: Shape<ServiceLevel>;
        /// What is exported over OTLP: see [opentelemetry.md](opentelemetry.md). Behind each key
        /// stands the variable that OpenTelemetry has for it.
        otlp: Shape<Otlp>;
    }
    /// One entry of `accounts`.
    Account {
        /// The `account` label of every series.
        name: Leaf = "", "1 to 64 of the characters A-Z a-z 0-9 _ . -";
        /// Chooses both URLs.
        region: Leaf = "", "emea, nam or apac";
        /// Where the API is, in place of the region's.
        api_url: Leaf = "", "https, or http on this machine";
        /// Where tokens are had, in place of the region's.
        token_url: Leaf = "", "https, or http on this machine";
        /// The name of the API client, which needs the scope `stats`.
        client_id: Leaf;
        /// The file that holds the client's secret. It is read again for every token, so a secret
        /// can be changed without a restart.
        client_secret_file: Leaf = "", "one of these three";
        /// The environment variable that holds it.
        client_secret_env: Leaf = "", "one of these three";
        /// The credential that systemd loads it as (`LoadCredential=`); read like a file.
        client_secret_credential: Leaf = "", "one of these three";
        /// Lets the URLs be http on other machines too: anybody on the way can then read the
        /// secret and all answers.
        allow_http: Leaf = "false", "true or false";
    }
    /// The block `api`.
    Api {
        /// The proxy between here and the API: the one of `HTTPS_PROXY`, `HTTP_PROXY` and
        /// `NO_PROXY`, none, or this one.
        proxy: Leaf = "environment", "environment, direct, or an http or https URL";
        /// What is reached without the proxy of that URL: hosts, domains and networks, for example
        /// `[internal.example.com, 10.0.0.0/8]`.
        no_proxy: Shape<Vec<Leaf>> = "", "a list";
        /// The file that holds `user:password` for that proxy.
        proxy_credentials_file: Leaf;
        /// A file of certificates (PEM) of authorities that are believed besides the system's.
        ca_file: Leaf;
    }
    /// The block `poll`.
    Poll {
        /// The time from one poll to the next.
        interval: Leaf = "15s", "5s to 1h";
        /// How many interactions are asked for at a time.
        page_size: Leaf = "1000", "1 to 5000";
        /// Where counting of an account begins that the state does not know yet: now, this long
        /// ago, or at a time.
        start_from: Leaf = "now", "now, such as -24h, or an RFC 3339 time";
        /// How far each window looks back into the one before.
        overlap: Leaf = "2m", "0s to 1h";
        /// The most requests in a minute, per account. The API's limit is shared by all your
        /// integrations.
        requests_per_minute: Leaf = "80", "1 to 160";
        /// The time from one reading of the recent past to the next.
        reread_interval: Leaf = "1h", "5m to 24h";
        /// How much of the recent past is read again.
        reread_span: Leaf = "6h", "10m to 7d";
        /// The longest one request may take.
        timeout: Leaf = "1m", "1s to 10m";
        /// The time from one look at what is going on now to the next; `0s` for never, and then
        /// there are no live gauges.
        ongoing_interval: Leaf = "15s", "5s to 1h";
    }
    /// The block `ledger`.
    Ledger {
        /// How long an interaction that ended is remembered, so that it is never counted twice.
        retention: Leaf = "35d", "32d to 400d";
        /// How long an open interaction that is no phone call is waited for.
        expire_after: Leaf = "30d", "1h to 400d";
        /// The same for media whose name starts with `Phone`.
        expire_phone_after: Leaf = "24h", "1h to 400d";
    }
    /// The block `state`.
    State {
        /// The directory of the state: one for each exporter. `run` needs it, here or as
        /// `--state.path`.
        path: Leaf;
    }
    /// The block `web`.
    Web {
        /// The address and the port.
        listen_address: Leaf = "127.0.0.1:9877", "an IP address and a port";
        /// The path of the metrics.
        telemetry_path: Leaf = "/metrics", "a path, not under /-/ or /api/";
    }
    /// The block `metrics`.
    Metrics {
        /// How long a new series is shown at 0 before it counts, so that `increase()` sees its
        /// first count: at least twice your scrape interval. Where metrics are pushed it is at
        /// least two pushes. `0s` switches it off.
        new_series_hold: Leaf = "1m", "0s to 1h";
        /// The most series of one family; beyond it, label values from outside count under
        /// `other`.
        series_limit: Leaf = "20000", "100 to 1000000";
        /// The most values of a label, for example `{virtual_queue: 500}`.
        label_limits: Shape<BTreeMap<String, Leaf>> = "", "per label 1 to 100000";
        /// Which of `medium`, `direction`, `outcome`, `virtual_queue` and `reporting_group` a family
        /// keeps, for example `{vcc_interaction_talk_seconds: [medium, virtual_queue]}`.
        labels: Shape<BTreeMap<String, Shape<Vec<Leaf>>>> = "", "per family a list of labels it has";
        /// The name a value is shown under, for example `{virtual_queue: {Billing: Accounts}}`: the
        /// series of a queue that was renamed go on.
        rename: Shape<BTreeMap<String, Shape<BTreeMap<String, Leaf>>>> = "",
            "per label and value at most 128 bytes";
        /// Counts agents by their ids too (`vcc_per_agent_*`).
        per_agent: Leaf = "false", "true or false";
        /// Shows exponential buckets in protobuf too: read [formats.md](formats.md) first.
        native_histograms: Leaf = "false", "true or false";
        /// Shows in OpenMetrics when each series began, in `_created` lines.
        created_samples: Leaf = "false", "true or false";
    }
    /// The block `service_level`.
    ServiceLevel {
        /// The share of interactions to answer in time, shown as a gauge.
        objective: Leaf = "0.8", "0.01 to 0.999";
        /// Who gives up this soon is not held against the service.
        short_abandon: Leaf = "5s", "0s to 5m";
        /// Whether breakouts are part of the service level.
        breakouts: Leaf = "count", "count or ignore";
        /// The target of queues whose records carry none, and that have none below.
        default_target: Leaf = "", "1s to 30d";
        /// Targets by the name of the virtual queue, for example `{Sales: 20s}`.
        targets: Shape<BTreeMap<String, Leaf>> = "", "per queue 1s to 30d";
    }
    /// The block `otlp`.
    Otlp {
        /// The receiver; `/v1/metrics` and `/v1/traces` are added.
        endpoint: Leaf = "", "an http or https URL";
        /// The receiver of metrics in its place, used as it is.
        metrics_endpoint: Leaf = "", "an http or https URL";
        /// The receiver of traces in its place, used as it is.
        traces_endpoint: Leaf = "", "an http or https URL";
        /// Headers of every export, by their names.
        headers: Shape<BTreeMap<String, Leaf>>;
        /// The same from files, which are read again for each export.
        header_files: Shape<BTreeMap<String, Leaf>> = "", "per header a file";
        /// How bodies are compressed.
        compression: Leaf = "gzip", "gzip or none";
        /// The longest one export may take.
        timeout: Leaf = "10s", "1s to 5m";
        /// A file of certificates (PEM) of authorities that are believed besides the system's.
        ca_file: Leaf;
        /// Attributes of the resource, for example `{deployment.environment.name: prod}`.
        resource: Shape<BTreeMap<String, Leaf>>;
        /// The push of the metrics.
        metrics: Shape<OtlpMetrics>;
        /// The export of traces.
        traces: Shape<OtlpTraces>;
    }
    /// The block `otlp.metrics`.
    OtlpMetrics {
        /// Whether metrics are pushed where there is a receiver.
        enabled: Leaf = "true", "true or false";
        /// The time from one push to the next.
        interval: Leaf = "1m", "1s to 1h";
    }
    /// The block `otlp.traces`.
    OtlpTraces {
        /// Whether the exporter's own polls become traces where there is a receiver.
        exporter: Leaf = "true", "true or false";
        /// Whether each interaction that ended becomes a trace: see [traces.md](traces.md).
        interactions: Leaf = "false", "true or false";
        /// The share of those that neither failed nor missed a service level.
        sample_ratio: Leaf = "1", "0 to 1";
        /// Whether agents' ids are among the attributes.
        party_ids: Leaf = "false", "true or false";
    }
    /// The whole file of `--web.config.file`.
    WebFile {
        /// TLS; without this block plain HTTP is served.
        tls_server_config: Shape<TlsServer>;
        /// How answers look.
        http_server_config: Shape<HttpServer>;
        /// The bcrypt hashes of passwords by user: `htpasswd -nBC 10 ""` makes one. Without users
        /// everybody is served. `/-/healthy` and `/-/ready` need no password.
        basic_auth_users: Shape<BTreeMap<String, Leaf>> = "", "per user a hash of a cost of 4 to 18";
        /// How many requests are answered: a bucket that each takes one from.
        rate_limit: Shape<RateLimit>;
    }
    /// The block `tls_server_config` of that file.
    TlsServer {
        /// The server's certificate itself (PEM), followed by those between it and its authority.
        cert: Leaf = "", "one of cert and cert_file";
        /// The key itself.
        key: Leaf = "", "one of key and key_file";
        /// The authorities of clients themselves.
        client_ca: Leaf;
        /// The file of the server's certificate.
        cert_file: Leaf = "", "one of cert and cert_file";
        /// The file of its key.
        key_file: Leaf = "", "one of key and key_file";
        /// Whether clients are asked for a certificate, and whether it is verified. What protects is
        /// `RequireAndVerifyClientCert`.
        client_auth_type: Leaf = "NoClientCert",
            "NoClientCert, RequestClientCert, RequireAnyClientCert, VerifyClientCertIfGiven or RequireAndVerifyClientCert";
        /// The file of the authorities that may issue certificates of clients.
        client_ca_file: Leaf;
        /// Names (DNS, IP address, e-mail, URI) one of which a client's certificate must have.
        client_allowed_sans: Shape<Vec<Leaf>> = "", "a list";
        /// The lowest version that is spoken. TLS 1.0 and 1.1 are not, whatever is written here.
        min_version: Leaf = "TLS12", "TLS12 or TLS13";
        /// The highest version that is spoken.
        max_version: Leaf = "TLS13", "TLS12 or TLS13";
        /// Cipher suites of TLS 1.2 by the names Go has for them. Those with CBC are not spoken.
        cipher_suites: Shape<Vec<Leaf>> = "", "a list";
        /// Whether the order of these counts, or the client's.
        prefer_server_cipher_suites: Leaf = "true", "true or false";
        /// Groups of the key exchange. `CurveP521` is not spoken.
        curve_preferences: Shape<Vec<Leaf>> = "", "X25519, CurveP256, CurveP384";
    }
    /// The block `http_server_config` of that file.
    HttpServer {
        /// Whether HTTP/2 is spoken with clients over TLS.
        http2: Leaf = "true", "true or false";
        /// Headers of every answer: `Content-Security-Policy`, `Strict-Transport-Security`,
        /// `X-Content-Type-Options`, `X-Frame-Options`, `X-XSS-Protection`.
        headers: Shape<BTreeMap<String, Leaf>>;
    }
    /// The block `rate_limit` of that file.
    RateLimit {
        /// The time in which the bucket gains one request; `0` for no limit.
        interval: Leaf = "0", "such as 100ms";
        /// How many requests it holds.
        burst: Leaf = "0", "0 to 1000000";
    }
}
