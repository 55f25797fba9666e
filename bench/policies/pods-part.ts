import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { podSecurityFlaws } from '../../packages/gitops/src/gate/kyverno/pod-security.ts';

/** How our Pod Security Standards and Kubernetes' own test pods agree. */
export interface PodsAgreement {
  readonly pods: number;
  /** Pods that Kubernetes refuses and we do not. */
  readonly letIn: readonly string[];
  /** Pods that Kubernetes takes and we do not. */
  readonly refused: readonly string[];
}

/** Judges the pods of k8s.io/pod-security-admission (`test/testdata/LEVEL/vX.Y/{pass,fail}`); undefined where the folder holds none. */
export function onPods(directory: string): PodsAgreement | undefined {
  const root = join(directory, 'test', 'testdata');
  const [letIn, refused]: [string[], string[]] = [[], []];
  let pods = 0;
  for (const level of ['baseline', 'restricted'] as const) {
    for (const version of namesIn(join(root, level))) {
      for (const file of ['pass', 'fail'].flatMap((verdict) =>
        namesIn(join(root, level, version, verdict)).map((name) => join(verdict, name)),
      )) {
        pods += 1;
        const pod = parse(readFileSync(join(root, level, version, file), 'utf8'));
        const isTaken = podSecurityFlaws(pod, level, Number(version.split('.')[1])).length === 0;
        if (isTaken !== file.startsWith('pass')) (isTaken ? letIn : refused).push(join(level, version, file));
      }
    }
  }
  return pods === 0 ? undefined : { pods, letIn, refused };
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
