import type { CmdbReader } from '@tier0/core';

/** Accounts by team, from the catalog's groups; a team can be asked for by item id or by name. */
export function teamMembers(reader: CmdbReader): Readonly<Record<string, readonly string[]>> {
  const members: Record<string, readonly string[]> = {};
  for (const group of reader.items({ kind: 'Group' }).items) {
    const object = reader.object(group.id) as { spec?: { members?: unknown } } | undefined;
    const listed = Array.isArray(object?.spec?.members) ? object.spec.members.filter((member) => typeof member === 'string') : [];
    // A member may be written `user:default/ann` or `ann`.
    const accounts = listed.map((member) => member.split('/').at(-1)?.split(':').at(-1) ?? member);
    members[group.id] = accounts;
    members[group.name] = accounts;
  }
  return members;
}
