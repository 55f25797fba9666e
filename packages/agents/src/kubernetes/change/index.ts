import type { Matter } from '../../findings/matter.ts';
import { CHANGE_CODES } from './codes.ts';

/** What was changed before something began to fail. Told by the diagnosis, when no rule knows more. */
export const changeMatter: Matter = {
  name: 'change',
  codes: CHANGE_CODES,
  rules: [],
  levers: {},
  remedies: {},
};
