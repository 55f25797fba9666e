import { type RelationType, Tier0Error } from '@tier0/core';
import type { Normaliser } from './normalise.ts';

/**
 * Where a value is found on an item: its `name`, a column (`column:internalIP`), an identifier of a scheme (`identifier:serial`), or the
 * thing that a relation of the item leads to (`parent:runsOn`), which makes the identity a dependent one.
 */
export type FieldReference = 'name' | `column:${string}` | `identifier:${string}` | `parent:${RelationType}`;

/** One value of an identifier. All values found in `anyOf` count: sources put the same thing into different fields. */
export interface IdentifierPart {
  readonly anyOf: readonly FieldReference[];
  readonly as: Normaliser;
}

/** A set of values that names a thing when all of its parts are there. */
export interface IdentifierEntry {
  /** For people: `serial number`. Unique within the rule. */
  readonly name: string;
  readonly parts: readonly IdentifierPart[];
  /** `decides` (default): may join two items by itself. `supports`: counts for and against, but joins nothing alone, e.g. an IP address. */
  readonly strength?: 'decides' | 'supports' | undefined;
}

/** How things of one sort are recognised under the names of several sources. */
export interface IdentityRule {
  /** The sort of thing, for people: `Host`. */
  readonly thing: string;
  /** Item kinds that are of this sort, as the sources spell them. */
  readonly kinds: readonly string[];
  /** Strongest first. The first one that agrees is named as the reason of a join. */
  readonly identifiers: readonly IdentifierEntry[];
}

/** Rules for what most estates have. Parents stand before what is identified within them. */
export const DEFAULT_IDENTITY_RULES: readonly IdentityRule[] = [
  {
    thing: 'Host',
    kinds: ['Node', 'Server', 'Host', 'VirtualMachine', 'ComputeInstance'],
    identifiers: [
      { name: 'machine id', parts: [{ anyOf: ['identifier:machineId', 'column:machineId', 'identifier:providerId'], as: 'text' }] },
      {
        name: 'serial number',
        parts: [{ anyOf: ['identifier:serial', 'column:serialNumber', 'identifier:assetTag', 'column:assetTag'], as: 'serial' }],
      },
      { name: 'MAC address', parts: [{ anyOf: ['identifier:mac', 'column:macAddress'], as: 'mac' }] },
      { name: 'host name', parts: [{ anyOf: ['name', 'identifier:hostName', 'column:hostName', 'column:fqdn'], as: 'hostName' }] },
      {
        name: 'IP address',
        parts: [{ anyOf: ['column:ipAddress', 'column:internalIP', 'identifier:ip'], as: 'ip' }],
        strength: 'supports',
      },
    ],
  },
  {
    thing: 'Database',
    kinds: ['Database', 'DatabaseInstance'],
    identifiers: [
      { name: 'connection string', parts: [{ anyOf: ['identifier:databaseUrl'], as: 'text' }] },
      {
        name: 'name on its host',
        parts: [
          { anyOf: ['parent:runsOn'], as: 'text' },
          { anyOf: ['name', 'column:databaseName'], as: 'text' },
        ],
      },
    ],
  },
  {
    thing: 'Repository',
    kinds: ['Repository'],
    identifiers: [{ name: 'URL', parts: [{ anyOf: ['identifier:gitUrl', 'column:url', 'name'], as: 'gitUrl' }] }],
  },
];

/** Refuses rules that could not be told apart or could never join anything. Throws INVALID_INPUT. */
export function checkIdentityRules(rules: readonly IdentityRule[]): void {
  const kinds = new Set<string>();
  for (const rule of rules) {
    for (const kind of rule.kinds) {
      if (kinds.has(kind)) throw invalid(rule, `the kind "${kind}" belongs to another rule already`);
      kinds.add(kind);
    }
    const names = rule.identifiers.map(({ name }) => name);
    if (new Set(names).size !== names.length) throw invalid(rule, 'two identifiers have the same name');
    if (!rule.identifiers.some(({ strength }) => strength !== 'supports')) throw invalid(rule, 'none of its identifiers may decide');
    if (rule.identifiers.some(({ parts }) => parts.length === 0)) throw invalid(rule, 'an identifier has no parts');
  }
}

function invalid(rule: IdentityRule, why: string): Tier0Error {
  return new Tier0Error({
    code: 'INVALID_INPUT',
    message: `The identity rule for "${rule.thing}" cannot be used: ${why}.`,
    hint: 'Give each kind to one rule, each identifier its own name and at least one part, and let at least one identifier decide.',
  });
}
