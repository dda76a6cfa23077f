// The mixin: dashboards, recording rules and alerts in the fields where users of mixins look.
(import 'config.libsonnet')
+ (import 'rules/thresholds.libsonnet')
+ (import 'rules/data.libsonnet')
+ (import 'rules/queues.libsonnet')
+ (import 'rules/work.libsonnet')
+ (import 'rules/reading_alerts.libsonnet')
+ (import 'rules/counting_alerts.libsonnet')
+ (import 'rules/process_alerts.libsonnet')
+ (import 'rules/service_alerts.libsonnet')
+ (import 'rules/demand_alerts.libsonnet')
+ {
  grafanaDashboards+:: {
    'vcc-overview.json': (import 'dashboards/overview.libsonnet')($._config),
    'vcc-queues.json': (import 'dashboards/queues.libsonnet')($._config),
    'vcc-handling.json': (import 'dashboards/handling.libsonnet')($._config),
    'vcc-self-service.json': (import 'dashboards/self-service.libsonnet')($._config),
    'vcc-exporter.json': (import 'dashboards/exporter.libsonnet')($._config),
  },
}
