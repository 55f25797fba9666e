import type { CallContext, FieldPath, JsonValue } from '@tier0/core';
import { readYaml } from '../edit/yaml-source.ts';
import type { Mirror } from '../git/mirror.ts';

/** A Kubernetes object as a file declares it. */
export interface ManifestObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string | undefined };
  readonly [field: string]: unknown;
}

/** One object and the place that declares it. */
export interface Manifest {
  readonly file: string;
  /** Position of the YAML document in the file, from 0. */
  readonly document: number;
  /** Path of the object inside the document: empty, or `items[n]` in a List. */
  readonly within: FieldPath;
  readonly object: ManifestObject;
}

export interface ManifestReading {
  readonly manifests: readonly Manifest[];
  /** Documents that are not Kubernetes objects but may matter: kustomizations. */
  readonly kustomizations: readonly { readonly file: string; readonly value: Readonly<Record<string, JsonValue>> }[];
  /** One line for each file that could not be read, with line and column. */
  readonly unreadable: readonly string[];
}

const MANIFEST_FILE = /\.(?:ya?ml|json)$/i;
const KUSTOMIZATION_FILE = /(?:^|\/)(?:kustomization\.ya?ml|Kustomization)$/;

/** Text of every manifest file under a folder of a commit, by path. Symbolic links and submodules are left out. */
export async function readManifestTexts(
  mirror: Mirror,
  at: { readonly commit: string; readonly folder?: string | undefined },
  context: CallContext,
): Promise<ReadonlyMap<string, string>> {
  const listed = await mirror.listFiles(at.commit, context, at.folder);
  const files = listed.filter(
    (file) => file.mode.startsWith('100') && (MANIFEST_FILE.test(file.path) || KUSTOMIZATION_FILE.test(file.path)),
  );
  const blobs = await mirror.readBlobs([...new Set(files.map((file) => file.blob))], context);
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return new Map(files.map((file) => [file.path, decoder.decode(blobs.get(file.blob) ?? new Uint8Array())]));
}

/** Reads the objects out of manifest texts. What cannot be read is named, never silently missing. */
export function readManifests(texts: ReadonlyMap<string, string>): ManifestReading {
  return joinReadings([...texts].map(([file, text]) => readManifest(file, text)));
}

/** What several files hold together. */
export function joinReadings(readings: readonly ManifestReading[]): ManifestReading {
  return {
    manifests: readings.flatMap(({ manifests }) => manifests),
    kustomizations: readings.flatMap(({ kustomizations }) => kustomizations),
    unreadable: readings.flatMap(({ unreadable }) => unreadable),
  };
}

/** Reads the objects out of one file. */
export function readManifest(file: string, text: string): ManifestReading {
  const reading = readYaml(text);
  if (reading.status === 'unreadable') return { manifests: [], kustomizations: [], unreadable: [`${file} is ${reading.reason}`] };
  const { values } = reading.source;
  if (KUSTOMIZATION_FILE.test(file)) {
    const kustomizations = values.map((value) => ({ file, value: (value ?? {}) as Readonly<Record<string, JsonValue>> }));
    return { manifests: [], kustomizations, unreadable: [] };
  }
  const manifests = values.flatMap((value, document) => objectsIn(value, { file, document, within: [] }));
  return { manifests, kustomizations: [], unreadable: [] };
}

function objectsIn(value: unknown, place: Omit<Manifest, 'object'>): readonly Manifest[] {
  if (isList(value)) return value.items.flatMap((item, index) => objectsIn(item, { ...place, within: [...place.within, 'items', index] }));
  return isObject(value) ? [{ ...place, object: value }] : [];
}

function isList(value: unknown): value is { readonly items: readonly unknown[] } {
  return (
    typeof value === 'object' &&
    value !== null &&
    /List$/.test(String((value as { kind?: unknown }).kind)) &&
    Array.isArray((value as { items?: unknown }).items)
  );
}

function isObject(value: unknown): value is ManifestObject {
  if (typeof value !== 'object' || value === null) return false;
  const { apiVersion, kind, metadata } = value as { apiVersion?: unknown; kind?: unknown; metadata?: { name?: unknown } | null };
  return typeof apiVersion === 'string' && typeof kind === 'string' && typeof metadata?.name === 'string';
}
