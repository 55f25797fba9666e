import { type CmdbReader, parseKubernetesItemId } from '@tier0/core';
import { nearNameOf } from '../configuration/configuration.ts';
import { type LostPart, lostPart, sayLostPart } from '../identity/aggregation.ts';
import { siblingId } from '../objects/existence.ts';
import { indexed } from '../objects/indexed.ts';
import { listAt, textAt } from '../objects/read-object.ts';
import type { ApiAccess } from './classify.ts';
import type { LogReading, SignDraft } from './log-reading.ts';
import { otherAccount } from './other-account.ts';

interface Grant {
  readonly binding: string;
  readonly role: string;
}

const grantsByAccount = indexed((reader) => {
  const grants = new Map<string, Grant[]>();
  for (const kind of ['ClusterRoleBinding', 'RoleBinding'])
    for (const { id } of reader.items({ kind }).items) {
      const object = reader.object(id);
      const isLocal = textAt(object, 'roleRef', 'kind') === 'Role';
      const role = siblingId(id, isLocal ? 'Role' : 'ClusterRole', textAt(object, 'roleRef', 'name') ?? '', isLocal ? undefined : '');
      for (const subject of listAt(object, 'subjects')) {
        if (textAt(subject, 'kind') !== 'ServiceAccount') continue;
        const key = `${textAt(subject, 'namespace') ?? parseKubernetesItemId(id)?.namespace}/${textAt(subject, 'name')}`;
        grants.set(key, [...(grants.get(key) ?? []), { binding: id, role }]);
      }
    }
  return grants;
});

/** The role that should hold the verb: the one that already speaks of the resource, else the first that the account has, else the account. */
export function forbidden({ pod }: LogReading, access: ApiAccess): readonly SignDraft[] {
  const { reader } = pod;
  const { account, accountNamespace, verb, resource, group, namespace } = access;
  const grants = (grantsByAccount(reader).get(`${accountNamespace}/${account}`) ?? []).filter(({ binding }) => reaches(binding, namespace));
  // A binding to a role that does not exist is a fault of its own, which explains the refusal.
  const empty = grants.filter(({ role }) => reader.get(role).state === 'absent');
  const speaks = ({ role }: Grant) =>
    listAt(reader.object(role), 'rules').some(
      (rule) => listAt(rule, 'resources').includes(resource) || listAt(rule, 'apiGroups').includes(group),
    );
  const ranked = [...grants].sort(
    (a, b) => Number(speaks(b)) - Number(speaks(a)) || rank(a.role) - rank(b.role) || (a.role < b.role ? -1 : 1),
  );
  // What was refused once and is granted by now needs nothing but time.
  if (isGranted(reader, access)) return [];
  const other = otherAccount(pod, access, (asked) => isGranted(reader, asked));
  if (other !== undefined) return [other];
  const narrow = tooNarrow(reader, access);
  if (narrow !== undefined) return [narrow];
  const part = lostPart(
    reader,
    ranked.map(({ role }) => role),
    access,
  );
  if (part !== undefined) return [partDraft(reader, part, access)];
  const [unheld, ...more] = empty;
  if (unheld !== undefined && more.length === 0) return [emptyBinding(reader, unheld, access)];
  const own = siblingId(pod.id, 'ServiceAccount', account, accountNamespace);
  const subject = empty.length > 0 ? own : (ranked[0]?.role ?? own);
  const where = namespace === undefined ? 'in the whole cluster' : `in namespace ${namespace}`;
  return [
    {
      code: 'T0-LOG-008',
      subject,
      key: `${verb} ${group}/${resource}`,
      suspects: empty.map(({ binding }) => binding),
      facts: { account, accountNamespace, verb, resource, group, ...(namespace === undefined ? {} : { namespace }) },
      text: `service account ${account} may not ${verb} ${resource}${group === '' ? '' : `.${group}`} ${where}`,
    },
  ];
}

/** The one binding of the account is to a role that does not exist; what the rule about bindings says of it is told with it. */
function emptyBinding(reader: CmdbReader, { binding, role }: Grant, { account, verb, resource }: ApiAccess): SignDraft {
  const { kind, name = '' } = parseKubernetesItemId(role) ?? {};
  const near = nearNameOf(reader, role);
  const bound = `${parseKubernetesItemId(binding)?.kind} ${parseKubernetesItemId(binding)?.name}`;
  const text = `service account ${account} may not ${verb} ${resource}: ${bound} binds ${kind} ${name}, which does not exist${near === undefined ? '' : `; ${near} does`}`;
  return { code: 'T0-RBAC-001', subject: binding, key: name, text };
}

/** The right stands in a role that is no part of the bound one any more. */
function partDraft(reader: CmdbReader, part: LostPart, { account, verb, resource, group }: ApiAccess): SignDraft {
  return {
    code: 'T0-LOG-008',
    subject: part.part,
    key: `${verb} ${group}/${resource}`,
    suspects: [part.aggregate],
    facts: { aggregate: parseKubernetesItemId(part.aggregate)?.name ?? '', labels: part.labels },
    text: `service account ${account} may not ${verb} ${resource}: ${sayLostPart(reader, part)}`,
  };
}

/** The right is given where it was asked for, and to whatever name. */
function isGranted(reader: CmdbReader, { account, accountNamespace, verb, resource, group, namespace }: ApiAccess): boolean {
  return (grantsByAccount(reader).get(`${accountNamespace}/${account}`) ?? []).some(
    ({ binding, role }) =>
      reaches(binding, namespace) &&
      listAt(reader.object(role), 'rules').some(
        (rule) =>
          holdsAny(rule, 'apiGroups', group) &&
          holdsAny(rule, 'resources', resource) &&
          holdsAny(rule, 'verbs', verb) &&
          listAt(rule, 'resourceNames').length === 0,
      ),
  );
}

/** The right is given, but by a RoleBinding, which speaks for its own namespace only. */
function tooNarrow(reader: CmdbReader, access: ApiAccess): SignDraft | undefined {
  const { account, accountNamespace, verb, resource, group, namespace } = access;
  const held = (grantsByAccount(reader).get(`${accountNamespace}/${account}`) ?? []).filter(({ role }) =>
    listAt(reader.object(role), 'rules').some(
      (rule) => holdsAny(rule, 'apiGroups', group) && holdsAny(rule, 'resources', resource) && holdsAny(rule, 'verbs', verb),
    ),
  );
  const [grant] = held;
  if (grant === undefined || held.some(({ binding }) => reaches(binding, namespace))) return undefined;
  const { name, namespace: own } = parseKubernetesItemId(grant.binding) ?? {};
  const asked = `${verb} ${resource}${group === '' ? '' : `.${group}`}`;
  const needed =
    namespace === undefined ? 'the whole cluster needs a ClusterRoleBinding' : `namespace ${namespace} needs a binding of its own`;
  return {
    code: 'T0-LOG-008',
    subject: grant.binding,
    key: `${verb} ${group}/${resource}`,
    text: `service account ${account} may ${asked} in namespace ${own} only, by RoleBinding ${name}: ${needed}`,
  };
}

/** What the cluster DNS watches, and so must be allowed to. */
const DNS_WATCHES: readonly (readonly [group: string, resource: string])[] = [
  ['', 'services'],
  ['', 'namespaces'],
  ['discovery.k8s.io', 'endpointslices'],
];

/** The right that the cluster DNS lacks, where it says that it cannot watch the API and its roles were read. */
export function dnsRightMissing({ pod }: Pick<LogReading, 'pod'>): SignDraft | undefined {
  const { reader } = pod;
  const account = textAt(pod.object, 'spec', 'serviceAccountName') ?? 'default';
  const { namespace = '' } = parseKubernetesItemId(pod.id) ?? {};
  const grants = (grantsByAccount(reader).get(`${namespace}/${account}`) ?? []).filter(({ binding }) => reaches(binding, undefined));
  const rules = grants.flatMap(({ role }) => listAt(reader.object(role), 'rules'));
  const allows = (group: string, resource: string, verb: string) =>
    rules.some((rule) => holdsAny(rule, 'apiGroups', group) && holdsAny(rule, 'resources', resource) && holdsAny(rule, 'verbs', verb));
  const lacking = DNS_WATCHES.flatMap(([group, resource]) =>
    ['list', 'watch'].filter((verb) => !allows(group, resource, verb)).map((verb) => ({ group, resource, verb })),
  );
  const [first] = lacking;
  const role = grants[0]?.role;
  if (first === undefined || role === undefined || reader.get(role).state !== 'found') return undefined;
  const said = lacking.map(({ verb, resource }) => `${verb} ${resource}`).join(', ');
  return {
    code: 'T0-LOG-008',
    subject: role,
    key: said,
    facts: { account, accountNamespace: namespace, verb: first.verb, resource: first.resource, group: first.group },
    text: `it cannot watch the API: service account ${account} may not ${said} (forbidden)`,
  };
}

function holdsAny(rule: unknown, field: string, word: string): boolean {
  const list = listAt(rule, field);
  return list.includes(word) || list.includes('*');
}

/** A RoleBinding speaks for its own namespace only. */
function reaches(binding: string, namespace: string | undefined): boolean {
  const own = parseKubernetesItemId(binding)?.namespace;
  return own === undefined || own === namespace;
}

function rank(role: string): number {
  return parseKubernetesItemId(role)?.kind === 'Role' ? 0 : 1;
}
