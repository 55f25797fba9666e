import { type CmdbReader, type FieldPath, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { siblingId } from '../objects/existence.ts';
import { indexed } from '../objects/indexed.ts';
import { type HeldObject, isReadCompletely, isYoungerThan, objectsIn, objectsOf } from '../objects/objects.ts';
import { listAt, mapAt, numberAt, textAt } from '../objects/read-object.ts';
import { sayWarning, standingWarning } from '../objects/warnings.ts';
import { checkBackend } from './backend.ts';

/** A controller gets this long to take an Ingress, and an issuer to write a Secret. */
const SETTLING_MS = 300_000;
const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';

/** Ingresses that no controller takes, or whose backends and Secrets do not exist. */
export const ingressRule: Rule = {
  name: 'ingress',
  check: (reader) =>
    objectsOf(reader, 'Ingress').flatMap((ingress) => [
      ...ingressClass(reader, ingress),
      ...backendsOf(ingress).flatMap((backend) => checkIngressBackend(reader, ingress, backend)),
      ...tlsSecrets(reader, ingress),
      ...warnedOf(reader, ingress),
    ]),
};

/** A controller of a cloud says by warnings why it makes no load balancer of an Ingress, and nowhere else. */
function warnedOf(reader: CmdbReader, ingress: HeldObject): readonly FindingDraft[] {
  const warning = isServed(ingress) ? undefined : standingWarning(reader, ingress.id);
  if (warning === undefined) return [];
  return [
    {
      code: 'T0-INGRESS-006',
      subject: ingress.id,
      facts: { ingress: ingress.name, why: sayWarning(warning) },
      sinceMs: warning.firstMs,
      evidence: [quote(reader, ingress.id, ['status']), quote(reader, warning.id, ['message'])],
    },
  ];
}

function ingressClass(reader: CmdbReader, ingress: HeldObject): readonly FindingDraft[] {
  const name = textAt(ingress.object, 'spec', 'ingressClassName');
  if (name === undefined) return withoutClass(reader, ingress);
  // A cloud's own controller takes these by name, without any object of a class.
  if (/^gce(?:-internal|-multi-cluster)?$/.test(name)) return [];
  if (reader.get(siblingId(ingress.id, 'IngressClass', name, '')).state !== 'absent') return [];
  return [
    {
      code: 'T0-INGRESS-001',
      subject: ingress.id,
      key: name,
      // A cluster without any class may have a controller from before there were classes, which takes what it knows by name.
      severity: objectsOf(reader, 'IngressClass').length > 0 ? 'fault' : 'degraded',
      facts: { ingress: ingress.name, ingressClass: name },
      evidence: [quote(reader, ingress.id, ['spec', 'ingressClassName'])],
    },
  ];
}

/** Controllers may be told to take every Ingress: only one that is left alone while others are served is in trouble. */
function withoutClass(reader: CmdbReader, ingress: HeldObject): readonly FindingDraft[] {
  if (mapAt(ingress.object, 'metadata', 'annotations')[CLASS_ANNOTATION] !== undefined) return [];
  if (!isReadCompletely(reader, 'IngressClass') || isYoungerThan(reader, ingress.object, SETTLING_MS)) return [];
  const classes = objectsOf(reader, 'IngressClass');
  const hasDefault = classes.some(
    (held) => mapAt(held.object, 'metadata', 'annotations')['ingressclass.kubernetes.io/is-default-class'] === 'true',
  );
  if (classes.length === 0 || hasDefault || isServed(ingress) || !areOthersServed(reader)) return [];
  return [
    {
      code: 'T0-INGRESS-002',
      subject: ingress.id,
      facts: { ingress: ingress.name, classes: classes.length },
      evidence: [quote(reader, ingress.id, ['spec']), quote(reader, ingress.id, ['status'])],
    },
  ];
}

function isServed(ingress: HeldObject): boolean {
  return listAt(ingress.object, 'status', 'loadBalancer', 'ingress').length > 0;
}

const areOthersServed = indexed((reader) => objectsOf(reader, 'Ingress').some(isServed));

interface IngressBackend {
  readonly backend: unknown;
  readonly path: FieldPath;
}

function backendsOf(ingress: HeldObject): readonly IngressBackend[] {
  const fallback = readField(ingress.object, ['spec', 'defaultBackend']);
  const rules = listAt(ingress.object, 'spec', 'rules').flatMap((rule, ruleIndex) =>
    listAt(rule, 'http', 'paths').map((entry, index) => ({
      backend: readField(entry, ['backend']),
      path: ['spec', 'rules', ruleIndex, 'http', 'paths', index, 'backend'],
    })),
  );
  return fallback === undefined ? rules : [{ backend: fallback, path: ['spec', 'defaultBackend'] }, ...rules];
}

function checkIngressBackend(reader: CmdbReader, ingress: HeldObject, { backend, path }: IngressBackend): readonly FindingDraft[] {
  const name = textAt(backend, 'service', 'name');
  const port = numberAt(backend, 'service', 'port', 'number') ?? textAt(backend, 'service', 'port', 'name');
  // Some controllers read such a backend from an annotation; there is no Service behind it.
  if (name === undefined || port === 'use-annotation') return [];
  return checkBackend(reader, {
    subject: ingress.id,
    called: `Ingress ${ingress.name}`,
    backend: { namespace: ingress.namespace, name, port },
    evidence: quote(reader, ingress.id, path),
    codes: { name: 'T0-INGRESS-003', port: 'T0-INGRESS-004' },
  });
}

function tlsSecrets(reader: CmdbReader, ingress: HeldObject): readonly FindingDraft[] {
  if (isYoungerThan(reader, ingress.object, SETTLING_MS)) return [];
  return listAt(ingress.object, 'spec', 'tls').flatMap((entry, index): readonly FindingDraft[] => {
    const name = textAt(entry, 'secretName');
    if (name === undefined) return [];
    const secret = siblingId(ingress.id, 'Secret', name);
    if (reader.get(secret).state !== 'absent' || isIssued(reader, ingress.namespace, name)) return [];
    const message = `Ingress ${ingress.name} names the TLS Secret ${name}, which does not exist`;
    return [{ code: 'T0-INGRESS-005', subject: secret, message, evidence: [quote(reader, ingress.id, ['spec', 'tls', index])] }];
  });
}

/** A Certificate answers for its Secret: why it is not there is found at the Certificate. */
function isIssued(reader: CmdbReader, namespace: string, secret: string): boolean {
  return objectsIn(reader, 'Certificate', namespace).some((certificate) => textAt(certificate.object, 'spec', 'secretName') === secret);
}
