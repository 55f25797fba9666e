import { createRehearsal, MATTERS, rehearseRemedy } from '@tier0/agents';
import type { CallContext, Diagnosis, ItemEdit, Remedy } from '@tier0/core';
import type { Row } from '../frame/record.ts';
import { diagnoseFolder } from './diagnose-folder.ts';
import { type UselessEdit, uselessEdits } from './useless-edits.ts';

/** A useless edit that was called a cure, on one of the two roads. */
export interface FalseProof {
  readonly scenario: string;
  readonly road: 'diagnose' | 'loop';
  readonly kind: UselessEdit['kind'];
  readonly edit: string;
  readonly reason: string;
}

export interface PlaceboResult {
  readonly tried: number;
  readonly passed: readonly FalseProof[];
  readonly byKind: ReadonlyMap<string, number>;
}

/** Offers every useless edit as the remedy of each root cause of the scenarios, taking for granted whatever may be, on both roads. */
export async function tryPlacebos(folders: readonly string[], context: CallContext): Promise<PlaceboResult> {
  const passed: FalseProof[] = [];
  const byKind = new Map<string, number>();
  let tried = 0;
  for (const folder of folders) {
    const { reader, diagnosis } = await diagnoseFolder(folder, context);
    for (const cause of diagnosis.causes.slice(0, 4)) {
      const real = (diagnosis.remedies.get(cause.finding.fingerprint) ?? []).flatMap(({ edits }) => edits);
      for (const useless of uselessEdits(reader, cause.finding, distinct(real))) {
        tried += 2;
        byKind.set(useless.kind, (byKind.get(useless.kind) ?? 0) + 2);
        const remedy = asRemedy(useless.edits, cause.rootCause.subject, cause.finding.fingerprint, cause.finding.cause);
        const note = (road: FalseProof['road'], reason: string) =>
          passed.push({
            scenario: folder.split('/').at(-1) ?? folder,
            road,
            kind: useless.kind,
            edit: JSON.stringify(useless.edits),
            reason,
          });
        const own = rehearseRemedy({ matters: MATTERS, reader, remedy, finding: cause.finding });
        if (own.passed) note('diagnose', own.reason);
        const asked = { remedy, alerts: [], diagnosis: { findings: diagnosis.findings } as Diagnosis, reader };
        const loop = await createRehearsal().rehearse(asked, context);
        if (loop.passed) note('loop', loop.reason);
      }
    }
  }
  return { tried, passed, byKind };
}

function distinct(edits: readonly ItemEdit[]): readonly ItemEdit[] {
  return [...new Map(edits.map((edit) => [JSON.stringify([edit.item, edit.fieldPath]), edit])).values()].slice(0, 6);
}

/** The most trusting remedy there can be: it says what it takes for granted, so only the rehearsal stands between it and a person. */
function asRemedy(edits: readonly ItemEdit[], subject: string, fingerprint: string, cause: Remedy['cause']): Remedy {
  return {
    id: 'placebo',
    kind: 'edit',
    title: 'A placebo',
    cause,
    subject,
    edits,
    why: 'It is a placebo.',
    precondition: 'None.',
    risk: 'low',
    assumption: 'it helps',
    verify: 'Nothing.',
    rollback: 'Nothing.',
    disproof: 'Everything.',
    success: { kind: 'finding-gone', item: subject, fingerprint },
  };
}

export function placeboRows({ tried, passed }: PlaceboResult): readonly Row[] {
  const value = passed.length;
  return [{ measure: 'useless-edits-that-pass', subject: 'tier0', unit: `of ${tried}`, median: value, min: value, max: value, n: tried }];
}
