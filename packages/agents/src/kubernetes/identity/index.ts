import type { Matter } from '../../findings/matter.ts';
import { IDENTITY_CODES } from './codes.ts';
import { IDENTITY_LEVERS } from './levers.ts';
import { rbacRule } from './rbac.ts';
import { bindUsedAccount, grantVerb, restoreAggregation } from './remedy.ts';

/** Who may do what. */
export const identityMatter: Matter = {
  name: 'identity',
  codes: IDENTITY_CODES,
  rules: [rbacRule],
  levers: IDENTITY_LEVERS,
  remedies: {
    'rbac-missing-permission': [restoreAggregation, grantVerb],
    'rbac-binding-wrong': [bindUsedAccount],
  },
};
