// Alerts of counting: whether what was read was complete, in time, and believed.
local alerts = import 'alert.libsonnet';

{
  local config = $._config,
  local windows = config.windows,
  local pendingFor = config.pendingFor,
  local health = { dashboard: 'vcc-exporter' },

  prometheusAlerts+:: {
    groups+: [alerts.group(config, 'vcc-counting', 'exporter', [
      health {
        name: 'VccRecordsRejected',
        severity: 'warning',
        pending: pendingFor.quick,
        expr: 'sum by (account, reason) (increase(vcc_records_rejected_total[%s])) %s'
              % [windows.hour, alerts.over('rejected_records')],
        summary: 'Records of the API cannot be read.',
        description: 'About {{ $value | humanize }} records of account {{ $labels.account }} were rejected within an hour ({{ $labels.reason }}). Their interactions are missing in all figures until the API sends them readable.',
      },
      health {
        name: 'VccUnreadWindows',
        severity: 'warning',
        pending: '30m',
        expr: 'max by (account) (vcc_unread_windows) > 0',
        summary: 'Stretches of time cannot be read.',
        description: "{{ $value | humanize }} windows of account {{ $labels.account }} are owed: the API's answer for them was unreadable each time. What happened in them is not counted yet.",
      },
      health {
        name: 'VccFactsRecovered',
        severity: 'warning',
        pending: pendingFor.quick,
        // Other facts, such as ratings, are given late by people.
        expr: 'sum by (account) (increase(vcc_recovered_facts_total{fact=~"ended|wait|queue_exit"}[3h])) %s'
              % alerts.over('recovered_facts'),
        summary: 'The API showed facts only at a second look.',
        description: 'About {{ $value | humanize }} ends or waits of account {{ $labels.account }} were found within three hours by reading the past again. They are counted now; the first look missed them.',
      },
      health {
        name: 'VccFactsLate',
        severity: 'warning',
        pending: pendingFor.long,
        expr: |||
          histogram_quantile(0.9, sum by (account, fact, le) (rate(vcc_fact_lateness_seconds_bucket{fact=~"ended|wait"}[%(hour)s]))) %(over)s
          and on (account, fact)
            sum by (account, fact) (rate(vcc_fact_lateness_seconds_count{fact=~"ended|wait"}[%(hour)s])) * 3600 %(volume)s
          and on (account)
            account:vcc_data_usable:%(hour)s
        ||| % {
          hour: windows.hour,
          over: alerts.over('fact_lateness_seconds'),
          volume: alerts.atLeast('volume'),
        },
        summary: 'The API tells of ends and waits late.',
        description: 'One in ten facts of kind {{ $labels.fact }} of account {{ $labels.account }} is learnt {{ $value | humanizeDuration }} after it happened. They count when they are learnt, so recent figures are too low.',
      },
      health {
        name: 'VccCorrectionsRising',
        severity: 'warning',
        pending: pendingFor.long,
        expr: |||
          (
            sum by (account) (rate(vcc_interaction_corrections_total[%(shift)s]))
            / sum by (account) (rate(vcc_interactions_total[%(shift)s]))
          ) %(over)s
          and on (account)
            sum by (account) (increase(vcc_interactions_total[%(shift)s])) %(volume)s
        ||| % {
          shift: windows.shift,
          over: alerts.over('corrections_ratio'),
          volume: alerts.atLeast('volume'),
        },
        summary: 'The API contradicts what it said before.',
        description: "Account {{ $labels.account }}: {{ $value | humanizePercentage }} as many contradictions as interactions within six hours. The first value stays counted, so figures here and in Vonage's own reports drift apart.",
      },
      health {
        name: 'VccInteractionsExpiring',
        severity: 'warning',
        pending: pendingFor.quick,
        expr: 'sum by (account, medium) (increase(vcc_interactions_expired_total[%s])) %s'
              % [windows.day, alerts.over('expired_interactions')],
        summary: 'Interactions never end.',
        description: 'About {{ $value | humanize }} interactions of medium {{ $labels.medium }} of account {{ $labels.account }} had no news for so long within a day that they are given up. They are missing among those that ended.',
      },
      health {
        name: 'VccSeriesLimitHit',
        severity: 'warning',
        pending: pendingFor.quick,
        calm: windows.hour,
        expr: 'sum by (account, family, label) (increase(vcc_exporter_label_overflow_total[%s])) > 0'
              % windows.hour,
        summary: 'A family has more values of a label than its limit.',
        description: 'Account {{ $labels.account }}: new values of {{ $labels.label }} in {{ $labels.family }} count under "other". Totals are right; new queues or groups have no figures of their own.',
      },
      health {
        name: 'VccNewEpoch',
        severity: 'info',
        expr: |||
          time() - max by (account) (vcc_exporter_epoch_timestamp_seconds) < 15 * 60
          or
            max by (account) (vcc_exporter_epoch_timestamp_seconds)
            !=
            max by (account) (vcc_exporter_epoch_timestamp_seconds offset 15m)
        |||,
        summary: 'Counting began anew.',
        description: 'All counters of account {{ $labels.account }} began anew within the last quarter of an hour: a first start, a restored backup, or a new epoch on purpose. What happened before is not in them.',
      },
      health {
        name: 'VccThresholdMissing',
        severity: 'critical',
        pending: '10m',
        process: true,
        expr: std.join('or\n', [
          'label_replace(absent(vcc:threshold:%s), "threshold", "%s", "", "")\n' % [name, name]
          for name in std.objectFields(config.thresholds)
        ]),
        summary: 'A threshold is missing, so its alert cannot fire.',
        description: 'vcc:threshold:{{ $labels.threshold }} has no value. Load rules/thresholds.yml, and add what an upgrade has added to it.',
      },
    ])],
  },
}
