import { readField } from '@tier0/core';
import { earlierCommand } from '../objects/command.ts';
import { objectsOf } from '../objects/objects.ts';
import { livePods, type PodView } from '../objects/pod-view.ts';
import { listAt, numberAt, textAt } from '../objects/read-object.ts';
import type { SignDraft } from './log-reading.ts';

/**
 * An address of a node at a port that nobody takes there: who serves this port inside its pods, and by its revision before served it at the
 * node (host network or host port). undefined where the address is no node's, where somebody takes the port there, or where nobody did before.
 */
export function nodeListener({ reader }: PodView, host: string, port: number | undefined): SignDraft | undefined {
  const isNode = objectsOf(reader, 'Node', '').some(({ object }) =>
    listAt(object, 'status', 'addresses').some((entry) => textAt(entry, 'address') === host),
  );
  if (!isNode || port === undefined) return undefined;
  const pods = livePods(reader);
  if (pods.some(({ object }) => takesAtNode(readField(object, ['spec']), port))) return undefined;
  for (const pod of pods) {
    const spec = readField(pod.object, ['spec']);
    const container = listAt(spec, 'containers').find((entry) => hasPort(entry, port));
    const before = container && earlierCommand({ pod, name: textAt(container, 'name') ?? '' })?.podSpecs.earlier;
    if (before === undefined || !takesAtNode(before, port)) continue;
    const how =
      readField(before, ['hostNetwork']) === true
        ? 'gave up the network of the host (hostNetwork)'
        : 'gave up the port of the host (hostPort)';
    return {
      code: 'T0-LOG-069',
      subject: pod.workload,
      key: String(port),
      text: `${host}:${port}, an address of the node, refuses its connection: the last revision of ${pod.workload.split('/').at(-1)} ${how}, so nobody listens there`,
    };
  }
  return undefined;
}

/** Declared, or written where the program is told what to do: on the network of the host many declare none. */
function hasPort(container: unknown, port: number): boolean {
  if (listAt(container, 'ports').some((entry) => numberAt(entry, 'containerPort') === port || numberAt(entry, 'hostPort') === port))
    return true;
  const told = JSON.stringify(['command', 'args', 'env'].map((field) => readField(container, [field]) ?? ''));
  return new RegExp(`(?<![\\d.])${port}(?!\\d)`).test(told);
}

function takesAtNode(spec: unknown, port: number): boolean {
  const isOnHost = readField(spec, ['hostNetwork']) === true;
  return listAt(spec, 'containers').some(
    (container) =>
      (isOnHost && hasPort(container, port)) || listAt(container, 'ports').some((entry) => numberAt(entry, 'hostPort') === port),
  );
}
