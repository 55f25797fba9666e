import { type ItemEdit, parseQuantity, readField } from '@tier0/core';
import type { RemedyCase, RemedyDraft } from '../../findings/remedy-draft.ts';
import { type ContainerView, containersOf, podViews } from '../objects/pod-view.ts';
import { editOf, nameOf, remedyOf } from '../objects/remedy-edits.ts';
import { type HeapSetting, settingsOverLimit } from './heap-setting.ts';

/** Share of the limit that a heap may take: the rest is for threads, code, buffers and the kernel's part of it. */
const HEAP_SHARE = 0.75;

/** Lets a program take three quarters of its memory limit where it is told to take all of it or more. */
export function fitHeap({ reader, rootCause, finding }: RemedyCase): readonly RemedyDraft[] {
  if (finding.code !== 'T0-POD-096' && finding.code !== 'T0-POD-097') return [];
  const concerned = new Set([rootCause.subject, ...(finding.seenOn ?? [])]);
  const views = podViews(reader)
    .filter(({ workload }) => concerned.has(workload))
    .flatMap(containersOf);
  const over = views.flatMap((view) => settingsOverLimit(view).map((setting) => ({ setting, limit: limitOf(view) })));
  const places = Map.groupBy(over, ({ setting }) => JSON.stringify([setting.item, setting.path]));
  const edits = [...places.values()].flatMap((own): readonly ItemEdit[] => {
    const [first] = own;
    const text = first === undefined ? undefined : readField(reader.object(first.setting.item), first.setting.path);
    if (first === undefined || typeof text !== 'string') return [];
    const fitted = own.reduce((value, { setting, limit }) => value.replaceAll(written(setting), fit(setting, limit)), text);
    return [editOf(reader, first.setting.item, first.setting.path, fitted) ?? []].flat();
  });
  const told = [...new Set(over.map(({ setting, limit }) => `${written(setting)} to ${fit(setting, limit)}`))];
  return remedyOf(edits, {
    id: 'fit-heap',
    title: `Lower ${told.join(', ')} in ${[...new Set(edits.map(({ item }) => nameOf(item)))].join(', ')}`,
    why: 'The program is told to take more memory than its limit leaves it.',
    precondition: 'It does its work with that much; else raise the limit, to a third more than the setting.',
    risk: 'medium',
    verify: 'No container is killed at its limit any more.',
    rollback: 'Set it as it was.',
    assumption: 'the program does its work with that much memory',
  });
}

/** The text of a setting as it stands in its value: a variable that is the setting itself holds the number only. */
function written({ text }: HeapSetting): string {
  return text.replace(/^GOMEMLIMIT=/, '');
}

function limitOf(view: ContainerView): number {
  return parseQuantity(readField(view.spec, ['resources', 'limits', 'memory'])) ?? 0;
}

/** The same setting with three quarters of the limit, in its own unit. */
function fit(setting: HeapSetting, limit: number): string {
  const text = written(setting);
  const number = Number(/\d+(?:\.\d+)?/.exec(text.replace(/^-Xm/, '-X'))?.[0] ?? 0);
  const perUnit = setting.bytes / number;
  const fitted = (HEAP_SHARE * limit) / perUnit;
  const isWhole = fitted >= 1;
  const shown = isWhole ? String(Math.floor(fitted)) : fitted.toFixed(2);
  return text.replace(/\d+(?:\.\d+)?/, shown);
}
