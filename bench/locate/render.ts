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

async function runKubectl(files: Files, folder: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'tier0-bench-render-'));
  try {
    for (const [file, text] of files) {
      await mkdir(join(directory, dirname(file)), { recursive: true });
      await writeFile(join(directory, file), text);
    }
    const { stdout } = await run('kubectl', ['kustomize', join(directory, folder)], { maxBuffer: 64 * 2 ** 20 });
    return stdout;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
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
