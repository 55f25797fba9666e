import { holdsSecret } from '../../redact/edit-values.ts';
import { resultOf, type Step } from './step.ts';

/** Asks what could be done about the root causes. What would write a secret into Git, where everybody reads it, is for people to do by hand. */
export const remedy: Step<'remedy'> = async (step) => {
  const { ports, context } = step;
  const { diagnosis } = resultOf(step, 'diagnose');
  const remedies = await ports.remediator.remedies({ diagnosis, reader: ports.cmdb.reader() }, context);
  const withheld = remedies.filter((one) => one.edits.some(holdsSecret));
  for (const one of withheld) step.progress(`${one.id} is not proposed: it would write what looks like a secret into Git.`);
  return { remedies: remedies.filter((one) => !withheld.includes(one)) };
};
