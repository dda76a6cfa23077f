import { FieldType, formattedValueToString, getValueFormat } from '@grafana/data';
import { UPlotChart, useTheme2 } from '@grafana/ui';
import * as schemes from 'd3-scale-chromatic';
import { NoData } from './nodata';
import { rowsPlot, timeAxis } from './rows';

export const HEATMAP = {
  options: {
    cellGap: 1,
    color: { scheme: 'Oranges', reverse: false, exponent: 0.5, scale: 'exponential' },
    filterValues: { le: 1e-9 },
    legend: { show: true },
    yAxis: { unit: undefined, decimals: undefined },
  },
};

const LEGEND_HEIGHT = 24;
/** Schemes that begin at a light background, which Grafana turns round in the dark. */
const FROM_LIGHT = /^(Blues|Greens|Greys|Oranges|Purples|Reds|BuGn|BuPu|GnBu|OrRd|PuBuGn|PuBu|PuRd|RdPu|YlGnBu|YlGn|YlOrBr|YlOrRd)$/;

/** The rows of a frame (one bucket each) as cells. */
export function HeatmapPanel({ data, fieldConfig, options, timeRange, timeZone, width, height }) {
  const theme = useTheme2();
  const { times, step, rows } = buckets(data.series[0], options.filterValues.le);
  if (!rows.length) {
    return <NoData fieldConfig={fieldConfig} />;
  }
  const most = Math.max(...rows.flatMap(({ values }) => values));
  const colour = colours(options.color, theme.isDark, most);
  const config = rowsPlot({
    axis: timeAxis({ timeRange, timeZone }),
    labels: rows.map(({ name }) => bound(name, options.yAxis)),
    labelAt: 1,
    theme,
    paint(ctx, box, pixel) {
      const gap = options.cellGap * pixel;
      rows.forEach(({ values }, row) =>
        values.forEach((value, i) => {
          if (value > options.filterValues.le) {
            const [left, top, right, bottom] = box(row, times[i] - step, times[i]);
            ctx.fillStyle = colour(value);
            ctx.fillRect(left, top, Math.max(1, right - gap), Math.max(1, bottom - gap));
          }
        })
      );
    },
  });
  const plotHeight = height - (options.legend.show ? LEGEND_HEIGHT : 0);
  return (
    <>
      <UPlotChart config={config} data={[times, times.map(() => null)]} width={width} height={plotHeight} />
      {options.legend.show && <Legend most={most} colour={colour} />}
    </>
  );
}

/** The rows from the first to the last that hold more than `least`. */
function buckets(frame, least) {
  const time = frame?.fields.find(({ type }) => type === FieldType.time);
  const rows = frame?.fields.filter(({ type }) => type === FieldType.number) ?? [];
  const full = rows.map(({ values }) => values.some((value) => value > least));
  const shown = full.includes(true) ? rows.slice(full.indexOf(true), full.lastIndexOf(true) + 1) : [];
  return { times: time?.values, step: time?.config.interval, rows: shown };
}

function colours({ scheme, reverse, exponent, scale }, dark, most) {
  const turned = reverse !== (FROM_LIGHT.test(scheme) && dark);
  return (value) => {
    const share = (value / most) ** (scale === 'exponential' ? exponent : 1);
    return schemes[`interpolate${scheme}`](turned ? 1 - share : share);
  };
}

function bound(le, { unit, decimals }) {
  return unit && Number.isFinite(Number(le)) ? formattedValueToString(getValueFormat(unit)(Number(le), decimals)) : le;
}

function Legend({ most, colour }) {
  const stops = Array.from({ length: 11 }, (_, i) => colour((most * i) / 10));
  return (
    <div style={{ display: 'flex', gap: 8, alignItems: 'center', height: LEGEND_HEIGHT, paddingLeft: 8, fontSize: 12 }}>
      <span>0</span>
      <div style={{ width: 160, height: 8, background: `linear-gradient(90deg, ${stops.join(', ')})` }} />
      <span>{formattedValueToString(getValueFormat('short')(most))}</span>
    </div>
  );
}
