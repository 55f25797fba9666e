import { controllerOf } from './owner.ts';
import { type RelationRule, relateByName } from './relation-rule.ts';

/** CronJob schedules the Jobs that it owns. */
export const scheduleRelations: RelationRule = (objects) =>
  objects.ofKind('Job').flatMap((job) => {
    const owner = controllerOf(job);
    if (owner?.kind !== 'CronJob') return [];
    const [relation] = relateByName(objects, job, { kind: 'CronJob', name: owner.name, type: 'schedules' });
    return relation ? [{ ...relation, from: relation.to, to: objects.idOf(job) }] : [];
  });
