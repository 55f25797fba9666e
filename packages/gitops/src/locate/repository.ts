import type { CallContext, KubernetesIdentity } from '@tier0/core';
import type { Mirror } from '../git/mirror.ts';
import { joinReadings, type Manifest, type ManifestReading, readManifest, readManifestTexts } from '../kubernetes/manifests.ts';
import { variableSources } from './flux-variables.ts';
import { folderOf, join, type KustomizeTree, kustomizeTree } from './kustomize.ts';
import { type Owner, ownersIn } from './owner.ts';

/** What a commit declares, as far as it can matter for one item. */
export interface Repository {
  readonly texts: ReadonlyMap<string, string>;
  readonly reading: ManifestReading;
  readonly tree: KustomizeTree;
  readonly owners: readonly Owner[];
  /** ApplicationSets that are not followed, each with the reason. */
  readonly unknownOwners: readonly string[];
  /** ConfigMaps that Flux takes variables from. */
  readonly configMaps: readonly Manifest[];
  /** All files of a chart, by their paths in it; empty where the folder is no chart or too large. */
  readonly readChart: (folder: string) => Promise<ReadonlyMap<string, string>>;
}

const KUSTOMIZATION_FILE = /(?:^|\/)(?:kustomization\.ya?ml|Kustomization)$/;
const OWNER_GROUPS = /argoproj\.io\/|(?:kustomize|helm)\.toolkit\.fluxcd\.io\/|source\.extensions\.fluxcd\.io\//;
/** A chart of more than this is not rendered. */
const MAX_CHART_FILES = 2_000;
const MAX_CHART_BYTES = 8 * 1024 * 1024;

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
      return { ...contentFor(identity, last.content), readChart: (folder) => readChart({ mirror, commit, folder }, context) };
    },
  };
}

async function readChart(
  { mirror, commit, folder }: { readonly mirror: Mirror; readonly commit: string; readonly folder: string },
  context: CallContext,
): Promise<ReadonlyMap<string, string>> {
  const listed = await mirror.listFiles(commit, context, folder);
  const files = listed.filter(({ mode }) => mode.startsWith('100'));
  const within = (path: string) => (folder === '' ? path : path.slice(folder.length + 1));
  if (!files.some(({ path }) => within(path) === 'Chart.yaml') || files.length > MAX_CHART_FILES) return new Map();
  const blobs = await mirror.readBlobs([...new Set(files.map(({ blob }) => blob))], context);
  const bytes = [...blobs.values()].reduce((sum, { length }) => sum + length, 0);
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return bytes > MAX_CHART_BYTES
    ? new Map()
    : new Map(files.map(({ path, blob }) => [within(path), decoder.decode(blobs.get(blob) ?? new Uint8Array())]));
}

/** What is the same for every item of a commit. */
interface CommitContent extends Pick<Repository, 'texts' | 'tree' | 'owners' | 'unknownOwners' | 'configMaps'> {
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
  const { owners, unknown } = ownersIn(parse(plain.filter((file) => OWNER_GROUPS.test(texts.get(file) ?? ''))).manifests, texts);
  const configMaps = configMapsIn(plain, { texts, parse, owners });
  return { texts, plain, kustomizations, tree: kustomizeTree({ kustomizations }), owners, unknownOwners: unknown, configMaps, parse };
}

function configMapsIn(
  plain: readonly string[],
  { texts, parse, owners }: Pick<CommitContent, 'texts' | 'parse' | 'owners'>,
): readonly Manifest[] {
  const names = variableSources(owners);
  const isLikely = (text: string) => text.includes('ConfigMap') && names.some((name) => text.includes(name));
  const { manifests } = parse(names.length === 0 ? [] : plain.filter((file) => isLikely(texts.get(file) ?? '')));
  return manifests.filter(({ object }) => object.kind === 'ConfigMap');
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

function contentFor(identity: KubernetesIdentity, content: CommitContent): Omit<Repository, 'readChart'> {
  const { texts, plain, kustomizations, tree, owners, parse, unknownOwners, configMaps } = content;
  const prefixes = [
    ...tree.affixes,
    ...owners.map(({ level }) => ({ prefix: String(level?.value.namePrefix ?? ''), suffix: String(level?.value.nameSuffix ?? '') })),
  ];
  const names = [identity.name, ...possibleNames(identity.name, prefixes)];
  const isLikely = (text: string) => text.includes(identity.kind) && (names.some((name) => text.includes(name)) || text.includes('${'));
  const first = parse(plain.filter((file) => isLikely(texts.get(file) ?? '')));
  const found = first.manifests.some((manifest) => manifest.object.kind === identity.kind);
  return { texts, reading: { ...(found ? first : parse(plain)), kustomizations }, tree, owners, unknownOwners, configMaps };
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
