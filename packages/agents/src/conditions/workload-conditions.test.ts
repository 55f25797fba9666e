import { expect, test } from 'vitest';
import { CODES } from '../kubernetes/matters.ts';
import { WORKLOAD_CONDITIONS } from './workload-conditions.ts';

const KINDS = /^T0-(?:POD|DEPLOYMENT|REPLICASET|STATEFULSET|DAEMONSET|JOB|CRONJOB|ROLLOUT|LOG)-/;
/** Found beyond what the compared tools look for. */
const BEYOND = [
  'T0-CRONJOB-005',
  'T0-CRONJOB-006',
  'T0-LOG-024',
  'T0-LOG-025',
  'T0-LOG-026',
  'T0-LOG-027',
  'T0-LOG-028',
  'T0-LOG-029',
  'T0-LOG-030',
  'T0-LOG-031',
  'T0-LOG-032',
  'T0-LOG-033',
  'T0-LOG-034',
  'T0-LOG-035',
  'T0-LOG-036',
  'T0-LOG-037',
  'T0-LOG-038',
  'T0-LOG-039',
  'T0-LOG-040',
  'T0-LOG-041',
  'T0-LOG-042',
  'T0-LOG-043',
  'T0-LOG-044',
  'T0-LOG-045',
  'T0-LOG-046',
  'T0-LOG-047',
  'T0-POD-042',
  'T0-POD-043',
  'T0-JOB-005',
  'T0-POD-021',
  'T0-POD-022',
  'T0-POD-028',
  'T0-POD-029',
  'T0-POD-040',
  'T0-DEPLOYMENT-005',
  'T0-POD-044',
  'T0-POD-045',
  'T0-POD-046',
  'T0-POD-047',
  'T0-STATEFULSET-003',
  'T0-POD-061',
  'T0-POD-066',
  'T0-POD-067',
  'T0-POD-072',
  'T0-POD-073',
  'T0-POD-074',
  'T0-POD-048',
  'T0-POD-068',
  'T0-POD-069',
  'T0-POD-078',
  'T0-POD-049',
  'T0-POD-076',
  'T0-POD-077',
  'T0-DAEMONSET-002',
  'T0-REPLICASET-009',
  'T0-ROLLOUT-001',
  'T0-ROLLOUT-002',
  'T0-ROLLOUT-003',
  'T0-DAEMONSET-003',
  'T0-LOG-048',
  'T0-LOG-049',
  'T0-LOG-050',
  'T0-LOG-051',
  'T0-LOG-052',
  'T0-LOG-053',
  'T0-LOG-054',
  'T0-LOG-055',
  'T0-LOG-056',
  'T0-LOG-057',
  'T0-LOG-058',
  'T0-LOG-059',
  'T0-LOG-060',
  'T0-LOG-061',
  'T0-LOG-062',
  'T0-LOG-063',
  'T0-LOG-064',
  'T0-LOG-065',
  'T0-LOG-066',
  'T0-LOG-067',
  'T0-POD-079',
  'T0-POD-080',
  'T0-POD-081',
  'T0-POD-082',
  'T0-POD-094',
  'T0-POD-083',
  'T0-POD-084',
  'T0-POD-085',
];

test('every condition names codes that exist, or says why it is left out', () => {
  for (const condition of WORKLOAD_CONDITIONS) {
    if ('leftOut' in condition) expect(condition.leftOut.length).toBeGreaterThan(20);
    else expect(condition.codes.filter((code) => !(code in CODES))).toEqual([]);
  }
});

test('every code about pods and workloads stands for a condition, or is known to go beyond them', () => {
  const named = new Set<string>(WORKLOAD_CONDITIONS.flatMap((condition) => ('codes' in condition ? condition.codes : [])));
  const own = Object.keys(CODES).filter((code) => KINDS.test(code));
  expect(own.filter((code) => !named.has(code)).sort()).toEqual([...BEYOND].sort());
});
