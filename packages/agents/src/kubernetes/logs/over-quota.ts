import { parseKubernetesItemId } from '@tier0/core';
import { siblingId } from '../objects/existence.ts';
import { objectsOf } from '../objects/objects.ts';
import type { LogReading, SignDraft } from './log-reading.ts';

/** As the API server says it. Source: `plugin/pkg/admission/resourcequota` of Kubernetes. */
const OVER_QUOTA = /\bis forbidden: exceeded quota: ([a-z0-9][a-z0-9.-]*[a-z0-9]), (requested: [^\n"]{1,200})/i;

/** The quota that a line says is used up. */
export function quotaIn(message: string): string | undefined {
  return OVER_QUOTA.exec(message)?.[1];
}

/** The quota that a program runs against when it makes objects: in its own namespace, or the only one of this name. */
export function overQuota({ pod, message }: LogReading, quota: string): readonly SignDraft[] {
  const own = siblingId(pod.id, 'ResourceQuota', quota);
  const named = objectsOf(pod.reader, 'ResourceQuota', '').filter(({ name }) => name === quota);
  const subject = named.some(({ id }) => id === own) ? own : named.length === 1 ? named[0]?.id : undefined;
  if (subject === undefined) return [];
  const { namespace = '' } = parseKubernetesItemId(subject) ?? {};
  const told = OVER_QUOTA.exec(message)?.[2] ?? '';
  const text = `what it makes in namespace ${namespace} is refused: exceeded quota ${quota} (${told.replace(/[\\.]+$/, '')})`;
  return [{ code: 'T0-RESOURCEQUOTA-001', subject, key: told.replace(/\d+/g, '0'), text }];
}
