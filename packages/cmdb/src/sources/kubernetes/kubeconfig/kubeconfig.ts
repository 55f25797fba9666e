import { Tier0Error } from '@tier0/core';
import { parseDocument } from 'yaml';

/** An entry of a kubeconfig, with the names that Kubernetes gives its fields. */
export type KubeconfigEntry = Readonly<Record<string, unknown>>;

/** What one context of a kubeconfig says: where the API server is, and who asks. */
export interface KubeconfigContext {
  readonly name: string;
  readonly server: URL;
  readonly cluster: KubeconfigEntry;
  /** Empty for somebody without a name. */
  readonly user: KubeconfigEntry;
}

/** The whole content of a kubeconfig. Throws INVALID_INPUT with the line that is no YAML. */
export function parseKubeconfig(text: string): KubeconfigEntry {
  const document = parseDocument(text, { merge: true });
  const [flaw] = document.errors;
  if (flaw) throw unusableKubeconfig(`line ${flaw.linePos?.[0].line ?? '?'}: it is no YAML`, flaw);
  const content: unknown = document.toJS({ maxAliasCount: 100 });
  if (isEntry(content)) return content;
  throw unusableKubeconfig('it holds no kubeconfig');
}

/** The context of that name, by default the current one. Throws INVALID_INPUT where it, its cluster or its user is not there. */
export function readContext(text: string, wanted?: string | undefined): KubeconfigContext {
  const content = parseKubeconfig(text);
  const name = wanted ?? textIn(content, 'current-context') ?? '';
  const context = named(content, 'contexts', name)?.context;
  if (!isEntry(context)) throw unusableKubeconfig(`it has no context "${name}"`);
  const cluster = named(content, 'clusters', textIn(context, 'cluster'))?.cluster;
  const server = isEntry(cluster) ? URL.parse(textIn(cluster, 'server') ?? '') : null;
  if (!isEntry(cluster) || !server) throw unusableKubeconfig(`context "${name}" names no cluster`);
  return { name, server, cluster, user: userOf(content, context) };
}

/** A user that is named and not there is a mistake: without it somebody else would ask, or nobody. */
function userOf(content: KubeconfigEntry, context: KubeconfigEntry): KubeconfigEntry {
  const name = textIn(context, 'user');
  if (name === undefined) return {};
  const entry = named(content, 'users', name);
  if (entry === undefined) throw unusableKubeconfig(`it has no user "${name}"`);
  return isEntry(entry.user) ? entry.user : {};
}

/** Text of a field; undefined when it is absent, empty or no text. */
export function textIn(entry: KubeconfigEntry, field: string): string | undefined {
  const value = entry[field];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The entries of a list; what is none is passed over. */
export function entriesIn(value: unknown): readonly KubeconfigEntry[] {
  return Array.isArray(value) ? value.filter(isEntry) : [];
}

export function isEntry(value: unknown): value is KubeconfigEntry {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function named(content: KubeconfigEntry, list: string, name: string | undefined): KubeconfigEntry | undefined {
  return entriesIn(content[list]).find((entry) => entry.name === name);
}

export function unusableKubeconfig(why: string, cause?: unknown): Tier0Error {
  return new Tier0Error({
    code: 'INVALID_INPUT',
    message: `The kubeconfig cannot be used: ${why}.`,
    hint: 'Check it with "kubectl config view" and name an existing context.',
    cause,
  });
}
