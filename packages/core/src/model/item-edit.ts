import { z } from 'zod';
import { exactly } from './exactly.ts';
import { type FieldPath, FieldPathSchema } from './field-path.ts';
import { type JsonValue, JsonValueSchema } from './json-value.ts';

/** A wanted field of an item, wherever it is declared. */
export interface ItemEdit {
  /** Item id. */
  readonly item: string;
  readonly fieldPath: FieldPath;
  /** Value the field must still have. Absent: the field must not be there. */
  readonly expectOld?: JsonValue | undefined;
  /** Value it shall have. Absent: the field shall be removed. */
  readonly value?: JsonValue | undefined;
}

export const ItemEditSchema: z.ZodType<ItemEdit> = exactly<ItemEdit>()(
  z.strictObject({
    item: z.string().min(1),
    fieldPath: FieldPathSchema,
    expectOld: JsonValueSchema.optional(),
    value: JsonValueSchema.optional(),
  }),
);
