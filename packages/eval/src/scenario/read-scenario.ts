import { readdir, readFile, realpath } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import { Tier0Error } from '@tier0/core';
import { whyNotInside } from '@tier0/core/files';
import { LineCounter, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import {
  ExpectedAnswerSchema,
  type KubernetesObject,
  RecordedSeriesSchema,
  type Scenario,
  type ScenarioMeta,
  ScenarioMetaSchema,
} from './scenario.ts';

const MANIFEST = /\.(ya?ml|json)$/;

/** Reads and checks a scenario folder. Throws NOT_FOUND or INVALID_INPUT naming the file and, for YAML, the line. */
export async function readScenario(directory: string): Promise<Scenario> {
  const folder = resolve(directory);
  const files = await listFiles(folder);
  const meta = await readMeta(folder);
  await requirePrograms(folder, meta);
  return {
    name: basename(folder),
    directory: folder,
    meta,
    objects: await readObjects(folder, files),
    logs: await readLogs(folder, files),
    metrics: await readMetrics(folder, files),
    expected: check(ExpectedAnswerSchema, (await readDocuments(join(folder, 'expected.yaml')))[0], 'expected.yaml'),
    repository: files.some((file) => file.startsWith('repo/')) ? join(folder, 'repo') : undefined,
  };
}

async function listFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => {
    throw new Tier0Error({
      code: 'NOT_FOUND',
      message: `There is no scenario folder ${folder}.`,
      hint: 'Name one of the folders under scenarios/, or give the path of a folder with meta.json, cluster/ and expected.yaml.',
    });
  });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort();
}

async function readMeta(folder: string): Promise<ScenarioMeta> {
  const file = join(folder, 'meta.json');
  return check(ScenarioMetaSchema, parseJson(await readText(file), 'meta.json'), 'meta.json');
}

async function requirePrograms(folder: string, meta: ScenarioMeta): Promise<void> {
  for (const [image, program] of Object.entries(meta.programs)) {
    const flaw = whyNotInside(program);
    if (flaw !== undefined) throw invalid('meta.json', `the program of ${image} lies outside the scenario folder: ${flaw}`);
    const [file, root] = await Promise.all([realpath(join(folder, program)), realpath(folder)]).catch(() => {
      throw invalid('meta.json', `the program of ${image}, ${program}, does not exist`);
    });
    if (!file.startsWith(root + sep)) throw invalid('meta.json', `the program of ${image} lies outside the scenario folder: it is a link`);
  }
}

async function readObjects(folder: string, files: readonly string[]): Promise<readonly KubernetesObject[]> {
  const objects: KubernetesObject[] = [];
  for (const file of files.filter((name) => name.startsWith('cluster/'))) {
    if (!MANIFEST.test(file)) throw invalid(file, 'is neither YAML nor JSON; cluster/ holds Kubernetes objects only');
    for (const document of await readDocuments(join(folder, file), file)) objects.push(...toObjects(document, file));
  }
  if (objects.length === 0) throw invalid('cluster/', 'holds no Kubernetes object');
  return objects;
}

/** A List is as good as its items, as kubectl prints it. */
function toObjects(document: unknown, file: string): readonly KubernetesObject[] {
  if (document === null || document === undefined) return [];
  const object = document as { kind?: unknown; apiVersion?: unknown; metadata?: { name?: unknown }; items?: unknown };
  if (typeof object.kind === 'string' && object.kind.endsWith('List') && Array.isArray(object.items)) {
    return object.items.flatMap((item) => toObjects(item, file));
  }
  if (typeof object.kind === 'string' && typeof object.apiVersion === 'string' && typeof object.metadata?.name === 'string') {
    return [document as KubernetesObject];
  }
  throw invalid(file, 'holds a document without apiVersion, kind and metadata.name');
}

async function readLogs(folder: string, files: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const logs = new Map<string, string>();
  for (const file of files.filter((name) => name.startsWith('logs/'))) {
    if (!/^logs\/[^/]+\/[^/]+\/[^/]+\.log$/.test(file)) throw invalid(file, 'is not logs/<namespace>/<pod>/<container>[.previous].log');
    logs.set(file.slice('logs/'.length, -'.log'.length), await readText(join(folder, file)));
  }
  return logs;
}

async function readMetrics(folder: string, files: readonly string[]) {
  if (!files.includes('metrics.json')) return [];
  return check(z.array(RecordedSeriesSchema), parseJson(await readText(join(folder, 'metrics.json')), 'metrics.json'), 'metrics.json');
}

async function readDocuments(path: string, name = basename(path)): Promise<readonly unknown[]> {
  // JSON is YAML too, but its own parser is much quicker.
  if (path.endsWith('.json')) return [parseJson(await readText(path), name)];
  const lines = new LineCounter();
  const documents = parseAllDocuments(await readText(path), { lineCounter: lines });
  const parsed = 'empty' in documents ? [] : documents;
  for (const document of parsed) {
    const [error] = document.errors;
    if (!error) continue;
    const { line, col } = lines.linePos(error.pos[0]);
    throw invalid(`${name}:${line}:${col}`, error.message.split('\n')[0] ?? 'is not YAML');
  }
  return parsed.map((document) => document.toJS());
}

async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error) => {
    throw new Tier0Error({
      code: 'NOT_FOUND',
      message: `The scenario lacks ${basename(file)}.`,
      hint: `Add ${file}; scenarios/README.md says what it holds.`,
      cause: error,
    });
  });
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(file, error instanceof Error ? error.message : 'is not JSON');
  }
}

function check<T>(schema: z.ZodType<T>, value: unknown, file: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw invalid(file, `${issue?.path.join('.') || 'the document'}: ${issue?.message ?? 'has the wrong shape'}`);
}

function invalid(where: string, problem: string): Tier0Error {
  return new Tier0Error({
    code: 'INVALID_INPUT',
    message: `The scenario cannot be read: ${where}: ${problem}.`,
    hint: 'Correct that file; scenarios/README.md says what each file of a scenario holds.',
  });
}
