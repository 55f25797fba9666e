import { type CmdbReader, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { closestName } from '../objects/close-name.ts';
import { eventsAbout } from '../objects/events.ts';
import { siblingId } from '../objects/existence.ts';
import { indexed } from '../objects/indexed.ts';
import { type HeldObject, isYoungerThan, objectsOf } from '../objects/objects.ts';
import { patienceMs } from '../objects/patience.ts';
import { podIndex } from '../objects/pod-index.ts';
import { conditionOf, instantAt, listAt, mapAt, textAt } from '../objects/read-object.ts';

/** An issuer may need minutes: a challenge has to be answered. */
const ISSUING_MS = 900_000;
const SOON_MS = 7 * 86_400_000;
/** Where a source writes the end of validity of a TLS Secret whose value it leaves out. ISO 8601. */
const NOT_AFTER = 'tier0.dev/certificate-not-after';

/** Certificates that have ended, are about to, or were never issued. */
export const certificateRule: Rule = {
  name: 'certificate',
  check: (reader) => [
    ...objectsOf(reader, 'Certificate', 'cert-manager.io').flatMap((certificate) => checkCertificate(reader, certificate)),
    ...objectsOf(reader, 'Secret', '').flatMap((secret) => checkSecret(reader, secret)),
  ],
};

function checkCertificate(reader: CmdbReader, certificate: HeldObject): readonly FindingDraft[] {
  const nowMs = Date.parse(reader.at);
  const endMs = instantAt(certificate.object, 'status', 'notAfter');
  const evidence = [quote(reader, certificate.id, ['status'])];
  if (endMs !== undefined && endMs <= nowMs) {
    const message = `certificate ${certificate.name} expired on ${new Date(endMs).toISOString()}`;
    return [{ code: 'T0-CERTIFICATE-001', subject: certificate.id, message, sinceMs: endMs, evidence }];
  }
  const notReady = notIssued(reader, certificate);
  const renewalMs = instantAt(certificate.object, 'status', 'renewalTime');
  // Short-lived certificates end soon all the time: what counts is whether the renewal is overdue.
  if (endMs === undefined || renewalMs === undefined || nowMs - renewalMs < ISSUING_MS) return notReady;
  const message = `certificate ${certificate.name} should have been renewed on ${new Date(renewalMs).toISOString()} and ends on ${new Date(endMs).toISOString()}`;
  return [...notReady, { code: 'T0-CERTIFICATE-003', subject: certificate.id, message, evidence }];
}

function notIssued(reader: CmdbReader, certificate: HeldObject): readonly FindingDraft[] {
  const ready = conditionOf(certificate.object, 'Ready');
  const sinceMs = instantAt(ready, 'lastTransitionTime');
  if (textAt(ready, 'status') !== 'False') return [];
  const kind = textAt(certificate.object, 'spec', 'issuerRef', 'kind') ?? 'Issuer';
  const issuer = textAt(certificate.object, 'spec', 'issuerRef', 'name') ?? '';
  const without = withoutIssuer(reader, certificate, { kind, issuer });
  if (without !== undefined) return [without];
  if (isYoungerThan(reader, certificate.object, ISSUING_MS)) return [];
  if (sinceMs !== undefined && Date.parse(reader.at) - sinceMs < ISSUING_MS) return [];
  return [
    {
      code: 'T0-CERTIFICATE-002',
      subject: certificate.id,
      facts: { certificate: certificate.name, said: textAt(ready, 'message') ?? textAt(ready, 'reason') ?? 'no reason given' },
      sinceMs,
      evidence: [quote(reader, certificate.id, ['status', 'conditions'])],
      suspects: [siblingId(certificate.id, kind, issuer, kind === 'ClusterIssuer' ? '' : undefined), ...chainOf(reader, certificate.id)],
    },
  ];
}

/** The issuer that it names does not exist: it says so by an event, or the issuers were read. */
function withoutIssuer(
  reader: CmdbReader,
  certificate: HeldObject,
  { kind, issuer }: { readonly kind: string; readonly issuer: string },
): FindingDraft | undefined {
  const id = siblingId(certificate.id, kind, issuer, kind === 'ClusterIssuer' ? '' : undefined);
  const isTold = eventsAbout(reader, certificate.id).some(
    ({ reason, message }) => reason === 'IssuerNotFound' || /issuer[^\n]*not found/i.test(message),
  );
  const { state } = reader.get(id);
  const isAbsent = state === 'absent' && !isYoungerThan(reader, certificate.object, patienceMs('condition-needed'));
  if (state === 'found' || !(isTold || isAbsent)) return undefined;
  const near = closestName(
    issuer,
    objectsOf(reader, kind).map(({ name }) => name),
  );
  const message = `certificate ${certificate.name} asks for ${kind} ${issuer}, which does not exist${near === undefined ? '' : `; ${near} does`}`;
  const evidence = [quote(reader, certificate.id, ['spec', 'issuerRef']), quote(reader, certificate.id, ['status', 'conditions'])];
  return { code: 'T0-CERTIFICATE-005', subject: certificate.id, key: issuer, message, evidence };
}

/** What was made to get the certificate, down to what failed: CertificateRequest, Order, Challenge. */
function chainOf(reader: CmdbReader, item: string): readonly string[] {
  const own = reader.relations(item, 'in', 'managedBy').map(({ from }) => from);
  return own.flatMap((part) => [part, ...chainOf(reader, part)]);
}

/** Secrets that an Ingress, a Gateway or a pod uses, as `namespace/name`. */
const usedSecrets = indexed((reader) => {
  const used = new Set<string>();
  for (const { object, namespace } of objectsOf(reader, 'Ingress')) {
    for (const entry of listAt(object, 'spec', 'tls')) used.add(`${namespace}/${textAt(entry, 'secretName')}`);
  }
  for (const { object, namespace } of objectsOf(reader, 'Gateway')) {
    const references = listAt(object, 'spec', 'listeners').flatMap((listener) => listAt(listener, 'tls', 'certificateRefs'));
    for (const reference of references) used.add(`${textAt(reference, 'namespace') ?? namespace}/${textAt(reference, 'name')}`);
  }
  for (const pod of podIndex(reader).all) for (const name of mountedSecrets(pod.object)) used.add(`${pod.namespace}/${name}`);
  return used;
});

function mountedSecrets(pod: unknown): readonly string[] {
  return listAt(pod, 'spec', 'volumes').flatMap((volume) => [
    ...(textAt(volume, 'secret', 'secretName') ? [textAt(volume, 'secret', 'secretName') ?? ''] : []),
    ...listAt(volume, 'projected', 'sources').flatMap((source) => textAt(source, 'secret', 'name') ?? []),
  ]);
}

function checkSecret(reader: CmdbReader, secret: HeldObject): readonly FindingDraft[] {
  const annotations = mapAt(secret.object, 'metadata', 'annotations');
  const endMs = Date.parse(annotations[NOT_AFTER] ?? '');
  const leftMs = endMs - Date.parse(reader.at);
  if (Number.isNaN(endMs) || leftMs > SOON_MS || readField(secret.object, ['metadata', 'deletionTimestamp']) !== undefined) return [];
  const isUsed = usedSecrets(reader).has(`${secret.namespace}/${secret.name}`);
  // cert-manager renews by its own clock and tells in its Certificate.
  const isManaged = annotations['cert-manager.io/certificate-name'] !== undefined;
  if (leftMs > 0 && (isManaged || !isUsed)) return [];
  const code = leftMs > 0 ? 'T0-CERTIFICATE-003' : isUsed ? 'T0-CERTIFICATE-001' : 'T0-CERTIFICATE-004';
  const message = `the certificate in Secret ${secret.name} ${leftMs > 0 ? 'ends' : 'expired'} on ${new Date(endMs).toISOString()}`;
  return [{ code, subject: secret.id, message, evidence: [quote(reader, secret.id, ['metadata', 'annotations', NOT_AFTER])] }];
}
