//! One file per mistake, and the exact words an operator gets for it.

use super::{parse, text_of};

/// Declares a test per file of `tests/data/config`: `invalid_tab` reads
/// `invalid-tab.yml`. Every message starts with the name of the file, which is
/// left out here.
macro_rules! mistakes {
    ($($file:ident: [$($message:expr),* $(,)?],)*) => {
        $(#[test] fn $file() {
            let name = format!("{}.yml", stringify!($file).replace('_', "-"));
            let problems = parse(&name, &text_of(&name)).expect_err("a mistake");
            let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
            let expected = [$($message),*].map(|line: &str| format!("{name}: {line}"));
            assert_eq!(lines, expected);
        })*

        /// A file without a test would look covered.
        #[test]
        fn every_invalid_file_has_a_test() {
            let tested = [$(stringify!($file).replace('_', "-") + ".yml"),*];
            for entry in std::fs::read_dir(super::data("")).unwrap() {
                let name = entry.unwrap().file_name().into_string().unwrap();
                assert!(
                    name.starts_with("valid-") || tested.contains(&name),
                    "{name} is not tested"
                );
            }
        }
    };
}

mistakes! {
    invalid_account_bare: [
        "accounts[0].name: is required",
        "accounts[0]: needs a region (emea, nam or apac), or both api_url and token_url",
        "accounts[0].client_id: is required",
        "accounts[0]: needs client_secret_file, client_secret_env or client_secret_credential",
    ],
    invalid_account_entry: ["accounts[0]: is a single value: it must be a block of keys"],
    invalid_account_name: [
        r#"accounts[0].name: "acme corp" must be 1 to 64 of the characters A-Z a-z 0-9 _ . -"#,
        "accounts[1].name: is read by YAML as a number or true/false: put it in quotes",
        "accounts[2].name: is empty",
        r#"accounts[3].name: "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggggg" must be 1 to 64 of the characters A-Z a-z 0-9 _ . -"#,
    ],
    invalid_account_twice: [r#"accounts[1].name: "acme" is the name of accounts[0] already"#],
    invalid_accounts_block: ["accounts: is a block of keys: it must be a list of accounts"],
    invalid_accounts_empty: ["accounts: needs at least one account"],
    invalid_alias: ["line 7, column 13: reference to unknown value"],
    invalid_client_id_number: [
        "accounts[0].client_id: is read by YAML as a number or true/false: put it in quotes",
        "accounts[1].client_id: is read by YAML as a number or true/false: put it in quotes",
        "accounts[2].client_id: is read by YAML as a number or true/false: put it in quotes",
    ],
    invalid_colon: ["line 7, column 16: mapping values are not allowed in this context"],
    invalid_duplicate_block: [r#"line 7, column 1: the key "poll" is there twice"#],
    invalid_duplicate_key: [r#"line 8, column 3: the key "interval" is there twice"#],
    invalid_durations: [
        r#"poll.interval: "3s" is too short: allowed is 5s to 1h"#,
        r#"poll.overlap: "2h" is too long: allowed is 0s to 1h"#,
        r#"poll.reread_interval: "15" has no unit: write 15s"#,
        r#"poll.reread_span: "8d" is too long: allowed is 10m to 7d"#,
        r#"poll.timeout: "soon" is not a duration: write a number and a unit, such as 10m"#,
        r#"poll.ongoing_interval: "4s" is too short: allowed is 5s to 1h"#,
        r#"ledger.retention: "31d" is too short: allowed is 32d to 400d"#,
        r#"ledger.expire_after: "-1h" is not a duration: write a number and a unit, such as 400d"#,
        r#"ledger.expire_phone_after: "1.5" has no unit: write 1.5s"#,
        r#"metrics.new_series_hold: "60" has no unit: write 60s"#,
        r#"service_level.short_abandon: "6m" is too long: allowed is 0s to 5m"#,
        r#"service_level.default_target: "0s" is too short: allowed is 1s to 30d"#,
        r#"service_level.targets["Billing Queue"]: "20" has no unit: write 20s"#,
        r#"service_level.targets["Other"]: "31d" is too long: allowed is 1s to 30d"#,
    ],
    invalid_empty: ["is empty: it needs at least one account"],
    invalid_indent: [
        "line 6, column 4: while parsing a block collection, did not find expected '-' indicator",
    ],
    invalid_listen_address_host: [
        r#"web.listen_address: "localhost:9877" is not an IP address and port: write it such as 127.0.0.1:9877 or "[::1]:9877""#,
    ],
    invalid_listen_address_port: [
        r#"web.listen_address: "127.0.0.1" is not an IP address and port: the port is missing"#,
    ],
    invalid_listen_address_unquoted: [
        "web.listen_address: is a list: it must be a single value",
    ],
    invalid_listen_address: [
        r#"web.listen_address: ":9877" is not an IP address and port: write "0.0.0.0:9877" to listen everywhere"#,
    ],
    invalid_many: [
        "sate: unknown key, state was probably meant; allowed: accounts, api, poll, ledger, state, web, metrics, service_level, otlp",
        r#"accounts[0].name: "a b" must be 1 to 64 of the characters A-Z a-z 0-9 _ . -"#,
        r#"accounts[0].region: "mars" is not a region: allowed are emea, nam and apac"#,
        r#"poll.interval: "3s" is too short: allowed is 5s to 1h"#,
        r#"poll.page_size: "6000" is too large: allowed is 1 to 5000"#,
    ],
    invalid_metrics_labels_family: [
        "metrics.labels.vcc_queue_wait_second: unknown key, vcc_queue_wait_seconds was probably meant; allowed: vcc_interactions_total, vcc_interaction_duration_seconds, vcc_interaction_handle_seconds, vcc_interaction_talk_seconds, vcc_interaction_time_to_agent_seconds, vcc_interactions_started_total, vcc_conversations_started_total, vcc_interactions_transferred_total, vcc_interactions_requeued_total, vcc_interactions_expired_total, vcc_interactions_categorized_total, vcc_acd_queue_exits_total, vcc_acd_queue_wait_seconds, vcc_queue_entries_total, vcc_queue_exits_total, vcc_queue_wait_seconds, vcc_service_level_eligible_total, vcc_service_level_met_total, vcc_agent_queue_exits_total, vcc_agent_queue_wait_seconds, vcc_agent_offers_total, vcc_agent_ring_seconds, vcc_agent_handle_seconds, vcc_agent_wrap_seconds, vcc_hold_seconds, vcc_outbound_attempts_total, vcc_channels_ended_total, vcc_dispositions_total, vcc_call_quality_ratings_total, vcc_call_quality_score, vcc_monitoring_seconds, vcc_audio_problems_total, vcc_delivery_failures_total, vcc_per_agent_offers_total, vcc_per_agent_handle_seconds, vcc_virtual_assistant_sessions_total, vcc_virtual_assistant_interactions_total, vcc_virtual_assistant_seconds, vcc_virtual_assistant_messages_total, vcc_applets_total, vcc_interaction_plans_total, vcc_recording_seconds, vcc_voicemails_total, vcc_data_source_values_total",
    ],
    invalid_metrics_labels_shape: [
        "metrics.labels: is a list: it must be a block of keys",
    ],
    invalid_metrics_labels: [
        "metrics.labels.vcc_agent_wrap_seconds: is a single value: it must be a list, which may be empty: []",
        "metrics.labels.vcc_hold_seconds: has no value: write a list, which may be empty: []",
        "metrics.labels.vcc_interaction_duration_seconds: is a list: it must be a single value",
        r#"metrics.labels.vcc_queue_wait_seconds: "path" is not one of the labels it may keep: medium, direction, virtual_queue, reporting_group"#,
        r#"metrics.labels.vcc_queue_wait_seconds: "outcome" is not one of the labels it may keep: medium, direction, virtual_queue, reporting_group"#,
    ],
    invalid_metrics_per_agent_empty: [
        "metrics.per_agent: has no value: write one, or take the line out",
    ],
    invalid_metrics_per_agent: [
        r#"metrics.per_agent: "sometimes" must be true or false"#,
    ],
    invalid_metrics_rename: [
        r#"metrics.rename.medium["Phone"]: is empty"#,
        "metrics.rename.path: unknown key; allowed: medium, direction, medium_manager, outcome, virtual_queue, acd_queue, reporting_group, result, skill, role, end_reason, integration_type, kind, disposition, score, classification, assistant, applet_type, interaction_plan, type, agent",
        "metrics.rename.skill: is a single value: it must be a block of keys",
        "metrics.rename.virtual_que: unknown key, virtual_queue was probably meant; allowed: medium, direction, medium_manager, outcome, virtual_queue, acd_queue, reporting_group, result, skill, role, end_reason, integration_type, kind, disposition, score, classification, assistant, applet_type, interaction_plan, type, agent",
        r#"metrics.rename.virtual_queue["Long"]: "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"... is longer than 128 bytes"#,
        r#"metrics.rename.virtual_queue["Number"]: is read by YAML as a number or true/false: put it in quotes"#,
        r#"metrics.rename.virtual_queue: "New" is renamed itself: give the last name for both"#,
    ],
    invalid_no_accounts: ["accounts: needs at least one account"],
    invalid_not_a_block: ["is a list: it must be a block of keys"],
    invalid_numbers: [
        r#"poll.page_size: "0" is too small: allowed is 1 to 5000"#,
        r#"poll.requests_per_minute: "161" is too large: allowed is 1 to 160"#,
        r#"metrics.series_limit: "1.5" is not a whole number: allowed is 100 to 1000000"#,
        r#"metrics.label_limits.outcome: "many" is not a whole number: allowed is 1 to 100000"#,
        r#"metrics.label_limits.skill: "0" is too small: allowed is 1 to 100000"#,
        r#"service_level.objective: "80" is too large: allowed is 0.01 to 0.999"#,
        r#"service_level.breakouts: "maybe" must be count or ignore"#,
    ],
    invalid_objective: [
        r#"service_level.objective: ".nan" is not a number: allowed is 0.01 to 0.999"#,
    ],
    invalid_ongoing_long: [r#"poll.ongoing_interval: "2h" is too long: allowed is 5s to 1h"#],
    invalid_ongoing_unit: [r#"poll.ongoing_interval: "30" has no unit: write 30s"#],
    invalid_ongoing_word: [
        r#"poll.ongoing_interval: "never" is not a duration: write a number and a unit, such as 1h"#,
    ],
    invalid_only_comments: ["is empty: it needs at least one account"],
    invalid_otlp: [
        "otlp.colour: unknown key; allowed: endpoint, metrics_endpoint, traces_endpoint, headers, header_files, compression, timeout, ca_file, resource, metrics, traces",
        "otlp.endpoint: must not hold a user or a password: send them as a header",
        "otlp.headers.Content-Type: sets content-type, which the exporter sets itself",
        "otlp.headers.bad name: has a name that no header can have",
        "otlp.headers.x-line: holds what a header cannot, such as a line end",
        "otlp.headers.x-number: is read by YAML as a number or true/false: put it in quotes",
        "otlp.header_files.X-Key: sets x-key, which is set already",
        r#"otlp.compression: "zstd" must be gzip or none"#,
        r#"otlp.timeout: "6m" is too long: allowed is 1s to 5m"#,
        r#"otlp.metrics.enabled: "yes" must be true or false"#,
        r#"otlp.metrics.interval: "500ms" is too short: allowed is 1s to 1h"#,
        r#"otlp.metrics_endpoint: "grpc://127.0.0.1:4317" must start with http:// or https:// and name a host"#,
        "otlp.traces.interactoins: unknown key, interactions was probably meant; allowed: exporter, interactions, sample_ratio, party_ids",
        "otlp.traces_endpoint: must not have a part that starts with ? or #",
        "otlp.resource.empty: is empty",
    ],
    invalid_quote: ["line 4, column 16: unclosed quote"],
    invalid_region_absent: [
        "accounts[0]: needs a region (emea, nam or apac), or both api_url and token_url",
    ],
    invalid_region: [
        r#"accounts[0].region: "EU" is not a region: allowed are emea, nam and apac"#,
    ],
    invalid_secret_absent: ["accounts[0]: needs client_secret_file, client_secret_env or client_secret_credential"],
    invalid_secret_as_variable: [
        "accounts[0].client_secret_env: names an environment variable that is not set or is empty",
    ],
    invalid_secret_both: [
        "accounts[0]: has more than one of client_secret_file, client_secret_env or client_secret_credential: keep one",
    ],
    invalid_secret_credential: [
        "accounts[0].client_secret_credential: needs a service manager that sets CREDENTIALS_DIRECTORY, as systemd does for LoadCredential=",
        "accounts[1].client_secret_credential: must be the name of a credential, not a path",
    ],
    invalid_secret_in_file: [
        "accounts[0].client_secret: unknown key, as secrets do not belong in this file: use client_secret_file, client_secret_env or client_secret_credential",
        "accounts[0]: needs client_secret_file, client_secret_env or client_secret_credential",
    ],
    invalid_secret_variable_empty: [
        "accounts[0].client_secret_env: names an environment variable that is not set or is empty",
    ],
    invalid_shapes: [
        "poll: is a single value: it must be a block of keys",
        "ledger.retention: is a list: it must be a single value",
        "web: is a list: it must be a block of keys",
        "metrics.label_limits: is a single value: it must be a block of keys",
        "service_level.objective: has no value: write one, or take the line out",
        "service_level.breakouts: is a block of keys: it must be a single value",
    ],
    invalid_start_from_bare: [r#"poll.start_from: "-24" has no unit: write -24s"#],
    invalid_start_from_date: [
        r#"poll.start_from: "2026-01-01" is not a start: write now, a duration such as "-24h", or a time such as 2026-01-01T00:00:00Z"#,
    ],
    invalid_start_from_duration: [
        r#"poll.start_from: "24h" is not a start: write now, a duration such as "-24h", or a time such as 2026-01-01T00:00:00Z"#,
    ],
    invalid_start_from_early: [
        r#"poll.start_from: "1970-01-01T00:00:00Z" is before 2000-01-01T00:00:00Z"#,
    ],
    invalid_start_from_far: [r#"poll.start_from: "-6y" is too long: allowed is 1s to 5y"#],
    invalid_start_from: [
        r#"poll.start_from: "yesterday" is not a start: write now, a duration such as "-24h", or a time such as 2026-01-01T00:00:00Z"#,
    ],
    invalid_tab: ["line 7, column 2: tabs disallowed within this context (block indentation)"],
    invalid_telemetry_path_api: [
        r#"web.telemetry_path: "/api/metrics" must not be under /-/ or /api/, which the exporter uses itself"#,
    ],
    invalid_telemetry_path_bare: [r#"web.telemetry_path: "metrics" must start with /"#],
    invalid_telemetry_path_own: [
        r#"web.telemetry_path: "/-/metrics" must not be under /-/ or /api/, which the exporter uses itself"#,
    ],
    invalid_telemetry_path_pattern: [
        r#"web.telemetry_path: "/{all}" may hold only letters, digits, single / and . _ ~ -"#,
    ],
    invalid_telemetry_path_root: [
        r#"web.telemetry_path: "/" is the start page: write for example /metrics"#,
    ],
    invalid_two_documents: ["line 7, column 1: only one YAML document is allowed"],
    invalid_unknown_key: [
        "pol: unknown key, poll was probably meant; allowed: accounts, api, poll, ledger, state, web, metrics, service_level, otlp",
        "accounts[0].regoin: unknown key, region was probably meant; allowed: name, region, api_url, token_url, client_id, client_secret_file, client_secret_env, client_secret_credential, allow_http",
        "poll.intervall: unknown key, interval was probably meant; allowed: interval, page_size, start_from, overlap, requests_per_minute, reread_interval, reread_span, timeout, ongoing_interval",
        "poll.page-size: unknown key, page_size was probably meant; allowed: interval, page_size, start_from, overlap, requests_per_minute, reread_interval, reread_span, timeout, ongoing_interval",
        "poll.colour: unknown key; allowed: interval, page_size, start_from, overlap, requests_per_minute, reread_interval, reread_span, timeout, ongoing_interval",
        "metrics.label_limits.virtual_que: unknown key, virtual_queue was probably meant; allowed: medium, direction, medium_manager, outcome, virtual_queue, acd_queue, reporting_group, result, skill, role, end_reason, integration_type, kind, disposition, score, classification, assistant, applet_type, interaction_plan, type, agent",
    ],
    invalid_url: [
        r#"accounts[0].api_url: "http://emea.api.newvoicemedia.com" must start with https://, as http is for this machine only, unless allow_http is true"#,
        "accounts[0].token_url: must not hold a user or a password",
        r#"accounts[1].api_url: "emea.api.newvoicemedia.com" is not a URL: relative URL without a base"#,
        "accounts[1].token_url: must not have a part that starts with ? or #",
        r#"accounts[2].api_url: "ftp://127.0.0.1" must start with https://"#,
        "accounts[2].token_url: is not a URL: invalid international domain name",
    ],
}
