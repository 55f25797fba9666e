import { type FieldPath, parseQuantity, readField } from '@tier0/core';
import { siblingId } from '../objects/existence.ts';
import { mountedFiles } from '../objects/mounted-file.ts';
import type { ContainerView } from '../objects/pod-view.ts';
import { listAt, mapAt, textAt } from '../objects/read-object.ts';
import { containerPath } from '../objects/workload.ts';

/** A setting by which a program takes memory for itself, in one piece or up to a bound. */
export interface HeapSetting {
  /** As it is written: `-Xmx512m`. */
  readonly text: string;
  readonly bytes: number;
  /** Where it stands: the workload, or a ConfigMap. */
  readonly item: string;
  readonly path: FieldPath;
  /** For a person: `variable JAVA_OPTS`, `args`, `key jvm.options`. */
  readonly via: string;
}

/** Bytes by the letter behind a number, as runtimes read it; the letters count in powers of 1024. */
const UNIT: Readonly<Record<string, number>> = { '': 1, b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

interface Pattern {
  /** The number in group 1, its unit in group 2 where there is one. */
  readonly pattern: RegExp;
  /** Bytes of the number where no unit is written. Default 1. */
  readonly plain?: number | undefined;
  /** The number is percents of the limit. */
  readonly isShare?: boolean | undefined;
}

/** Ways to say it, of runtimes and servers: the names are theirs, and none means anything else. */
const PATTERNS: readonly Pattern[] = [
  { pattern: /-Xm[xs](\d+)([kmgt]?)\b/gi },
  { pattern: /-XX:(?:Max|Initial)HeapSize=(\d+)([kmgt]?)\b/gi },
  { pattern: /-XX:(?:Max|Initial)RAMPercentage=(\d+(?:\.\d+)?)/gi, isShare: true },
  { pattern: /--max[-_]old[-_]space[-_]size[= ](\d+)\b/gi, plain: 2 ** 20 },
  { pattern: /\bGOMEMLIMIT[=:]\s*"?(\d+)([kmgt]?)i?b?\b/gi },
  { pattern: /\bshared_buffers\s*[=:]\s*'?"?(\d+)\s*([kmgt]?)b?\b/gi, plain: 8192 },
  { pattern: /\bmaxmemory\s*[=: ]\s*"?(\d+)([kmg]?)b?\b/gi },
  { pattern: /\binnodb[-_]buffer[-_]pool[-_]size\s*[=: ]\s*"?(\d+)([kmgt]?)\b/gi },
  { pattern: /\b(?:wiredTigerCacheSizeGB|cacheSizeGB)\s*[=: ]\s*"?(\d+(?:\.\d+)?)\b/gi, plain: 2 ** 30 },
  { pattern: /\bindices\.memory\.max_bytes\s*[=:]\s*(\d+)([kmgt]?)b?\b/gi },
];

/** With this share of the limit nothing is left for what a program needs beside its heap. */
const WHOLE = 0.9;

interface Source {
  readonly text: string;
  readonly item: string;
  readonly path: FieldPath;
  readonly via: string;
}

/** Settings of a container that leave nothing of its memory limit, or ask for more; the largest first. */
export function settingsOverLimit(view: ContainerView): readonly HeapSetting[] {
  const limit = parseQuantity(readField(view.spec, ['resources', 'limits', 'memory'])) ?? 0;
  if (limit <= 0) return [];
  return sourcesOf(view)
    .flatMap((source) => PATTERNS.flatMap((pattern) => found(source, pattern, limit)))
    .filter(({ bytes }) => bytes >= WHOLE * limit)
    .sort((a, b) => b.bytes - a.bytes || (a.text < b.text ? 1 : -1));
}

function found({ text, item, path, via }: Source, { pattern, plain = 1, isShare = false }: Pattern, limit: number): readonly HeapSetting[] {
  return [...text.matchAll(pattern)]
    .filter((match) => !isCommentedOut(text, match.index))
    .map((match) => {
      const unit = (match[2] ?? '').toLowerCase();
      const bytes = isShare ? (Number(match[1]) / 100) * limit : Number(match[1]) * (unit === '' ? plain : (UNIT[unit] ?? 1));
      return { text: match[0], bytes, item, path, via };
    });
}

function isCommentedOut(text: string, at: number): boolean {
  const line = text.slice(text.lastIndexOf('\n', at) + 1, at);
  return /^\s*[#;]/.test(line);
}

/** Texts that a container is told, with where a person writes them. Secrets are left alone. */
function sourcesOf(view: ContainerView): readonly Source[] {
  const { pod, name, spec } = view;
  const own = containerPath(pod.workloadKind, name);
  const words = ['command', 'args'].flatMap((field) =>
    listAt(spec, field).map(
      (word, index): Source => ({ text: String(word), item: pod.workload, path: [...own, field, index], via: field }),
    ),
  );
  const variables = listAt(spec, 'env').flatMap((entry): readonly Source[] => {
    const variable = textAt(entry, 'name') ?? '';
    const value = textAt(entry, 'value');
    const path: FieldPath = [...own, 'env', { key: 'name', value: variable }, 'value'];
    if (value !== undefined) return [{ text: named(variable, value), item: pod.workload, path, via: `variable ${variable}` }];
    const key = textAt(entry, 'valueFrom', 'configMapKeyRef', 'key');
    return key === undefined ? [] : keyOf(view, { map: textAt(entry, 'valueFrom', 'configMapKeyRef', 'name') ?? '', key, variable });
  });
  const wholesale = listAt(spec, 'envFrom').flatMap((source) => {
    const map = textAt(source, 'configMapRef', 'name');
    return map === undefined ? [] : keysOf(view, map).flatMap((key) => keyOf(view, { map, key, variable: key }));
  });
  const files = mountedFiles(pod.object, spec)
    .filter(({ kind }) => kind === 'ConfigMap')
    .flatMap((file) => (file.key === '' ? keysOf(view, file.name) : [file.key]).flatMap((key) => keyOf(view, { map: file.name, key })));
  return [...words, ...variables, ...wholesale, ...files];
}

/** `GOMEMLIMIT=512MiB`: some settings are the variable itself. */
function named(variable: string, value: string): string {
  return /^GOMEMLIMIT$/.test(variable) ? `${variable}=${value}` : value;
}

function keysOf({ pod }: ContainerView, map: string): readonly string[] {
  return Object.keys(mapAt(pod.reader.object(siblingId(pod.id, 'ConfigMap', map)), 'data'));
}

interface Key {
  readonly map: string;
  readonly key: string;
  readonly variable?: string | undefined;
}

function keyOf({ pod }: ContainerView, { map, key, variable }: Key): readonly Source[] {
  const item = siblingId(pod.id, 'ConfigMap', map);
  const text = mapAt(pod.reader.object(item), 'data')[key];
  if (text === undefined) return [];
  return [{ text: variable === undefined ? text : named(variable, text), item, path: ['data', key], via: `key ${key}` }];
}
