import type { Matter } from '../../findings/matter.ts';
import { CUSTOM_RESOURCES_CODES } from './codes.ts';
import { conditionRule } from './condition.ts';
import { CUSTOM_RESOURCES_LEVERS } from './levers.ts';

/** What objects of kinds without a rule of their own say of themselves. */
export const customResourcesMatter: Matter = {
  name: 'custom-resources',
  codes: CUSTOM_RESOURCES_CODES,
  rules: [conditionRule],
  levers: CUSTOM_RESOURCES_LEVERS,
  remedies: {},
};
