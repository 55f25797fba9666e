import { type CmdbReader, type JsonValue, parseKubernetesItemId } from '@tier0/core';
import { factsOf } from '../../findings/code-entry.ts';
import type { RemedyCase, RemedyDraft } from '../../findings/remedy-draft.ts';
import { closestName } from '../objects/close-name.ts';
import { siblingId } from '../objects/existence.ts';
import { objectsIn, objectsOf } from '../objects/objects.ts';
import { podIndex } from '../objects/pod-index.ts';
import { listAt, textAt } from '../objects/read-object.ts';
import { editOf, editsOf, kindOf, nameOf, remedyOf } from '../objects/remedy-edits.ts';
import { isAggregated } from './aggregation.ts';
import { LostLabelSchema, type RefusedAccess, RefusedAccessSchema } from './facts.ts';

/** Adds exactly the verb and resource that were refused to the role that is bound to the account. */
export function grantVerb(remedyCase: RemedyCase): readonly RemedyDraft[] {
  const { reader } = remedyCase;
  const refusal = factsOf(remedyCase.finding, RefusedAccessSchema);
  const role = refusal && roleOf(remedyCase, refusal);
  if (refusal === undefined || role === undefined || isBuiltIn(role)) return [];
  // What is written into an aggregated role is overwritten at once.
  if (isAggregated(reader.object(role))) return [];
  const rules = listAt(reader.object(role), 'rules');
  const { verb, resource, group } = refusal;
  const index = rules.findIndex((rule) => isRuleFor(rule, refusal));
  const edit =
    index === -1
      ? editOf(reader, role, ['rules'], [...rules, { apiGroups: [group], resources: [resource], verbs: [verb] }] as JsonValue)
      : editOf(reader, role, ['rules', index, 'verbs'], [...listAt(rules[index], 'verbs'), verb] as JsonValue);
  const others = otherAccounts(reader, role, refusal);
  return remedyOf(editsOf(edit), {
    id: 'grant-verb',
    title: `Let ${kindOf(role)} ${nameOf(role)} ${verb} ${resource}`,
    why: `The API server refuses it to service account ${refusal.account}, and the role has no such verb.`,
    precondition: `${refusal.account} is meant to ${verb} ${resource}: a right that was left out on purpose stays out.`,
    risk: kindOf(role) === 'ClusterRole' || others > 0 ? 'high' : 'medium',
    verify: `kubectl auth can-i ${verb} ${resource} --as=system:serviceaccount:${refusal.accountNamespace}:${refusal.account} says yes.`,
    rollback: 'Take the verb out again.',
    assumption: 'the API server allows what the role says',
  });
}

/** Gives a ClusterRole back the label by which another one aggregates it. */
export function restoreAggregation({ reader, rootCause, finding }: RemedyCase): readonly RemedyDraft[] {
  const lost = factsOf(finding, LostLabelSchema);
  const { subject } = rootCause;
  if (lost === undefined || kindOf(subject) !== 'ClusterRole' || isBuiltIn(subject)) return [];
  const wanted = Object.entries(lost.labels);
  const labels = wanted.map((entry) => entry.join('=')).join(', ');
  return remedyOf(editsOf(...wanted.map(([key, value]) => editOf(reader, subject, ['metadata', 'labels', key], value))), {
    id: 'restore-aggregation',
    title: `Give ClusterRole ${nameOf(subject)} the label ${labels}, so that ${lost.aggregate} holds its rules again`,
    why: `${lost.aggregate} takes its rules from roles with that label; what is written into it directly is overwritten.`,
    precondition: `Whoever is bound to ${lost.aggregate} is meant to have all that ${nameOf(subject)} grants.`,
    risk: 'medium',
    verify: `kubectl get clusterrole ${lost.aggregate} -o yaml shows its rules.`,
    rollback: 'Take the label away again.',
    assumption: 'the controller fills the rules in, and the API server allows what the role then says',
  });
}

/** A rule for this resource alone: a further verb in a wider rule would grant more than was asked for. */
function isRuleFor(rule: unknown, { verb, resource, group }: RefusedAccess): boolean {
  const isOnly = (list: readonly unknown[], value: string) => list.length === 1 && list[0] === value;
  return (
    isOnly(listAt(rule, 'apiGroups'), group) &&
    isOnly(listAt(rule, 'resources'), resource) &&
    listAt(rule, 'resourceNames').length === 0 &&
    !listAt(rule, 'verbs').includes(verb)
  );
}

function roleOf({ reader, rootCause }: RemedyCase, refusal: RefusedAccess): string | undefined {
  const { subject } = rootCause;
  if (/^(Cluster)?Role$/.test(kindOf(subject))) return reader.get(subject).state === 'found' ? subject : undefined;
  const bound = bindingsOf(reader, subject, refusal).map((binding) => {
    const kind = textAt(binding.object, 'roleRef', 'kind') ?? '';
    return siblingId(binding.id, kind, textAt(binding.object, 'roleRef', 'name') ?? '', kind === 'ClusterRole' ? '' : undefined);
  });
  return bound
    .filter((role) => reader.get(role).state === 'found' && !isBuiltIn(role))
    .sort((a, b) => Number(kindOf(a) !== 'Role') - Number(kindOf(b) !== 'Role'))[0];
}

function bindingsOf(reader: CmdbReader, subject: string, refusal: RefusedAccess) {
  const { namespace = '' } = parseKubernetesItemId(subject) ?? {};
  const candidates = [
    ...objectsIn(reader, 'RoleBinding', namespace || refusal.accountNamespace),
    ...objectsOf(reader, 'ClusterRoleBinding'),
  ];
  return candidates.filter((binding) => listAt(binding.object, 'subjects').some((entry) => isAccount(entry, refusal, binding.namespace)));
}

function isAccount(subject: unknown, { accountNamespace: namespace, account }: RefusedAccess, own: string): boolean {
  return (
    textAt(subject, 'kind') === 'ServiceAccount' &&
    textAt(subject, 'name') === account &&
    (textAt(subject, 'namespace') ?? own) === namespace
  );
}

/** Roles that the API server brings along and resets, and those that every operator relies on. */
function isBuiltIn(role: string): boolean {
  return kindOf(role) === 'ClusterRole' && /^(system:|admin$|edit$|view$|cluster-admin$)/.test(nameOf(role));
}

/** How many other subjects would get the right as well. */
function otherAccounts(reader: CmdbReader, role: string, refusal: RefusedAccess): number {
  const bindings = [...objectsOf(reader, 'RoleBinding'), ...objectsOf(reader, 'ClusterRoleBinding')].filter((binding) => {
    const isHere = kindOf(role) === 'ClusterRole' || binding.namespace === parseKubernetesItemId(role)?.namespace;
    return (
      isHere && textAt(binding.object, 'roleRef', 'kind') === kindOf(role) && textAt(binding.object, 'roleRef', 'name') === nameOf(role)
    );
  });
  return bindings.flatMap((binding) => listAt(binding.object, 'subjects').filter((entry) => !isAccount(entry, refusal, binding.namespace)))
    .length;
}

/** Binds the account that is in use instead of one that does not exist: its namesake, else the closest name. */
export function bindUsedAccount({ reader, rootCause }: RemedyCase): readonly RemedyDraft[] {
  const binding = rootCause.subject;
  const { namespace: own = '' } = parseKubernetesItemId(binding) ?? {};
  const edits = listAt(reader.object(binding), 'subjects').flatMap((entry, index) => {
    if (textAt(entry, 'kind') !== 'ServiceAccount') return [];
    const name = textAt(entry, 'name') ?? '';
    const namespace = textAt(entry, 'namespace') ?? own;
    if (reader.get(siblingId(binding, 'ServiceAccount', name, namespace)).state !== 'absent') return [];
    const meant = usedAccount(reader, { name, namespace, own });
    if (meant === undefined) return [];
    return [
      meant.name === name ? undefined : editOf(reader, binding, ['subjects', index, 'name'], meant.name),
      meant.namespace === namespace ? undefined : editOf(reader, binding, ['subjects', index, 'namespace'], meant.namespace),
    ].flatMap((edit) => edit ?? []);
  });
  return remedyOf(edits, {
    id: 'bind-used-account',
    title: `Let ${nameOf(binding)} bind the service account that is in use`,
    why: `It binds one that does not exist; ${edits.map((edit) => String(edit.value)).join(', ')} is in use.`,
    precondition: 'The account is meant to have these rights.',
    risk: 'medium',
    verify: 'The program is no longer refused by the API server.',
    rollback: 'Set the subjects as they were.',
    assumption: 'the API server allows what the binding says',
  });
}

function usedAccount(reader: CmdbReader, wanted: { readonly name: string; readonly namespace: string; readonly own: string }) {
  const used = new Set(
    podIndex(reader).all.map((pod) => `${pod.namespace}/${textAt(pod.object, 'spec', 'serviceAccountName') ?? 'default'}`),
  );
  const accounts = objectsOf(reader, 'ServiceAccount').filter(
    (held) => used.has(`${held.namespace}/${held.name}`) && held.name !== 'default',
  );
  const namesakes = accounts.filter((held) => held.name === wanted.name);
  const here = namesakes.find((held) => held.namespace === wanted.own);
  if (here) return here;
  const inNamespace = accounts.filter((held) => held.namespace === wanted.namespace);
  const near = closestName(
    wanted.name,
    inNamespace.map((held) => held.name),
  );
  return inNamespace.find((held) => held.name === near) ?? (namesakes.length === 1 ? namesakes[0] : undefined);
}
