import { parseQuantity, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import type { Rule } from '../../findings/rule.ts';
import { type ContainerView, containerFinding, containersOf, troubledPods } from '../objects/pod-view.ts';

/** Pods in trouble whose containers are allowed less memory than anything needs to start. */
export const tinyMemoryRule: Rule = {
  name: 'tiny-memory',
  check: (reader) => troubledPods(reader).flatMap((pod) => containersOf(pod).flatMap(tinyMemory)),
};

/** Bytes: the runtime's own helper needs more before the program begins. */
const TOO_LITTLE = 1024 * 1024;

function tinyMemory(view: ContainerView): readonly FindingDraft[] {
  const limit = readField(view.spec, ['resources', 'limits', 'memory']);
  const bytes = parseQuantity(limit);
  if (bytes === undefined || bytes <= 0 || bytes >= TOO_LITTLE) return [];
  const unit = /\dm$/.test(String(limit)) ? ': "m" is a thousandth of a byte, "Mi" was meant' : '';
  const message = `container ${view.name} may use ${String(limit)} of memory, which is ${Math.ceil(bytes)} ${bytes > 1 ? 'bytes' : 'byte'}${unit}`;
  return [containerFinding(view, { code: 'T0-POD-094', key: String(limit), message })];
}
