import type { Finding } from '@tier0/core';

/**
 * The sources of the condensed cause graph: findings that no finding outside their own cycle explains.
 * Components by R. Tarjan, "Depth-first search and linear graph algorithms", SIAM J. Comput. 1 (1972).
 * Of a cycle the earliest member speaks: which came first is the best hint at what began it.
 */
export function rootFindings(findings: readonly Finding[]): readonly Finding[] {
  const byFingerprint = new Map(findings.map((finding) => [finding.fingerprint, finding]));
  return components(findings, byFingerprint).flatMap((component) => {
    const members = new Set(component.map((finding) => finding.fingerprint));
    const isExplained = component.some((finding) => finding.explainedBy.some((cause) => byFingerprint.has(cause) && !members.has(cause)));
    const [earliest] = [...component].sort(
      (a, b) => compareText(a.since ?? '9', b.since ?? '9') || compareText(a.fingerprint, b.fingerprint),
    );
    return isExplained || !earliest ? [] : [tellingOf(earliest, component)];
  });
}

/** What explains the one that speaks and was found on the very same subject tells more than it. */
function tellingOf(speaker: Finding, members: readonly Finding[]): Finding {
  const own = members.filter(({ subject }) => subject === speaker.subject);
  const prints = new Set(own.map(({ fingerprint }) => fingerprint));
  const deepest = own.filter(({ explainedBy }) => !explainedBy.some((cause) => prints.has(cause)));
  return deepest.find(({ fingerprint }) => speaker.explainedBy.includes(fingerprint)) ?? speaker;
}

function components(findings: readonly Finding[], byFingerprint: ReadonlyMap<string, Finding>): readonly (readonly Finding[])[] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: Finding[] = [];
  const onStack = new Set<string>();
  const found: Finding[][] = [];
  const visit = (finding: Finding): void => {
    const self = finding.fingerprint;
    index.set(self, index.size);
    low.set(self, index.get(self) ?? 0);
    stack.push(finding);
    onStack.add(self);
    for (const cause of finding.explainedBy) {
      const next = byFingerprint.get(cause);
      if (!next) continue;
      if (!index.has(cause)) visit(next);
      else if (!onStack.has(cause)) continue;
      low.set(self, Math.min(low.get(self) ?? 0, low.get(cause) ?? 0));
    }
    if (low.get(self) === index.get(self)) found.push(popComponent(stack, onStack, self));
  };
  for (const finding of findings) if (!index.has(finding.fingerprint)) visit(finding);
  return found;
}

function popComponent(stack: Finding[], onStack: Set<string>, until: string): Finding[] {
  const component: Finding[] = [];
  for (let member = stack.pop(); member; member = stack.pop()) {
    onStack.delete(member.fingerprint);
    component.push(member);
    if (member.fingerprint === until) break;
  }
  return component;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
