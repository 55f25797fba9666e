import { z } from 'zod';

/** How bad a finding or incident is: `fault` = SARIF error, `degraded` = warning, `hygiene` = note. */
export type Severity = 'fault' | 'degraded' | 'hygiene';

export const SeveritySchema: z.ZodType<Severity> = z.enum(['fault', 'degraded', 'hygiene']);
