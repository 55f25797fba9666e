import { z } from 'zod';
import { exactly } from './exactly.ts';
import { type FieldPath, FieldPathSchema } from './field-path.ts';
import { type JsonValue, JsonValueSchema } from './json-value.ts';

/** One field that became different. An absent side means "was not there" or "is gone". */
export interface FieldChange {
  readonly path: FieldPath;
  readonly from?: JsonValue | undefined;
  readonly to?: JsonValue | undefined;
}

/** What became different on an item, when, by whom (ITIL change record). */
export interface Change {
  readonly id: string;
  /** Item id. */
  readonly item: string;
  /** When it took effect. ISO 8601, UTC. */
  readonly at: string;
  /** Who or what made it, e.g. a field manager; absent when no source says. */
  readonly actor?: string | undefined;
  /** One line for a person: `image payment:2.3.0 -> 2.3.1`. */
  readonly summary: string;
  readonly fields: readonly FieldChange[];
  /** Adapter that saw it. */
  readonly source: string;
}

export const ChangeSchema: z.ZodType<Change> = exactly<Change>()(
  z.strictObject({
    id: z.string().min(1),
    item: z.string().min(1),
    at: z.iso.datetime(),
    actor: z.string().optional(),
    summary: z.string(),
    fields: z.array(z.strictObject({ path: FieldPathSchema, from: JsonValueSchema.optional(), to: JsonValueSchema.optional() })),
    source: z.string().min(1),
  }),
);
