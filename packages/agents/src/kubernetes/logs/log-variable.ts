import { readField } from '@tier0/core';
import { commandNames } from '../objects/command.ts';
import { siblingId } from '../objects/existence.ts';
import { lastApplied } from '../objects/last-applied.ts';
import { listAt, mapAt, textAt } from '../objects/read-object.ts';
import { referencesOf } from '../objects/reference.ts';
import { type LogReading, type SignDraft, specOf } from './log-reading.ts';

/** Where a variable's value is written: the template, or a ConfigMap or Secret it is taken from. */
interface VariableSource {
  /** Undefined: the template. */
  readonly item?: string | undefined;
  readonly kind: 'template' | 'ConfigMap' | 'Secret';
  /** Key of the ConfigMap. */
  readonly key?: string | undefined;
  readonly value?: string | undefined;
}

function variableOf(reading: LogReading, name: string): VariableSource | undefined {
  const { pod } = reading;
  const spec = specOf(reading);
  const entry = listAt(spec, 'env').findLast((variable) => textAt(variable, 'name') === name);
  const map = textAt(entry, 'valueFrom', 'configMapKeyRef', 'name');
  const secret = textAt(entry, 'valueFrom', 'secretKeyRef', 'name');
  if (map !== undefined) {
    const item = siblingId(pod.id, 'ConfigMap', map);
    const key = textAt(entry, 'valueFrom', 'configMapKeyRef', 'key') ?? '';
    return { kind: 'ConfigMap', item, key, value: mapAt(pod.reader.object(item), 'data')[key] };
  }
  if (secret !== undefined) return { kind: 'Secret', item: siblingId(pod.id, 'Secret', secret) };
  if (entry !== undefined) return { kind: 'template', value: textAt(entry, 'value') };
  return fromWholesale(reading, spec, name);
}

function fromWholesale({ pod }: LogReading, spec: unknown, name: string): VariableSource | undefined {
  for (const source of listAt(spec, 'envFrom')) {
    const map = textAt(source, 'configMapRef', 'name');
    const item = map === undefined ? undefined : siblingId(pod.id, 'ConfigMap', map);
    const key = name.slice((textAt(source, 'prefix') ?? '').length);
    const value = item === undefined ? undefined : mapAt(pod.reader.object(item), 'data')[key];
    if (value !== undefined) return { kind: 'ConfigMap', item, key, value };
  }
  return undefined;
}

/** Set after all, and not empty: then the message is about something else. */
export function missingVariable(reading: LogReading, name: string): readonly SignDraft[] {
  const source = variableOf(reading, name);
  if (source && source.kind !== 'Secret' && (source.value ?? '') !== '') return invalidValue(reading, name);
  if (source?.kind === 'ConfigMap') return [{ code: 'T0-LOG-003', subject: source.item, key: name, text: `${name} is empty` }];
  const lost = formerHolder(reading, name);
  if (lost !== undefined) return [{ code: 'T0-LOG-003', subject: lost.item, key: name, text: lost.text }];
  const isVariable = /^[A-Z_][A-Z0-9_]*$/.test(name);
  return [{ code: 'T0-LOG-001', key: name, text: isVariable ? `variable ${name} is not set` : `${name} is not set` }];
}

/** The ConfigMap that held a key or a property when it was applied last and holds it no more, or that holds its sister under another name. */
function formerHolder({ pod }: LogReading, name: string): { readonly item: string; readonly text: string } | undefined {
  const maps = referencesOf(readField(pod.object, ['spec'])).filter(({ kind }) => kind === 'ConfigMap');
  for (const { name: map } of maps) {
    const item = siblingId(pod.id, 'ConfigMap', map);
    const object = pod.reader.object(item);
    const [now, before] = [namesOf(mapAt(object, 'data')), namesOf(mapAt(lastApplied(object), 'data'))];
    if (now.has(name)) continue;
    const sister = sisterOf(now, name);
    const others = sister === undefined ? '' : `; it has ${sister}`;
    if (before.has(name))
      return { item, text: `ConfigMap ${map} does not set ${name} any more, as it did when it was applied last${others}` };
    if (sister !== undefined) return { item, text: `ConfigMap ${map} does not set ${name}${others}` };
  }
  return undefined;
}

/** Keys of a ConfigMap, and the properties that stand in its files: `a.b=`, `a.b: `. */
function namesOf(data: Readonly<Record<string, string>>): ReadonlySet<string> {
  const inFiles = Object.values(data).flatMap((text) => [...text.matchAll(/^[ \t]*([\w.-]+)[ \t]*[=:]/gm)].map((match) => match[1] ?? ''));
  return new Set([...Object.keys(data), ...inFiles]);
}

/** The one property beside it: the same words but for the last one. */
function sisterOf(names: ReadonlySet<string>, name: string): string | undefined {
  const stem = /^(.+)\.[^.]+$/.exec(name)?.[1];
  const sisters = stem === undefined ? [] : [...names].filter((other) => other.startsWith(`${stem}.`));
  return sisters.length === 1 ? sisters[0] : undefined;
}

/** Only a variable that the container has can have a wrong value. */
export function invalidValue(reading: LogReading, name: string): readonly SignDraft[] {
  const source = variableOf(reading, name);
  if (!source) return [];
  const text = `it cannot use the value of ${name}`;
  if (source.kind === 'ConfigMap') return [{ code: 'T0-LOG-003', subject: source.item, key: name, text }];
  if (source.kind === 'Secret') return [{ code: 'T0-LOG-024', subject: source.item, key: name, text }];
  return [{ code: 'T0-LOG-002', key: name, text }];
}

/** A quoted text that is the whole value of a variable: then that variable is what could not be used. */
export function badValue(reading: LogReading, value: string): readonly SignDraft[] {
  if (value.trim().length < 2) return [];
  const names = variableNames(reading).filter((name) => variableOf(reading, name)?.value?.trim() === value.trim());
  const [name] = names;
  return names.length === 1 && name !== undefined ? invalidValue(reading, name) : [];
}

/** Variables whose value can be seen: those of the template, and those taken over from ConfigMaps. */
function variableNames(reading: LogReading): readonly string[] {
  const spec = specOf(reading);
  const wholesale = listAt(spec, 'envFrom').flatMap((source) => {
    const map = textAt(source, 'configMapRef', 'name');
    const data = map === undefined ? {} : mapAt(reading.pod.reader.object(siblingId(reading.pod.id, 'ConfigMap', map)), 'data');
    return Object.keys(data).map((key) => `${textAt(source, 'prefix') ?? ''}${key}`);
  });
  return [...new Set([...listAt(spec, 'env').flatMap((entry) => textAt(entry, 'name') ?? []), ...wholesale])];
}

/** A word of the command line that a variable or a ConfigMap holds was written there. */
export function badUsage(reading: LogReading, word: string): readonly SignDraft[] {
  if (!hasEnded(reading)) return [];
  const holder = /^-{1,2}\w{2}/.test(word) && !isCommandWord(reading, word) ? holderOf(reading, word) : undefined;
  const text = word === '' ? 'it is not called as it wants to be' : `it does not take ${word}`;
  if (holder?.item !== undefined) return [{ code: 'T0-LOG-003', subject: holder.item, key: holder.name, text }];
  return holder ? [{ code: 'T0-LOG-002', key: holder.name, text }] : [{ code: 'T0-LOG-025', key: word, text }];
}

/** A program that refuses its command line ends; one that runs on speaks of something else. */
function hasEnded({ pod, container }: LogReading): boolean {
  const statuses = ['containerStatuses', 'initContainerStatuses'].flatMap((list) => listAt(pod.object, 'status', list));
  const status = statuses.find((entry) => textAt(entry, 'name') === container);
  return ['state', 'lastState'].some((state) => readField(status, [state, 'terminated']) !== undefined);
}

function isCommandWord(reading: LogReading, word: string): boolean {
  return commandNames(specOf(reading)).some((part) => part === word || part.startsWith(`${word}=`) || part.includes(` ${word}`));
}

/** The variable or ConfigMap key whose value holds a word. */
export function holderOf(
  reading: LogReading,
  word: string,
): { readonly kind: 'template' | 'ConfigMap'; readonly item?: string; readonly name: string } | undefined {
  const { pod } = reading;
  const holds = (value: string | undefined) =>
    value !== undefined && new RegExp(`(?:^|[^\\w.-])${word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w-])`).test(value);
  for (const entry of listAt(specOf(reading), 'env')) {
    const name = textAt(entry, 'name') ?? '';
    const source = variableOf(reading, name);
    if (source && source.kind !== 'Secret' && holds(source.value))
      return source.item === undefined ? { kind: 'template', name } : { kind: 'ConfigMap', item: source.item, name: source.key ?? name };
  }
  const maps = referencesOf(readField(pod.object, ['spec'])).filter(({ kind }) => kind === 'ConfigMap');
  for (const { name: map } of maps) {
    const item = siblingId(pod.id, 'ConfigMap', map);
    const key = Object.entries(mapAt(pod.reader.object(item), 'data')).find(([, value]) => holds(value))?.[0];
    if (key !== undefined) return { kind: 'ConfigMap', item, name: key };
  }
  return undefined;
}

/** Values of all variables that can be seen, those from ConfigMaps included. */
export function variableValues(reading: LogReading): readonly string[] {
  return variableNames(reading).flatMap((name) => variableOf(reading, name)?.value ?? []);
}

/** The variable whose value holds a text, and where it is written. */
export function variableWith(reading: LogReading, pattern: RegExp): (VariableSource & { readonly name: string }) | undefined {
  return variableNames(reading)
    .flatMap((name) => {
      const source = variableOf(reading, name);
      return source === undefined ? [] : [{ ...source, name }];
    })
    .find(({ value }) => value !== undefined && pattern.test(value));
}

/** A variable that the container is given and that its own complaint names, in the spelling of variables (`ALLOWED_HOSTS`). */
export function variableSpokenOf(reading: LogReading): SignDraft | undefined {
  const given = new Set(variableNames(reading));
  const [name, ...others] = new Set(
    (reading.message.match(/(?<!\$[({]?)\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+/g) ?? []).filter((word) => given.has(word)),
  );
  if (name === undefined || others.length > 0) return undefined;
  const source = variableOf(reading, name);
  const text = `its variable ${name} is in its way`;
  if (source?.kind === 'ConfigMap') return { code: 'T0-LOG-003', subject: source.item, key: name, text };
  if (source?.kind === 'Secret') return { code: 'T0-LOG-024', subject: source.item, key: name, text };
  return { code: 'T0-LOG-002', key: name, text };
}
