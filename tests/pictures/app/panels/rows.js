// Panels of Grafana's frontend whose plots are not in `@grafana/ui` have one thing in common: rows,
// one above the other, with rectangles in them. They are drawn here on its plot and axes.
import { ScaleDirection, ScaleOrientation } from '@grafana/schema';
import { AxisPlacement, UPlotConfigBuilder } from '@grafana/ui';
import uPlot from 'uplot';

/** A time axis below the rows. */
export function timeAxis({ timeRange, timeZone }) {
  return { isTime: true, timeZone, range: () => [timeRange.from.valueOf(), timeRange.to.valueOf()] };
}

/** An axis of numbers below the rows, from 0. */
export function numberAxis(most, formatValue) {
  return { formatValue, range: () => [0, most] };
}

/**
 * A plot of rows, the last of `labels` on top, each label at `labelAt` of its row's height. `paint`
 * gets the canvas and `box(row, from, to, lower, upper)`, which says where a part of a row lies.
 */
export function rowsPlot({ axis, labels, labelAt, theme, paint }) {
  const { range, ...below } = axis;
  const builder = new UPlotConfigBuilder(axis.timeZone);
  const horizontal = { orientation: ScaleOrientation.Horizontal, direction: ScaleDirection.Right };
  const vertical = { orientation: ScaleOrientation.Vertical, direction: ScaleDirection.Up };
  builder.addScale({ scaleKey: 'x', isTime: axis.isTime, range, ...horizontal });
  builder.addScale({ scaleKey: 'y', range: () => [0, labels.length], ...vertical });
  builder.addAxis({ scaleKey: 'x', placement: AxisPlacement.Bottom, theme, ...below });
  builder.addAxis({
    scaleKey: 'y',
    placement: AxisPlacement.Left,
    theme,
    splits: () => labels.map((_, row) => row + labelAt),
    values: () => labels,
    grid: { show: false },
  });
  builder.addSeries({ scaleKey: 'y', theme, lineWidth: 0, pathBuilder: () => null, pointsBuilder: () => null });
  builder.addHook('draw', ({ ctx, bbox, valToPos }) => {
    const box = (row, from, to, lower = 0, upper = 1) => {
      const [left, right] = [valToPos(from, 'x', true), valToPos(to, 'x', true)];
      const [bottom, top] = [valToPos(row + lower, 'y', true), valToPos(row + upper, 'y', true)];
      return [left, top, Math.max(1, right - left), Math.max(1, bottom - top)];
    };
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    paint(ctx, box, uPlot.pxRatio);
    ctx.restore();
  });
  return builder;
}
