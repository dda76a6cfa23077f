import { BigValue } from '@grafana/ui';
import { REDUCED, Reduced } from './reduced';

export const STAT = {
  options: {
    ...REDUCED,
    colorMode: 'value',
    graphMode: 'area',
    justifyMode: 'auto',
    textMode: 'auto',
    wideLayout: true,
    showPercentChange: false,
    percentChangeColorMode: 'standard',
    text: {},
  },
};

export function StatPanel(panel) {
  const sparkline = panel.options.graphMode !== 'none';
  return <Reduced panel={panel} sparkline={sparkline} Value={One} spacing={3} autoGrid />;
}

function One({ value, width, height, count, alignmentFactors, options, theme }) {
  const sparkline = value.sparkline && { ...value.sparkline, timeRange: undefined };
  return (
    <BigValue
      value={value.display}
      count={count}
      sparkline={sparkline}
      colorMode={options.colorMode}
      graphMode={options.graphMode}
      justifyMode={options.justifyMode}
      textMode={options.textMode}
      text={options.text}
      disableWideLayout={!options.wideLayout}
      percentChangeColorMode={options.percentChangeColorMode}
      alignmentFactors={alignmentFactors}
      width={width}
      height={height}
      theme={theme}
    />
  );
}
