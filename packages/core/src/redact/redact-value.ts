import type { JsonValue } from '../model/json-value.ts';
import { isSecretValue } from './find-assignments.ts';
import { decoded, findShapes } from './find-shapes.ts';
import { redact, secretSpans } from './redact.ts';
import { namesPin, senseOfName } from './secret-name.ts';
import { isPlausible, isSurelyRandom, looksRandom } from './secret-value.ts';

/** What was removed from a value, and where; never what it was. */
export interface Removal {
  /** Keys and positions on the way, e.g. `spec.template.spec.containers[0].env[2].value`. */
  readonly path: string;
  readonly kind: string;
}

/** A value without what looks like a secret. */
export interface RedactedValue {
  readonly value: unknown;
  readonly removed: readonly Removal[];
}

/** Nested deeper it is no object of an API; what is below is taken out whole. */
const MAX_DEPTH = 200;
/** Fields of every API whose values are names, ids and places by their own grammar. They are kept while they follow it. */
const NAMED_FIELDS: ReadonlySet<string> = new Set(
  (
    'name namespace generateName uid kind apiVersion resourceVersion image imageID containerID serviceAccountName serviceAccount nodeName secretName ' +
    'claimName volumeName storageClassName priorityClassName ingressClassName schedulerName runtimeClassName hostIP podIP clusterIP creationTimestamp ' +
    'deletionTimestamp startTime lastTransitionTime lastProbeTime lastUpdateTime mountPath subPath path topologyKey fieldPath caBundle digest revision generation'
  ).split(' '),
);
/** Command lines that are longer are lists of something else. */
const MAX_LINE = 4_096;
const NAMED_FORM = /^[A-Za-z0-9](?:[\w.:/@-]{0,510})$|^\/[\w.@/+-]*$/;

/**
 * A value, such as a Kubernetes object, without what looks like a secret. Names decide where they stand: keys of maps, `name` beside
 * `value`, flags before their arguments, files by what they are called; JSON inside texts and base64 are opened; all else is read as text.
 */
export function redactValue(value: unknown): RedactedValue {
  const removed: Removal[] = [];
  return { value: walk(value, { path: '', name: '', depth: 0, removed }), removed };
}

interface At {
  readonly path: string;
  /** The key, variable or file name that the value belongs to; empty for none. */
  readonly name: string;
  readonly depth: number;
  readonly removed: Removal[];
  /** What stands before a list on its command line. */
  readonly program?: readonly string[];
}

function walk(value: unknown, at: At): unknown {
  if (at.depth > MAX_DEPTH) return remove(at, 'too-deep');
  if (typeof value === 'string') return walkText(value, at);
  if (typeof value === 'number') return isSecretNumber(value, at.name) ? remove(at, 'secret') : value;
  if (Array.isArray(value)) return walkList(value, at);
  return typeof value === 'object' && value !== null ? walkMap(value as Readonly<Record<string, unknown>>, at) : value;
}

function isSecretNumber(value: number, name: string): boolean {
  if (namesPin(name)) return value >= 1000;
  return /passw|passcode|\bpin\b/i.test(name) && senseOfName(name) === 'strong' && value >= 1000;
}

function walkMap(map: Readonly<Record<string, unknown>>, at: At): unknown {
  const beside = namedBeside(map);
  const entries = Object.entries(map).map(([key, entry]) => {
    const below = {
      ...at,
      path: at.path === '' ? key : `${at.path}${/^[\w-]+$/.test(key) ? `.${key}` : `[${JSON.stringify(redact(key))}]`}`,
      depth: at.depth + 1,
      program: key === 'args' ? wordsOf(map.command) : [],
    };
    if (typeof entry === 'string' && NAMED_FIELDS.has(key) && NAMED_FORM.test(entry) && !isSurelyRandom(entry))
      return [key, tokensOnly(entry, below)];
    if (key === 'binaryData' && typeof entry === 'object' && entry !== null)
      return [
        key,
        Object.fromEntries(Object.keys(entry).map((file) => [redact(file), remove({ ...below, path: `${below.path}.${file}` }, 'binary')])),
      ];
    if (typeof map.kty === 'string' && typeof entry === 'string' && /^(?:d|p|q|dp|dq|qi|k)$/.test(key)) return [key, remove(below, 'key')];
    if (map.kind === 'SealedSecret' && key === 'spec') return [key, entry];
    const name = nameOf(key, { beside, above: at.name });
    if (isSecretData(map, key) && typeof entry === 'object' && entry !== null)
      return [
        key,
        Object.fromEntries(
          Object.keys(entry).map((one) => [redact(one), remove({ ...below, path: `${below.path}.${redact(one)}` }, 'secret')]),
        ),
      ];
    return [keyWithout(key, below), walk(entry, { ...below, name })];
  });
  return Object.fromEntries(entries);
}

/** `{name: DB_PASSWORD, value: x}` and `adminPassword: {value: x}`; else its key. */
function nameOf(key: string, { beside, above }: { readonly beside: Beside | undefined; readonly above: string }): string {
  if (beside !== undefined && key === beside.key) return beside.name;
  return HELD.has(key) && senseOfName(above) !== 'none' ? above : key;
}

function isSecretData(map: Readonly<Record<string, unknown>>, key: string): boolean {
  return map.kind === 'Secret' && (key === 'data' || key === 'stringData');
}

/** Keys hold values too: managed fields are keyed by what a list contains. */
function keyWithout(key: string, at: At): string {
  const kept = /[=:"]/.test(key) ? redact(key) : key;
  if (kept !== key) at.removed.push({ path: at.path, kind: 'key' });
  return kept;
}

/** An image or a path is kept as it is, unless a token of known form is in it. */
function tokensOnly(text: string, at: At): string {
  return text.length < 20 || secretSpans(text).every((span) => span.kind === 'random' || span.kind === 'secret')
    ? text
    : walkText(text, { ...at, name: '' });
}

/** Fields that hold the value of what is named beside or above them. */
const HELD: ReadonlySet<string> = new Set(['value', 'default', 'content', 'contents', 'stringValue']);

interface Beside {
  readonly key: string;
  readonly name: string;
}

/** `{name: DB_PASSWORD, value: x}` in the forms it has: variables, parameters, headers, settings. */
function namedBeside(map: Readonly<Record<string, unknown>>): Beside | undefined {
  const name = [map.name, map.key, map.header, map.variable, map.type].find((one) => typeof one === 'string');
  const key = [...HELD].find((one) => ['string', 'number'].includes(typeof map[one]));
  return typeof name === 'string' && key !== undefined ? { key, name } : undefined;
}

function walkList(list: readonly unknown[], at: At): unknown {
  const below = (index: number) => ({ ...at, path: `${at.path}[${index}]`, depth: at.depth + 1 });
  if (!list.every((entry) => typeof entry === 'string')) return list.map((entry, index) => walk(entry, below(index)));
  const lines = joinedSecret(list);
  const flags = secretsOfLine(list, at.program ?? []);
  return list.map((entry, index) => {
    const flag = flags.get(index);
    if (flag !== undefined) return flag + remove(below(index), 'flag');
    if (lines?.has(index) || isArgumentOf([...(at.program ?? []), ...list], index + (at.program?.length ?? 0)))
      return remove(below(index), lines?.has(index) ? 'private-key' : 'flag');
    return walkText(entry, below(index));
  });
}

/** A key whose lines are entries of a list. */
function joinedSecret(list: readonly string[]): ReadonlySet<number> | undefined {
  const first = list.findIndex((entry) => /-----BEGIN [A-Z0-9 ]*PRIVATE KEY/.test(entry) && !entry.includes('-----END'));
  if (first === -1) return undefined;
  const last = list.findIndex((entry, index) => index > first && entry.includes('-----END'));
  return new Set(Array.from({ length: (last === -1 ? list.length - 1 : last) - first + 1 }, (_, index) => first + index));
}

/** Whether what stands before an entry, on the command line that the list is, makes it a secret. */
function isArgumentOf(list: readonly string[], index: number): boolean {
  const [entry, before, program] = [list[index] ?? '', list[index - 1] ?? '', list[0] ?? ''];
  if (index === 0 || entry === '' || /\s/.test(entry) || entry.startsWith('-') || !/^-{1,2}\w|^[a-z_]+$/.test(before)) return false;
  return [`${before} ${entry}`, `${program.split('/').at(-1)} x ${before} ${entry}`].some((line) =>
    secretSpans(line).some((span) => span.kind === 'flag' && span.to === line.length && span.from >= line.length - entry.length),
  );
}

/** Entries of a command line that end in a secret (`-pX` of mysql), by position: what stands before it stays. */
function secretsOfLine(list: readonly string[], program: readonly string[]): ReadonlyMap<number, string> {
  const words = [...program, ...list].map((word) => word.replace(/\s/g, '_'));
  const line = words.join(' ');
  if (line.length > MAX_LINE) return new Map();
  const found = new Map<number, string>();
  for (const { from } of findShapes(line).filter((span) => span.kind === 'flag')) {
    const at = line.slice(0, from).split(' ').length - 1;
    const [index, word] = [at - program.length, words[at] ?? ''];
    const before = from - (line.lastIndexOf(' ', from - 1) + 1);
    if (index >= 0 && list[index] === word) found.set(index, word.slice(0, before));
  }
  return found;
}

function wordsOf(command: unknown): readonly string[] {
  return Array.isArray(command) && command.every((word) => typeof word === 'string') ? command : [];
}

function walkText(text: string, at: At): string {
  if (
    text.length < 3 ||
    (text.length < 14 && senseOfName(at.name) === 'none' && /^[\w./-]*$/.test(text)) ||
    (!/\s/.test(text) && !isPlausible(text))
  )
    return text;
  const opened = openJson(text, at);
  if (opened !== undefined) return opened;
  const strength = senseOfName(at.name);
  if (strength !== 'none' && !text.includes('\n') && isSecretValue({ text, isQuoted: true }, { name: at.name, strength }))
    return remove(at, kindOf(at.name));
  if (isSecretFile(at.name) || (strength !== 'none' && isEncodedSecret(text))) return isPublic(text) ? text : remove(at, 'file');
  const spans = secretSpans(asFile(text, at.name));
  if (spans.length === 0) return text;
  at.removed.push(...spans.map(({ kind }) => ({ path: at.path, kind })));
  return asFile(text, at.name) === text ? redact(text) : remove({ ...at, removed: [] }, 'file');
}

/** Whether it is a map or list as text; then its own names decide, and it is written again as it was laid out. */
function openJson(text: string, at: At): string | undefined {
  if (!/^\s*[{[]/.test(text) || text.length > 4_000_000) return undefined;
  let parsed: JsonValue;
  try {
    parsed = JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const before = at.removed.length;
  const value = walk(parsed, { ...at, depth: at.depth + 1, name: at.name });
  if (at.removed.length === before) return text;
  return JSON.stringify(value, undefined, /\n {2,}|\n\t/.test(text) ? 2 : undefined) + (text.endsWith('\n') ? '\n' : '');
}

/** Files that are a secret as a whole, by what they are called. */
function isSecretFile(name: string): boolean {
  return /(?:^|[/_.-])(?:id_(?:rsa|dsa|ecdsa|ed25519)|ssh_host_\w+_key|\w*keyfile|secring|master\.key|unseal\.\w+|chap-secrets|pap-secrets)$|\.(?:pem\.key|key|p12|pfx|jks|keystore|kdbx|ppk|keytab|asc)$/i.test(
    name,
  );
}

function isPublic(text: string): boolean {
  return /-----BEGIN (?:CERTIFICATE|PUBLIC KEY|PGP PUBLIC)/.test(text) && !/PRIVATE/.test(text);
}

/** `user:password` in base64, as registries keep it, and anything that is random once it is decoded. */
function isEncodedSecret(text: string): boolean {
  const plain = /^[A-Za-z0-9+/_-]{8,}={0,2}$/.test(text) ? decoded(text) : undefined;
  return plain !== undefined && plain.length > 3 && (/^[^\s:]{1,128}:\S{2,}$/.test(plain) || looksRandom(plain));
}

/** Files in which the place tells what is secret: two quoted words a line, a user and a password. */
function asFile(text: string, name: string): string {
  if (/userlist\.txt$/i.test(name)) return text.replace(/^(\s*"[^"\n]*"\s+)"([^"\n]*)"/gm, '$1password="$2"');
  if (/users\.acl$/i.test(name)) return text.replace(/\s>(\S+)/g, ' password=$1');
  if (/sasl_passwd|smtp_auth|(?:^|[._-])htpasswd$|passwd$|users\.(?:txt|conf)$/i.test(name))
    return text.replace(/^(\S+[ \t]+[^\s:]+|[^\s:#]+):([^\s:]+)/gm, '$1 password=$2');
  return text;
}

function remove(at: At, kind: string): string {
  at.removed.push({ path: at.path, kind });
  return `[redacted ${kind}]`;
}

function kindOf(name: string): string {
  return /pass|pwd/i.test(name) ? 'password' : /token/i.test(name) ? 'token' : /key/i.test(name) ? 'key' : 'secret';
}
