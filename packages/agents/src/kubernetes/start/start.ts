import { readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import type { Rule } from '../../findings/rule.ts';
import { commandNames, earlierCommand } from '../objects/command.ts';
import {
  type ContainerView,
  containerFinding,
  containersOf,
  eventText,
  terminationOf,
  troubledPods,
  waitingOf,
} from '../objects/pod-view.ts';
import { textAt } from '../objects/read-object.ts';
import { tellingWords } from '../objects/telling-words.ts';

/** Containers that the kubelet or the runtime cannot create or start. References to other objects are judged in `configuration.ts`. */
export const startRule: Rule = {
  name: 'start',
  check: (reader) => troubledPods(reader).flatMap((pod) => containersOf(pod).flatMap(startProblem)),
};

const START_REASONS: ReadonlySet<string> = new Set([
  'CreateContainerError',
  'RunContainerError',
  'StartError',
  'ContainerCannotRun',
  'PreStartHookError',
  'PreCreateHookError',
  'PostStartHookError',
  'CreateContainerConfigError',
]);

function startProblem(view: ContainerView): readonly FindingDraft[] {
  const trouble = startTrouble(view);
  if (!trouble) return [];
  const code = startCode(view, trouble);
  if (code === undefined) return [];
  const { reason, message } = trouble;
  const key = code === 'T0-POD-016' || code === 'T0-POD-017' ? executableIn(message) : undefined;
  return [containerFinding(view, { code, key, message: `container ${view.name} cannot be started: ${tellingWords(message) || reason}` })];
}

export interface StartTrouble {
  readonly reason: string;
  readonly message: string;
}

/** What kept the runtime from starting the container; between attempts the last state says it. */
export function startTrouble(view: ContainerView): StartTrouble | undefined {
  if (readField(view.status, ['ready']) === true) return undefined;
  const waiting = waitingOf(view);
  if (START_REASONS.has(waiting.reason)) return { ...waiting, message: waiting.message || eventText(view.pod, /^Failed/) };
  const ended = terminationOf(view);
  if (ended && START_REASONS.has(ended.reason)) return { reason: ended.reason, message: ended.message };
  return undefined;
}

const EXEC_FORMAT = /exec format error|cannot execute binary file/i;
const NOT_EXECUTABLE =
  /executable file not found|exec[^\n]*(?:no such file or directory|permission denied|is a directory)|unable to start container process[^\n]*exec:/i;
const ROOT = /runAsNonRoot|run as root|runAsUser breaks|non-numeric user|cannot verify user is non-root/i;
/** What `configuration.ts` judges, so that one fault is not told twice. */
const REFERENCE = /(?:configmap|secret) "?[^"\s]+"? not found|couldn't find key|references non-existent|failed to prepare subPath/i;

/** Undefined: the reason is a reference to another object, which is reported at that object. */
export function startCode(view: ContainerView, { reason, message }: StartTrouble): string | undefined {
  if (/HookError$/.test(reason)) return 'T0-POD-019';
  if (EXEC_FORMAT.test(message)) return 'T0-POD-013';
  if (ROOT.test(message)) return 'T0-POD-015';
  if (NOT_EXECUTABLE.test(message) && !/mount/i.test(message)) return isTemplateCommand(view, message) ? 'T0-POD-016' : 'T0-POD-017';
  if (reason === 'CreateContainerConfigError' && REFERENCE.test(message)) return undefined;
  return 'T0-POD-018';
}

/** The executable that the runtime names: `exec: "serve": executable file not found in $PATH`. */
function executableIn(message: string): string {
  return /exec:? \\*"([^"\\]+)\\*"/i.exec(message)?.[1] ?? /fork\/exec (\S+):/.exec(message)?.[1] ?? '';
}

/**
 * Whether a change of the template's command would help: the template names the executable, and the revision before did not name the same
 * one with another image.
 */
function isTemplateCommand(view: ContainerView, message: string): boolean {
  const executable = executableIn(message);
  const own = commandNames(view.spec);
  if (own.length === 0) return false;
  if (executable !== '' && !own.includes(executable)) return false;
  const earlier = earlierCommand(view);
  return earlier === undefined || earlier.image === textAt(view.spec, 'image') || earlier.command !== own.join(' ');
}
