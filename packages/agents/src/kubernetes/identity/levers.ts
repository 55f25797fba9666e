import type { Levers } from '../../findings/lever.ts';

/** The fields that the causes of this matter depend on. */
export const IDENTITY_LEVERS: Levers = {
  'rbac-missing-permission': [
    'Role|ClusterRole:rules',
    'ClusterRole:metadata.labels',
    'RoleBinding|ClusterRoleBinding:subjects',
    'RoleBinding|ClusterRoleBinding:roleRef',
    'pod:serviceAccountName',
  ],
  'rbac-binding-wrong': ['RoleBinding|ClusterRoleBinding:subjects', 'RoleBinding|ClusterRoleBinding:roleRef', 'pod:serviceAccountName'],
};
