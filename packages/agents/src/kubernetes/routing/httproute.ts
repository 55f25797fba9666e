import { type CmdbReader, parseKubernetesItemId, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { siblingId } from '../objects/existence.ts';
import { type HeldObject, isReadCompletely, isYoungerThan, objectsIn, objectsOf } from '../objects/objects.ts';
import { instantAt, listAt, mapAt, numberAt, textAt } from '../objects/read-object.ts';
import { matchesSelector } from '../objects/selector-match.ts';
import { checkBackend } from './backend.ts';
import { GATEWAY_GROUP } from './gateway.ts';

/** Routes whose parents do not take them, or whose backends do not exist. */
export const httprouteRule: Rule = {
  name: 'httproute',
  check: (reader) =>
    ROUTES.flatMap((kind) => objectsOf(reader, kind, GATEWAY_GROUP)).flatMap((route) => {
      const own = [...checkParents(reader, route), ...checkBackends(reader, route)];
      const said = refusals(reader, route);
      return own.length > 0
        ? [...own, ...said.filter(({ code }) => code === 'T0-HTTPROUTE-003' && !own.some((other) => other.code === code))]
        : said;
    }),
};

/** Kinds of routes of the Gateway API: parents and backends stand in the same fields. */
const ROUTES = ['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute'] as const;

function kindOf(route: HeldObject): string {
  return parseKubernetesItemId(route.id)?.kind ?? 'HTTPRoute';
}

function checkParents(reader: CmdbReader, route: HeldObject): readonly FindingDraft[] {
  return listAt(route.object, 'spec', 'parentRefs').flatMap((parent, index): readonly FindingDraft[] => {
    const name = textAt(parent, 'name');
    if (name === undefined || (textAt(parent, 'kind') ?? 'Gateway') !== 'Gateway') return [];
    if ((textAt(parent, 'group') ?? GATEWAY_GROUP) !== GATEWAY_GROUP) return [];
    const gateway = siblingId(route.id, 'Gateway', name, textAt(parent, 'namespace'));
    const { state } = reader.get(gateway);
    const evidence = [quote(reader, route.id, ['spec', 'parentRefs', index])];
    const called = `${kindOf(route)} ${route.name}`;
    if (state === 'absent') {
      const message = `${called} names the Gateway ${name}, which does not exist`;
      return [{ code: 'T0-HTTPROUTE-001', subject: route.id, key: name, message, evidence }];
    }
    const why = state === 'found' && !isTaken(route, parent) ? whyRefused(reader, route, { parent, gateway }) : undefined;
    if (why === undefined) return [];
    const message = `${called} is taken by no listener of Gateway ${name}: ${why}`;
    const suspects = isListenerRefused(reader, { parent, gateway }) ? [gateway] : [];
    return [{ code: 'T0-HTTPROUTE-002', subject: route.id, key: name, message, evidence, suspects }];
  });
}

/** The listener that the route names is itself refused by its controller. */
function isListenerRefused(reader: CmdbReader, { parent, gateway }: ParentLink): boolean {
  const section = textAt(parent, 'sectionName') ?? '';
  const status = readField(reader.object(gateway), ['status', 'listeners', { key: 'name', value: section }]);
  return textAt(readField(status, ['conditions', { key: 'type', value: 'Accepted' }]), 'status') === 'False';
}

/** The controller says that it has taken the present generation: it knows better than a comparison of fields. */
function isTaken(route: HeldObject, parent: unknown): boolean {
  const generation = numberAt(route.object, 'metadata', 'generation') ?? 0;
  return listAt(route.object, 'status', 'parents').some((status) => {
    const accepted = listAt(status, 'conditions').find((entry) => textAt(entry, 'type') === 'Accepted');
    const isCurrent = (numberAt(accepted, 'observedGeneration') ?? generation) >= generation;
    const isSame =
      textAt(status, 'parentRef', 'name') === textAt(parent, 'name') &&
      textAt(status, 'parentRef', 'sectionName') === textAt(parent, 'sectionName');
    return isSame && isCurrent && textAt(accepted, 'status') === 'True';
  });
}

interface ParentLink {
  readonly parent: unknown;
  readonly gateway: string;
}

/** Why no listener of the Gateway takes the route; undefined when one does or it cannot be told. */
function whyRefused(reader: CmdbReader, route: HeldObject, { parent, gateway }: ParentLink): string | undefined {
  const listeners = listAt(reader.object(gateway), 'spec', 'listeners');
  const section = textAt(parent, 'sectionName');
  const port = numberAt(parent, 'port');
  const named = listeners.filter((listener) => section === undefined || textAt(listener, 'name') === section);
  if (listeners.length === 0) return undefined;
  if (named.length === 0) return `it has no listener ${section}`;
  const onPort = named.filter((listener) => port === undefined || numberAt(listener, 'port') === port);
  if (onPort.length === 0) return `it has no such listener on port ${port}`;
  const allowing = onPort.filter((listener) => allowsNamespace(reader, { route, listener, gateway }));
  if (allowing.length === 0) return `it does not allow routes of namespace ${route.namespace}`;
  const hosts = listAt(route.object, 'spec', 'hostnames').filter((host) => typeof host === 'string');
  const meeting = allowing.filter((listener) => meetsHost(textAt(listener, 'hostname'), hosts));
  return meeting.length === 0 ? `none is for ${hosts.join(', ')}` : undefined;
}

interface ListenerLink {
  readonly route: HeldObject;
  readonly listener: unknown;
  readonly gateway: string;
}

/** What is allowed speaks about labels of the route's namespace, not of the route. */
function allowsNamespace(reader: CmdbReader, { route, listener, gateway }: ListenerLink): boolean {
  const from = textAt(listener, 'allowedRoutes', 'namespaces', 'from') ?? 'Same';
  if (from === 'All') return true;
  if (from === 'Same') return gateway.split('/')[1] === route.namespace;
  if (from !== 'Selector') return from !== 'None';
  const namespace = siblingId(route.id, 'Namespace', route.namespace, '');
  if (reader.get(namespace).state !== 'found') return true;
  const labels = { 'kubernetes.io/metadata.name': route.namespace, ...mapAt(reader.object(namespace), 'metadata', 'labels') };
  return matchesSelector(labels, readField(listener, ['allowedRoutes', 'namespaces', 'selector']));
}

function meetsHost(listener: string | undefined, hosts: readonly string[]): boolean {
  if (listener === undefined || listener === '' || hosts.length === 0) return true;
  return hosts.some((host) => covers(listener, host) || covers(host, listener));
}

/** `*.example.com` covers one label or more before the dot. */
function covers(pattern: string, host: string): boolean {
  const [wide, narrow] = [pattern.toLowerCase(), host.toLowerCase()];
  return wide === narrow || (wide.startsWith('*.') && narrow.endsWith(wide.slice(1)) && narrow !== wide.slice(2));
}

function checkBackends(reader: CmdbReader, route: HeldObject): readonly FindingDraft[] {
  return listAt(route.object, 'spec', 'rules').flatMap((rule, ruleIndex) =>
    listAt(rule, 'backendRefs').flatMap((reference, index): readonly FindingDraft[] => {
      const name = textAt(reference, 'name');
      if (name === undefined || (textAt(reference, 'kind') ?? 'Service') !== 'Service' || (textAt(reference, 'group') ?? '') !== '')
        return [];
      const namespace = textAt(reference, 'namespace') ?? route.namespace;
      const evidence = quote(reader, route.id, ['spec', 'rules', ruleIndex, 'backendRefs', index]);
      const checked = checkBackend(reader, {
        subject: route.id,
        called: `${kindOf(route)} ${route.name}`,
        backend: { namespace, name, port: numberAt(reference, 'port') },
        evidence,
        codes: { name: 'T0-HTTPROUTE-003', port: 'T0-HTTPROUTE-003' },
      });
      if (checked.length > 0 || isGranted(reader, route, { namespace, name })) return checked;
      const message = `${kindOf(route)} ${route.name} sends to Service ${namespace}/${name}, and no ReferenceGrant in ${namespace} allows it`;
      return [{ code: 'T0-HTTPROUTE-004', subject: route.id, key: `${namespace}/${name}`, message, evidence: [evidence] }];
    }),
  );
}

function isGranted(reader: CmdbReader, route: HeldObject, to: { readonly namespace: string; readonly name: string }): boolean {
  if (to.namespace === route.namespace || !isReadCompletely(reader, 'ReferenceGrant')) return true;
  return objectsIn(reader, 'ReferenceGrant', to.namespace).some((grant) => {
    const isFrom = listAt(grant.object, 'spec', 'from').some(
      (from) => textAt(from, 'kind') === kindOf(route) && textAt(from, 'namespace') === route.namespace,
    );
    const isTo = listAt(grant.object, 'spec', 'to').some(
      (target) => textAt(target, 'kind') === 'Service' && (textAt(target, 'name') ?? to.name) === to.name,
    );
    return isFrom && isTo;
  });
}

const SETTLING_MS = 300_000;

/** What the controller says where the objects show nothing. */
function refusals(reader: CmdbReader, route: HeldObject): readonly FindingDraft[] {
  if (isYoungerThan(reader, route.object, SETTLING_MS)) return [];
  return listAt(route.object, 'status', 'parents').flatMap((parent, index): readonly FindingDraft[] => {
    // What a route no longer names, and what was said of an older generation, is history.
    if (!isNamed(route, readField(parent, ['parentRef']))) return [];
    const generation = numberAt(route.object, 'metadata', 'generation') ?? 0;
    const conditions = listAt(parent, 'conditions').filter((entry) => (numberAt(entry, 'observedGeneration') ?? generation) >= generation);
    const order = conditions.toSorted(
      (a, b) => Number(textAt(b, 'reason') === 'BackendNotFound') - Number(textAt(a, 'reason') === 'BackendNotFound'),
    );
    const bad = order.find((condition) => REFUSALS.has(textAt(condition, 'type') ?? '') && textAt(condition, 'status') === 'False');
    if (bad === undefined || textAt(bad, 'reason') === 'Pending') return [];
    const name = textAt(parent, 'parentRef', 'name') ?? '';
    return [
      {
        code: textAt(bad, 'reason') === 'BackendNotFound' ? 'T0-HTTPROUTE-003' : 'T0-HTTPROUTE-005',
        subject: route.id,
        key: name,
        facts: {
          kind: kindOf(route),
          route: route.name,
          parent: name,
          said: textAt(bad, 'message') ?? textAt(bad, 'reason') ?? 'no reason given',
        },
        sinceMs: instantAt(bad, 'lastTransitionTime'),
        evidence: [quote(reader, route.id, ['status', 'parents', index, 'conditions'])],
        suspects:
          textAt(bad, 'reason') === 'BackendNotFound'
            ? []
            : [siblingId(route.id, 'Gateway', name, textAt(parent, 'parentRef', 'namespace'))],
      },
    ];
  });
}

function isNamed(route: HeldObject, parent: unknown): boolean {
  return listAt(route.object, 'spec', 'parentRefs').some((own) => {
    const [one, other] = [textAt(own, 'namespace'), textAt(parent, 'namespace')];
    return textAt(own, 'name') === textAt(parent, 'name') && (one === other || one === undefined || other === undefined);
  });
}

const REFUSALS: ReadonlySet<string> = new Set(['Accepted', 'ResolvedRefs']);
