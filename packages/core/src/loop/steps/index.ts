import type { StepName } from '../incident-entry.ts';
import { close } from './close.ts';
import { decide, decideRevert } from './decide.ts';
import { diagnose } from './diagnose.ts';
import { followUp } from './follow-up.ts';
import { gate } from './gate.ts';
import { handOver } from './hand-over.ts';
import { learn } from './learn.ts';
import { locate } from './locate.ts';
import { open } from './open.ts';
import { propose } from './propose.ts';
import { reconcile, reconcileRevert } from './reconcile.ts';
import { rehearse } from './rehearse.ts';
import { remedy } from './remedy.ts';
import { revert } from './revert.ts';
import type { Step } from './step.ts';
import { verify } from './verify.ts';

export type { StepContext } from './step.ts';

/** Every step of the loop by name; `nextStep` says in which order. */
export const STEPS: { readonly [Name in StepName]: Step<Name> } = {
  open,
  diagnose,
  remedy,
  locate,
  rehearse,
  gate,
  'follow-up': followUp,
  propose,
  decide,
  reconcile,
  verify,
  revert,
  'decide-revert': decideRevert,
  'reconcile-revert': reconcileRevert,
  learn,
  'hand-over': handOver,
  close,
};
