// The mixin: dashboards, recording rules and alerts in the fields where users of mixins look.
(import 'config.libsonnet') {
  grafanaDashboards+:: {},
  prometheusRules+:: { groups: [] },
  prometheusAlerts+:: { groups: [] },
}
