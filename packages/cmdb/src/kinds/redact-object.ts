import { type Removal, redactValue } from '@tier0/core';
import type { KubernetesObject } from './kubernetes-object.ts';
import { withoutSecretValues } from './secret-metadata.ts';

/** An object without what looks like a secret, and where something was taken out. */
export interface RedactedObject {
  readonly object: KubernetesObject;
  readonly removed: readonly Removal[];
}

/** Secrets keep the names of their keys and nothing else; everything else is read field by field, layers and all. */
export function redactObject(object: KubernetesObject): RedactedObject {
  const { value, removed } = redactValue(withoutSecretValues(object));
  return { object: value as KubernetesObject, removed };
}
