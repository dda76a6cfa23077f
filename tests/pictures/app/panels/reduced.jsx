import { VizOrientation, getDisplayValueAlignmentFactors, getFieldDisplayValues } from '@grafana/data';
import { VizRepeater, useTheme2 } from '@grafana/ui';

/** Options of the panels that reduce each series to one value. */
export const REDUCED = {
  reduceOptions: { values: false, calcs: ['lastNotNull'], fields: '' },
  orientation: VizOrientation.Auto,
};

/** One component for each reduced value, arranged by Grafana's `VizRepeater`. */
export function Reduced({ panel, sparkline, Value, spacing, ...sizes }) {
  const theme = useTheme2();
  const { data, options, fieldConfig, replaceVariables, timeZone, width, height, renderCounter } = panel;
  const values = () =>
    getFieldDisplayValues({
      fieldConfig,
      reduceOptions: options.reduceOptions,
      replaceVariables,
      theme,
      data: data.series,
      sparkline,
      percentChange: options.showPercentChange,
      timeZone,
    });
  return (
    <VizRepeater
      getValues={values}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      renderValue={(one) => <Value {...one} options={options} theme={theme} />}
      source={data}
      width={width}
      height={height}
      itemSpacing={spacing}
      renderCounter={renderCounter}
      orientation={options.orientation}
      {...sizes}
    />
  );
}
