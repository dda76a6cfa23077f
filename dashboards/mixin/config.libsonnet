// Everything that differs from one contact centre to another, in one place. A user of the mixin
// overrides it: `(import 'mixin.libsonnet') + { _config+:: { … } }`.
(import 'thresholds.libsonnet') {
  _config+:: {
    // Which targets are exporters: what `up` is looked at for.
    exporterSelector: 'job="vcc-exporter"',

    // `poll.interval` of the exporter. The data change that often, however often they are scraped:
    // a rate over less shows spikes and zeros.
    pollInterval: '15s',

    // The Min step of all panels, of which `$__rate_interval` is at least four: the longer of
    // `pollInterval` and Prometheus' `scrape_interval`. This one does for the default of the exporter
    // and for scrapes up to a minute apart.
    minStep: '30s',

    // Where the runbooks are. An alert's own name is the anchor.
    runbookUrl: 'https://github.com/vcc-exporter/vcc-exporter/blob/main/docs/runbooks',

    // Where Grafana is, for the link to a dashboard in each alert. Empty makes it a path.
    grafanaUrl: '',

    // Tags all dashboards share, by which they link to each other.
    tags: ['vcc', 'contact-centre'],

    // What the rules look back over. Each is at least three times the poll interval and the usual
    // lag of the API, which together stay below a minute.
    windows: {
      burst: '15m',
      hour: '1h',
      shift: '6h',
      day: '1d',
      budget: '3d',
      week: '1w',
    },

    // How long a condition has to hold before an alert fires. `quick` is eight polls: one that
    // fails, or one scrape that is missed, wakes nobody. `usual` is what the exporter itself allows
    // its cursor to be behind before it calls that catching up. `long` is for what heals by itself.
    pendingFor: { quick: '2m', usual: '5m', long: '15m' },

    // How long an alert of the contact centre goes on after its condition has ended, so that a
    // ratio around its threshold does not make a new alert every few minutes.
    calm: '15m',

    // Whether calls that left a queue by a breakout count against the overall service level, as
    // `service_level.breakouts: count` has it for the queues.
    countBreakouts: true,

    // Media in which an interaction may stand still for hours while all is well. They do not prove
    // that the API should have news.
    slowMedia: '(?i:.*(case|mail).*)',
  },
}
