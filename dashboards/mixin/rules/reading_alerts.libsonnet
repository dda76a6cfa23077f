// Alerts of reading: whether the exporters are there, reach the API, and keep up.
local alerts = import 'alert.libsonnet';
local durations = import 'durations.libsonnet';

{
  local config = $._config,
  local pendingFor = config.pendingFor,
  local health = { dashboard: 'vcc-exporter' },

  prometheusAlerts+:: {
    groups+: [alerts.group(config, 'vcc-reading', 'exporter', [
      health {
        name: 'VccExporterDown',
        severity: 'critical',
        pending: pendingFor.quick,
        process: true,
        expr: 'up{%s} == 0' % config.exporterSelector,
        summary: 'An exporter does not answer.',
        description: 'Prometheus cannot scrape {{ $labels.instance }}. Nothing is known of its accounts, and all alerts of their contact centres are silent. What happens meanwhile is counted once it is back.',
      },
      health {
        name: 'VccExporterVanished',
        severity: 'critical',
        pending: pendingFor.usual,
        process: true,
        expr: 'absent(up{%s})' % config.exporterSelector,
        summary: 'Prometheus knows no exporter.',
        description: 'No target matches {{ $labels.job }}. Nothing is known of any account, and all alerts of the contact centre are silent.',
      },
      health {
        name: 'VccAccountVanished',
        severity: 'critical',
        pending: pendingFor.usual,
        expr: |||
          (
            group by (account) (present_over_time(vcc_exporter_epoch_timestamp_seconds[%(day)s]))
          unless on (account)
            vcc_exporter_epoch_timestamp_seconds
          )
          and on ()
            (count(up{%(exporter)s} == 1) > 0)
        ||| % { day: config.windows.day, exporter: config.exporterSelector },
        summary: 'An account is no longer exported.',
        description: 'Account {{ $labels.account }} was exported within the last day and is not any more, though an exporter is up. Its contact centre is not watched. If it was removed on purpose, silence this for a day.',
      },
      health {
        name: 'VccAccountExportedTwice',
        severity: 'critical',
        pending: '10m',
        expr: 'count by (account) (vcc_exporter_epoch_timestamp_seconds) > 1',
        summary: 'One account is exported by several targets: every figure of it is doubled.',
        description: 'Account {{ $labels.account }} comes from {{ $value | humanize }} targets. All sums over it count everything that often, and they share one request limit of the API.',
      },
      health {
        name: 'VccApiUnreachable',
        severity: 'critical',
        pending: pendingFor.usual,
        expr: 'max by (account) (max_over_time(vcc_up{operation="interactions"}[%s])) == 0' % pendingFor.usual,
        summary: 'No poll of the API has succeeded for ten minutes.',
        description: 'Interactions of account {{ $labels.account }} cannot be read. Its numbers stand still and its alerts fall silent; nothing is lost, it is read again later.',
      },
      health {
        name: 'VccCredentialsRefused',
        severity: 'critical',
        pending: pendingFor.quick,
        expr: |||
          sum by (account) (increase(vcc_poll_failures_total{reason=~"unauthorized|forbidden|token_refused|invalid_scope|secret"}[10m])) > 0
          and on (account)
            max by (account) (vcc_up{operation="interactions"}) == 0
        |||,
        summary: 'The API refuses the credentials.',
        description: 'Account {{ $labels.account }}: the API refuses the client, or its secret cannot be read. This does not heal by itself; numbers stand still until somebody acts.',
      },
      health {
        name: 'VccDataStale',
        severity: 'critical',
        pending: pendingFor.quick,
        expr: |||
          account:vcc_cursor_age_seconds:min %(over)s
          and on (account)
            max by (account) (vcc_cursor_timestamp_seconds)
            <=
            max by (account) (vcc_cursor_timestamp_seconds offset 10m)
        ||| % { over: alerts.over('data_stale_seconds') },
        summary: 'The numbers stand still.',
        description: 'Account {{ $labels.account }} is read up to {{ $value | humanizeDuration }} ago and has not moved for ten minutes. Dashboards show the past, and all alerts of its contact centre are silent.',
      },
      health {
        name: 'VccCatchingUp',
        severity: 'info',
        pending: pendingFor.usual,
        expr: 'max by (account) (vcc_catchup_in_progress) == 1',
        summary: 'The exporter is reading what it missed.',
        description: 'Account {{ $labels.account }} is catching up. Until that is done, and as long as what was read lies in their windows, the alerts of its contact centre are silent.',
      },
      health {
        name: 'VccCatchUpStalled',
        severity: 'warning',
        pending: pendingFor.long,
        expr: |||
          account:vcc_cursor_age_seconds:min >= account:vcc_cursor_age_seconds:min offset 30m
          and on (account)
            max by (account) (min_over_time(vcc_catchup_in_progress[30m])) == 1
        |||,
        summary: 'Catching up takes longer than time passes.',
        description: 'Account {{ $labels.account }} is {{ $value | humanizeDuration }} behind, no less than half an hour ago. It will not catch up like this.',
      },
      health {
        name: 'VccApiLagHigh',
        severity: 'warning',
        pending: pendingFor.usual,
        // A quiet night leaves the newest event standing, and a stalled API shows no traffic: only
        // what was to be expected tells them apart. The live gauges are absent while they are not
        // known, so what was last known within the window counts.
        expr: |||
          max by (account) (vcc_api_lag_seconds) %(lag)s
          and on (account)
            (
              min_over_time(
                sum by (account) (vcc_interactions_in_progress{state=~"ringing|connected",medium!~"%(slow)s"})[%(burst)s:%(resolution)s]
              ) %(busy)s
            or
              (account:vcc_interactions_started:rate%(hour)s offset 1w) * 3600 %(volume)s
            )
        ||| % {
          lag: alerts.over('api_lag_seconds'),
          slow: config.slowMedia,
          burst: config.windows.burst,
          resolution: durations.sixtieth(config.windows.burst),
          busy: alerts.atLeast('in_progress'),
          hour: config.windows.hour,
          volume: alerts.atLeast('volume'),
        },
        summary: 'The API has no news although there should be some.',
        description: 'The newest event the API has of account {{ $labels.account }} is {{ $value | humanizeDuration }} old, though interactions are in progress or this hour of last week was busy. What is shown is older than it looks.',
      },
      health {
        name: 'VccApiThrottled',
        severity: 'warning',
        pending: pendingFor.usual,
        expr: |||
          sum by (account) (rate(vcc_api_throttled_total[10m])) > 0
          and on (account)
            account:vcc_cursor_age_seconds:min %(over)s
          and on (account)
            account:vcc_cursor_age_seconds:min > account:vcc_cursor_age_seconds:min offset 10m
        ||| % { over: alerts.over('throttled_age_seconds') },
        summary: 'The API throttles, and the exporter falls behind.',
        description: 'The API answers {{ $value | humanize }} requests a second of account {{ $labels.account }} with 429, and its numbers get older. The limit is shared by all integrations of the account.',
      },
      health {
        name: 'VccPollSlow',
        severity: 'warning',
        pending: pendingFor.long,
        expr: |||
          (
            sum by (account, operation) (rate(vcc_poll_duration_seconds_sum[%(burst)s]))
            / sum by (account, operation) (rate(vcc_poll_duration_seconds_count[%(burst)s]))
            / max by (account, operation) (vcc_poll_interval_seconds)
          ) %(over)s
          unless on (account)
            max by (account) (max_over_time(vcc_catchup_in_progress[%(burst)s])) == 1
        ||| % { burst: config.windows.burst, over: alerts.over('poll_duration_ratio') },
        summary: 'A poll takes longer than the pause between polls.',
        description: 'A poll of {{ $labels.operation }} of account {{ $labels.account }} takes {{ $value | humanize }} times the interval. Numbers are later than configured, and little is left for catching up.',
      },
      health {
        name: 'VccClockSkew',
        severity: 'warning',
        pending: '10m',
        expr: 'abs(max by (account) (vcc_api_clock_skew_seconds)) %s' % alerts.over('clock_skew_seconds'),
        summary: "The exporter's clock and the API's differ.",
        description: "The clocks differ by {{ $value | humanizeDuration }} for account {{ $labels.account }}. Counting goes by the API's clock and is right; ages that Prometheus computes are off by that much.",
      },
    ])],
  },
}
