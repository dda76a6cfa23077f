// Alerts of the exporter's process: its state, its disk, what it pushes, its configuration. They
// keep the labels of the target, which is what has to be looked at.
local alerts = import 'alert.libsonnet';

{
  local config = $._config,
  local windows = config.windows,
  local pendingFor = config.pendingFor,
  local health = { dashboard: 'vcc-exporter', process: true },

  prometheusAlerts+:: {
    groups+: [alerts.group(config, 'vcc-process', 'exporter', [
      health {
        name: 'VccStateCommitFailing',
        severity: 'critical',
        pending: pendingFor.quick,
        expr: 'increase(vcc_exporter_state_commit_failures_total[10m]) > 0',
        summary: 'The exporter cannot write its state.',
        description: 'Commits to the state of {{ $labels.instance }} fail. The last numbers stay and nothing advances; nothing is lost, it is asked for again.',
      },
      health {
        name: 'VccStateDiskFull',
        severity: 'critical',
        pending: pendingFor.quick,
        expr: 'vcc_exporter_state_filesystem_avail_bytes %s' % alerts.below('disk_full_bytes'),
        summary: "The state's disk is about to be full.",
        description: 'The file system of the state of {{ $labels.instance }} has {{ $value | humanize1024 }}B left. When it is full, commits fail and the numbers stand still.',
      },
      health {
        name: 'VccStateDiskFilling',
        severity: 'warning',
        pending: '30m',
        expr: |||
          predict_linear(vcc_exporter_state_filesystem_avail_bytes[%(shift)s], 24 * 3600) < 0
          and
            vcc_exporter_state_filesystem_avail_bytes %(low)s
        ||| % { shift: windows.shift, low: alerts.below('disk_low_bytes') },
        summary: "The state's disk will be full within a day.",
        description: 'If it goes on like in the last hours, the file system of the state of {{ $labels.instance }} is full within 24 hours.',
      },
      health {
        name: 'VccOutboxDropping',
        severity: 'warning',
        pending: pendingFor.quick,
        expr: 'sum by (job, instance, signal) (increase(vcc_exporter_outbox_dropped_total[%s])) > 0'
              % windows.burst,
        summary: 'Traces of interactions are lost.',
        description: 'About {{ $value | humanize }} {{ $labels.signal }} of {{ $labels.instance }} were dropped within a quarter of an hour, because no receiver took them in time. Metrics are not touched.',
      },
      health {
        name: 'VccOtlpFailing',
        severity: 'warning',
        pending: pendingFor.long,
        expr: |||
          (
            sum by (job, instance, signal) (rate(vcc_exporter_otlp_export_failures_total[%(burst)s]))
            / sum by (job, instance, signal) (rate(vcc_exporter_otlp_exports_total[%(burst)s]))
          ) %(over)s
        ||| % { burst: windows.burst, over: alerts.over('otlp_failure_ratio') },
        summary: 'Exports over OTLP fail.',
        description: '{{ $value | humanizePercentage }} of the exports of {{ $labels.signal }} by {{ $labels.instance }} fail. Metrics lose nothing once it works again; traces wait in the outbox until it is full.',
      },
      health {
        name: 'VccConfigReloadFailed',
        severity: 'warning',
        pending: pendingFor.usual,
        expr: 'max_over_time(vcc_exporter_config_last_reload_successful[%s]) == 0' % pendingFor.usual,
        summary: 'The new configuration was not taken.',
        description: '{{ $labels.instance }} goes on with its previous configuration, because the new one is wrong. A restart would fail.',
      },
    ])],
  },
}
