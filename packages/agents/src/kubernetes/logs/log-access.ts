import { parseKubernetesItemId } from '@tier0/core';
import { siblingId } from '../objects/existence.ts';
import { indexed } from '../objects/indexed.ts';
import { listAt, textAt } from '../objects/read-object.ts';
import type { ApiAccess } from './classify.ts';
import type { LogReading, SignDraft } from './log-reading.ts';

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

/** A RoleBinding speaks for its own namespace only. */
function reaches(binding: string, namespace: string | undefined): boolean {
  const own = parseKubernetesItemId(binding)?.namespace;
  return own === undefined || own === namespace;
}

function rank(role: string): number {
  return parseKubernetesItemId(role)?.kind === 'Role' ? 0 : 1;
}
