import { type CmdbReader, parseKubernetesItemId, readField } from '@tier0/core';
import { closestName } from '../objects/close-name.ts';
import { existence, siblingId } from '../objects/existence.ts';
import { firstLine } from '../objects/pod-view.ts';
import { listAt, mapAt, textAt } from '../objects/read-object.ts';
import type { Ground } from './pod-creation.ts';

/** `ValidatingAdmissionPolicy 'a' with binding 'b' denied request: why`; a mutating policy says it alike. */
const DENIED = /(ValidatingAdmissionPolicy|MutatingAdmissionPolicy) '([^']+)' with binding '([^']+)' denied request: (.*)/s;
const NO_PARAMS = /no params found|failed to configure binding/i;
const NO_KEY = /no such key: (\S+)/i;

/** Why an admission policy refuses everything: what its binding takes as parameter is not there, or lacks a key. undefined for a rule that judges. */
export function policyGround(reader: CmdbReader, controller: string, message: string): Ground | undefined {
  const [, kind = '', policyName = '', bindingName = '', why = ''] = DENIED.exec(message) ?? [];
  if (kind === '') return undefined;
  const binding = siblingId(controller, `${kind}Binding`, bindingName, '');
  const policy = siblingId(controller, kind, policyName, '');
  const param = paramOf(reader, { controller, binding, policy });
  const key = NO_KEY.exec(why)?.[1];
  if (NO_PARAMS.test(why)) return missingParam(reader, { binding, bindingName, param, message });
  if (key === undefined || param === undefined || !lacksKey(reader.object(param), key)) return undefined;
  const name = parseKubernetesItemId(param)?.name ?? '';
  const text = `policy ${policyName} denies its pods: its parameter ${parseKubernetesItemId(param)?.kind} ${name} has no key ${key}: ${firstLine(why)}`;
  return { code: 'T0-REPLICASET-010', subject: param, suspects: [binding], text };
}

interface Denial {
  readonly binding: string;
  readonly bindingName: string;
  readonly param: string | undefined;
  readonly message: string;
}

function missingParam(reader: CmdbReader, { binding, bindingName, param, message }: Denial): Ground | undefined {
  const identity = param === undefined ? undefined : parseKubernetesItemId(param);
  const selector = mapAt(reader.object(binding), 'spec', 'paramRef', 'selector', 'matchLabels');
  if (identity === undefined) {
    const asked = Object.entries(selector).map((entry) => entry.join('='));
    if (asked.length === 0) return undefined;
    const text = `binding ${bindingName} of an admission policy denies its pods: no parameter has the labels ${asked.join(', ')}`;
    return { code: 'T0-REPLICASET-010', subject: binding, text };
  }
  if (existence(reader, identity) === 'found') return undefined;
  const near = closestName(
    identity.name,
    reader
      .items({ kind: identity.kind })
      .items.flatMap(({ id, name }) => (parseKubernetesItemId(id)?.namespace === identity.namespace ? [name] : [])),
  );
  const hint = near === undefined ? '' : `; ${near} exists`;
  const text = `the parameter of an admission policy is gone, so every pod is denied: binding ${bindingName} takes ${identity.kind} ${identity.name}, which does not exist${hint} (${firstLine(message)})`;
  return { code: 'T0-REPLICASET-010', subject: param, suspects: [binding], text };
}

/** Item id of the one object that a binding takes as parameter; in the namespace of what is judged where it names none. */
function paramOf(
  reader: CmdbReader,
  { controller, binding, policy }: { readonly controller: string; readonly binding: string; readonly policy: string },
): string | undefined {
  const reference = readField(reader.object(binding), ['spec', 'paramRef']);
  const name = textAt(reference, 'name');
  const kind = textAt(reader.object(policy), 'spec', 'paramKind', 'kind');
  return name === undefined || kind === undefined ? undefined : siblingId(controller, kind, name, textAt(reference, 'namespace'));
}

function lacksKey(param: unknown, key: string): boolean {
  const isThere = ['data', 'spec', 'binaryData'].some((field) => readField(param, [field, key]) !== undefined);
  return param !== undefined && !isThere && listAt(param, key).length === 0;
}
