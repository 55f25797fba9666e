import { type FieldPath, type JsonValue, readField } from '@tier0/core';
import type { Manifest } from '../kubernetes/manifests.ts';
import { generate, type Parameters } from './application-set.ts';
import { type ArtifactFolders, artifactFoldersIn } from './artifact-generator.ts';
import { isRecord, type JsonRecord, join, type Level, records, text } from './kustomize.ts';

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
  /** Path of the source it renders: `spec.source`, or one of `spec.sources`; undefined where there are several. */
  readonly source?: FieldPath | undefined;
  /** Set for an Application that an ApplicationSet makes: `manifest` stands in the template of the set. */
  readonly generated?: GeneratedOwner | undefined;
}

export interface GeneratedOwner {
  readonly set: Manifest;
  readonly parameters: Parameters;
  /** Names of all Applications of the set, this one too. */
  readonly applications: readonly string[];
}

/** Owners, and ApplicationSets that are not followed, each with the reason. */
export interface Owners {
  readonly owners: readonly Owner[];
  readonly unknown: readonly string[];
}

/** The owners among the manifests of a repository whose texts are given. */
export function ownersIn(manifests: readonly Manifest[], texts: ReadonlyMap<string, string>): Owners {
  const unknown: string[] = [];
  const folders = artifactFoldersIn(manifests);
  const owners = manifests.flatMap((manifest) => {
    const { apiVersion, kind } = manifest.object;
    if (kind === 'Application' && apiVersion.startsWith('argoproj.io/')) return [application(manifest)];
    if (kind === 'ApplicationSet' && apiVersion.startsWith('argoproj.io/')) return generatedApplications(manifest, texts, unknown);
    if (kind === 'Kustomization' && apiVersion.startsWith('kustomize.toolkit.fluxcd.io/')) return [fluxKustomization(manifest, folders)];
    if (kind === 'HelmRelease' && apiVersion.startsWith('helm.toolkit.fluxcd.io/')) return [helmRelease(manifest)];
    return [];
  });
  return { owners, unknown };
}

function generatedApplications(set: Manifest, texts: ReadonlyMap<string, string>, unknown: string[]): readonly Owner[] {
  const generation = generate(set, texts);
  if (generation.status === 'unknown') {
    unknown.push(`ApplicationSet ${set.object.metadata.name} (${set.file}): ${generation.reason}`);
    return [];
  }
  const applications = generation.applications.map(({ object }) => object.metadata.name);
  return generation.applications.map(({ object, parameters }) => ({
    ...application({ ...set, within: [...set.within, 'spec', 'template'], object }),
    generated: { set, parameters, applications },
  }));
}

/** The one source that is no mere holder of values files. */
function sourcePath(manifest: Manifest): FieldPath | undefined {
  const sources = readField(manifest.object, ['spec', 'sources']) as JsonValue | undefined;
  if (sources === undefined) return ['spec', 'source'];
  const rendering = records(sources).flatMap((one, index) =>
    one.ref === undefined || one.path !== undefined || one.chart !== undefined ? [index] : [],
  );
  const [only] = rendering;
  return only === undefined || rendering.length > 1 ? undefined : ['spec', 'sources', only];
}

function application(manifest: Manifest): Owner {
  const at = sourcePath(manifest);
  const source = (at && recordAt(manifest, at)) ?? {};
  const destination = recordAt(manifest, ['spec', 'destination']);
  const kustomize = isRecord(source.kustomize) ? source.kustomize : {};
  return {
    kind: 'Application',
    name: manifest.object.metadata.name,
    manifest,
    folder: typeof source.path === 'string' ? join('', source.path) : undefined,
    namespace: text(destination?.namespace) || undefined,
    source: at,
    level: levelOf(manifest, [...(at ?? ['spec', 'source']), 'kustomize'], kustomize),
  };
}

function fluxKustomization(manifest: Manifest, folders: ArtifactFolders): Owner {
  const spec = recordAt(manifest, ['spec']) ?? {};
  const value = { ...spec, namespace: spec.targetNamespace ?? '', nameSuffix: spec.nameSuffix ?? '' };
  return {
    kind: 'Kustomization',
    name: manifest.object.metadata.name,
    manifest,
    folder: folders(spec, manifest) ?? join('', text(spec.path)),
    namespace: text(spec.targetNamespace) || undefined,
    level: levelOf(manifest, ['spec'], value),
  };
}

function helmRelease(manifest: Manifest): Owner {
  const chart = readField(manifest.object, ['spec', 'chart', 'spec', 'chart']);
  const sourceKind = readField(manifest.object, ['spec', 'chart', 'spec', 'sourceRef', 'kind']);
  return {
    kind: 'HelmRelease',
    name: releaseName(manifest),
    manifest,
    folder: sourceKind === 'GitRepository' && typeof chart === 'string' ? join('', chart) : undefined,
    namespace: text(readField(manifest.object, ['spec', 'targetNamespace'])) || manifest.object.metadata.namespace,
    level: undefined,
  };
}

/** Flux puts the namespace a release goes to before its name, where it is another than its own. */
function releaseName({ object }: Manifest): string {
  const target = text(readField(object, ['spec', 'targetNamespace']));
  const { name } = object.metadata;
  return text(readField(object, ['spec', 'releaseName'])) || (target ? `${target}-${name}` : name);
}

function levelOf(manifest: Manifest, at: FieldPath, value: JsonRecord): Level {
  return { file: manifest.file, document: manifest.document, at: [...manifest.within, ...at], folder: '', value };
}

function recordAt(manifest: Manifest, path: FieldPath): JsonRecord | undefined {
  const value = readField(manifest.object, path);
  return isRecord(value) ? value : undefined;
}

const RELEASE_MARK = 'meta.helm.sh/release-name';

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
  const release = mark('annotations', 'meta.helm.sh/release-name');
  const tracking = mark('annotations', 'argocd.argoproj.io/tracking-id')?.split(':')[0];
  if (tracking)
    return {
      kind: 'Application',
      name: tracking.split('_').at(-1) ?? tracking,
      namespace: undefined,
      by: 'argocd.argoproj.io/tracking-id',
    };
  const declared = mark('labels', 'helm.toolkit.fluxcd.io/name');
  if (declared) {
    const namespace = mark('labels', 'helm.toolkit.fluxcd.io/namespace');
    return { kind: 'HelmRelease', name: declared, namespace, by: 'helm.toolkit.fluxcd.io/name' };
  }
  if (release) {
    const namespace = mark('annotations', 'meta.helm.sh/release-namespace');
    return { kind: 'HelmRelease', name: release, namespace, by: RELEASE_MARK };
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
    const { name, namespace: home } = owner.manifest.object.metadata;
    // Helm's mark names the release, Flux's mark the object that declares it.
    const byRelease = claim.by === RELEASE_MARK;
    if (owner.kind !== claim.kind || (byRelease ? owner.name : name) !== claim.name) return false;
    const known = byRelease ? owner.namespace : home;
    return claim.namespace === undefined || known === undefined || known === claim.namespace;
  });
}
