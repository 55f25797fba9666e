import { type CmdbReader, parseKubernetesItemId, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { isCloseName } from '../objects/close-name.ts';
import { type HeldObject, isReadCompletely, objectsOf } from '../objects/objects.ts';
import { type IndexedPod, podsWithLabels } from '../objects/pod-index.ts';
import { isFailingAtWork } from '../objects/pod-trouble.ts';
import { listAt, mapAt, textAt } from '../objects/read-object.ts';
import { hasLabels } from '../objects/selector-match.ts';
import { podsByWorkload } from '../objects/workload-index.ts';

const GROUP = 'security.istio.io';
/** Namespace whose policies hold for the whole mesh. */
const ROOT = 'istio-system';

/** Istio policies that keep a client in trouble from a Service that it needs. Paths, methods and conditions are not judged. */
export const meshRule: Rule = {
  name: 'mesh',
  check(reader) {
    const policies = objectsOf(reader, 'AuthorizationPolicy', GROUP);
    const modes = objectsOf(reader, 'PeerAuthentication', GROUP);
    if (policies.length + modes.length === 0 || !isReadCompletely(reader, 'Pod')) return [];
    return connectionsOf(reader).flatMap((connection) => [
      ...unauthorized(reader, policies, connection),
      ...plainText(reader, modes, connection),
    ]);
  },
};

interface Connection {
  readonly client: IndexedPod;
  readonly clientName: string;
  readonly target: IndexedPod;
  readonly service: HeldObject;
  readonly isHurt: boolean;
}

function connectionsOf(reader: CmdbReader): readonly Connection[] {
  return objectsOf(reader, 'Service', '').flatMap((service) => {
    const pods = podsWithLabels(reader, service.namespace, mapAt(service.object, 'spec', 'selector'));
    const target = pods.find((pod) => pod.ready && !pod.over && hasSidecar(pod));
    if (target === undefined) return [];
    return reader.relations(service.id, 'in', 'dependsOn').flatMap((relation): readonly Connection[] => {
      const clients = podsByWorkload(reader).get(relation.from) ?? [];
      const hurt = clients.find((pod) => isFailingAtWork(reader, pod));
      const client = hurt ?? clients.find((pod) => !pod.over);
      const clientName = parseKubernetesItemId(relation.from)?.name ?? '';
      return client === undefined ? [] : [{ client, clientName, target, service, isHurt: hurt !== undefined }];
    });
  });
}

function hasSidecar(pod: IndexedPod): boolean {
  return ['containers', 'initContainers'].some((list) =>
    listAt(pod.object, 'spec', list).some((entry) => textAt(entry, 'name') === 'istio-proxy'),
  );
}

function appliesTo(policy: HeldObject, pod: IndexedPod): boolean {
  // Policies with targetRefs are for waypoints and gateways.
  if (readField(policy.object, ['spec', 'targetRef']) !== undefined || listAt(policy.object, 'spec', 'targetRefs').length > 0) return false;
  const wanted = mapAt(policy.object, 'spec', 'selector', 'matchLabels');
  return (policy.namespace === pod.namespace || policy.namespace === ROOT) && hasLabels(pod.labels, wanted);
}

function unauthorized(reader: CmdbReader, policies: readonly HeldObject[], connection: Connection): readonly FindingDraft[] {
  const own = policies.filter((policy) => appliesTo(policy, connection.target));
  const actionOf = (policy: HeldObject) => textAt(policy.object, 'spec', 'action') ?? 'ALLOW';
  const denying = own.find((policy) => actionOf(policy) === 'DENY' && rulesOf(policy).some(deniesEverything));
  const allowing = own.filter((policy) => actionOf(policy) === 'ALLOW');
  const passes = allowing.length === 0 || allowing.some((policy) => rulesOf(policy).some((rule) => namesClient(rule, connection.client)));
  const blocking = denying ?? (passes ? undefined : (allowing.find((policy) => isNearMiss(policy, connection.client)) ?? allowing.at(-1)));
  if (blocking === undefined || (!connection.isHurt && !isNearMiss(blocking, connection.client))) return [];
  return [
    {
      code: 'T0-MESH-001',
      subject: blocking.id,
      facts: { policy: blocking.name, client: connection.clientName, service: connection.service.name },
      evidence: [quote(reader, blocking.id, ['spec']), quote(reader, connection.client.id, ['spec', 'serviceAccountName'])],
      seenOn: [connection.service.id],
    },
  ];
}

function rulesOf(policy: HeldObject): readonly unknown[] {
  return listAt(policy.object, 'spec', 'rules');
}

function deniesEverything(rule: unknown): boolean {
  return ['from', 'to', 'when'].every((part) => listAt(rule, part).length === 0);
}

/** The identity of a pod in the mesh, in the default trust domain. */
function principalOf(pod: IndexedPod): string {
  return `cluster.local/ns/${pod.namespace}/sa/${textAt(pod.object, 'spec', 'serviceAccountName') ?? 'default'}`;
}

/** Whether a rule lets the client in as far as its identity goes; what else it asks for is taken as given. */
function namesClient(rule: unknown, client: IndexedPod): boolean {
  const sources = listAt(rule, 'from');
  return sources.length === 0 || sources.some((entry) => isSource(readField(entry, ['source']), client));
}

function isSource(source: unknown, client: IndexedPod): boolean {
  const principals = listAt(source, 'principals');
  const namespaces = listAt(source, 'namespaces');
  return (
    (principals.length === 0 || principals.some((pattern) => fits(String(pattern), principalOf(client)))) &&
    (namespaces.length === 0 || namespaces.some((pattern) => fits(String(pattern), client.namespace)))
  );
}

/** Istio's matches: exact, by prefix (`a*`), by suffix (`*a`), or anything (`*`). A principal of another trust domain is compared without it. */
function fits(pattern: string, value: string): boolean {
  if (pattern === '*') return true;
  if (pattern.endsWith('*')) return value.startsWith(pattern.slice(0, -1));
  if (pattern.startsWith('*')) return value.endsWith(pattern.slice(1));
  return pattern.replace(/^[^/]+\/ns\//, '/ns/') === value.replace(/^[^/]+\/ns\//, '/ns/');
}

/** A principal that is the client's but for a slip of the hand in the account. */
function isNearMiss(policy: HeldObject, client: IndexedPod): boolean {
  const principals = rulesOf(policy).flatMap((rule) => listAt(rule, 'from').flatMap((entry) => listAt(entry, 'source', 'principals')));
  const [, , namespace = '', , account = ''] = principalOf(client).split('/');
  return principals.some((principal) => {
    const [, , space = '', , name = ''] = String(principal).split('/');
    return space === namespace && isCloseName(account, name);
  });
}

function plainText(reader: CmdbReader, modes: readonly HeldObject[], connection: Connection): readonly FindingDraft[] {
  const { client, target, clientName, service, isHurt } = connection;
  if (!isHurt || hasSidecar(client)) return [];
  const own = modes.filter((mode) => appliesTo(mode, target) && readField(mode.object, ['spec', 'portLevelMtls']) === undefined);
  // The narrowest speaks: with a selector, then of the namespace, then of the mesh.
  const rank = (mode: HeldObject) => (readField(mode.object, ['spec', 'selector']) !== undefined ? 0 : mode.namespace === ROOT ? 2 : 1);
  const [mode] = [...own].sort((a, b) => rank(a) - rank(b));
  if (mode === undefined || textAt(mode.object, 'spec', 'mtls', 'mode') !== 'STRICT') return [];
  return [
    {
      code: 'T0-MESH-002',
      subject: mode.id,
      facts: { policy: mode.name, service: service.name, client: clientName },
      evidence: [quote(reader, mode.id, ['spec']), quote(reader, client.id, ['spec', 'containers'])],
      seenOn: [service.id],
    },
  ];
}
