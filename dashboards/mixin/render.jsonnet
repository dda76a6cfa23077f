// What of the mixin is committed beside it as plain files: their paths below dashboards/, and what
// is in them.
local mixin = import 'mixin.libsonnet';

local origin = '# Made from dashboards/mixin: change it there.\n';

local yaml(value) =
  origin + std.manifestYamlDoc(value, indent_array_in_object=true, quote_keys=false) + '\n';

local isThresholds(group) = group.name == 'vcc-thresholds';

// A user may change this file alone, so each number says what it is.
local thresholds =
  |||
    # The numbers that decide whether an alert fires. Change them here and load this file in place of
    # the original: an upgrade replaces recording.yml and alerts.yml and leaves this one to you.
    # A threshold that is missing silences its alert, and VccThresholdMissing says so.
    # As shipped, made from dashboards/mixin/thresholds.libsonnet.
    groups:
      - name: vcc-thresholds
        rules:
  |||
  + std.join('\n', [
    |||
      %(indent)s# %(says)s
      %(indent)s- record: %(record)s
      %(indent)s  expr: %(expr)s
    ||| % rule {
      indent: '      ',
      says: mixin._config.thresholds[std.split(rule.record, ':')[2]].says,
    }
    for rule in std.filter(isThresholds, mixin.prometheusRules.groups)[0].rules
  ]);

{
  [name]: std.manifestJsonEx(mixin.grafanaDashboards[name], '  ') + '\n'
  for name in std.objectFields(mixin.grafanaDashboards)
}
+ {
  'rules/thresholds.yml': thresholds,
  'rules/recording.yml': yaml({
    groups: [group for group in mixin.prometheusRules.groups if !isThresholds(group)],
  }),
  'rules/alerts.yml': yaml(mixin.prometheusAlerts),
}
