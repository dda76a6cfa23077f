import { BarGauge } from '@grafana/ui';
import { REDUCED, Reduced } from './reduced';

export const BAR_GAUGE = {
  options: {
    ...REDUCED,
    displayMode: 'gradient',
    valueMode: 'color',
    namePlacement: 'auto',
    showUnfilled: true,
    minVizWidth: 8,
    minVizHeight: 16,
    maxVizHeight: 300,
    text: {},
  },
};

export function BarGaugePanel(panel) {
  const { minVizWidth, minVizHeight, maxVizHeight } = panel.options;
  const sizes = { minVizWidth, minVizHeight, maxVizHeight };
  return <Reduced panel={panel} Value={One} spacing={10} {...sizes} />;
}

function One({ value, width, height, orientation, alignmentFactors, options, theme }) {
  return (
    <BarGauge
      value={value.display}
      field={value.field}
      display={value.view?.getFieldDisplayProcessor(value.colIndex)}
      text={options.text}
      orientation={orientation}
      displayMode={options.displayMode}
      valueDisplayMode={options.valueMode}
      namePlacement={options.namePlacement}
      showUnfilled={options.showUnfilled}
      alignmentFactors={alignmentFactors}
      width={width}
      height={height}
      itemSpacing={10}
      lcdCellWidth={12}
      theme={theme}
    />
  );
}
