//! The keys of the configuration file, each with its documentation, its default and what is allowed.

use std::collections::BTreeMap;

use vcc_yaml::{DAY, HOUR, MINUTE, Raw, Scalar, sections};

sections! {
    /// The whole file.
    File {
        /// The contact centres to read, each independently of the others.
        accounts: Raw<Vec<Raw<Account>>>;
        /// The way to the APIs of all accounts.
        api: Raw<Api>;
        /// When and how much is asked of the API.
        poll: Raw<Poll>;
        /// How long interactions are remembered.
        ledger: Raw<Ledger>;
        /// What is kept between two runs.
        state: Raw<State>;
        /// Where the exporter listens. How that is protected stands in a file of its own: see
        /// [web.md](web.md).
        web: Raw<Web>;
        /// What is exposed, and how much of it.
        metrics: Raw<Metrics>;
        /// What counts as good service: see [service-level.md](service-level.md).
        service_level: Raw<ServiceLevel>;
        /// What is exported over OTLP: see [opentelemetry.md](opentelemetry.md). Behind each key
        /// stands the variable that OpenTelemetry has for it.
        otlp: Raw<Otlp>;
    }
    /// One entry of `accounts`.
    Account {
        /// The `account` label of every series.
        name: Scalar, allowed("1 to 64 of the characters A-Z a-z 0-9 _ . -");
        /// Chooses both URLs.
        region: Scalar, allowed("emea, nam or apac");
        /// Where the API is, in place of the region's.
        api_url: Scalar, allowed("https, or http on this machine");
        /// Where tokens are had, in place of the region's.
        token_url: Scalar, allowed("https, or http on this machine");
        /// The name of the API client, which needs the scope `stats`.
        client_id: Scalar;
        /// The file that holds the client's secret. It is read again for every token, so a secret
        /// can be changed without a restart.
        client_secret_file: Scalar, allowed("one of these three");
        /// The environment variable that holds it.
        client_secret_env: Scalar, allowed("one of these three");
        /// The credential that systemd loads it as (`LoadCredential=`); read like a file.
        client_secret_credential: Scalar, allowed("one of these three");
        /// Lets the URLs be http on other machines too: anybody on the way can then read the
        /// secret and all answers.
        allow_http: Scalar, default "false", allowed("true or false");
    }
    /// The block `api`.
    Api {
        /// The proxy between here and the API: the one of `HTTPS_PROXY`, `HTTP_PROXY` and
        /// `NO_PROXY`, none, or this one.
        proxy: Scalar, default "environment", allowed("environment, direct, or an http or https URL");
        /// What is reached without the proxy of that URL: hosts, domains and networks, for example
        /// `[internal.example.com, 10.0.0.0/8]`.
        no_proxy: Raw<Vec<Scalar>>, allowed("a list");
        /// The file that holds `user:password` for that proxy.
        proxy_credentials_file: Scalar;
        /// A file of certificates (PEM) of authorities that are believed besides the system's.
        ca_file: Scalar;
    }
    /// The block `poll`.
    Poll {
        /// The time from one poll to the next.
        interval: Scalar, default "15s", allowed(seconds 5..=HOUR);
        /// How many interactions are asked for at a time.
        page_size: Scalar, default "1000", allowed(whole u32 1..=5000);
        /// Where counting of an account begins that the state does not know yet: now, this long
        /// ago, or at a time.
        start_from: Scalar, default "now", allowed("now, such as -24h, or an RFC 3339 time");
        /// How far each window looks back into the one before.
        overlap: Scalar, default "2m", allowed(seconds 0..=HOUR);
        /// The most requests in a minute, per account. The API's limit is shared by all your
        /// integrations.
        requests_per_minute: Scalar, default "80", allowed(whole u32 1..=160);
        /// The time from one reading of the recent past to the next.
        reread_interval: Scalar, default "1h", allowed(seconds 5 * MINUTE..=DAY);
        /// How much of the recent past is read again.
        reread_span: Scalar, default "6h", allowed(seconds 10 * MINUTE..=7 * DAY);
        /// The longest one request may take.
        timeout: Scalar, default "1m", allowed(seconds 1..=10 * MINUTE);
        /// The time from one look at what is going on now to the next; `0s` for never, and then
        /// there are no live gauges.
        ongoing_interval: Scalar, default "15s", allowed(seconds 5..=HOUR);
    }
    /// The block `ledger`.
    Ledger {
        /// How long an interaction that ended is remembered, so that it is never counted twice.
        retention: Scalar, default "35d", allowed(seconds 32 * DAY..=400 * DAY);
        /// How long an open interaction that is no phone call is waited for.
        expire_after: Scalar, default "30d", allowed(seconds HOUR..=400 * DAY);
        /// The same for media whose name starts with `Phone`.
        expire_phone_after: Scalar, default "24h", allowed(seconds HOUR..=400 * DAY);
    }
    /// The block `state`.
    State {
        /// The directory of the state: one for each exporter. `run` needs it, here or as
        /// `--state.path`.
        path: Scalar;
    }
    /// The block `web`.
    Web {
        /// The address and the port.
        listen_address: Scalar, default "127.0.0.1:9877", allowed("an IP address and a port");
        /// The path of the metrics.
        telemetry_path: Scalar, default "/metrics", allowed("a path, not under /-/ or /api/");
    }
    /// The block `metrics`.
    Metrics {
        /// How long a new series is shown at 0 before it counts, so that `increase()` sees its
        /// first count: at least twice your scrape interval. Where metrics are pushed it is at
        /// least two pushes. `0s` switches it off.
        new_series_hold: Scalar, default "1m", allowed(seconds 0..=HOUR);
        /// The most series of one family; beyond it, label values from outside count under
        /// `other`.
        series_limit: Scalar, default "20000", allowed(whole usize 100..=1_000_000);
        /// The most values of a label, for example `{virtual_queue: 500}`.
        label_limits: Raw<BTreeMap<String, Scalar>>, allowed(per "label" whole usize 1..=100_000);
        /// Which of `medium`, `direction`, `outcome`, `virtual_queue` and `reporting_group` a family
        /// keeps, for example `{vcc_interaction_talk_seconds: [medium, virtual_queue]}`.
        labels: Raw<BTreeMap<String, Raw<Vec<Scalar>>>>, allowed("per family a list of labels it has");
        /// The name a value is shown under, for example `{virtual_queue: {Billing: Accounts}}`: the
        /// series of a queue that was renamed go on.
        rename: Raw<BTreeMap<String, Raw<BTreeMap<String, Scalar>>>>,
            allowed("per label and value at most 128 bytes");
        /// Counts agents by their ids too (`vcc_per_agent_*`).
        per_agent: Scalar, default "false", allowed("true or false");
        /// Shows exponential buckets in protobuf too: read [formats.md](formats.md) first.
        native_histograms: Scalar, default "false", allowed("true or false");
        /// Shows in OpenMetrics when each series began, in `_created` lines.
        created_samples: Scalar, default "false", allowed("true or false");
    }
    /// The block `service_level`.
    ServiceLevel {
        /// The share of interactions to answer in time, shown as a gauge.
        objective: Scalar, default "0.8", allowed(number 0.01..=0.999);
        /// Who gives up this soon is not held against the service.
        short_abandon: Scalar, default "5s", allowed(seconds 0..=5 * MINUTE);
        /// Whether breakouts are part of the service level.
        breakouts: Scalar, default "count", allowed("count or ignore");
        /// The target of queues whose records carry none, and that have none below.
        default_target: Scalar, allowed(seconds 1..=30 * DAY);
        /// Targets by the name of the virtual queue, for example `{Sales: 20s}`.
        targets: Raw<BTreeMap<String, Scalar>>, allowed(per "queue" seconds 1..=30 * DAY);
    }
    /// The block `otlp`.
    Otlp {
        /// The receiver; `/v1/metrics` and `/v1/traces` are added.
        endpoint: Scalar, allowed("an http or https URL");
        /// The receiver of metrics in its place, used as it is.
        metrics_endpoint: Scalar, allowed("an http or https URL");
        /// The receiver of traces in its place, used as it is.
        traces_endpoint: Scalar, allowed("an http or https URL");
        /// Headers of every export, by their names.
        headers: Raw<BTreeMap<String, Scalar>>;
        /// The same from files, which are read again for each export.
        header_files: Raw<BTreeMap<String, Scalar>>, allowed("per header a file");
        /// How bodies are compressed.
        compression: Scalar, default "gzip", allowed("gzip or none");
        /// The longest one export may take.
        timeout: Scalar, default "10s", allowed(seconds 1..=5 * MINUTE);
        /// A file of certificates (PEM) of authorities that are believed besides the system's.
        ca_file: Scalar;
        /// Attributes of the resource, for example `{deployment.environment.name: prod}`.
        resource: Raw<BTreeMap<String, Scalar>>;
        /// The push of the metrics.
        metrics: Raw<OtlpMetrics>;
        /// The export of traces.
        traces: Raw<OtlpTraces>;
    }
    /// The block `otlp.metrics`.
    OtlpMetrics {
        /// Whether metrics are pushed where there is a receiver.
        enabled: Scalar, default "true", allowed("true or false");
        /// The time from one push to the next.
        interval: Scalar, default "1m", allowed(seconds 1..=HOUR);
    }
    /// The block `otlp.traces`.
    OtlpTraces {
        /// Whether the exporter's own polls become traces where there is a receiver.
        exporter: Scalar, default "true", allowed("true or false");
        /// Whether each interaction that ended becomes a trace: see [traces.md](traces.md).
        interactions: Scalar, default "false", allowed("true or false");
        /// The share of those that neither failed nor missed a service level.
        sample_ratio: Scalar, default "1", allowed(number 0.0..=1.0);
        /// Whether agents' ids are among the attributes.
        party_ids: Scalar, default "false", allowed("true or false");
    }
}
