import type { Matter } from '../../findings/matter.ts';
import { LOGS_CODES } from './codes.ts';

/** What programs say of themselves. */
export const logsMatter: Matter = {
  name: 'logs',
  codes: LOGS_CODES,
  rules: [],
  levers: {},
  remedies: {},
};
