import { conditionOf, instantAt, numberAt, textAt } from '../workload/read-object.ts';
import { workloadOf } from '../workload/workload.ts';
import { quote, type Rule, toFinding } from './rule.ts';

/** ReplicaSets that may not create pods. */
export const replicasetRule: Rule = {
  name: 'replicaset',
  check: (reader) =>
    reader.items({ kind: 'ReplicaSet' }).items.flatMap(({ id }) => {
      const object = reader.object(id);
      const condition = conditionOf(object, 'ReplicaFailure');
      const message = textAt(condition, 'message') ?? '';
      const failing = textAt(condition, 'status') === 'True' && textAt(condition, 'reason') === 'FailedCreate';
      if (!failing || numberAt(object, 'spec', 'replicas') === 0 || !/exceeded quota/i.test(message)) return [];
      return [
        toFinding({
          code: 'T0-REPLICASET-001',
          subject: workloadOf(reader, id),
          key: /exceeded quota: ([^,]+)/i.exec(message)?.[1] ?? '',
          message: `pods are not created: ${message}`,
          sinceMs: instantAt(condition, 'lastTransitionTime'),
          evidence: [quote(reader, id, ['status', 'conditions', { key: 'type', value: 'ReplicaFailure' }])],
        }),
      ];
    }),
};
