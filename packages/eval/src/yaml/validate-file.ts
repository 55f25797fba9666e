import { readFile } from 'node:fs/promises';
import { Tier0Error } from '@tier0/core';
import { parse } from 'yaml';
import type { z } from 'zod';
import { ThresholdFileSchema } from '../arena/thresholds.ts';
import { CapabilityAdditionsSchema, WeightsFileSchema } from '../scorecard/addition-schema.ts';
import { additionProblems } from '../scorecard/additions.ts';
import { CapabilityFileSchema } from '../scorecard/capabilities.ts';
import { ProbeFileSchema } from '../scorecard/file-probes.ts';
import { ToolFileSchema } from '../tools/tool-file.ts';
import { checkYaml, type FileProblem } from './checked-yaml.ts';

/** The files that people write for an evaluation, by the `schema` they begin with. */
const SCHEMAS: Readonly<Record<string, z.ZodType<unknown>>> = {
  'tier0.tool/v1': ToolFileSchema,
  'tier0.capabilities/v1': CapabilityFileSchema,
  'tier0.capability-additions/v1': CapabilityAdditionsSchema,
  'tier0.weights/v1': WeightsFileSchema,
  'tier0.thresholds/v1': ThresholdFileSchema,
  'tier0.probes/v1': ProbeFileSchema,
};

/** Everything that is wrong in a file, with its line; empty: it can be used. Throws NOT_FOUND. */
export async function validateFile(file: string): Promise<readonly FileProblem[]> {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new Tier0Error({ code: 'NOT_FOUND', message: `There is no file ${file}.`, hint: 'Name a YAML file.', cause });
  });
  return await problemsIn(text, file);
}

async function problemsIn(text: string, file: string): Promise<readonly FileProblem[]> {
  const name = schemaOf(text);
  const schema = name === undefined ? undefined : SCHEMAS[name];
  if (schema === undefined) {
    const message = `schema is one of ${Object.keys(SCHEMAS).join(', ')}${name === undefined ? '' : `, not "${name}"`}`;
    const line = text.split('\n').findIndex((one) => one.startsWith('schema:')) + 1;
    const broken = checkYaml(text, file, ToolFileSchema);
    const syntax = 'problems' in broken ? broken.problems.filter(({ path }) => path === '' && name === undefined && line === 0) : [];
    return [...syntax.slice(0, 1), { file, line: Math.max(1, line), column: 1, path: 'schema', message }];
  }
  const checked = checkYaml(text, file, schema);
  if ('problems' in checked) return checked.problems;
  return name === 'tier0.capability-additions/v1' ? await additionProblems(checked as never) : [];
}

function schemaOf(text: string): string | undefined {
  try {
    const value: unknown = parse(text);
    const schema = typeof value === 'object' && value !== null ? (value as { readonly schema?: unknown }).schema : undefined;
    return schema === undefined ? undefined : String(schema);
  } catch {
    return /^schema:\s*["']?([\w./-]+)/m.exec(text)?.[1];
  }
}
