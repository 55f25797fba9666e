import type { Matter } from '../../findings/matter.ts';
import { ADMISSION_CODES } from './codes.ts';
import { correctClass } from './correct-class.ts';
import { ADMISSION_LEVERS } from './levers.ts';
import { limitRangeRule } from './limitrange.ts';
import { podSecurityRule } from './pod-security.ts';
import { raiseQuota } from './raise-quota.ts';
import { clampToLimitRange, satisfyPodSecurity, setRequiredResources } from './remedy.ts';
import { replicasetRule } from './replicaset.ts';
import { resourceQuotaRule } from './resourcequota.ts';

/** What keeps a pod from being made: quotas, limits, pod security, webhooks. */
export const admissionMatter: Matter = {
  name: 'admission',
  codes: ADMISSION_CODES,
  rules: [replicasetRule, resourceQuotaRule, limitRangeRule, podSecurityRule],
  levers: ADMISSION_LEVERS,
  remedies: {
    'admission-webhook-rejects': [correctClass],
    'quota-exceeded': [raiseQuota],
    'quota-requires-limits': [setRequiredResources],
    'limit-range-violation': [clampToLimitRange],
    'pod-security-rejected': [satisfyPodSecurity],
  },
};
