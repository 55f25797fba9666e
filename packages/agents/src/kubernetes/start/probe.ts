import { type FieldPath, readField } from '@tier0/core';
import type { ContainerView } from '../objects/pod-view.ts';
import { listAt, numberAt, textAt } from '../objects/read-object.ts';

export type ProbeName = 'livenessProbe' | 'readinessProbe' | 'startupProbe';

/** A probe's numbers, in milliseconds. Defaults as in the Kubernetes API: 0 s delay, 10 s period, 1 s timeout, 3 failures. */
export interface Probe {
  readonly initialDelayMs: number;
  readonly periodMs: number;
  readonly timeoutMs: number;
  readonly failures: number;
  readonly graceMs: number | undefined;
  /** Number or name as written; undefined for a command. */
  readonly port: string | number | undefined;
  readonly path: string | undefined;
  readonly scheme: string;
}

export function probeOf({ spec }: ContainerView, name: ProbeName): Probe | undefined {
  const probe = readField(spec, [name]);
  if (typeof probe !== 'object' || probe === null) return undefined;
  const seconds = (field: string, otherwise: number) => 1000 * (numberAt(probe, field) ?? otherwise);
  const grace = numberAt(probe, 'terminationGracePeriodSeconds');
  return {
    initialDelayMs: seconds('initialDelaySeconds', 0),
    periodMs: seconds('periodSeconds', 10),
    timeoutMs: seconds('timeoutSeconds', 1),
    failures: numberAt(probe, 'failureThreshold') ?? 3,
    graceMs: grace === undefined ? undefined : 1000 * grace,
    port: portOf(probe),
    path: textAt(probe, 'httpGet', 'path'),
    scheme: textAt(probe, 'httpGet', 'scheme') ?? 'HTTP',
  };
}

function portOf(probe: unknown): string | number | undefined {
  const paths: readonly FieldPath[] = [
    ['httpGet', 'port'],
    ['tcpSocket', 'port'],
    ['grpc', 'port'],
  ];
  const port = paths.map((path) => readField(probe, path)).find((value) => value !== undefined);
  if (typeof port === 'string') return /^\d+$/.test(port) ? Number(port) : port;
  return typeof port === 'number' ? port : undefined;
}

/** From its first question until it has failed as often as it may. */
export function budgetMs(probe: Probe | undefined): number {
  return probe ? probe.initialDelayMs + probe.failures * (probe.periodMs + probe.timeoutMs) : 0;
}

/**
 * Whether nobody can serve the port a probe asks. A name must be declared by the container itself; a number need not be declared at all, so it
 * is only called wrong when the pod declares other ports and not this one.
 */
export function isPortWrong({ pod, spec }: ContainerView, port: string | number | undefined): boolean {
  if (port === undefined || spec === undefined) return false;
  const own = listAt(spec, 'ports');
  if (typeof port === 'string') return !own.some((entry) => textAt(entry, 'name') === port);
  const all = ['containers', 'initContainers']
    .flatMap((list) => listAt(pod.object, 'spec', list))
    .flatMap((entry) => listAt(entry, 'ports'));
  return own.length > 0 && !all.some((entry) => numberAt(entry, 'containerPort') === port);
}
