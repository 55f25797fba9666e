import { redact } from '@tier0/core';
import { isRecord, type KubernetesObject } from './kubernetes-object.ts';
import { withoutSecretValues } from './secret-metadata.ts';

/**
 * An object without what looks like a secret: Secrets keep the names of their keys, values of variables and ConfigMap keys whose name tells
 * are replaced, and so is whatever looks like a credential in any text. References by name (`secretName`) stay.
 */
export function redactObject(object: KubernetesObject): KubernetesObject {
  return redactValue(withoutSecretValues(object)) as KubernetesObject;
}

function redactValue(value: unknown): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map(redactValue);
  if (!isRecord(value)) return value;
  const { name, value: text } = value;
  const isTold = typeof name === 'string' && typeof text === 'string' && looksSecret(name, text);
  const entries = Object.entries(value).map(([key, entry]) => [key, MAPS.has(key) ? redactMap(entry) : redactValue(entry)]);
  return { ...Object.fromEntries(entries), ...(isTold ? { value: REDACTED } : {}) };
}

/** Maps from names that people choose to texts; elsewhere a key is a field of the API and tells nothing. */
const MAPS: ReadonlySet<string> = new Set(['data', 'annotations']);
const REDACTED = '[redacted]';

function redactMap(map: unknown): unknown {
  if (!isRecord(map)) return redactValue(map);
  return Object.fromEntries(
    Object.entries(map).map(([key, entry]) => [key, typeof entry === 'string' && looksSecret(key, entry) ? REDACTED : redactValue(entry)]),
  );
}

/** Whether the name gives the value away as secret, by the same shapes that texts are redacted with. */
function looksSecret(name: string, value: string): boolean {
  return value !== '' && redact(`${name}=x`) !== `${name}=x`;
}
