import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';

/** Text by path. */
export type Files = ReadonlyMap<string, string>;

/** An object as it is in a cluster. */
export interface LiveObject {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly value: Readonly<Record<string, unknown>>;
}

const run = promisify(execFile);

const rendered = new Map<string, Promise<string>>();

/** Renders a folder with `kubectl kustomize`, the same files once. Throws what kubectl says. */
export async function renderKustomization(files: Files, folder: string): Promise<readonly LiveObject[]> {
  const key = JSON.stringify([folder, ...files]);
  const text = rendered.get(key) ?? runKubectl(files, folder);
  rendered.set(key, text);
  return parseObjects(new Map([['rendered.yaml', await text]]), 'default');
}

function runKubectl(files: Files, folder: string): Promise<string> {
  return runOver(files, 'kubectl', (directory) => ['kustomize', join(directory, folder)]);
}

async function runOver(files: Files, program: string, args: (directory: string) => readonly string[]): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'tier0-bench-render-'));
  try {
    for (const [file, text] of files) {
      await mkdir(join(directory, dirname(file)), { recursive: true });
      await writeFile(join(directory, file), text);
    }
    const { stdout } = await run(program, [...args(directory)], { maxBuffer: 64 * 2 ** 20 });
    return stdout;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** One release of a chart in the files. */
export interface Release {
  readonly chart: string;
  readonly name: string;
  readonly namespace: string;
  /** Values files of the repository, the weakest first. */
  readonly valueFiles?: readonly string[];
  readonly values?: unknown;
  /** As `--set` takes them. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** Renders with `helm template`, layer by layer as Helm takes them. Throws what helm says. */
export async function renderRelease(files: Files, { chart, name, namespace, valueFiles = [], values, parameters = {} }: Release) {
  const own = new Map([...files].filter(([file]) => file.startsWith(`${chart}/`) || valueFiles.includes(file)));
  const all = new Map([...own, ['bench-values.json', JSON.stringify(values ?? {})]]);
  const set = Object.entries(parameters).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
  const key = JSON.stringify(['helm', name, namespace, valueFiles, set, ...all]);
  const layers = (directory: string) => [...valueFiles, 'bench-values.json'].flatMap((file) => ['--values', join(directory, file)]);
  const text =
    rendered.get(key) ??
    runOver(all, 'helm', (directory) => ['template', name, join(directory, chart), '--namespace', namespace, ...layers(directory), ...set]);
  rendered.set(key, text);
  return parseObjects(new Map([['rendered.yaml', await text]]), namespace);
}

/** Whether `helm` can be run. */
export async function hasHelm(): Promise<boolean> {
  return run('helm', ['version', '--short']).then(
    () => true,
    () => false,
  );
}

/** The objects of manifest texts; Lists are taken apart. Throws where a text is not YAML. */
export function parseObjects(files: Files, namespace: string): readonly LiveObject[] {
  return [...files.values()].flatMap((text) => documentsOf(text).flatMap((value) => objectsIn(value, namespace)));
}

function documentsOf(text: string): readonly unknown[] {
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) return [];
  for (const document of documents) if (document.errors[0]) throw document.errors[0];
  return documents.map((document) => document.toJS() as unknown);
}

interface RawObject {
  readonly kind?: string;
  readonly items?: readonly unknown[];
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
}

function objectsIn(value: unknown, namespace: string): readonly LiveObject[] {
  const { kind, items, metadata } = (value ?? {}) as RawObject;
  if (items) return items.flatMap((item) => objectsIn(item, namespace));
  if (!kind || !metadata?.name) return [];
  return [{ kind, namespace: metadata.namespace ?? namespace, name: metadata.name, value: value as Readonly<Record<string, unknown>> }];
}

/** The same objects with the labels or annotations that whoever applies them leaves there. */
export function marked(
  objects: readonly LiveObject[],
  marks: { readonly labels?: object; readonly annotations?: object },
): readonly LiveObject[] {
  return objects.map((live) => {
    const metadata = live.value.metadata as { readonly labels?: object; readonly annotations?: object };
    const labels = { ...metadata.labels, ...marks.labels };
    const annotations = { ...metadata.annotations, ...marks.annotations };
    return { ...live, value: { ...live.value, metadata: { ...metadata, labels, annotations } } };
  });
}

/** The value at a path of the first document of a file. */
export function readAt(files: Files, file: string, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], documentsOf(files.get(file) ?? '')[0]);
}
