import type { Condition } from './condition.ts';
import { PLATFORM_CONDITIONS } from './platform-conditions.ts';
import { WORKLOAD_CONDITIONS } from './workload-conditions.ts';

/** Every condition of the lists that this package is measured against. */
export const CONDITIONS: readonly Condition[] = [...WORKLOAD_CONDITIONS, ...PLATFORM_CONDITIONS];
