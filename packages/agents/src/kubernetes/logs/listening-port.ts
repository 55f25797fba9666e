import { readField } from '@tier0/core';
import { earlierCommand } from '../objects/command.ts';
import { eventText } from '../objects/pod-view.ts';
import { listAt, numberAt, textAt } from '../objects/read-object.ts';
import type { Said, Words } from './last-words.ts';
import { specOf } from './log-reading.ts';
import type { LogEntry } from './read-log.ts';

const LISTENS =
  /\b(?:listening|listens|serving|server (?:is )?(?:running|started|up)|started (?:server|http server)|bound|now accepting connections)\b[^\n]{0,60}?(?:\bport[: =]+|:)(\d{2,5})\b/i;

/** As Redis says it, and as programs say it that leave out the word. */
const RUNS_ON = /\brunning\b[^\n]{0,60}\bport[= ](\d{2,5})\b|\blisten(?:ing|s) (?:on|at) (\d{2,5})\b/i;

/** Ports that a program says it listens on, each with the last line that says so. */
export function portsSaid(entries: readonly LogEntry[]): ReadonlyMap<number, LogEntry> {
  return new Map(
    entries.flatMap((entry) => {
      const [, first, second] = LISTENS.exec(entry.message) ?? RUNS_ON.exec(entry.message) ?? [];
      const port = Number(first ?? second);
      return port > 0 ? [[port, entry] as const] : [];
    }),
  );
}

/** It says that it listens, and a probe that is refused asks another port. */
export function listeningPort({ pod, container, entries }: Said): Words | undefined {
  const entry = entries.findLast(({ message }) => LISTENS.test(message));
  const port = Number(LISTENS.exec(entry?.message ?? '')?.[1]);
  if (entry === undefined || !(port > 0)) return undefined;
  const spec = specOf({ pod, container, message: entry.message });
  const refused = /probe (?:failed|errored)[^\n]*:(\d{2,5})[^\n]*connection refused/i.exec(eventText(pod, /^(?:Unhealthy|Killing)$/))?.[1];
  const asked = refused === undefined ? undefined : Number(refused);
  if (asked === undefined || asked === port || declares(spec, port)) return undefined;
  const variable = listAt(spec, 'env').find((candidate) => new RegExp(`(?:^|\\D)${port}$`).test(textAt(candidate, 'value') ?? ''));
  const name = textAt(variable, 'name');
  const text = `it listens on port ${port}, and its probe asks port ${asked}`;
  const before = listAt(earlierCommand({ pod, name: container })?.container, 'env').find((candidate) => textAt(candidate, 'name') === name);
  const isMoved = name !== undefined && textAt(before, 'value') !== textAt(variable, 'value');
  if (isMoved) return { draft: { code: 'T0-LOG-002', key: name, text: `${text}; variable ${name} moved it` }, entry, count: 1 };
  return { draft: { code: 'T0-LOG-035', key: String(port), text }, entry, count: 1 };
}

function declares(spec: unknown, port: number): boolean {
  return listAt(spec, 'ports').some((entry) => numberAt(entry, 'containerPort') === port && readField(entry, ['hostPort']) === undefined);
}
