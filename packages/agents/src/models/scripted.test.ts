import type { ModelEvent, ModelFailureKind } from '@tier0/core';
import { describeLanguageModel, type ModelScene, type SceneTurn } from '@tier0/core/testing';
import { createScriptedModel } from './scripted.ts';
import { modelFailure } from './wire/failure.ts';

describeLanguageModel('scripted', {
  play: (scene: ModelScene) => createScriptedModel({ replies: scene.turns.map(eventsOf) }),
  skip: { abort: 'a script has nothing to wait for; the test after the scenes cancels it' },
});

function eventsOf(turn: SceneTurn): readonly ModelEvent[] {
  if ('refuse' in turn) return [failed(turn.refuse, turn.retryAfterS)];
  const parts = turn.lastCallCut ? turn.parts.slice(0, -1) : turn.parts;
  const said = parts.map((part): ModelEvent => {
    if (part.type !== 'tool-call') return { type: part.type, text: part.text };
    return { type: 'tool-call', call: { id: part.id, name: part.name, arguments: part.arguments } };
  });
  if (turn.instead) return [...said, failed(turn.instead === 'error' ? 'overloaded' : 'unreachable')];
  return [...said, ...(turn.usage ? [{ type: 'usage' as const, usage: turn.usage }] : []), { type: 'finish', reason: turn.finish }];
}

function failed(kind: ModelFailureKind, retryAfterS?: number): ModelEvent {
  const retryAfterMs = retryAfterS === undefined ? undefined : retryAfterS * 1000;
  return { type: 'error', failure: modelFailure(kind, { host: 'script', model: 'scripted', retryAfterMs }) };
}
