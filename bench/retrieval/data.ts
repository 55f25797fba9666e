import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const DocumentSchema = z.object({ id: z.string(), title: z.string().nullable(), text: z.string() });
const QuerySchema = z.object({ id: z.string(), text: z.string(), relevant: z.array(z.string()).min(1) });

export type CorpusDocument = z.infer<typeof DocumentSchema>;
export type JudgedQuery = z.infer<typeof QuerySchema>;

/** A corpus with queries whose answers are known. */
export interface RetrievalSet {
  readonly name: string;
  readonly documents: readonly CorpusDocument[];
  readonly queries: readonly JudgedQuery[];
}

/** Reads `corpus-<set>.jsonl` with every `queries-<set>*.jsonl` beside it. Of a document only title and text are looked at. */
export function readSets(folder: string): readonly RetrievalSet[] {
  const files = existsSync(folder) ? readdirSync(folder) : [];
  const names = files.flatMap((file) => /^corpus-(.+)\.jsonl$/.exec(file)?.[1] ?? []).sort();
  return names.map((name) => ({
    name,
    documents: readJsonLines(join(folder, `corpus-${name}.jsonl`)).map((line) => DocumentSchema.parse(line)),
    queries: files
      .filter((file) => file === `queries-${name}.jsonl` || (file.startsWith(`queries-${name}.`) && file.endsWith('.jsonl')))
      .flatMap((file) => readJsonLines(join(folder, file)).map((line) => QuerySchema.parse(line))),
  }));
}

function readJsonLines(file: string): readonly unknown[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line));
}
