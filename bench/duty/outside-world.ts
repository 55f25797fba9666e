// What is broken, what people say to a change, and every effect that reached the world; over HTTP for replicas that are processes of their own.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Alert } from '@tier0/core';

/** What was asked of the world: a pull request, its taking back, or the applying of what was merged. */
export type EffectKind = 'propose' | 'revert' | 'apply';

/** The world as a duty sees it. */
export interface OutsideWorld {
  alerts(): Promise<readonly Alert[]>;
  /** Has an effect; "there" when the very same was had before, as a branch or a pull request would tell. */
  effect(kind: EffectKind, item: string, key: string): Promise<'made' | 'there'>;
  decision(item: string): Promise<'waiting' | 'merged' | 'rejected'>;
}

/** How a fault goes on. */
export interface Story {
  /** From the pull request to the decision, milliseconds of the world's clock. */
  readonly decideAfterMs: number;
  readonly decision: 'merged' | 'rejected';
  /** Whether the change cures it. */
  readonly helps: boolean;
}

interface Fault extends Story {
  readonly item: string;
  readonly sinceMs: number;
  proposedMs?: number;
  cured: boolean;
}

/** A world that keeps count. */
export class CountingWorld implements OutsideWorld {
  readonly faults = new Map<string, Fault>();
  /** By item and kind: the keys an effect was had under. More than one is a doubled effect. */
  readonly effects = new Map<string, Set<string>>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  break(item: string, story: Story): void {
    this.faults.set(item, { ...story, item, sinceMs: this.#now(), cured: false });
  }

  /** The fault ends by itself, or somebody mends it. */
  mend(item: string): void {
    const fault = this.faults.get(item);
    if (fault) fault.cured = true;
  }

  async alerts(): Promise<readonly Alert[]> {
    return [...this.faults.values()].filter(({ cured }) => !cured).map(toAlert);
  }

  async effect(kind: EffectKind, item: string, key: string): Promise<'made' | 'there'> {
    const place = `${kind} ${item}`;
    const keys = this.effects.get(place) ?? new Set();
    this.effects.set(place, keys);
    const isNew = !keys.has(key);
    keys.add(key);
    const fault = this.faults.get(item);
    if (kind === 'propose' && fault) fault.proposedMs ??= this.#now();
    if (kind === 'apply' && fault?.helps) fault.cured = true;
    return isNew ? 'made' : 'there';
  }

  async decision(item: string): Promise<'waiting' | 'merged' | 'rejected'> {
    const fault = this.faults.get(item);
    const isDue = fault?.proposedMs !== undefined && this.#now() - fault.proposedMs >= fault.decideAfterMs;
    return fault && isDue ? fault.decision : 'waiting';
  }

  /** Items for which an effect of a kind was had under more than one key. */
  doubled(): readonly string[] {
    return [...this.effects].filter(([, keys]) => keys.size > 1).map(([place]) => place);
  }
}

function toAlert({ item, sinceMs }: Fault): Alert {
  const startsAt = new Date(sinceMs).toISOString();
  return {
    fingerprint: item,
    labels: { alertname: 'Broken' },
    summary: `${item} is broken`,
    severity: 'fault',
    item,
    startsAt,
    evidence: [],
    source: 'world',
  };
}

/** Serves a world on loopback; `count` is told how often it was asked. */
export async function serveWorld(world: OutsideWorld): Promise<{ readonly url: string; close(): void }> {
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://world');
    const of = (name: string) => url.searchParams.get(name) ?? '';
    const answer =
      url.pathname === '/alerts'
        ? await world.alerts()
        : url.pathname === '/decision'
          ? await world.decision(of('item'))
          : await world.effect(of('kind') as EffectKind, of('item'), of('key'));
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

/** The world behind an address. */
export function worldAt(url: string): OutsideWorld {
  const ask = async (path: string, fields: Record<string, string> = {}) =>
    (await fetch(`${url}${path}?${new URLSearchParams(fields)}`, { signal: AbortSignal.timeout(20_000) })).json() as Promise<never>;
  return {
    alerts: () => ask('/alerts'),
    effect: (kind, item, key) => ask('/effect', { kind, item, key }),
    decision: (item) => ask('/decision', { item }),
  };
}
