import { type Item, keyOf, type Loose } from './item.ts';
import { Random, uidOf } from './random.ts';

/** Who wrote fields of an object, and when. */
export interface Touch {
  readonly manager: string;
  /** Minutes before `now`. */
  readonly ago: number;
  /** Paths of the fields, as lists of keys; a list element is `name=x`. Absent: the whole desired state. */
  readonly paths?: readonly (readonly string[])[];
  readonly operation?: 'Apply' | 'Update';
}

export interface WorldOptions {
  readonly seed: number;
  /** The moment of the recording. ISO 8601, UTC. */
  readonly now: string;
  /** e.g. `v1.31.4`. */
  readonly serverVersion: string;
  readonly cluster: string;
}

/** A cluster as its API server would show it: objects, events and logs at one moment. Times are minutes before `now`. */
export class World {
  readonly seed: number;
  readonly now: number;
  readonly serverVersion: string;
  readonly cluster: string;
  readonly random: Random;
  readonly items = new Map<string, Item>();
  readonly events: Item[] = [];
  readonly logs = new Map<string, string>();
  readonly touches = new Map<Item, Touch[]>();
  /** Minutes since a rollout began that has not completed, by uid of the Deployment. */
  readonly rollouts = new Map<string, number>();
  readonly #byKind = new Map<string, Set<Item>>();
  readonly #byOwner = new Map<string, Set<Item>>();
  #addresses = 0;

  constructor({ seed, now, serverVersion, cluster }: WorldOptions) {
    this.seed = seed;
    this.now = Date.parse(now);
    this.serverVersion = serverVersion;
    this.cluster = cluster;
    this.random = new Random(seed);
  }

  /** Minor version of the server, e.g. 31. */
  get minor(): number {
    return Number(this.serverVersion.split('.')[1]);
  }

  /** The moment `minutes` before the recording, as the API server prints it. */
  at(minutes: number): string {
    return `${new Date(Math.round(this.now / 1000 - minutes * 60) * 1000).toISOString().slice(0, 19)}Z`;
  }

  minutesSince(instant: string): number {
    return (this.now - Date.parse(instant)) / 60_000;
  }

  /** Adds an object, `ago` minutes old, and completes its metadata. */
  add(item: Item, ago: number, manager = 'kube-controller-manager'): Item {
    const { kind, metadata } = item;
    const key = keyOf(kind, metadata.namespace, metadata.name);
    if (this.items.has(key)) throw new Error(`${key} is there already.`);
    metadata.uid ??= uidOf(this.seed, key);
    metadata.creationTimestamp ??= this.at(ago);
    this.items.set(key, item);
    for (const set of this.#indexesOf(item)) set.add(item);
    this.touches.set(item, [{ manager, ago }]);
    return item;
  }

  touch(item: Item, touch: Touch): void {
    this.touches.set(item, [...(this.touches.get(item) ?? []), touch]);
  }

  find(kind: string, namespace: string | undefined, name: string): Item | undefined {
    return this.items.get(keyOf(kind, namespace, name));
  }

  get(kind: string, namespace: string | undefined, name: string): Item {
    const item = this.find(kind, namespace, name);
    if (!item) throw new Error(`There is no ${kind} ${namespace ?? ''}/${name} in this world.`);
    return item;
  }

  list(kind: string, namespace?: string): Item[] {
    return [...(this.#byKind.get(kind) ?? [])].filter((item) => namespace === undefined || item.metadata.namespace === namespace);
  }

  /** Where an object is filed: under its kind and under each owner. */
  #indexesOf({ kind, metadata }: Item): readonly Set<Item>[] {
    const owners: readonly string[] = (metadata.ownerReferences ?? []).map((reference: Loose) => reference.uid);
    return [filed(this.#byKind, kind), ...owners.map((uid) => filed(this.#byOwner, uid))];
  }

  /** Takes an object away, with its events: a new object of the name has another uid. */
  remove(item: Item): void {
    this.items.delete(keyOf(item.kind, item.metadata.namespace, item.metadata.name));
    this.touches.delete(item);
    for (const set of this.#indexesOf(item)) set.delete(item);
  }

  ownedBy(owner: Item): Item[] {
    return [...(this.#byOwner.get(owner.metadata.uid ?? '') ?? [])];
  }

  /** Pods below a workload, through ReplicaSets and Jobs. */
  podsOf(owner: Item): Item[] {
    return this.ownedBy(owner).flatMap((child) => (child.kind === 'Pod' ? [child] : this.podsOf(child)));
  }

  firstPod(owner: Item): Item {
    const [pod] = this.podsOf(owner);
    if (!pod) throw new Error(`${owner.kind} ${owner.metadata.name} has no pod.`);
    return pod;
  }

  podAddress(nodeIndex: number): string {
    this.#addresses += 1;
    const last = 4 + this.#addresses;
    return `10.244.${(nodeIndex + Math.floor(last / 250)) % 250}.${last % 250}`;
  }

  log(pod: Item, container: string, lines: readonly string[]): void {
    this.logs.set(`${pod.metadata.namespace}/${pod.metadata.name}/${container}`, `${lines.join('\n')}\n`);
  }
}

function filed(index: Map<string, Set<Item>>, key: string): Set<Item> {
  const set = index.get(key) ?? new Set();
  index.set(key, set);
  return set;
}
