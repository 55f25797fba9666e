import { type CmdbReader, type Evidence, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { closestName } from '../objects/close-name.ts';
import { siblingId } from '../objects/existence.ts';
import { objectsIn } from '../objects/objects.ts';
import { listAt, textAt } from '../objects/read-object.ts';

/** A Service and port that an Ingress or a route sends to. */
export interface Backend {
  readonly namespace: string;
  readonly name: string;
  /** Number or name of a port of the Service; undefined when none is asked for. */
  readonly port: number | string | undefined;
}

export interface BackendCheck {
  readonly subject: string;
  /** How people call the subject: `Ingress shop`. */
  readonly called: string;
  readonly backend: Backend;
  readonly evidence: Evidence;
  readonly codes: { readonly name: FindingDraft['code']; readonly port: FindingDraft['code'] };
}

/**
 * A backend that leads nowhere. Where a Service of nearly the same name exists the name was written wrongly, and the one that holds the
 * name is at fault; where none does, the Service is what is missing.
 */
export function checkBackend(reader: CmdbReader, check: BackendCheck): readonly FindingDraft[] {
  const { backend, subject, called } = check;
  const service = siblingId(subject, 'Service', backend.name, backend.namespace);
  const { state } = reader.get(service);
  if (state === 'unknown') return [];
  if (state === 'found') return checkPort(reader, check, service);
  const near = closestName(
    backend.name,
    objectsIn(reader, 'Service', backend.namespace).map((other) => other.name),
  );
  const message = `${called} sends to Service ${backend.namespace}/${backend.name}, which does not exist${near ? `; there is a Service ${near}` : ''}`;
  if (near === undefined) return [{ code: 'T0-SERVICE-005', subject: service, message, evidence: [check.evidence] }];
  return [{ code: check.codes.name, subject, key: backend.name, message, evidence: [check.evidence] }];
}

function checkPort(reader: CmdbReader, check: BackendCheck, service: string): readonly FindingDraft[] {
  const { backend, subject, called } = check;
  const object = reader.object(service);
  const ports = listAt(object, 'spec', 'ports');
  if (backend.port === undefined || ports.length === 0 || textAt(object, 'spec', 'type') === 'ExternalName') return [];
  if (ports.some((port) => readField(port, ['port']) === backend.port || readField(port, ['name']) === backend.port)) return [];
  const offered = ports.map((port) => [readField(port, ['port']), textAt(port, 'name')].filter((part) => part !== undefined).join(' '));
  const message = `${called} sends to port ${backend.port} of Service ${backend.name}, which offers ${offered.join(', ')}`;
  return [{ code: check.codes.port, subject, key: `${backend.name}:${backend.port}`, message, evidence: [check.evidence] }];
}
