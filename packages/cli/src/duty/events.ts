import type { IncidentEntry } from '@tier0/core';
import type { PauseState } from './pause-switch.ts';

/** What happens on duty, as it happens. */
export type DutyEvent =
  | { readonly type: 'entry'; readonly cluster: string; readonly incident: string; readonly entry: IncidentEntry }
  | { readonly type: 'progress'; readonly cluster: string; readonly incident: string; readonly step: string; readonly message: string }
  /** Something that people should know and that is part of no incident. */
  | { readonly type: 'notice'; readonly cluster: string; readonly message: string }
  | { readonly type: 'looked'; readonly cluster: string; readonly alerts: number; readonly tookMs: number }
  | { readonly type: 'pause'; readonly state: PauseState | undefined };

/** An event with its place in the order of this process. */
export interface NumberedEvent {
  /** From 1, without gaps, for this process. */
  readonly id: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly event: DutyEvent;
}

/** Tells events to whoever listens, and remembers the newest for who comes late. */
export interface EventBus {
  /** Hands an event to everybody who listens. */
  tell(event: DutyEvent): void;
  /** Listens from now on; returns how to stop. A listener that throws is not asked again. */
  listen(listener: (event: NumberedEvent) => void): () => void;
  /** Those after an id that are still remembered, oldest first. */
  since(id: number): readonly NumberedEvent[];
}

/** Events that are remembered for listeners that lost their connection. */
const REMEMBERED = 2_000;

export function createEventBus(now: () => number): EventBus {
  const listeners = new Set<(event: NumberedEvent) => void>();
  let remembered: NumberedEvent[] = [];
  let last = 0;
  return {
    tell(event) {
      const numbered = { id: ++last, at: new Date(now()).toISOString(), event };
      remembered.push(numbered);
      if (remembered.length > 2 * REMEMBERED) remembered = remembered.slice(-REMEMBERED);
      for (const listener of [...listeners]) {
        try {
          listener(numbered);
        } catch {
          listeners.delete(listener);
        }
      }
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    since: (id) => remembered.filter((event) => event.id > id).slice(-REMEMBERED),
  };
}
