import { z } from 'zod';

const name = z
  .string()
  .max(52)
  .regex(/^[a-z]([-a-z0-9]*[a-z0-9])?$/, 'lower-case letters, digits and hyphens, beginning with a letter');

/** What somebody wants to run. Everything that manifests are made of is here, typed; words are read into it, never into manifests. */
export type Intent = z.infer<typeof IntentSchema>;

export const IntentSchema = z.strictObject({
  /** A server that is spoken to, a program that works by itself, one that ends, one that ends and comes again, one that keeps data. */
  workload: z.enum(['web', 'worker', 'job', 'schedule', 'store']),
  name,
  namespace: name.default('default'),
  image: z
    .string()
    .max(500)
    .regex(/^[\w][\w.:/@-]*$/, 'an image reference'),
  port: z.int().min(1).max(65_535).optional(),
  /** Under which the world reaches it. */
  host: z
    .string()
    .max(253)
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+$/, 'a host name')
    .optional(),
  /** HTTP path that answers when it is ready. */
  health: z
    .string()
    .max(200)
    .regex(/^\/[\w./-]*$/, 'a path')
    .optional(),
  replicas: z.int().min(1).max(200).optional(),
  maxReplicas: z.int().min(2).max(500).optional(),
  /** Cron, five fields. */
  schedule: z
    .string()
    .max(100)
    .regex(/^[\d*/,-]+( [\d*/,-]+){3} [\d*/,A-Za-z-]+$/, 'five fields of cron')
    .optional(),
  /** Size of what it keeps: `10Gi`. */
  storage: z
    .string()
    .regex(/^[1-9]\d{0,5}[MGT]i$/, 'a size like 10Gi')
    .optional(),
  team: z
    .string()
    .max(63)
    .regex(/^[A-Za-z0-9]([-\w.]*[A-Za-z0-9])?$/, 'a label value')
    .optional(),
});
