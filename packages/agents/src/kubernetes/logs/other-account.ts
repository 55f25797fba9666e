import { parseKubernetesItemId } from '@tier0/core';
import { objectsIn } from '../objects/objects.ts';
import { nameOf, type PodView, podViews } from '../objects/pod-view.ts';
import { textAt } from '../objects/read-object.ts';
import { revisionBefore, templateOf } from '../objects/revisions.ts';
import type { ApiAccess } from './classify.ts';
import { ACCOUNT_CHANGED, ACCOUNT_NOT_NAMED, saidBy } from './facts.ts';
import type { SignDraft } from './log-reading.ts';

const DEFAULT = 'default';

/**
 * The workload runs as another account than the one that has the right: its last revision changed the account, or it names none and one of its
 * own namespace has the right that no pod runs as. Undefined where the account is what is wanted.
 */
export function otherAccount(pod: PodView, access: ApiAccess, isGranted: (access: ApiAccess) => boolean): SignDraft | undefined {
  const { account, accountNamespace, verb, resource, group } = access;
  const { namespace } = parseKubernetesItemId(pod.id) ?? {};
  if (namespace !== accountNamespace || account !== accountOf(pod.object, 'spec')) return undefined;
  const may = (name: string) => isGranted({ ...access, account: name });
  const asked = { account, verb, resource, group };
  const before = accountBefore(pod);
  if (before !== undefined && before !== account && may(before))
    return { code: 'T0-LOG-071', key: before, ...saidBy(ACCOUNT_CHANGED, { ...asked, before }) };
  const unused = account === DEFAULT ? unusedAccounts(pod).filter(may) : [];
  const [other, ...others] = unused;
  if (other === undefined || others.length > 0) return undefined;
  return { code: 'T0-LOG-072', key: other, ...saidBy(ACCOUNT_NOT_NAMED, { ...asked, other }) };
}

function accountOf(object: unknown, ...path: readonly string[]): string {
  return textAt(object, ...path, 'serviceAccountName') ?? textAt(object, ...path, 'serviceAccount') ?? DEFAULT;
}

function accountBefore(pod: PodView): string | undefined {
  const before = revisionBefore(pod);
  return before === undefined ? undefined : accountOf(templateOf(pod.reader, before, 'spec'));
}

/** Accounts of the namespace that no pod of it runs as. */
function unusedAccounts(pod: PodView): readonly string[] {
  const { namespace = '' } = parseKubernetesItemId(pod.id) ?? {};
  const own = podViews(pod.reader).filter(({ id }) => parseKubernetesItemId(id)?.namespace === namespace);
  const used = new Set(own.map(({ object }) => accountOf(object, 'spec')));
  return objectsIn(pod.reader, 'ServiceAccount', namespace)
    .map(({ id }) => nameOf(id))
    .filter((name) => name !== DEFAULT && !used.has(name));
}
