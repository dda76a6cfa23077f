// A data source for Grafana that asks Prometheus' HTTP API. Grafana's own is not used: its queries
// need Grafana's server. What is kept from it is how a step and $__rate_interval are chosen.
import { FieldType, dateTime, rangeUtil, renderLegendFormat, toDataFrame } from '@grafana/data';
import { sceneGraph } from '@grafana/scenes';

/** Prometheus refuses a query of more points. */
const MOST_POINTS = 11000;
const LABEL_VALUES = /^label_values\((?:(.+),\s*)?([a-zA-Z_]\w*)\s*\)$/s;

export class PrometheusDatasource {
  constructor(settings) {
    Object.assign(this, { uid: settings.uid, name: settings.name, type: settings.type, meta: settings.meta });
    this.interval = settings.jsonData.timeInterval;
  }

  getRef() {
    return { type: this.type, uid: this.uid };
  }

  async query(request) {
    const answers = await Promise.all(
      request.targets
        .filter((target) => !target.hide && target.expr)
        .map((target) => run({ ...target, interval: target.interval || this.interval }, request))
    );
    return { data: asTables(answers).concat(answers.flatMap((answer) => FORMATS[answer.format](answer))) };
  }

  /** The values of a variable: `label_values(selector, label)`, the one form our dashboards use. */
  async metricFindQuery(query, options) {
    const written = (typeof query === 'string' ? query : query.query).trim();
    const asked = interpolate(written, options.scopedVars).match(LABEL_VALUES);
    if (!asked) {
      throw new Error(`a variable asks for ${written}: only label_values(selector, label) is known here`);
    }
    const [, selector, label] = asked;
    const { from, to } = options.range;
    const parameters = { start: from.unix(), end: to.unix(), ...(selector && { 'match[]': selector }) };
    return (await ask(`label/${label}/values`, parameters)).map((text) => ({ text }));
  }
}

async function ask(path, parameters) {
  const response = await fetch(`/api/v1/${path}?${new URLSearchParams(parameters)}`);
  const body = await response.json();
  if (body.status !== 'success') {
    throw new Error(`Prometheus refuses ${parameters.query ?? path}: ${body.error}`);
  }
  for (const note of [...(body.warnings ?? []), ...(body.infos ?? [])]) {
    console.error(`Prometheus says of ${parameters.query}: ${note}`);
  }
  return body.data;
}

async function run(target, request) {
  const floor = rangeUtil.intervalToMs(interpolate(target.interval, request.scopedVars));
  const { from, to } = request.range;
  const least = Math.max(floor, (to - from) / MOST_POINTS);
  const step = Math.max(request.intervalMs, Math.ceil(least / 1000) * 1000);
  const rate = Math.max(step + floor, 4 * floor);
  const query = interpolate(target.expr, {
    ...request.scopedVars,
    __interval: variable(`${step / 1000}s`),
    __interval_ms: variable(step),
    __rate_interval: variable(`${rate / 1000}s`),
    __range: variable(`${Math.round((to - from) / 1000)}s`),
    __range_s: variable(Math.round((to - from) / 1000)),
    __range_ms: variable(to - from),
  });
  const answer = target.instant
    ? await ask('query', { query, time: to.valueOf() / 1000 })
    : await ask('query_range', {
        query,
        start: (Math.floor(from / step) * step) / 1000,
        end: (Math.floor(to / step) * step) / 1000,
        step: step / 1000,
      });
  return { refId: target.refId, format: target.format ?? 'time_series', legend: target.legendFormat, query, step, series: series(answer, to) };
}

const variable = (value) => ({ text: String(value), value });

function interpolate(text, scopedVars) {
  const scene = scopedVars?.__sceneObject?.value?.valueOf();
  return scene ? sceneGraph.interpolate(scene, text, scopedVars, asPromQl) : text;
}

/** How a variable's value stands in a query: as a regular expression where it may be several. */
function asPromQl(value, { multi, includeAll }) {
  if (!multi && !includeAll) {
    return String(value);
  }
  const escaped = [value].flat().map(literally);
  return escaped.length === 1 ? escaped[0] : `(${escaped.join('|')})`;
}

/** Matches this text alone, in a regular expression inside of a string of PromQL. */
function literally(text) {
  const expression = text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return JSON.stringify(expression).slice(1, -1);
}

function series({ resultType, result }, to) {
  if (resultType === 'scalar') {
    return [{ labels: {}, samples: [result] }];
  }
  return result.map(({ metric, value, values }) => ({ labels: metric, samples: values ?? [value] }));
}

const FORMATS = { time_series: asSeries, heatmap: asHeatmap, table: () => [] };

function asSeries({ refId, legend, query, step, series }) {
  return series.map(({ labels: { __name__, ...labels }, samples }) => {
    const [times, values] = withGaps(samples, step);
    const said = legend === '__auto' || !legend ? undefined : renderLegendFormat(legend, labels);
    const bare = said ?? (Object.keys(labels).length ? undefined : query);
    return toDataFrame({
      refId,
      name: bare,
      fields: [
        { name: 'Time', type: FieldType.time, values: times, config: { interval: step } },
        { name: 'Value', type: FieldType.number, values, labels, config: bare ? { displayNameFromDS: bare } : {} },
      ],
    });
  });
}

/** Where a step has no sample the line is interrupted, as Grafana's server does it. */
function withGaps(samples, step) {
  const times = [];
  const values = [];
  for (const [at, value] of samples) {
    const time = at * 1000;
    for (let missing = times.at(-1) + step; missing < time; missing += step) {
      times.push(missing);
      values.push(null);
    }
    times.push(time);
    values.push(value === 'NaN' ? NaN : Number(value));
  }
  return [times, values];
}

/** Buckets `le` become rows, each less the one below it. */
function asHeatmap({ refId, step, series }) {
  const rows = series
    .map(({ labels, samples }) => ({ le: Number(labels.le === '+Inf' ? Infinity : labels.le), label: labels.le, samples: new Map(samples) }))
    .sort((a, b) => a.le - b.le);
  const times = [...new Set(rows.flatMap(({ samples }) => [...samples.keys()]))].sort((a, b) => a - b);
  const count = (row, time) => Number(row?.samples.get(time) ?? 0);
  const fields = rows.map((row, i) => ({
    name: row.label,
    type: FieldType.number,
    labels: { le: row.label },
    config: { displayNameFromDS: row.label },
    values: times.map((time) => Math.max(0, count(row, time) - count(rows[i - 1], time))),
  }));
  const time = { name: 'Time', type: FieldType.time, values: times.map((at) => at * 1000), config: { interval: step } };
  return rows.length ? [toDataFrame({ refId, meta: { type: 'heatmap-rows' }, fields: [time, ...fields] })] : [];
}

/** One frame for each query in the format `table`: a column for each label, one for the value. */
function asTables(answers) {
  const tables = answers.filter(({ format }) => format === 'table');
  return tables.map(({ refId, series }) => {
    const labels = [...new Set(series.flatMap(({ labels }) => Object.keys(labels)))].sort();
    const rows = series.flatMap(({ labels, samples }) => samples.map(([at, value]) => ({ labels, at, value })));
    return toDataFrame({
      refId,
      fields: [
        { name: 'Time', type: FieldType.time, values: rows.map(({ at }) => dateTime(at * 1000).valueOf()) },
        ...labels.map((label) => ({ name: label, type: FieldType.string, values: rows.map((row) => row.labels[label] ?? '') })),
        { name: tables.length > 1 ? `Value #${refId}` : 'Value', type: FieldType.number, values: rows.map(({ value }) => Number(value)) },
      ],
    });
  });
}
