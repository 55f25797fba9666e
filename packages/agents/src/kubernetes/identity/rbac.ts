import { type CmdbReader, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { CloseNames } from '../objects/close-name.ts';
import { siblingId } from '../objects/existence.ts';
import { indexed } from '../objects/indexed.ts';
import { type HeldObject, objectsIn, objectsOf } from '../objects/objects.ts';
import { type IndexedPod, podIndex } from '../objects/pod-index.ts';
import { isFailingAtWork } from '../objects/pod-trouble.ts';
import { listAt, mapAt, textAt } from '../objects/read-object.ts';

const BINDINGS = ['ClusterRoleBinding', 'RoleBinding'] as const;

/** Bindings that grant nothing. A fault only where the account is in use and misses it; leftovers of removed charts are common. */
export const rbacRule: Rule = {
  name: 'rbac',
  check: (reader) => BINDINGS.flatMap((kind) => objectsOf(reader, kind).flatMap((binding) => checkBinding(reader, binding))),
};

interface Account {
  readonly namespace: string;
  readonly name: string;
}

function accountsOf(binding: HeldObject): readonly Account[] {
  return listAt(binding.object, 'subjects').flatMap((subject): readonly Account[] => {
    const name = textAt(subject, 'name');
    const namespace = textAt(subject, 'namespace') ?? binding.namespace;
    return textAt(subject, 'kind') === 'ServiceAccount' && name && namespace ? [{ namespace, name }] : [];
  });
}

function keyOf({ namespace, name }: Account): string {
  return `${namespace}/${name}`;
}

const podsByAccount = indexed((reader) =>
  Map.groupBy(
    podIndex(reader).all.filter((pod) => !pod.over),
    (pod) => keyOf({ namespace: pod.namespace, name: textAt(pod.object, 'spec', 'serviceAccountName') ?? 'default' }),
  ),
);

/** How many bindings name an account. */
const bindingsByAccount = indexed((reader) => {
  const counts = new Map<string, number>();
  for (const binding of BINDINGS.flatMap((kind) => objectsOf(reader, kind))) {
    for (const account of accountsOf(binding)) counts.set(keyOf(account), (counts.get(keyOf(account)) ?? 0) + 1);
  }
  return counts;
});

function checkBinding(reader: CmdbReader, binding: HeldObject): readonly FindingDraft[] {
  // What every API server makes for itself at its start is nobody's work.
  if (mapAt(binding.object, 'metadata', 'labels')['kubernetes.io/bootstrapping'] !== undefined || /^(?:system|kubeadm):/.test(binding.name))
    return [];
  const kind = textAt(binding.object, 'roleRef', 'kind') ?? '';
  const name = textAt(binding.object, 'roleRef', 'name') ?? '';
  const role = siblingId(binding.id, kind, name, kind === 'ClusterRole' ? '' : undefined);
  if (name !== '' && reader.get(role).state === 'absent') return missingRole(reader, binding, { kind, name });
  return accountsOf(binding).flatMap((account) => missingAccount(reader, binding, account));
}

/** Names of the roles of a namespace, or of the cluster. */
const roleNames = indexed((reader) => {
  const known = new Map<string, CloseNames>();
  return (kind: string, namespace: string): CloseNames => {
    const key = `${kind}/${namespace}`;
    const roles = () => (kind === 'ClusterRole' ? objectsOf(reader, 'ClusterRole') : objectsIn(reader, 'Role', namespace));
    const names = known.get(key) ?? new CloseNames(roles().map(({ name }) => name));
    known.set(key, names);
    return names;
  };
});

function missingRole(
  reader: CmdbReader,
  binding: HeldObject,
  role: { readonly kind: string; readonly name: string },
): readonly FindingDraft[] {
  const near = roleNames(reader)(role.kind, role.kind === 'ClusterRole' ? '' : binding.namespace).closest(role.name);
  const isMissed = accountsOf(binding).some((account) => {
    const users = podsByAccount(reader).get(keyOf(account)) ?? [];
    const isOnlyOne = bindingsByAccount(reader).get(keyOf(account)) === 1 && account.name !== 'default';
    return users.length > 0 && (near !== undefined || isOnlyOne || isAnyFailing(reader, users));
  });
  const message = `${binding.name} binds ${role.kind} ${role.name}, which does not exist${near ? `; there is ${near}` : ''}`;
  const evidence = [quote(reader, binding.id, ['roleRef']), quote(reader, binding.id, ['subjects'])];
  return [{ code: isMissed ? 'T0-RBAC-001' : 'T0-RBAC-003', subject: binding.id, key: role.name, message, evidence }];
}

function isAnyFailing(reader: CmdbReader, pods: readonly IndexedPod[]): boolean {
  return pods.some((pod) => isFailingAtWork(reader, pod));
}

function missingAccount(reader: CmdbReader, binding: HeldObject, account: Account): readonly FindingDraft[] {
  if (reader.get(siblingId(binding.id, 'ServiceAccount', account.name, account.namespace)).state !== 'absent') return [];
  const meant = meantAccount(reader, account);
  const message = `${binding.name} binds service account ${keyOf(account)}, which does not exist${meant ? `; ${keyOf(meant)} is in use and has no rights` : ''}`;
  const evidence = [quote(reader, binding.id, ['subjects'])];
  const code = meant ? 'T0-RBAC-002' : 'T0-RBAC-003';
  const seenOn = meant ? [siblingId(binding.id, 'ServiceAccount', meant.name, meant.namespace)] : [];
  return [{ code, subject: binding.id, key: keyOf(account), message, evidence, seenOn }];
}

/** Accounts in use that no binding names. */
const unboundAccounts = indexed((reader) =>
  objectsOf(reader, 'ServiceAccount').filter(
    (held) =>
      (podsByAccount(reader).get(keyOf(held)) ?? []).length > 0 && !bindingsByAccount(reader).has(keyOf(held)) && held.name !== 'default',
  ),
);

const unboundNames = indexed((reader) => {
  const known = new Map<string, CloseNames>();
  return (namespace: string): CloseNames => {
    const own = () => unboundAccounts(reader).filter((held) => held.namespace === namespace);
    const names = known.get(namespace) ?? new CloseNames(own().map(({ name }) => name));
    known.set(namespace, names);
    return names;
  };
});

/** An account in use without any binding, of nearly the same name here or of the same name in another namespace. */
function meantAccount(reader: CmdbReader, account: Account): Account | undefined {
  const unbound = unboundAccounts(reader);
  const near = unboundNames(reader)(account.namespace).closest(account.name);
  if (near !== undefined) return { namespace: account.namespace, name: near };
  const namesakes = unbound.filter((held) => held.name === account.name);
  return namesakes.length === 1 && readField(namesakes[0]?.object, ['metadata', 'deletionTimestamp']) === undefined
    ? namesakes[0]
    : undefined;
}
