import { resultOf, type Step } from './step.ts';

/** Asks what could be done about the root causes. */
export const remedy: Step<'remedy'> = async (step) => {
  const { ports, context } = step;
  const { diagnosis } = resultOf(step, 'diagnose');
  return { remedies: await ports.remediator.remedies({ diagnosis, reader: ports.cmdb.reader() }, context) };
};
