import type { CallContext, Policy } from '@tier0/core';
import { readYaml } from '../edit/yaml-source.ts';
import type { Mirror } from '../git/mirror.ts';
import type { Members } from './code-owners.ts';
import { isWithin } from './guarded-paths.ts';
import { POLICY_PATH, readPolicy } from './policy-file.ts';

/** Who belongs to which group, and what was not believed. */
export interface MemberReading {
  /** By group name, and by `backstage:group:<namespace>/<name>`. */
  readonly members: Members;
  /** One line each: groups defined twice, files that say who belongs where without having a say. */
  readonly problems: readonly string[];
}

/** A Group or User of a catalog, with the file that defines it. */
interface Entity {
  readonly file: string;
  readonly kind: 'Group' | 'User';
  readonly name: string;
  readonly namespace: string;
  /** Members of a Group, groups of a User. */
  readonly refs: readonly string[];
}

/** Always believed: whoever may change it decides about everything else as well. */
const HOME = '.tier0';

/**
 * Reads who belongs to which group from a commit. Only files in `.tier0` and those that the policy names under `membership` have a say:
 * otherwise whoever owns any folder could make themselves a member of any group. A group that is defined twice has no members.
 */
export async function readMembers(mirror: Mirror, commit: string, context: CallContext): Promise<MemberReading> {
  const reading = await readPolicy(mirror, commit, context);
  if (reading.status === 'malformed') return { members: {}, problems: [`${reading.reason}: nobody belongs to any group`] };
  const places = placesOf(reading.policy);
  const files = (await mirror.listFiles(commit, context)).filter(({ path, mode }) => mode.startsWith('100') && /\.ya?ml$/i.test(path));
  const [believed, others] = [
    files.filter(({ path }) => isBelieved(path, places)),
    files.filter(({ path }) => isCatalog(path) && !isBelieved(path, places)),
  ];
  const read = (chosen: typeof files) => readEntities(mirror, chosen, context);
  const [said, ignored] = await Promise.all([read(believed), read(others)]);
  return { ...membersOf(said.entities), problems: [...said.problems, ...membersOf(said.entities).problems, ...unheard(ignored.entities)] };
}

function placesOf({ membership = [] }: Policy): readonly string[] {
  return [HOME, ...membership];
}

function isBelieved(path: string, places: readonly string[]): boolean {
  return path !== POLICY_PATH && places.some((place) => isWithin(path, place));
}

function isCatalog(path: string): boolean {
  return /(?:^|\/)catalog-info\.ya?ml$/i.test(path);
}

async function readEntities(
  mirror: Mirror,
  files: readonly { readonly path: string; readonly blob: string }[],
  context: CallContext,
): Promise<{ readonly entities: readonly Entity[]; readonly problems: readonly string[] }> {
  const blobs = await mirror.readBlobs([...new Set(files.map(({ blob }) => blob))], context);
  const problems: string[] = [];
  const entities = files.flatMap(({ path, blob }) => {
    const text = readYaml(Buffer.from(blobs.get(blob) ?? new Uint8Array()).toString('utf8'));
    if (text.status === 'read') return text.source.values.flatMap((value) => toEntity(value, path));
    problems.push(`${path} is ${text.reason}: nobody is a member by it`);
    return [];
  });
  return { entities, problems };
}

function toEntity(value: unknown, file: string): readonly Entity[] {
  const { kind, metadata, spec } = (value ?? {}) as { readonly kind?: unknown; readonly metadata?: unknown; readonly spec?: unknown };
  const { name, namespace = 'default' } = (metadata ?? {}) as { readonly name?: unknown; readonly namespace?: unknown };
  if ((kind !== 'Group' && kind !== 'User') || typeof name !== 'string' || typeof namespace !== 'string') return [];
  const { members, memberOf } = (spec ?? {}) as { readonly members?: unknown; readonly memberOf?: unknown };
  const refs = kind === 'Group' ? members : memberOf;
  return [{ file, kind, name, namespace, refs: Array.isArray(refs) ? refs.filter((ref) => typeof ref === 'string') : [] }];
}

function membersOf(entities: readonly Entity[]): MemberReading {
  const problems: string[] = [];
  const members = new Map<string, readonly string[]>();
  const groups = entities.filter(({ kind }) => kind === 'Group');
  for (const group of groups) {
    const id = idOf(group);
    const twins = groups.filter((other) => idOf(other) === id);
    const namesakes = groups.filter((other) => other.name.toLowerCase() === group.name.toLowerCase());
    if (members.has(id)) continue;
    if (twins.length > 1)
      problems.push(
        `group ${group.name} is defined ${twins.length} times (${twins.map(({ file }) => file).join(', ')}): it has no members`,
      );
    else if (namesakes.length > 1) problems.push(`several groups are called ${group.name}: the name alone stands for nobody`);
    const accounts = twins.length > 1 ? [] : [...new Set([...group.refs.map(lastPart), ...usersIn(group, entities)])];
    members.set(id, accounts);
    members.set(group.name, namesakes.length > 1 ? [] : accounts);
  }
  return { members: Object.fromEntries(members), problems: [...new Set(problems)] };
}

/** Users that say so themselves, in files that have a say. */
function usersIn(group: Entity, entities: readonly Entity[]): readonly string[] {
  const isNamed = (ref: string) => {
    const [, namespace = 'default', name] = /^(?:group:)?(?:([^/:]+)\/)?([^/:]+)$/i.exec(ref) ?? [];
    return name?.toLowerCase() === group.name.toLowerCase() && namespace.toLowerCase() === group.namespace.toLowerCase();
  };
  return entities.filter(({ kind, refs }) => kind === 'User' && refs.some(isNamed)).map(({ name }) => name);
}

/** `user:default/ann` and `ann` are the same account. */
function lastPart(ref: string): string {
  return ref.split('/').at(-1)?.split(':').at(-1) ?? ref;
}

function idOf({ namespace, name }: Entity): string {
  return `backstage:group:${namespace}/${name}`.toLowerCase();
}

/** Said, since whoever wrote it expects it to count. */
function unheard(entities: readonly Entity[]): readonly string[] {
  const files = [...new Set(entities.filter(({ refs }) => refs.length > 0).map(({ file }) => file))];
  return files.map((file) => `${file} says who belongs to which group and has no say in it: name it under "membership" in ${POLICY_PATH}`);
}
