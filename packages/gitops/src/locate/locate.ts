import {
  type CallContext,
  type CmdbReader,
  type ItemEdit,
  type JsonValue,
  type KubernetesIdentity,
  kubernetesItemId,
  type Location,
  type Locator,
  parseKubernetesItemId,
  readField,
} from '@tier0/core';
import type { Mirror } from '../git/mirror.ts';
import type { Manifest } from '../kubernetes/manifests.ts';
import { bestCandidates, type Candidate, type Search } from './candidates.ts';
import type { ChartRenderer } from './chart-renderer.ts';
import { isSameValue } from './declared-value.ts';
import { addToOverlay, changeSetter, type FieldChange } from './field-change.ts';
import { locateInValues, type ValuesFinding } from './helm.ts';
import type { JsonRecord, Level } from './kustomize.ts';
import { isSameOwner, liveOwnerOf } from './live-owner.ts';
import { type Claim, claimOf, type Owner, ownersOf } from './owner.ts';
import { ambiguous, chainPlace, notFound, ownerPlace, placeOf, shown } from './places.ts';
import { reachOf } from './reach.ts';
import { releasedValues } from './released-values.ts';
import type { KustomizeRenderer } from './renderer.ts';
import { createRepositoryReader, type Repository } from './repository.ts';
import { finishIn, ownerValueIn } from './reread.ts';
import { throughTemplate } from './template-change.ts';
import { type Setter, type Trail, trailOf } from './trail.ts';
import { type Found, rootsAbove, usersOf } from './users.ts';
import { changeVariable, filledValue } from './variable-change.ts';
import { verifyByRendering } from './verify.ts';

/** Which part of which branch declares the cluster. */
export interface LocatorOptions {
  readonly mirror: Mirror;
  /** Branch that the cluster is reconciled from. */
  readonly branch: string;
  /** Folder that declares this cluster; what its kustomizations and Flux objects reach belongs to it too. Default: the whole repository. */
  readonly path?: string | undefined;
  /** Proves what passes kustomizations by rendering them before and after. Default: nothing is rendered, and the reason says so. */
  readonly renderer?: KustomizeRenderer | undefined;
  /** Finds values of charts that are in the repository by rendering them. Default: by the conventions of charts, and the reason says so. */
  readonly chartRenderer?: ChartRenderer | undefined;
}

/**
 * Finds the line in Git behind a live field: through what Argo CD, Flux and Helm leave on the object, through kustomize bases, overlays and
 * patches, through variables and ApplicationSets, through the values of a chart, and by plain search. Where more than one place could be meant
 * it says so instead of guessing.
 */
export function createLocator(options: LocatorOptions): Locator {
  const repositories = createRepositoryReader(options.mirror);
  return {
    async locate({ edit, reader }, context) {
      const identity = parseKubernetesItemId(edit.item);
      if (!identity) return notFound(`${edit.item} is not a Kubernetes object, so no manifest declares it`);
      await options.mirror.fetch(context);
      const commit = await options.mirror.resolve(options.branch, context);
      if (!commit) return notFound(`the branch ${options.branch} does not exist in ${options.mirror.url}`);
      const locating: Locating = { options, reader, read: (item) => repositories.read(commit, item, context) };
      return locateIn(await searchFor(locating, edit), locating, context);
    },
  };
}

/** Finds the object that declares an item, or the release or Application that makes it. */
export interface DeclarationFinder {
  /** Where it stands: file, position of the YAML document, path of the object in it. Undefined where nothing or more than one thing declares it. */
  find(
    request: { readonly item: string; readonly reader: CmdbReader },
    context: CallContext,
  ): Promise<Pick<Manifest, 'file' | 'document' | 'within'> | undefined>;
}

/** Looks as the locator does, and needs no field: for what is to be shown, not changed. */
export function createDeclarationFinder(options: LocatorOptions): DeclarationFinder {
  const repositories = createRepositoryReader(options.mirror);
  return {
    async find({ item, reader }, context) {
      await options.mirror.fetch(context);
      const commit = await options.mirror.resolve(options.branch, context);
      if (!commit || !parseKubernetesItemId(item)) return undefined;
      const locating: Locating = { options, reader, read: (identity) => repositories.read(commit, identity, context) };
      return declarationOf(await searchFor(locating, { item, fieldPath: [] }));
    },
  };
}

/** An object in a base that overlays share is one manifest, whichever way leads to it. */
function declarationOf(search: Search): Manifest | undefined {
  const owners = nearestOwners(ownersOf(search.claim, search.owners), search);
  const [owner] = owners;
  const manifests = new Set(bestCandidates(search, owners.length === 1 ? owner : undefined).map(({ manifest }) => manifest));
  if (manifests.size > 0) return manifests.size === 1 ? [...manifests][0] : undefined;
  const makers = owners.filter(({ manifest }) => !search.tree.isPatchFile(manifest.file));
  return makers.length === 1 ? makers[0]?.manifest : undefined;
}

/** What stays the same while an item, and perhaps the release that makes it, is looked for. */
interface Locating {
  readonly options: LocatorOptions;
  readonly reader: CmdbReader;
  readonly read: (identity: KubernetesIdentity) => Promise<Repository>;
}

async function searchFor({ options, reader, read }: Locating, edit: ItemEdit): Promise<Search> {
  const identity = parseKubernetesItemId(edit.item) as KubernetesIdentity;
  // Bases and overlays stand outside the folder of a cluster: everything is read, and the folder says which way leads to it.
  const repository = await read(identity);
  const object = reader.object(edit.item);
  // A stored object under another kind's name tells nothing about this item.
  const live = (readField(object, ['kind']) ?? identity.kind) === identity.kind ? object : undefined;
  const claim = claimOf(live);
  const reach = reachOf(repository.owners, options.path);
  return { ...repository, options, identity, edit, reader, live, claim, reach, liveOwner: liveOwnerOf(claim, identity, reader) };
}

async function locateIn(search: Search, locating: Locating, context: CallContext): Promise<Location> {
  const { claim } = search;
  const declared = ownersOf(claim, search.owners);
  if (claim?.kind === 'HelmRelease' && declared.length > 0) return fromRelease({ search, claim, declared }, locating, context);
  const owners = nearestOwners(declared, search);
  const [owner] = owners;
  if (owners.length > 1) return ambiguous(owners.map(ownerPlace), `${owners.length} objects are called ${claim?.kind} ${claim?.name}`);
  if (owner && rendersChart(owner, search)) return fromApplication(owner, search, context);
  const candidates = bestCandidates(search, owner);
  const [candidate] = candidates;
  if (!candidate) return notFound(whyNoCandidate(search, owner));
  if (candidates.length > 1) return ambiguous(candidates.map(chainPlace), severalPlaces(search, candidates));
  const { manifest, chain } = candidate;
  const trail = trailOf({ manifest, chain, path: search.edit.fieldPath, read: (file) => search.texts.get(file) });
  if (trail.unclear) return ambiguous([placeOf(manifest), trail.unclear.file], `${trail.unclear.file}: ${trail.unclear.reason}`);
  return fromTrail({ search, candidate, owner }, trail, context);
}

function wantedItem({ identity }: Search): string {
  return `${identity.kind} ${identity.namespace ?? '-'}/${identity.name}`;
}

function whyNoCandidate(search: Search, owner: Owner | undefined): string {
  const { claim, reading, options, unknownOwners } = search;
  const unread = reading.unreadable.length > 0 ? `; could not look into: ${reading.unreadable.join('; ')}` : '';
  const isRelease = claim?.kind === 'HelmRelease' && !owner;
  const release = isRelease ? `; it belongs to the release ${claim.name}, which nothing here declares` : '';
  const unknown = claim?.kind === 'Application' && !owner && unknownOwners.length > 0 ? `; not followed: ${unknownOwners.join('; ')}` : '';
  return `no manifest on ${options.branch} declares ${wantedItem(search)}${release}${unknown}${unread}`;
}

/** Where several clusters are declared, each is named by what renders it, and how to say which one is meant. */
function severalPlaces(search: Search, candidates: readonly Candidate[]): string {
  const rendering = search.owners.filter(({ folder }) => candidates.some(({ chain }) => chain.some((level) => level.folder === folder)));
  const clusters =
    rendering.length > 1
      ? `; they are rendered by ${rendering.map(ownerPlace).join(' and ')}: say which with the folder of the cluster`
      : '';
  return `${candidates.length} places declare ${wantedItem(search)}${clusters}`;
}

/** Of several owners of one name: those that render what the live one renders, and those of this cluster. */
function nearestOwners(owners: readonly Owner[], { liveOwner, reach }: Search): readonly Owner[] {
  const alike = owners.filter((owner) => isSameOwner(owner, liveOwner));
  const same = alike.length > 0 ? alike : owners;
  // Declared in this cluster says more than rendering a folder that another cluster may render too.
  const declared = same.filter(({ manifest }) => reach.holds([manifest.file]));
  const rendering = same.filter(({ folder }) => folder !== undefined && reach.holds([`${folder}/`]));
  return [declared, rendering, same].find((some) => some.length > 0) ?? [];
}

function rendersChart({ kind, manifest, source, folder }: Owner, { texts }: Search): boolean {
  if (kind !== 'Application') return false;
  const said = (source && (readField(manifest.object, source) as { chart?: unknown; helm?: unknown } | undefined)) ?? {};
  const isChart = said.chart !== undefined || said.helm !== undefined;
  return isChart || source === undefined || (folder !== undefined && texts.has(`${folder}/Chart.yaml`));
}

async function fromApplication(owner: Owner, search: Search, context: CallContext): Promise<Location> {
  const found = await locateInValues({ ...search, owner, renderer: search.options.chartRenderer }, context);
  if (found.status !== 'found' || found.change.status !== 'file') return asLocation(found);
  const change = throughTemplate(found.change.change, owner);
  if ('refused' in change) return ambiguous([ownerPlace(owner), found.change.change.file], `${found.reason}; but ${change.refused}`);
  return located(change, found, search);
}

/** What a finding without a change of a file says. */
function asLocation(found: ValuesFinding): Location {
  return found.status === 'ambiguous' ? ambiguous(found.candidates, found.reason) : notFound(found.reason);
}

function located(
  change: Exclude<FieldChange, { refused: string }>,
  found: Extract<ValuesFinding, { status: 'found' }>,
  { edit, options }: Search,
): Location {
  const at = { repository: options.mirror.url, ...change };
  if (!found.drifted) return { status: 'found', edit: at, reason: found.reason };
  return driftedLocation(at, { declared: found.drifted.rendered, edit, reason: found.reason });
}

function driftedLocation(
  at: Extract<Location, { status: 'drifted' }>['edit'],
  { declared, edit, reason }: { readonly declared: JsonValue | undefined; readonly edit: ItemEdit; readonly reason: string },
): Location {
  const [says, has] = [declared, edit.expectOld].map((value) => (value === undefined ? 'nothing' : JSON.stringify(value)));
  return { status: 'drifted', edit: at, found: says ?? '', reason: `${reason}: it says ${says}, the cluster has ${has}` };
}

interface Releasing {
  readonly search: Search;
  readonly claim: Claim;
  readonly declared: readonly Owner[];
}

/**
 * A HelmRelease is an object of the cluster itself: its base, its overlays and its variables say its values, and so one of them is found as
 * any field of any object is.
 */
async function fromRelease({ search, claim, declared }: Releasing, locating: Locating, context: CallContext): Promise<Location> {
  const own = declared.filter(({ manifest }) => !search.tree.isPatchFile(manifest.file));
  const [first] = own.length > 0 ? own : declared;
  const { name, namespace } = (first as Owner).manifest.object.metadata;
  const item = kubernetesItemId({ ...search.identity, kind: 'HelmRelease', name, namespace: namespace ?? claim.namespace });
  const release = await searchFor(locating, { item, fieldPath: ['spec', 'values'] });
  const renderers = nearestOwners(ownersOf(release.claim, release.owners), release);
  const candidates = bestCandidates(release, renderers.length === 1 ? renderers[0] : undefined);
  const [candidate] = candidates;
  if (!candidate || candidates.length > 1 || own.some(({ manifest }) => manifest.object.metadata.name !== name))
    return ambiguous(
      candidate ? candidates.map(chainPlace) : own.map(ownerPlace),
      candidate ? severalPlaces(release, candidates) : whyNoCandidate(release, undefined),
    );
  const owner = own.find(({ manifest }) => manifest === candidate.manifest) ?? (first as Owner);
  const { manifest, chain, variables } = candidate;
  const released = releasedValues({ manifest, chain, variables, read: (file) => search.texts.get(file) });
  if ('unclear' in released) return ambiguous([chainPlace(candidate)], released.unclear);
  const isServingSeveral = rootsAbove(undefined, { search: release, candidate, owner: undefined }).length > 1;
  return fromReleasedValues({ search, release, owner, values: released.values, isServingSeveral }, locating, context);
}

interface Released {
  readonly search: Search;
  /** The search for the release itself. */
  readonly release: Search;
  readonly owner: Owner;
  readonly values: JsonRecord;
  readonly isServingSeveral: boolean;
}

async function fromReleasedValues(
  { search, release, owner, values, isServingSeveral }: Released,
  locating: Locating,
  context: CallContext,
): Promise<Location> {
  const found = await locateInValues(
    { ...search, owner, released: values, isServingSeveral, renderer: search.options.chartRenderer },
    context,
  );
  if (found.status !== 'found') return asLocation(found);
  if (found.change.status === 'file') return located(found.change.change, found, search);
  const location = await locateIn({ ...release, edit: { ...release.edit, ...found.change.edit } }, locating, context);
  const reason = `${found.reason}; ${location.reason}`;
  if (location.status === 'found' && found.drifted)
    return driftedLocation(location.edit, { declared: found.drifted.rendered, edit: search.edit, reason });
  return { ...location, reason };
}

async function fromTrail(found: Found, trail: Trail, context: CallContext): Promise<Location> {
  const { search, candidate, owner } = found;
  const { edit, options } = search;
  const last = trail.setters.at(-1) as Setter;
  if (last.broad && !options.renderer)
    return ambiguous(
      [placeOf(candidate.manifest), last.file],
      `${last.file}: its patch may reach other objects, and there is no renderer to see`,
    );
  const filled = filledValue(last.value, candidate);
  if (filled === 'unknown')
    return ambiguous([placeOf(candidate.manifest)], `${last.file}: it holds an expression of Flux that is not followed`);
  const made = changeOf(found, last);
  if (made.status === 'ambiguous') return made;
  const by = owner ? `${owner.kind} ${owner.manifest.object.metadata.name} renders it (${search.claim?.by}); ` : '';
  const reason = by + made.reason;
  const at = { repository: options.mirror.url, ...made.change };
  const kind = search.identity.kind;
  if (!isSameValue(filled.value, edit.expectOld, { kind, path: edit.fieldPath }))
    return driftedLocation(at, { declared: filled.value, edit, reason });
  return proveLocation({ ...found, candidate: { ...candidate, chain: made.chain } }, made.change, reason, context);
}

type Change = Exclude<FieldChange, { refused: string }>;
type Made =
  | { readonly status: 'made'; readonly change: Change; readonly reason: string; readonly chain: Candidate['chain'] }
  | Extract<Location, { status: 'ambiguous' }>;

/** The change behind the last place that says the field: of a variable, of that place, or of an overlay where others share the place. */
function changeOf(found: Found, last: Setter): Made {
  const { search, candidate, owner } = found;
  const { edit } = search;
  const users = usersOf(last, found);
  const places = [placeOf(candidate.manifest), ...users];
  const refuse = (reason: string): Made => ({ status: 'ambiguous', candidates: [...new Set(places)], reason });
  const variable = changeVariable({ search, candidate, setter: last, isShared: users.length > 1 });
  if (variable.status === 'unknown') return refuse(`${last.file}: ${variable.reason}`);
  if (variable.status === 'variable')
    return { status: 'made', change: variable.change, reason: `${variable.why} in ${shown(variable.change)}`, chain: candidate.chain };
  const overlay = users.length > 1 ? overlayFor(found, last) : undefined;
  if (overlay === null) return refuse(`${last.file} is a base that ${users.join(' and ')} share; a change there would reach all of them`);
  const request = { manifest: candidate.manifest, path: edit.fieldPath, value: last.value, edit };
  const change = throughTemplate(overlay ? addToOverlay({ ...request, level: overlay }) : changeSetter(last, edit), owner);
  if ('refused' in change) return refuse(`${overlay?.file ?? last.file}: ${change.refused}`);
  const why = variable.why === '' ? '' : `; ${variable.why}`;
  const reason = overlay
    ? `${last.file} is shared by ${users.join(' and ')}, so it is said anew in ${shown(change)}`
    : `declared in ${shown(change)}`;
  const chain = overlay && !candidate.chain.includes(overlay) ? [...candidate.chain, overlay] : candidate.chain;
  return { status: 'made', change, reason: reason + why, chain };
}

/** The innermost level that only this cluster has; the owner itself may be one. Null where there is none. */
function overlayFor(found: Found, last: Setter): Level | null {
  const { candidate, owner, search } = found;
  const level = candidate.chain.find((one, index) => index > last.level && rootsAbove(one, found).length <= 1);
  if (level || !owner?.level) return level ?? null;
  // Flux patches what any folder holds, Argo CD only what a kustomization makes.
  const patches = owner.kind === 'Kustomization' || search.tree.kustomizations.some(({ folder }) => folder === owner.folder);
  return patches && rootsAbove(owner.level, found).length <= 1 ? owner.level : null;
}

async function proveLocation(found: Found, change: Change, reason: string, context: CallContext): Promise<Location> {
  const { search, candidate, owner } = found;
  const { options, edit, identity, texts, configMaps } = search;
  const edited = { repository: options.mirror.url, ...change };
  if (candidate.chain.length === 0) return { status: 'found', edit: edited, reason };
  if (!options.renderer) return { status: 'found', edit: edited, reason: `${reason}; not verified: there is no renderer` };
  const finish = finishIn(candidate, configMaps);
  const trial = {
    texts,
    change,
    chain: candidate.chain,
    edit,
    kind: identity.kind,
    name: identity.name,
    ownerValue: ownerValueIn(owner),
    finish,
  };
  const proof = await verifyByRendering(trial, options.renderer, context);
  if (proof.status === 'disproved') return ambiguous([chainPlace(candidate), change.file], `${reason}; but ${proof.reason}`);
  const said = proof.status === 'proved' ? proof.reason : `not verified: ${proof.reason}`;
  return { status: 'found', edit: edited, reason: `${reason}; ${said}` };
}
