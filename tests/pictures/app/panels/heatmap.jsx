import { FieldType, formattedValueToString, getValueFormat } from '@grafana/data';
import { ScaleDirection, ScaleOrientation } from '@grafana/schema';
import { AxisPlacement, UPlotChart, UPlotConfigBuilder, useTheme2 } from '@grafana/ui';
import * as schemes from 'd3-scale-chromatic';
import uPlot from 'uplot';
import { NoData } from './timeseries';

export const HEATMAP = {
  options: {
    calculate: false,
    color: { scheme: 'Oranges', steps: 64, reverse: false, exponent: 0.5, scale: 'exponential' },
    cellGap: 1,
    filterValues: { le: 1e-9 },
    yAxis: { axisPlacement: 'left', unit: undefined, decimals: undefined },
    legend: { show: true },
  },
  custom: { hideFrom: {}, scaleDistribution: { type: 'linear' } },
};

const LEGEND_HEIGHT = 24;

/**
 * Grafana's heatmap is part of its frontend. This draws the rows of a frame (one bucket each) as
 * cells, on the axes and with the plot of `@grafana/ui`.
 */
export function HeatmapPanel({ data, options, timeRange, timeZone, width, height }) {
  const theme = useTheme2();
  const cells = asCells(data.series[0], options.filterValues.le);
  if (!cells) {
    return <NoData />;
  }
  const colour = colours(options.color, theme.isDark, cells.most);
  const plotHeight = height - (options.legend.show ? LEGEND_HEIGHT : 0);
  const config = plot(cells, colour, options, timeRange, timeZone, theme);
  return (
    <>
      <UPlotChart config={config} data={[cells.times, cells.times.map(() => null)]} width={width} height={plotHeight} />
      {options.legend.show && <Legend most={cells.most} colour={colour} />}
    </>
  );
}

function asCells(frame, least) {
  const time = frame?.fields.find(({ type }) => type === FieldType.time);
  if (!time?.values.length) {
    return null;
  }
  const rows = filled(frame.fields.filter(({ type }) => type === FieldType.number), least);
  const most = Math.max(...rows.flatMap(({ values }) => values));
  return rows.length ? { times: time.values, step: time.config.interval, rows, most, least } : null;
}

/** The rows from the first to the last in which there is anything. */
function filled(rows, least) {
  const full = rows.map(({ values }) => values.some((value) => value > least));
  return rows.slice(full.indexOf(true), full.lastIndexOf(true) + 1);
}

/** Grafana's schemes of one hue begin at the background, so they are turned round in the dark. */
function colours({ scheme, reverse, exponent, scale }, dark, most) {
  const of = schemes[`interpolate${scheme}`];
  const oneHue = /^(Blues|Greens|Greys|Oranges|Purples|Reds)$/.test(scheme) || /^[A-Z][a-z]+([A-Z][a-z]+)+$/.test(scheme);
  const turned = reverse !== (oneHue && dark);
  return (value) => {
    const share = (value / most) ** (scale === 'exponential' ? exponent : 1);
    return of(turned ? 1 - share : share);
  };
}

function plot({ times, step, rows, least }, colour, { yAxis, cellGap }, timeRange, timeZone, theme) {
  const builder = new UPlotConfigBuilder(timeZone);
  builder.addScale({
    scaleKey: 'x',
    isTime: true,
    orientation: ScaleOrientation.Horizontal,
    direction: ScaleDirection.Right,
    range: () => [timeRange.from.valueOf(), timeRange.to.valueOf()],
  });
  builder.addScale({
    scaleKey: 'y',
    orientation: ScaleOrientation.Vertical,
    direction: ScaleDirection.Up,
    range: () => [0, rows.length],
  });
  builder.addAxis({ scaleKey: 'x', isTime: true, placement: AxisPlacement.Bottom, timeZone, theme });
  builder.addAxis({
    scaleKey: 'y',
    placement: yAxis.axisPlacement,
    theme,
    splits: () => rows.map((_, i) => i + 1),
    values: (_, splits) => splits.map((top) => bound(rows[top - 1].name, yAxis)),
    grid: { show: false },
  });
  builder.addSeries({ scaleKey: 'y', theme, lineWidth: 0, pathBuilder: () => null, pointsBuilder: () => null });
  builder.addHook('draw', (u) => {
    const gap = cellGap * uPlot.pxRatio;
    const x = (time) => u.valToPos(time, 'x', true);
    const y = (row) => u.valToPos(row, 'y', true);
    u.ctx.save();
    u.ctx.beginPath();
    u.ctx.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
    u.ctx.clip();
    rows.forEach(({ values }, row) =>
      values.forEach((value, i) => {
        if (value > least) {
          u.ctx.fillStyle = colour(value);
          const [left, top] = [x(times[i] - step), y(row + 1)];
          u.ctx.fillRect(left, top, Math.max(1, x(times[i]) - left - gap), y(row) - top - gap);
        }
      })
    );
    u.ctx.restore();
  });
  return builder;
}

function bound(le, { unit, decimals }) {
  const value = Number(le);
  return unit && Number.isFinite(value) ? formattedValueToString(getValueFormat(unit)(value, decimals)) : le;
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
