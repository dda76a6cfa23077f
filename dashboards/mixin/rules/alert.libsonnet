// How an alert is written, so that each has what a person woken by it needs.
local alert(config, area, alert) = {
  alert: alert.name,
  expr: alert.expr,
  [if 'pending' in alert then 'for']: alert.pending,
  [if 'calm' in alert then 'keep_firing_for']: alert.calm,
  labels: { severity: alert.severity, area: area },
  annotations: {
    summary: alert.summary,
    description: alert.description,
    runbook_url: '%s/%s.md#%s' % [config.runbookUrl, area, std.asciiLower(alert.name)],
    dashboard_url: '%s/d/%s%s' % [
      config.grafanaUrl,
      alert.dashboard,
      // What stands for the whole process belongs to no account.
      if 'process' in alert then '' else '?var-account={{ $labels.account | urlquery }}',
    ],
  },
};

{
  // A group of alerts of one area, which is the name of their runbook too.
  group(config, name, area, alerts):: {
    name: name,
    rules: [alert(config, area, it) for it in alerts],
  },

  // The comparison with a threshold, which has no labels.
  over(name):: '> on () group_left () vcc:threshold:' + name,
  atLeast(name):: '>= on () group_left () vcc:threshold:' + name,
  below(name):: '< on () group_left () vcc:threshold:' + name,
}
