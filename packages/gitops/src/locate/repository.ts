import type { CallContext, KubernetesIdentity } from '@tier0/core';
import type { Mirror } from '../git/mirror.ts';
import { joinReadings, type ManifestReading, readManifest, readManifestTexts } from '../kubernetes/manifests.ts';
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

/** Reads the commits of one mirror, each file of a commit once: what a commit holds never changes. */
export interface RepositoryReader {
  /** Parses what can matter: files that hold the kind and a possible name, kustomizations, owners. Everything when that finds nothing. */
  read(commit: string, identity: KubernetesIdentity, context: CallContext): Promise<Repository>;
}

/** Keeps the commit that was asked for last; another commit takes its place. */
export function createRepositoryReader(mirror: Mirror): RepositoryReader {
  let last: { readonly commit: string; readonly content: CommitContent } | undefined;
  return {
    async read(commit, identity, context) {
      if (last?.commit !== commit) last = { commit, content: await readCommit(mirror, commit, context) };
      return contentFor(identity, last.content);
    },
  };
}

/** What is the same for every item of a commit. */
interface CommitContent extends Pick<Repository, 'texts' | 'tree' | 'owners'> {
  /** All but templates of charts, which are no YAML. */
  readonly plain: readonly string[];
  readonly kustomizations: ManifestReading['kustomizations'];
  readonly parse: (files: readonly string[]) => ManifestReading;
}

async function readCommit(mirror: Mirror, commit: string, context: CallContext): Promise<CommitContent> {
  const texts = await readManifestTexts(mirror, { commit }, context);
  const parse = parserOf(texts);
  const charts = [...texts.keys()].filter((file) => /(?:^|\/)Chart\.yaml$/.test(file)).map((file) => join(folderOf(file), 'templates'));
  const plain = [...texts.keys()].filter((file) => !charts.some((folder) => file.startsWith(`${folder}/`)));
  const { kustomizations } = parse(plain.filter((file) => KUSTOMIZATION_FILE.test(file)));
  const owners = ownersIn(parse(plain.filter((file) => OWNER_GROUPS.test(texts.get(file) ?? ''))).manifests);
  return { texts, plain, kustomizations, tree: kustomizeTree({ kustomizations }), owners, parse };
}

/** Reads files, each only once. */
function parserOf(texts: ReadonlyMap<string, string>): CommitContent['parse'] {
  const known = new Map<string, ManifestReading>();
  const parse = (file: string) => {
    const reading = known.get(file) ?? readManifest(file, texts.get(file) ?? '');
    known.set(file, reading);
    return reading;
  };
  return (files) => joinReadings(files.map(parse));
}

function contentFor(identity: KubernetesIdentity, { texts, plain, kustomizations, tree, owners, parse }: CommitContent): Repository {
  const prefixes = [
    ...tree.affixes,
    ...owners.map(({ level }) => ({ prefix: String(level?.value.namePrefix ?? ''), suffix: String(level?.value.nameSuffix ?? '') })),
  ];
  const names = [identity.name, ...possibleNames(identity.name, prefixes)];
  const isLikely = (text: string) => text.includes(identity.kind) && names.some((name) => text.includes(name));
  const first = parse(plain.filter((file) => isLikely(texts.get(file) ?? '')));
  const found = first.manifests.some((manifest) => manifest.object.kind === identity.kind);
  return { texts, reading: { ...(found ? first : parse(plain)), kustomizations }, tree, owners };
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
