import { type FieldPath, type JsonValue, readField } from '@tier0/core';
import type { RemedyCase, RemedyDraft } from '../../findings/remedy-draft.ts';
import { closestName } from '../objects/close-name.ts';
import { listAt, mapAt, textAt } from '../objects/read-object.ts';
import { editOf, editsOf, kindOf, nameOf, remedyOf } from '../objects/remedy-edits.ts';
import { workloadsOf } from '../objects/workload.ts';

/** Makes the selector of a Service match the workload that was meant. */
export function correctSelector({ reader, rootCause }: RemedyCase): readonly RemedyDraft[] {
  const service = rootCause.subject;
  const selector = mapAt(reader.object(service), 'spec', 'selector');
  const meant = meantWorkload(reader, service, selector);
  if (meant === undefined) return [];
  const corrected = Object.fromEntries(
    Object.entries(selector).flatMap(([key, value]) => {
      if (meant.labels[key] !== undefined) return [[key, meant.labels[key]]];
      // A label that no pod carries: another key with the same value was meant, or none.
      const sameValue = Object.entries(meant.labels).find(([other, held]) => held === value && selector[other] === undefined);
      return sameValue ? [sameValue] : [];
    }),
  );
  if (Object.keys(corrected).length === 0) return [];
  return remedyOf(editsOf(editOf(reader, service, ['spec', 'selector'], corrected)), {
    id: 'correct-selector',
    title: `Let Service ${nameOf(service)} select the pods of ${kindOf(meant.id)} ${nameOf(meant.id)}`,
    why: `Its pods carry ${JSON.stringify(corrected)}; the selector asks for ${JSON.stringify(selector)}.`,
    precondition: `${nameOf(meant.id)} is what the Service is for.`,
    risk: 'low',
    verify: 'The Service has ready endpoints.',
    rollback: 'Set the selector as it was.',
  });
}

/** The workload of the namespace whose template agrees best with the selector, or bears the Service's name. */
function meantWorkload(reader: RemedyCase['reader'], service: string, selector: Readonly<Record<string, string>>) {
  const scope = service.slice(0, service.indexOf('/Service/'));
  const candidates = workloadsOf(reader)
    .filter((item) => item.id.startsWith(`${scope}/`))
    .map(({ id, name }) => {
      const labels = mapAt(reader.object(id), 'spec', 'template', 'metadata', 'labels');
      const entries = Object.entries(selector);
      const agree = entries.filter(([key, value]) => labels[key] === value).length;
      const close = entries.filter(([key, value]) => labels[key] !== value && isClose(value, labels[key])).length;
      const isNamesake = name === nameOf(service) || isClose(nameOf(service), name);
      return { id, labels, score: agree * 2 + close * 2 + (isNamesake ? 3 : 0) };
    })
    .filter(({ score }) => score > 1);
  const [best, second] = candidates.sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
  return best && best.score > (second?.score ?? 0) ? best : undefined;
}

function isClose(name: string, other: string | undefined): boolean {
  return other !== undefined && closestName(name, [other]) !== undefined;
}

/** Sends the Service's traffic to a port that its pods declare. */
export function correctTargetPort({ reader, rootCause }: RemedyCase): readonly RemedyDraft[] {
  const service = rootCause.subject;
  if (kindOf(service) !== 'Service') return [];
  const [pod] = reader.relations(service, 'out', 'selects').map((relation) => relation.to);
  const declared = listAt(reader.object(pod ?? ''), 'spec', 'containers').flatMap((container) => listAt(container, 'ports'));
  const ports = listAt(reader.object(service), 'spec', 'ports');
  const edits = ports.flatMap((port, index) => {
    const target = readField(port, ['targetPort']) ?? readField(port, ['port']);
    const isServed = declared.some((entry) => [readField(entry, ['containerPort']), readField(entry, ['name'])].includes(target));
    const right = isServed ? undefined : servedPort(port, declared, ports.length);
    const path: FieldPath = ['spec', 'ports', index, 'targetPort'];
    const edit = right === undefined ? undefined : editOf(reader, service, path, right);
    return edit ? [edit] : [];
  });
  return remedyOf(edits, {
    id: 'correct-target-port',
    title: `Send the traffic of Service ${nameOf(service)} to port ${edits.map((edit) => String(edit.value)).join(', ')}`,
    why: 'That is the port the selected containers declare.',
    precondition: 'The container serves the port that it declares.',
    risk: 'low',
    verify: 'The Service answers on its port.',
    rollback: 'Set targetPort as it was.',
  });
}

/** The declared port that was meant: the namesake, the only one, or the one called like the Service's port. */
function servedPort(port: unknown, declared: readonly unknown[], ports: number): JsonValue | undefined {
  const target = readField(port, ['targetPort']);
  const names = declared.flatMap((entry) => textAt(entry, 'name') ?? []);
  const byName = [textAt(port, 'name'), typeof target === 'string' ? closestName(target, names) : undefined].find(
    (name) => name !== undefined && names.includes(name),
  );
  const chosen =
    declared.find((entry) => textAt(entry, 'name') === byName && byName !== undefined) ??
    (declared.length === 1 || ports === 1 ? declared[0] : undefined);
  if (chosen === undefined) return undefined;
  return (typeof target === 'string' ? textAt(chosen, 'name') : undefined) ?? (readField(chosen, ['containerPort']) as JsonValue);
}
