// Panel plugins are part of Grafana's frontend and not on npm: these are thin ones of our own around
// the components of `@grafana/ui`, with the same options of the same names.
import { PanelPlugin } from '@grafana/data';
import { customOptions } from '../fields';
import { BAR_CHART, BarChartPanel } from './barchart';
import { BAR_GAUGE, BarGaugePanel } from './bargauge';
import { HEATMAP, HeatmapPanel } from './heatmap';
import { STATE_TIMELINE, StateTimelinePanel } from './state-timeline';
import { STAT, StatPanel } from './stat';
import { TABLE, TablePanel } from './table';
import { TEXT, TextPanel } from './text';
import { TIME_SERIES, TimeSeriesPanel } from './timeseries';

const PLUGINS = {
  barchart: plugin('barchart', BarChartPanel, BAR_CHART),
  bargauge: plugin('bargauge', BarGaugePanel, BAR_GAUGE),
  heatmap: plugin('heatmap', HeatmapPanel, HEATMAP),
  stat: plugin('stat', StatPanel, STAT),
  'state-timeline': plugin('state-timeline', StateTimelinePanel, STATE_TIMELINE),
  table: plugin('table', TablePanel, TABLE),
  text: plugin('text', TextPanel, TEXT),
  timeseries: plugin('timeseries', TimeSeriesPanel, TIME_SERIES),
};

export function panelPlugin(id) {
  if (!PLUGINS[id]) {
    throw new Error(`no panel plugin ${id}: tests/pictures/app/panels knows ${Object.keys(PLUGINS).join(', ')}`);
  }
  return PLUGINS[id];
}

function plugin(id, component, { options = {}, standard = {}, custom = {}, ...meta }) {
  const made = new PanelPlugin(component);
  made.meta = { id, name: id, module: '', baseUrl: '', info: { version: '', logos: {} }, ...meta };
  made.useFieldConfig({
    standardOptions: Object.fromEntries(Object.entries(standard).map(([key, defaultValue]) => [key, { defaultValue }])),
    useCustomConfig: customOptions(custom),
  });
  made.setPanelOptions((builder) => {
    for (const [path, defaultValue] of Object.entries(options)) {
      builder.addCustomEditor({ id: path, path, name: path, editor: () => null, defaultValue });
    }
  });
  return made;
}
