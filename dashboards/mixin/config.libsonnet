// Everything that differs from one contact centre to another, in one place. A user of the mixin
// overrides it: `(import 'mixin.libsonnet') + { _config+:: { … } }`.
{
  _config+:: {
    // Which targets are exporters: what `up` is looked at for.
    exporterSelector: 'job="vcc-exporter"',

    // `poll.interval` of the exporter. The data change that often, however often they are scraped:
    // a rate over less shows spikes and zeros.
    pollInterval: '15s',

    // Whether breakouts count against the overall service level, as `service_level.breakouts` of the
    // exporter says for that of a queue: `count` or `ignore`.
    breakouts: 'count',

    // Where the runbooks are. An alert's own name is the anchor.
    runbookUrl: 'https://github.com/vcc-exporter/vcc-exporter/blob/main/docs/runbooks',

    // Tags all dashboards share, by which they link to each other.
    tags: ['vcc', 'contact-centre'],
  },
}
