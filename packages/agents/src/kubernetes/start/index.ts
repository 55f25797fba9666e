import type { Matter } from '../../findings/matter.ts';
import { START_CODES } from './codes.ts';
import { correctProbe } from './correct-probe.ts';
import { crashRule } from './crash.ts';
import { fitHeap } from './fit-heap.ts';
import { flappingRule } from './flapping.ts';
import { initCircleRule } from './init-circle.ts';
import { initContainerRule } from './init-container.ts';
import { kubeletRejectsRule } from './kubelet-rejects.ts';
import { START_LEVERS } from './levers.ts';
import { lookSooner } from './look-sooner.ts';
import { podHygieneRule } from './pod-hygiene.ts';
import { podTerminationRule } from './pod-termination.ts';
import { probeCommandRule } from './probe-command.ts';
import { readinessRule } from './readiness.ts';
import { giveStartMoreTime, raiseCpu, raiseEphemeralStorage, raiseMemory } from './resources.ts';
import { startRule } from './start.ts';
import { tinyMemoryRule } from './tiny-memory.ts';
import { variableOrderRule } from './variable-order.ts';

/** How containers start, run, are probed and end. */
export const startMatter: Matter = {
  name: 'start',
  codes: START_CODES,
  rules: [
    startRule,
    initContainerRule,
    initCircleRule,
    crashRule,
    readinessRule,
    flappingRule,
    probeCommandRule,
    kubeletRejectsRule,
    variableOrderRule,
    tinyMemoryRule,
    podTerminationRule,
    podHygieneRule,
  ],
  levers: START_LEVERS,
  remedies: {
    'ephemeral-storage-exhausted': [raiseEphemeralStorage],
    'memory-limit-too-low': [fitHeap, raiseMemory],
    'configmap-content-wrong': [fitHeap],
    'cpu-limit-too-low': [raiseCpu],
    'startup-probe-too-short': [giveStartMoreTime],
    'liveness-probe-wrong': [correctProbe('livenessProbe')],
    'readiness-probe-wrong': [lookSooner, correctProbe('readinessProbe')],
  },
};
