import type { SubjectRef } from '../scenario/scenario.ts';

const KINDS: Readonly<Record<string, string>> = {
  deployment: 'Deployment',
  deploy: 'Deployment',
  statefulset: 'StatefulSet',
  sts: 'StatefulSet',
  daemonset: 'DaemonSet',
  ds: 'DaemonSet',
  service: 'Service',
  svc: 'Service',
  configmap: 'ConfigMap',
  cm: 'ConfigMap',
  secret: 'Secret',
  pod: 'Pod',
  job: 'Job',
  cronjob: 'CronJob',
  ingress: 'Ingress',
  node: 'Node',
  persistentvolumeclaim: 'PersistentVolumeClaim',
  pvc: 'PersistentVolumeClaim',
  networkpolicy: 'NetworkPolicy',
};
const WORD = Object.keys(KINDS).join('|');
/** `deployment/name`, `deployment name`, `Deployment "name"`, `deployments.apps name`. */
const KIND_THEN_NAME = new RegExp(`\\b(${WORD})s?(?:\\.apps)?[/ ]{1,2}["'\`]?([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)\\b`, 'gi');
/** `the "name" deployment`. */
const NAME_THEN_KIND = new RegExp(`["'\`]([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)["'\`] (${WORD})\\b`, 'i');
const NAMESPACE = /(?:-n[ =]|--namespace[ =]|\bnamespace ["'`]?|\bin ["'`](?=[a-z0-9-]{1,63}["'`] namespace))["'`]?([a-z0-9-]{1,63})/i;
const NO_NAMES = new Set([
  'is',
  'has',
  'was',
  'in',
  'of',
  'and',
  'with',
  'that',
  'cannot',
  'does',
  'spec',
  'to',
  'for',
  'or',
  'patch',
  'on',
  'the',
  'a',
]);

/** The first Kubernetes object that a command or a sentence names; undefined when it names none. */
export function subjectOfText(text: string): SubjectRef | undefined {
  const read = text.slice(0, 4_000);
  const quoted = NAME_THEN_KIND.exec(read);
  const found = quoted ? undefined : [...read.matchAll(KIND_THEN_NAME)].find(([, , name]) => !NO_NAMES.has(name!.toLowerCase()));
  const [kind, name] = quoted ? [quoted[2], quoted[1]] : [found?.[1], found?.[2]];
  if (kind === undefined || name === undefined) return undefined;
  return { kind: KINDS[kind.toLowerCase()]!, namespace: NAMESPACE.exec(read)?.[1], name };
}
