import type { ShadowCase, ShadowReport } from '../duty/shadow.ts';

/** Which changes would have been approved without a person, beside what people did, and what that is worth. */
export function shadowText({ cases, comparison }: ShadowReport): string {
  if (cases.length === 0) return 'No change was judged in shadow mode yet: "tier0 serve" does it for each one that it proposes.\n';
  const { wouldHave, agreed, wrong } = comparison;
  const latest = new Map(cases.map((one) => [`${one.team} ${one.kind}`, one.judged.explanation]));
  return [
    'incident  team, kind  would have been approved automatically  what people did  how it ended',
    ...cases.map(lineOf),
    '',
    `${wouldHave} would have been approved automatically; people approved ${agreed} of them as they were, ${wrong} went wrong or were not wanted.`,
    ...latest.values(),
    '',
  ].join('\n');
}

function lineOf({ incident, team, kind, judged, change }: ShadowCase): string {
  const ending = change?.succeeded === undefined ? '-' : change.succeeded ? 'symptom went' : 'failed';
  return `${incident}  ${team}, ${kind}  ${judged.wouldAutoApprove ? 'yes' : 'no'}  ${change?.decision ?? 'open'}  ${ending}`;
}
