// The variables at the head of a dashboard.
local datasource = { type: 'prometheus', uid: '$datasource' };

// Any number of values, or all of them. Where the exporter is configured not to keep a label, `.*`
// still finds the series without it; a target's own labels are always there.
local values(name, label, of, series, allValue, description) = {
  type: 'query',
  name: name,
  label: label,
  description: description,
  datasource: datasource,
  query: 'label_values(%s, %s)' % [series, of],
  refresh: 2,  // With the time range.
  sort: 5,  // By alphabet, whatever the case.
  multi: true,
  includeAll: true,
  allValue: allValue,
  current: { selected: true, text: ['All'], value: ['$__all'] },
  options: [],
  regex: '',
  hide: 0,
};

{
  datasource: {
    type: 'datasource',
    name: 'datasource',
    label: 'Data source',
    description: 'The Prometheus that scrapes the exporter.',
    query: 'prometheus',
    options: [],
    regex: '',
    refresh: 1,
    multi: false,
    includeAll: false,
    hide: 0,
  },
  account: values(
    'account',
    'Account',
    'account',
    'vcc_api_lag_seconds',
    '.+',
    'Accounts of the contact centre, as the configuration of the exporter names them.',
  ),
  medium: values(
    'medium',
    'Medium',
    'medium',
    'vcc_interactions_started_total{account=~"$account"}',
    '.*',
    'Phone, chat, case and so on.',
  ),
  queue: values(
    'queue',
    'Queue',
    'virtual_queue',
    'vcc_queue_entries_total{account=~"$account", medium=~"$medium"}',
    '.*',
    'Virtual queues. `none` is who waited in no virtual queue.',
  ),
  group: values(
    'group',
    'Reporting group',
    'reporting_group',
    'vcc_interactions_total{account=~"$account", medium=~"$medium"}',
    '.*',
    'Reporting groups of the interaction plans.',
  ),
  job: values('job', 'Job', 'job', 'vcc_exporter_build_info', '.+', 'The scrape job of the exporter.'),
  instance: values(
    'instance',
    'Instance',
    'instance',
    'vcc_exporter_build_info{job=~"$job"}',
    '.+',
    'The exporter.',
  ),

  // There only to be carried on to the other dashboards: this one has no use for it.
  hidden:: { hide: 2 },
}
