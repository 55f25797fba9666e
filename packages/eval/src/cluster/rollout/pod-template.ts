import { isJsonObject } from '../kubernetes-object.ts';
import { isSameJson } from '../patch/same-json.ts';
import type { PodTemplate } from './workload-objects.ts';

export const TEMPLATE_HASH_LABEL = 'pod-template-hash';

/** Values a server fills in: a template that spells them out is the same as one that does not. */
const DEFAULTS: Readonly<Record<string, readonly unknown[]>> = {
  creationTimestamp: [null],
  terminationMessagePath: ['/dev/termination-log'],
  terminationMessagePolicy: ['File'],
  imagePullPolicy: ['IfNotPresent', 'Always'],
  dnsPolicy: ['ClusterFirst'],
  restartPolicy: ['Always'],
  schedulerName: ['default-scheduler'],
  terminationGracePeriodSeconds: [30],
  protocol: ['TCP'],
  defaultMode: [420],
  successThreshold: [1],
  failureThreshold: [3],
  periodSeconds: [10],
  timeoutSeconds: [1],
  scheme: ['HTTP'],
};

/** Whether two templates make the same pods: defaults, empty fields and the hash label do not count. */
export function isSameTemplate(left: PodTemplate, right: PodTemplate): boolean {
  return isSameJson(essence(left), essence(right));
}

/** The `pod-template-hash` of a template: 32-bit FNV-1a in the alphabet of generated names. */
export function templateHash(template: PodTemplate): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(stableText(essence(template)))) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return [...String(hash)].map((digit) => 'bcdfghjklmnpqrstvwxz2456789'[digit.charCodeAt(0) % 27]).join('');
}

function essence(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(essence);
  if (!isJsonObject(value)) return value;
  const kept = Object.entries(value)
    .filter(([key, child]) => key !== TEMPLATE_HASH_LABEL && !DEFAULTS[key]?.includes(child))
    .map(([key, child]) => [key, essence(child)] as const)
    .filter(([, child]) => child !== undefined && child !== null && !isEmpty(child));
  return Object.fromEntries(kept);
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) ? value.length === 0 : isJsonObject(value) && Object.keys(value).length === 0;
}

function stableText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(stableText).join(',')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value) ?? 'null';
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${stableText(value[key])}`).join(',')}}`;
}
