import { z } from 'zod';
import { exactly } from './exactly.ts';
import { type FieldPath, FieldPathSchema } from './field-path.ts';
import { type JsonValue, JsonValueSchema } from './json-value.ts';

/** The exact place in a repository that declares a field, and what it shall say. */
export interface FileEdit {
  /** Repository URL without credentials. */
  readonly repository: string;
  /** Path from the repository root, with `/`. */
  readonly file: string;
  /** Position of the YAML document in the file, from 0. */
  readonly document: number;
  readonly path: FieldPath;
  /** Value the file must still say. Absent: the field must not be there. */
  readonly expectOld?: JsonValue | undefined;
  /** Value it shall say. Absent: the field shall be removed. */
  readonly value?: JsonValue | undefined;
}

export const FileEditSchema: z.ZodType<FileEdit> = exactly<FileEdit>()(
  z.strictObject({
    repository: z.string().min(1),
    file: z.string().min(1),
    document: z.number().int().nonnegative(),
    path: FieldPathSchema,
    expectOld: JsonValueSchema.optional(),
    value: JsonValueSchema.optional(),
  }),
);
