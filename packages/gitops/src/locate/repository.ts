import type { CallContext, KubernetesIdentity } from '@tier0/core';
import type { Mirror } from '../git/mirror.ts';
import { type ManifestReading, readManifests, readManifestTexts } from '../kubernetes/manifests.ts';
import { folderOf, join, type KustomizeTree, kustomizeTree } from './kustomize.ts';
import { type Owner, ownersIn } from './owner.ts';

/** What a commit declares, as far as it can matter for one item. */
export interface Repository {
  readonly texts: ReadonlyMap<string, string>;
  readonly reading: ManifestReading;
  readonly tree: KustomizeTree;
  readonly owners: readonly Owner[];
}

const KUSTOMIZATION_FILE = /(?:^|\/)(?:kustomization\.ya?ml|Kustomization)$/;
const OWNER_GROUPS = /argoproj\.io\/|kustomize\.toolkit\.fluxcd\.io\/|helm\.toolkit\.fluxcd\.io\//;

/** Where a commit is read from. */
export interface ReadFrom {
  readonly mirror: Mirror;
  readonly commit: string;
  readonly folder?: string | undefined;
}

/** Parses what can matter: files that hold the kind and a possible name, kustomizations, owners. Everything when that finds nothing. */
export async function readRepository(from: ReadFrom, identity: KubernetesIdentity, context: CallContext): Promise<Repository> {
  const texts = await readManifestTexts(from.mirror, { commit: from.commit, folder: from.folder }, context);
  const charts = [...texts.keys()].filter((file) => /(?:^|\/)Chart\.yaml$/.test(file)).map((file) => join(folderOf(file), 'templates'));
  const isTemplate = (file: string) => charts.some((folder) => file.startsWith(`${folder}/`));
  const plain = new Map([...texts].filter(([file]) => !isTemplate(file)));
  const { kustomizations } = readManifests(new Map([...plain].filter(([file]) => KUSTOMIZATION_FILE.test(file))));
  const tree = kustomizeTree({ kustomizations });
  const owners = ownersIn(readManifests(new Map([...plain].filter(([, text]) => OWNER_GROUPS.test(text)))).manifests);
  const prefixes = [
    ...tree.affixes,
    ...owners.map(({ level }) => ({ prefix: String(level?.value.namePrefix ?? ''), suffix: String(level?.value.nameSuffix ?? '') })),
  ];
  const names = [identity.name, ...possibleNames(identity.name, prefixes)];
  const likely = new Map([...plain].filter(([, text]) => text.includes(identity.kind) && names.some((name) => text.includes(name))));
  const first = readManifests(likely);
  const found = first.manifests.some((manifest) => manifest.object.kind === identity.kind);
  return { texts, reading: { ...(found ? first : readManifests(plain)), kustomizations }, tree, owners };
}

/** What a name may have been before levels put something around it, one or two of them. */
function possibleNames(name: string, affixes: readonly { readonly prefix: string; readonly suffix: string }[]): readonly string[] {
  const once = affixes.map((affix) => withoutAffix(name, affix));
  return [...new Set([...once, ...once.flatMap((shorter) => affixes.map((affix) => withoutAffix(shorter, affix)))])];
}

function withoutAffix(name: string, affix: { readonly prefix: string; readonly suffix: string }): string {
  const start = name.startsWith(affix.prefix) ? affix.prefix.length : 0;
  const end = affix.suffix && name.endsWith(affix.suffix) ? -affix.suffix.length : undefined;
  return name.slice(start, end);
}
