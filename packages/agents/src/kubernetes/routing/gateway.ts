import { type CmdbReader, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { siblingId } from '../objects/existence.ts';
import { type HeldObject, isYoungerThan, objectsOf } from '../objects/objects.ts';
import { patienceMs } from '../objects/patience.ts';
import { conditionOf, instantAt, listAt, numberAt, textAt } from '../objects/read-object.ts';

export const GATEWAY_GROUP = 'gateway.networking.k8s.io';
/** A controller gets this long to accept what is new. */
const SETTLING_MS = 300_000;

/** Gateways and their classes, by the types of their conditions. */
export const gatewayRule: Rule = {
  name: 'gateway',
  check: (reader) => [
    ...unusedClasses(reader),
    ...objectsOf(reader, 'Gateway', GATEWAY_GROUP).flatMap((gateway) => [
      ...missingClass(reader, gateway),
      ...refused(reader, gateway),
      ...listenerCertificates(reader, gateway),
      ...listenerRefusals(reader, gateway),
    ]),
  ],
};

/** A class that its controller does not take, before any Gateway names it. */
function unusedClasses(reader: CmdbReader): readonly FindingDraft[] {
  const used = new Set(objectsOf(reader, 'Gateway', GATEWAY_GROUP).map(({ object }) => textAt(object, 'spec', 'gatewayClassName')));
  return objectsOf(reader, 'GatewayClass', GATEWAY_GROUP)
    .filter(({ name }) => !used.has(name))
    .flatMap(({ id, name }) => classRefused(reader, id, name))
    .map((draft) => ({ ...draft, severity: 'degraded' as const }));
}

function missingClass(reader: CmdbReader, gateway: HeldObject): readonly FindingDraft[] {
  const name = textAt(gateway.object, 'spec', 'gatewayClassName');
  if (name === undefined) return [];
  const id = siblingId(gateway.id, 'GatewayClass', name, '');
  const { state } = reader.get(id);
  if (state === 'found') return classRefused(reader, id, name);
  if (state === 'unknown') return [];
  return [
    {
      code: 'T0-GATEWAY-001',
      subject: gateway.id,
      key: name,
      facts: { gateway: gateway.name, gatewayClass: name },
      evidence: [quote(reader, gateway.id, ['spec', 'gatewayClassName'])],
    },
  ];
}

function classRefused(reader: CmdbReader, id: string, name: string): readonly FindingDraft[] {
  const object = reader.object(id);
  const accepted = conditionOf(object, 'Accepted');
  if (accepted === undefined || textAt(accepted, 'status') === 'True' || isYoungerThan(reader, object, SETTLING_MS)) return [];
  return [
    {
      code: 'T0-GATEWAYCLASS-001',
      subject: id,
      facts: { gatewayClass: name, said: textAt(accepted, 'message') ?? textAt(accepted, 'reason') ?? 'no controller answered' },
      sinceMs: instantAt(accepted, 'lastTransitionTime'),
      evidence: [quote(reader, id, ['status', 'conditions', { key: 'type', value: 'Accepted' }])],
    },
  ];
}

/** Reasons that only say the controller is not there yet, or that an address is being waited for. */
const WAITING = /^(?:Pending|Waiting|NotReconciled|AddressNotAssigned|AddressNotUsable)$/;

function refused(reader: CmdbReader, gateway: HeldObject): readonly FindingDraft[] {
  const bad = ['Accepted', 'Programmed'].find((type) => textAt(conditionOf(gateway.object, type), 'status') === 'False');
  if (bad === undefined || isYoungerThan(reader, gateway.object, SETTLING_MS)) return [];
  const condition = conditionOf(gateway.object, bad);
  const sinceMs = instantAt(condition, 'lastTransitionTime');
  const reason = textAt(condition, 'reason') ?? '';
  if (sinceMs !== undefined && Date.parse(reader.at) - sinceMs < SETTLING_MS) return [];
  const suspects = [siblingId(gateway.id, 'GatewayClass', textAt(gateway.object, 'spec', 'gatewayClassName') ?? '', '')];
  return [
    {
      code: 'T0-GATEWAY-002',
      subject: gateway.id,
      severity: WAITING.test(reason) ? 'degraded' : 'fault',
      facts: { gateway: gateway.name, condition: bad.toLowerCase(), said: textAt(condition, 'message') ?? reason },
      sinceMs,
      evidence: [quote(reader, gateway.id, ['status', 'conditions', { key: 'type', value: bad }])],
      suspects,
    },
  ];
}

/** A listener that its controller does not take, by each listener's own conditions. */
function listenerRefusals(reader: CmdbReader, gateway: HeldObject): readonly FindingDraft[] {
  if (isYoungerThan(reader, gateway.object, patienceMs('condition-told'))) return [];
  const generation = numberAt(gateway.object, 'metadata', 'generation') ?? 0;
  return listAt(gateway.object, 'spec', 'listeners').flatMap((listener, index): readonly FindingDraft[] => {
    const name = textAt(listener, 'name') ?? '';
    const status = readField(gateway.object, ['status', 'listeners', { key: 'name', value: name }]);
    const bad = listAt(status, 'conditions').find((condition) => {
      const [type, state] = [textAt(condition, 'type') ?? '', textAt(condition, 'status')];
      const isOld = (numberAt(condition, 'observedGeneration') ?? generation) < generation;
      return (
        !isOld &&
        (type === 'Conflicted'
          ? state === 'True'
          : /^(?:Accepted|Detached|ResolvedRefs)$/.test(type) && state === (type === 'Detached' ? 'True' : 'False'))
      );
    });
    if (bad === undefined || textAt(bad, 'reason') === 'Pending' || textAt(bad, 'reason') === 'InvalidCertificateRef') return [];
    const said = textAt(bad, 'message') ?? textAt(bad, 'reason') ?? 'no reason given';
    const message = `Gateway ${gateway.name}: listener ${name} on port ${numberAt(listener, 'port') ?? 'unknown'} is refused: ${said}`;
    const evidence = [quote(reader, gateway.id, ['spec', 'listeners', index]), quote(reader, gateway.id, ['status', 'listeners'])];
    return [{ code: 'T0-GATEWAY-004', subject: gateway.id, key: name, message, sinceMs: instantAt(bad, 'lastTransitionTime'), evidence }];
  });
}

function listenerCertificates(reader: CmdbReader, gateway: HeldObject): readonly FindingDraft[] {
  return listAt(gateway.object, 'spec', 'listeners').flatMap((listener, index) =>
    listAt(listener, 'tls', 'certificateRefs').flatMap((reference): readonly FindingDraft[] => {
      const name = textAt(reference, 'name');
      if (name === undefined || (textAt(reference, 'kind') ?? 'Secret') !== 'Secret') return [];
      const secret = siblingId(gateway.id, 'Secret', name, textAt(reference, 'namespace'));
      if (reader.get(secret).state !== 'absent' && !isToldMissing(gateway, listener, reader.get(secret).state)) return [];
      if (isYoungerThan(reader, gateway.object, SETTLING_MS)) return [];
      const message = `Gateway ${gateway.name}: listener ${textAt(listener, 'name')} names the certificate Secret ${name}, which does not exist`;
      const evidence = [quote(reader, gateway.id, ['spec', 'listeners', index, 'tls'])];
      return [{ code: 'T0-GATEWAY-003', subject: secret, message, evidence }];
    }),
  );
}

/** The controller's own word, where Secrets were not read. */
function isToldMissing(gateway: HeldObject, listener: unknown, state: string): boolean {
  const status = readField(gateway.object, ['status', 'listeners', { key: 'name', value: textAt(listener, 'name') ?? '' }]);
  const resolved = readField(status, ['conditions', { key: 'type', value: 'ResolvedRefs' }]);
  return (
    state === 'unknown' &&
    textAt(resolved, 'status') === 'False' &&
    textAt(resolved, 'reason') === 'InvalidCertificateRef' &&
    /not found|does not exist|doesn't exist/i.test(textAt(resolved, 'message') ?? '')
  );
}
