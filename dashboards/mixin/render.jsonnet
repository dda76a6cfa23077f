// What of the mixin is committed beside it as plain files: their paths below dashboards/, and what
// is in them.
local mixin = import 'mixin.libsonnet';

local yaml(value) =
  '# Made from dashboards/mixin: change it there.\n'
  + std.manifestYamlDoc(value, indent_array_in_object=true, quote_keys=false) + '\n';

{
  [name]: std.manifestJsonEx(mixin.grafanaDashboards[name], '  ') + '\n'
  for name in std.objectFields(mixin.grafanaDashboards)
}
+ {
  'rules/recording.yml': yaml(mixin.prometheusRules),
  'rules/alerts.yml': yaml(mixin.prometheusAlerts),
}
