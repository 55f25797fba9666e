import { type ConfigurationItem, type Identifier, type Inventory, type Relation, sha256 } from '@tier0/core';
import { seededRandom } from './fact-maker.ts';

/** How large an estate is made, and how badly its records are kept. */
export interface MadeHostsOptions {
  readonly hosts: number;
  readonly seed: number;
  /** Share of identifier values that are not as they should be, 0 to 1. */
  readonly noise: number;
  /** ISO 8601, UTC. */
  readonly observedAt: string;
}

/** Three views of one truth: what a hypervisor, an asset register and a monitoring agent say about the same machines and databases. */
export interface MadeHosts {
  readonly views: readonly (Inventory & { readonly source: string })[];
  /** The thing each item id really is. */
  readonly truth: ReadonlyMap<string, string>;
  /** Identifier values that were spoilt. */
  readonly spoilt: number;
}

interface Machine {
  readonly name: string;
  readonly domain: string;
  readonly serial: string;
  readonly uuid: string;
  readonly mac: string;
  readonly ip: string;
}

/** The identifying fields of one record before it is written down. */
type Fields = Record<'name' | 'serial' | 'uuid' | 'mac' | 'ip', string>;

const ROLES = ['web', 'db', 'app', 'cache', 'queue', 'batch', 'edge', 'auth', 'mail', 'search'];
const DOMAINS = ['prod.example.com', 'stage.example.com', 'dev.example.com', 'dmz.example.net'];
const PLACEHOLDERS = [
  'To be filled by O.E.M.',
  'Default string',
  'System Serial Number',
  'None',
  'N/A',
  '0',
  'Not Specified',
  '0123456789',
  'VENDOR-SN',
];
/** Each view knows this share of the machines. */
const KNOWN = 0.92;
/** This share of machines took over the name of one that the register still lists. */
const REPLACED = 0.01;

/** Makes the same estate for the same options. */
export function makeHosts({ hosts, seed, noise, observedAt }: MadeHostsOptions): MadeHosts {
  const random = seededRandom(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const machines = makeMachines(hosts, random);
  const truth = new Map<string, string>();
  let spoilt = 0;

  const spoil = (machine: Machine): Fields => {
    const fields: Fields = { ...machine };
    for (const field of ['serial', 'uuid', 'mac', 'ip', 'name'] as const) {
      if (random() >= noise) continue;
      spoilt++;
      const fault = random();
      if (fault < 0.15) fields[field] = field === 'name' ? fields.name : '';
      else if (fault < 0.3) fields[field] = fields[field].toUpperCase();
      else if (fault < 0.4) fields[field] = field === 'name' ? `${machine.name}.${machine.domain}.` : ` ${fields[field]} `;
      else if (fault < 0.55 && (field === 'serial' || field === 'uuid')) fields[field] = pick(PLACEHOLDERS);
      else if (fault < 0.7) fields[field] = pick(machines)[field];
      else if (fault < 0.85 && field !== 'name') [fields[field], fields.name] = [fields.name, fields[field]];
      else fields[field] = mistyped(fields[field], random);
    }
    return fields;
  };
  const isKnown = () => random() < KNOWN;

  const hypervisor: Row[] = [];
  const register: Row[] = [];
  const agent: Row[] = [];
  const add = (rows: Row[], machine: Machine, row: Omit<Row, 'id'> & { readonly prefix: string }) => {
    const { prefix, ...rest } = row;
    const id = `${prefix}:${row.kind.toLowerCase()}-${rows.length}`;
    rows.push({ id, ...rest });
    truth.set(id, `${machine.uuid}${row.thing}`);
    return id;
  };
  for (const machine of machines) {
    const databases =
      random() < 0.3 ? Array.from({ length: 1 + Math.floor(random() * 2) }, () => pick(['orders', 'users', 'ledger', 'stock'])) : [];
    const names = [...new Set(databases)];
    if (isKnown()) {
      const { name, uuid, mac } = spoil(machine);
      add(hypervisor, machine, {
        prefix: 'vm',
        kind: 'VirtualMachine',
        thing: '',
        name,
        columns: { macAddress: mac },
        identifiers: [{ scheme: 'machineId', value: uuid }],
      });
    }
    if (isKnown()) {
      const { name, serial, ip, uuid } = spoil(machine);
      const hasUuid = random() < 0.5;
      const identifiers = hasUuid ? [{ scheme: 'machineId', value: uuid }] : [];
      const columns = { serialNumber: serial, ipAddress: ip, fqdn: random() < 0.6 ? `${name}.${machine.domain}` : '' };
      const host = add(register, machine, { prefix: 'asset', kind: 'Server', thing: '', name, columns, identifiers });
      for (const database of names) {
        add(register, machine, {
          prefix: 'asset',
          kind: 'Database',
          thing: `/${database}`,
          name: database.toUpperCase(),
          columns: {},
          identifiers: [],
          host,
        });
      }
    }
    if (isKnown()) {
      const { name, serial, mac, ip } = spoil(machine);
      const columns = {
        hostName: `${name}.${machine.domain}`,
        macAddress: mac.replaceAll(':', '-').toUpperCase(),
        ipAddress: ip,
        serialNumber: serial,
      };
      const host = add(agent, machine, {
        prefix: 'agent',
        kind: 'Host',
        thing: '',
        name: `agent ${agent.length}`,
        columns,
        identifiers: [],
      });
      for (const database of names) {
        add(agent, machine, {
          prefix: 'agent',
          kind: 'DatabaseInstance',
          thing: `/${database}`,
          name: database,
          columns: {},
          identifiers: [],
          host,
        });
      }
    }
    if (random() < REPLACED) {
      // The machine before it had the same name; the register never heard that it is gone.
      const old: Machine = { ...machine, serial: serialOf(random), uuid: uuidOf(random), mac: macOf(random), ip: pick(machines).ip };
      add(register, old, {
        prefix: 'asset',
        kind: 'Server',
        thing: '',
        name: old.name,
        columns: { serialNumber: old.serial, ipAddress: old.ip },
        identifiers: [],
      });
    }
  }
  const views = [
    toView('hypervisor', hypervisor, observedAt),
    toView('register', register, observedAt),
    toView('agent', agent, observedAt),
  ];
  return { views, truth, spoilt };
}

interface Row {
  readonly id: string;
  readonly kind: string;
  readonly thing: string;
  readonly name: string;
  readonly columns: Readonly<Record<string, string>>;
  readonly identifiers: readonly Identifier[];
  readonly host?: string;
}

function makeMachines(count: number, random: () => number): readonly Machine[] {
  return Array.from({ length: count }, (_, index) => ({
    // The same short name comes back in other domains, as estates with stages have it.
    name: `${ROLES[index % ROLES.length]}-${String(Math.floor(index / ROLES.length / 3)).padStart(3, '0')}${['a', 'b', 'c'][Math.floor(index / ROLES.length) % 3]}`,
    domain: random() < 0.9 ? (DOMAINS[0] as string) : (DOMAINS[1 + (index % 3)] as string),
    serial: serialOf(random),
    uuid: uuidOf(random),
    mac: macOf(random),
    // Small private networks: addresses come back.
    ip: `10.${Math.floor(random() * 4)}.${Math.floor(random() * 256)}.${1 + Math.floor(random() * 254)}`,
  }));
}

function serialOf(random: () => number): string {
  return Array.from({ length: 7 }, () => 'ABCDEFGHJKLMNPQRSTUVWXYZ0123456789'[Math.floor(random() * 34)]).join('');
}

function uuidOf(random: () => number): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function macOf(random: () => number): string {
  return [
    '52',
    '54',
    '00',
    ...Array.from({ length: 3 }, () =>
      Math.floor(random() * 256)
        .toString(16)
        .padStart(2, '0'),
    ),
  ].join(':');
}

function mistyped(text: string, random: () => number): string {
  const at = Math.floor(random() * text.length);
  return `${text.slice(0, at)}${Math.floor(random() * 10)}${text.slice(at + 1)}`;
}

function toView(source: string, rows: readonly Row[], observedAt: string): Inventory & { readonly source: string } {
  const items = rows.map(
    (row): ConfigurationItem => ({
      id: row.id,
      kind: row.kind,
      name: row.name.trim() || row.id,
      scope: source,
      columns: Object.fromEntries(Object.entries(row.columns).filter(([, value]) => value !== '')),
      digest: sha256(JSON.stringify(row)),
      identifiers: row.identifiers.filter(({ value }) => value !== ''),
      sources: [{ name: source, observedAt }],
      observedAt,
    }),
  );
  const relations = rows.flatMap((row): readonly Relation[] =>
    row.host ? [{ from: row.id, to: row.host, type: 'runsOn', confidence: 1, properties: {}, source }] : [],
  );
  const coverage = [...new Set(rows.map(({ kind }) => kind))].map((kind) => ({ kind, state: 'complete' as const }));
  return {
    source,
    scope: `${source}:estate`,
    contract: 'snapshot',
    items,
    relations,
    objects: new Map(),
    coverage,
    changes: [],
    observedAt,
  };
}
