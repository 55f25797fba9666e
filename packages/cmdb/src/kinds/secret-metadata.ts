import { X509Certificate } from 'node:crypto';
import { readField } from '@tier0/core';
import { isRecord, type KubernetesObject } from './kubernetes-object.ts';

/** Annotation that stands for the expiry of the certificate in a Secret of type `kubernetes.io/tls`. ISO 8601, UTC. */
export const CERTIFICATE_NOT_AFTER = 'tier0.dev/certificate-not-after';

/** A Secret without its values: which keys it has (each `null`), its type, and when its certificate expires. Other objects as they are. */
export function withoutSecretValues(object: KubernetesObject): KubernetesObject {
  if (object.kind !== 'Secret') return object;
  const { data, stringData, metadata, ...rest } = object as KubernetesObject & { readonly stringData?: unknown };
  // Both may quote values: the annotation of `kubectl apply` as a whole, managed fields by their paths only, yet nobody needs them.
  const { annotations: _annotations, managedFields: _managed, ...kept } = metadata;
  const keys = [data, stringData].filter(isRecord).flatMap((values) => Object.keys(values));
  const notAfter = certificateExpiry(readField(data, ['tls.crt']));
  return {
    ...rest,
    metadata: notAfter === undefined ? kept : { ...kept, annotations: { [CERTIFICATE_NOT_AFTER]: notAfter } },
    ...(isRecord(data) || isRecord(stringData) ? { data: Object.fromEntries(keys.sort().map((key) => [key, null])) } : {}),
  };
}

function certificateExpiry(encoded: unknown): string | undefined {
  if (typeof encoded !== 'string') return undefined;
  try {
    return new Date(new X509Certificate(Buffer.from(encoded, 'base64')).validTo).toISOString();
  } catch {
    return undefined;
  }
}
