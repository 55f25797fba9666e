import { type FieldPath, type JsonValue, readField } from '@tier0/core';
import type { RemedyCase, RemedyDraft } from '../../findings/remedy-draft.ts';
import { listAt, textAt } from '../objects/read-object.ts';
import { editOf, kindOf, remedyOf } from '../objects/remedy-edits.ts';
import { podSpecPath } from '../objects/workload.ts';

/** Asks a probe's question at a port and path that the container serves. */
export function correctProbe(probe: 'livenessProbe' | 'readinessProbe' | 'startupProbe') {
  return ({ reader, rootCause }: RemedyCase): readonly RemedyDraft[] => {
    const { subject } = rootCause;
    return listAt(reader.object(subject), ...podSpecPath(kindOf(subject)), 'containers').flatMap((container) => {
      const name = textAt(container, 'name') ?? '';
      if (rootCause.container !== undefined && rootCause.container !== name) return [];
      const path: FieldPath = [...podSpecPath(kindOf(subject)), 'containers', { key: 'name', value: name }, probe];
      const handler = ['httpGet', 'tcpSocket', 'grpc'].find((kind) => readField(container, [probe, kind]) !== undefined);
      if (handler === undefined) return [];
      const port = readField(container, [probe, handler, 'port']);
      const ports = listAt(container, 'ports');
      const isDeclared = ports.some((entry) => [readField(entry, ['containerPort']), readField(entry, ['name'])].includes(port));
      const other = ['readinessProbe', 'livenessProbe', 'startupProbe'].find(
        (kind) => kind !== probe && readField(container, [kind, 'httpGet', 'path']) !== undefined,
      );
      const right = isDeclared ? undefined : (readField(ports[0], ['containerPort']) as JsonValue | undefined);
      const otherPath = other === undefined ? undefined : (readField(container, [other, 'httpGet', 'path']) as JsonValue);
      const edits = [
        ...(right === undefined ? [] : [editOf(reader, subject, [...path, handler, 'port'], right)]),
        ...(isDeclared && handler === 'httpGet' && otherPath !== undefined
          ? [editOf(reader, subject, [...path, 'httpGet', 'path'], otherPath)]
          : []),
      ].flatMap((edit) => edit ?? []);
      return remedyOf(edits, {
        id: 'correct-probe',
        title: `Let the ${probe} of ${name} ask what the container serves`,
        why: right === undefined ? 'Its other probe asks a path that answers.' : 'That is the port the container declares.',
        precondition: 'The container answers there.',
        risk: 'medium',
        verify: 'The pods become ready and stay so.',
        rollback: 'Set the probe as it was.',
      });
    });
  };
}
