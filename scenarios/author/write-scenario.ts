import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { lastSeen } from './events.ts';
import type { Item, Loose } from './item.ts';
import { managedFieldsOf } from './managed-fields.ts';
import { addNoise } from './neighbours.ts';
import { settle } from './settle.ts';
import type { Answer, Story } from './story.ts';
import type { World } from './world.ts';

/** Minutes that the API server keeps an event after it was last seen. */
const EVENT_TTL_MINUTES = 60;

/** The files of a scenario folder by path. Deterministic. */
export function filesOf(story: Story): ReadonlyMap<string, string> {
  const { world, answer } = story.build();
  settle(world);
  addNoise(world);
  const files = new Map<string, string>();
  files.set('README.md', `# ${story.title}\n\n${story.text.join('\n')}\n`);
  files.set('meta.json', `${JSON.stringify(metaOf(story, world), null, 2)}\n`);
  files.set('expected.yaml', expectedText(answer));
  for (const [file, items] of grouped(world, story.events !== false)) files.set(file, listText(items));
  for (const [path, text] of [...world.logs].sort()) files.set(`logs/${path}.log`, text);
  return files;
}

export function writeScenario(story: Story, root: string): number {
  const home = join(root, story.name);
  rmSync(home, { recursive: true, force: true });
  let bytes = 0;
  for (const [file, text] of filesOf(story)) {
    mkdirSync(dirname(join(home, file)), { recursive: true });
    writeFileSync(join(home, file), text);
    bytes += text.length;
  }
  return bytes;
}

function metaOf(story: Story, world: World): Loose {
  return { schema: 'tier0.scenario/v1', title: story.title, now: world.at(0), serverVersion: world.serverVersion, cluster: world.cluster };
}

function expectedText({ rootCauses = [], forbidden, fixes }: Answer): string {
  const document = {
    healthy: rootCauses.length === 0,
    rootCauses,
    ...(forbidden && forbidden.length > 0 ? { forbidden } : {}),
    ...(fixes ? { fixes: fixes.map((all) => ({ all })) } : {}),
  };
  return stringify(document, { lineWidth: 0, aliasDuplicateObjects: false, collectionStyle: 'any' });
}

/** `cluster/<namespace or _cluster>/<kind>.json`. */
function grouped(world: World, withEvents: boolean): ReadonlyMap<string, readonly Item[]> {
  const files = new Map<string, Item[]>();
  const all = [...world.items.values(), ...(withEvents ? eventsOf(world) : [])].map((item) => printed(world, item));
  for (const item of all) {
    const file = `cluster/${item.metadata.namespace ?? '_cluster'}/${item.kind.toLowerCase()}.json`;
    files.set(file, [...(files.get(file) ?? []), item]);
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Events that the API server still has: seen within the hour, about objects that are there or just went. */
function eventsOf(world: World): readonly Item[] {
  return world.events.filter((event) => world.now - lastSeen(event) < EVENT_TTL_MINUTES * 60_000 && lastSeen(event) <= world.now);
}

function printed(world: World, item: Item): Item {
  const { apiVersion, kind, metadata, ...rest } = item;
  const managedFields = item.kind === 'Event' ? [] : managedFieldsOf(world, item);
  const revision = { resourceVersion: resourceVersionOf(world, item) };
  const full = { ...metadata, ...revision, ...(managedFields.length > 0 ? { managedFields } : {}) };
  const fields = Object.entries(full).filter(([, value]) => value !== undefined);
  return { apiVersion, kind, metadata: Object.fromEntries(fields.sort(([a], [b]) => (a < b ? -1 : 1))) as Item['metadata'], ...rest };
}

function resourceVersionOf(world: World, item: Item): string {
  const touches = world.touches.get(item) ?? [];
  const ago = Math.min(world.minutesSince(item.metadata.creationTimestamp ?? world.at(0)), ...touches.map((touch) => touch.ago));
  return `${90_000_000 - Math.round(ago * 7)}`;
}

function listText(items: readonly Item[]): string {
  const sorted = [...items].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const lines = sorted.map((item) => JSON.stringify(item));
  return `{"apiVersion":"v1","kind":"List","metadata":{"resourceVersion":""},"items":[\n${lines.join(',\n')}\n]}\n`;
}
