import { X509Certificate } from 'node:crypto';
import { readField } from '@tier0/core';
import { isRecord, type KubernetesObject } from './kubernetes-object.ts';

/** Annotation that stands for the expiry of the certificate in a Secret of type `kubernetes.io/tls`. ISO 8601, UTC. */
export const CERTIFICATE_NOT_AFTER = 'tier0.dev/certificate-not-after';

/**
 * A Secret without its values: which keys it has (each `null`), who wrote which of them when, its type, and when its certificate expires. Other
 * objects as they are.
 */
export function withoutSecretValues(object: KubernetesObject): KubernetesObject {
  if (object.kind !== 'Secret') return object;
  const { data, stringData, metadata, ...rest } = object as KubernetesObject & { readonly stringData?: unknown };
  // The annotation of `kubectl apply` quotes values.
  const { annotations: _annotations, managedFields, ...others } = metadata;
  const writes = dataWrites(managedFields);
  const kept = writes.length === 0 ? others : { ...others, managedFields: writes };
  const keys = [data, stringData].filter(isRecord).flatMap((values) => Object.keys(values));
  const notAfter = certificateExpiry(readField(data, ['tls.crt']));
  return {
    ...rest,
    metadata: notAfter === undefined ? kept : { ...kept, annotations: { [CERTIFICATE_NOT_AFTER]: notAfter } },
    ...(isRecord(data) || isRecord(stringData) ? { data: Object.fromEntries(keys.sort().map((key) => [key, null])) } : {}),
  };
}

/** Of the managed fields those of the data, with the names of its keys, which are told anyway. Paths of other fields may quote what they hold. */
function dataWrites(managedFields: unknown): readonly object[] {
  if (!Array.isArray(managedFields)) return [];
  return managedFields.filter(isRecord).flatMap((entry) => {
    const written = ['f:data', 'f:stringData'].map((field) => readField(entry, ['fieldsV1', field])).filter(isRecord);
    if (written.length === 0) return [];
    const keys = written.flatMap((fields) => Object.keys(fields)).filter((key) => key.startsWith('f:'));
    const { manager, operation, time } = entry;
    return [{ manager, operation, time, fieldsV1: { 'f:data': Object.fromEntries(keys.sort().map((key) => [key, {}])) } }];
  });
}

function certificateExpiry(encoded: unknown): string | undefined {
  if (typeof encoded !== 'string') return undefined;
  try {
    return new Date(new X509Certificate(Buffer.from(encoded, 'base64')).validTo).toISOString();
  } catch {
    return undefined;
  }
}
