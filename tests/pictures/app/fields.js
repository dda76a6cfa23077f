// The standard options of a field (unit, thresholds, colour, …): their names and processors are
// Grafana's, their registration is part of its frontend and not of its libraries.
import {
  FieldColorModeId,
  ThresholdsMode,
  dataLinksOverrideProcessor,
  displayNameOverrideProcessor,
  identityOverrideProcessor,
  numberOverrideProcessor,
  standardEditorsRegistry,
  standardFieldConfigEditorRegistry,
  stringOverrideProcessor,
  thresholdsOverrideProcessor,
  unitOverrideProcessor,
  valueMappingsOverrideProcessor,
} from '@grafana/data';

const BASE_THRESHOLDS = {
  mode: ThresholdsMode.Absolute,
  steps: [{ value: -Infinity, color: 'green' }],
};

const STANDARD = {
  unit: [unitOverrideProcessor],
  min: [numberOverrideProcessor],
  max: [numberOverrideProcessor],
  decimals: [numberOverrideProcessor],
  fieldMinMax: [identityOverrideProcessor],
  displayName: [displayNameOverrideProcessor],
  description: [stringOverrideProcessor],
  noValue: [stringOverrideProcessor],
  color: [identityOverrideProcessor, { mode: FieldColorModeId.Thresholds }],
  thresholds: [thresholdsOverrideProcessor, BASE_THRESHOLDS],
  mappings: [valueMappingsOverrideProcessor, []],
  links: [dataLinksOverrideProcessor],
  actions: [identityOverrideProcessor],
  filterable: [identityOverrideProcessor],
};

const option = (id, process, defaultValue) => ({
  id,
  path: id,
  name: id,
  description: id,
  editor: () => null,
  override: () => null,
  process,
  defaultValue,
  shouldApply: () => true,
});

export function registerStandardOptions() {
  standardFieldConfigEditorRegistry.setInit(() =>
    Object.entries(STANDARD).map(([id, [process, value]]) => option(id, process, value))
  );
  standardEditorsRegistry.setInit(() => []);
}

/** A panel's own options of a field, `custom.*`, with what Grafana takes where nothing is written. */
export function customOptions(defaults) {
  return (builder) => {
    for (const [id, value] of Object.entries(defaults)) {
      builder.addCustomEditor(option(id, identityOverrideProcessor, value));
    }
  };
}
