import { type FieldPath, readField } from '@tier0/core';
import type { Manifest } from '../kubernetes/manifests.ts';
import { isRecord, type JsonRecord, join, type Level, text } from './kustomize.ts';

/** An Argo CD or Flux object that says which folder of which repository becomes objects of a cluster. */
export interface Owner {
  readonly kind: 'Application' | 'Kustomization' | 'HelmRelease';
  readonly name: string;
  readonly manifest: Manifest;
  /** Folder it renders; undefined: it renders a chart from elsewhere. */
  readonly folder: string | undefined;
  /** Namespace its objects go to when they name none. */
  readonly namespace: string | undefined;
  /** What it changes on the way, as a kustomization would. */
  readonly level: Level | undefined;
}

/** The owners among the manifests of a repository. */
export function ownersIn(manifests: readonly Manifest[]): readonly Owner[] {
  return manifests.flatMap((manifest) => {
    const { apiVersion, kind } = manifest.object;
    if (kind === 'Application' && apiVersion.startsWith('argoproj.io/')) return [application(manifest)];
    if (kind === 'Kustomization' && apiVersion.startsWith('kustomize.toolkit.fluxcd.io/')) return [fluxKustomization(manifest)];
    if (kind === 'HelmRelease' && apiVersion.startsWith('helm.toolkit.fluxcd.io/')) return [helmRelease(manifest)];
    return [];
  });
}

function application(manifest: Manifest): Owner {
  const source = recordAt(manifest, ['spec', 'source']) ?? {};
  const destination = recordAt(manifest, ['spec', 'destination']);
  const kustomize = isRecord(source.kustomize) ? source.kustomize : {};
  return {
    kind: 'Application',
    name: manifest.object.metadata.name,
    manifest,
    folder: typeof source.path === 'string' ? join('', source.path) : undefined,
    namespace: text(destination?.namespace) || undefined,
    level: levelOf(manifest, ['spec', 'source', 'kustomize'], kustomize),
  };
}

function fluxKustomization(manifest: Manifest): Owner {
  const spec = recordAt(manifest, ['spec']) ?? {};
  const value = { ...spec, namespace: spec.targetNamespace ?? '', nameSuffix: spec.nameSuffix ?? '' };
  return {
    kind: 'Kustomization',
    name: manifest.object.metadata.name,
    manifest,
    folder: join('', text(spec.path)),
    namespace: text(spec.targetNamespace) || undefined,
    level: levelOf(manifest, ['spec'], value),
  };
}

function helmRelease(manifest: Manifest): Owner {
  const chart = readField(manifest.object, ['spec', 'chart', 'spec', 'chart']);
  const sourceKind = readField(manifest.object, ['spec', 'chart', 'spec', 'sourceRef', 'kind']);
  return {
    kind: 'HelmRelease',
    name: text(readField(manifest.object, ['spec', 'releaseName'])) || manifest.object.metadata.name,
    manifest,
    folder: sourceKind === 'GitRepository' && typeof chart === 'string' ? join('', chart) : undefined,
    namespace: text(readField(manifest.object, ['spec', 'targetNamespace'])) || manifest.object.metadata.namespace,
    level: undefined,
  };
}

function levelOf(manifest: Manifest, at: FieldPath, value: JsonRecord): Level {
  return { file: manifest.file, document: manifest.document, at: [...manifest.within, ...at], folder: '', value };
}

function recordAt(manifest: Manifest, path: FieldPath): JsonRecord | undefined {
  const value = readField(manifest.object, path);
  return isRecord(value) ? value : undefined;
}

/** What the live object says about who owns it. */
export interface Claim {
  readonly kind: Owner['kind'];
  readonly name: string;
  readonly namespace: string | undefined;
  /** How it says so, for the reason. */
  readonly by: string;
}

/** Reads the marks that Argo CD, Flux and Helm leave on what they apply; the most telling one first. */
export function claimOf(live: unknown): Claim | undefined {
  const mark = (part: 'labels' | 'annotations', key: string) => text(readField(live, ['metadata', part, key])) || undefined;
  const release = mark('annotations', 'meta.helm.sh/release-name') ?? mark('labels', 'helm.toolkit.fluxcd.io/name');
  const tracking = mark('annotations', 'argocd.argoproj.io/tracking-id')?.split(':')[0];
  if (tracking)
    return {
      kind: 'Application',
      name: tracking.split('_').at(-1) ?? tracking,
      namespace: undefined,
      by: 'argocd.argoproj.io/tracking-id',
    };
  if (release) {
    const namespace = mark('annotations', 'meta.helm.sh/release-namespace') ?? mark('labels', 'helm.toolkit.fluxcd.io/namespace');
    return { kind: 'HelmRelease', name: release, namespace, by: 'meta.helm.sh/release-name' };
  }
  const flux = mark('labels', 'kustomize.toolkit.fluxcd.io/name');
  if (flux) {
    const namespace = mark('labels', 'kustomize.toolkit.fluxcd.io/namespace');
    return { kind: 'Kustomization', name: flux, namespace, by: 'kustomize.toolkit.fluxcd.io/name' };
  }
  const instance = mark('labels', 'app.kubernetes.io/instance');
  return instance ? { kind: 'Application', name: instance, namespace: undefined, by: 'app.kubernetes.io/instance' } : undefined;
}

/** The owners that a claim may mean; empty when the repository declares none of that name. */
export function ownersOf(claim: Claim | undefined, owners: readonly Owner[]): readonly Owner[] {
  if (!claim) return [];
  return owners.filter((owner) => {
    const home = owner.manifest.object.metadata.namespace;
    if (owner.kind !== claim.kind || owner.name !== claim.name) return false;
    const known = owner.kind === 'HelmRelease' ? owner.namespace : home;
    return claim.namespace === undefined || known === undefined || known === claim.namespace;
  });
}
