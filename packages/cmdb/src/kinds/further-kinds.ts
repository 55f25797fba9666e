import type { Coverage } from '@tier0/core';
import { groupOfVersion, qualifiedKind } from '@tier0/core/kubernetes';
import { KUBERNETES_KINDS, type KubernetesKind } from './kubernetes-kinds.ts';

/** Groups that Kubernetes itself serves; all others come from add-ons. https://kubernetes.io/docs/reference/using-api/#api-groups */
const BUILT_IN =
  /^(?:|apps|batch|autoscaling|policy|extensions|events\.k8s\.io|(?:admissionregistration|apiextensions|apiregistration|authentication|authorization|certificates|coordination|discovery|flowcontrol\.apiserver|internal\.apiserver|networking|node|rbac\.authorization|resource|scheduling|storage|storagemigration|metrics|custom\.metrics|external\.metrics)\.k8s\.io)$/;
/** Kinds that come by the thousand and state what is seen elsewhere: results of scanners, addresses and identities of a network. */
const BULK =
  /Report$|^(?:CiliumEndpoint|CiliumEndpointSlice|CiliumIdentity|PackageManifest|IPAMHandle|BlockAffinity|IPAddressClaim|WorkloadEntry)$/;
/** Kinds of add-ons read at most: a server that claims more is not followed through all of it. */
const MOST = 500;

/** Kinds that a cluster serves beyond those that rules know. */
export interface FurtherKinds {
  readonly kinds: readonly KubernetesKind[];
  /** Kinds beyond the most that are read. */
  readonly leftOut: number;
}

/**
 * Kinds of add-ons that a server lists, each in its preferred version, sorted: their objects say by conditions how they are. The kinds that
 * are read anyway, those of Kubernetes itself and bulk are not among them.
 */
export function furtherKinds(listable: readonly KubernetesKind[]): FurtherKinds {
  const known = new Set(KUBERNETES_KINDS.map(nameOf));
  const byName = new Map<string, KubernetesKind>();
  for (const kind of listable) {
    const name = nameOf(kind);
    if (BUILT_IN.test(groupOfVersion(kind.apiVersion) ?? '') || BULK.test(kind.kind) || known.has(name) || byName.has(name)) continue;
    byName.set(name, { ...kind, optional: true });
  }
  const all = [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, kind]) => kind);
  return { kinds: all.slice(0, MOST), leftOut: Math.max(0, all.length - MOST) };
}

/** A kind with its group: several add-ons have a kind of one name. */
function nameOf({ kind, apiVersion }: KubernetesKind): string {
  return `${groupOfVersion(apiVersion)}/${kind}`;
}

/** The name by which the coverage of a kind is known: with its group where another kind is at home in the name. */
export function coverageName({ kind, apiVersion }: KubernetesKind): string {
  return qualifiedKind(apiVersion, kind);
}

/** Names told of kinds that may not be read. */
const TOLD = 5;

/** One row for all kinds of add-ons that may not be read, and one for those beyond the most; none where everything was read. */
export function addOnGap(coverage: readonly Coverage[], leftOut: number): readonly Coverage[] {
  const refused = [...new Set(coverage.filter(({ state }) => state === 'forbidden').map(({ kind }) => kind))];
  const more = refused.length > TOLD ? ` and ${refused.length - TOLD} more` : '';
  const names = `${refused.slice(0, TOLD).join(', ')}${more}`;
  return [
    ...(refused.length === 0 ? [] : [{ kind: 'kinds of add-ons', state: 'forbidden' as const, reason: `listing ${names} is not allowed` }]),
    ...(leftOut === 0 ? [] : [{ kind: 'further kinds of add-ons', state: 'failed' as const, reason: `${leftOut} more than are read` }]),
  ];
}
