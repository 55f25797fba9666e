import { affectedWorkloads, isProposed } from '@tier0/core';
import { z } from 'zod';
import type { ClusterDuty } from '../duty/cluster-duty.ts';
import { decisionAsked } from '../duty/decision-asked.ts';
import type { Duty } from '../duty/duty.ts';
import { tellSeenBefore } from '../duty/experience.ts';
import { type DutyIncident, whatItWaitsFor } from '../duty/incidents.ts';

/** An incident in a list. */
export const IncidentViewSchema = z.object({
  id: z.string(),
  cluster: z.string(),
  title: z.string(),
  status: z.enum(['open', 'resolved', 'rolled-back', 'handed-over', 'failed']),
  severity: z.enum(['fault', 'degraded', 'hygiene']).optional(),
  openedAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  /** What it waits for, or why it ended. */
  now: z.string(),
  cause: z.object({ code: z.string(), subject: z.string(), message: z.string(), confidence: z.number() }).optional(),
  /** What is remembered of incidents of its kind. */
  seenBefore: z.string().optional(),
  owner: z.string().optional(),
  /** Other workloads that can be affected, counted as in the pull request. */
  reach: z.number().int().optional(),
  pullRequest: z.object({ number: z.number().int(), url: z.string(), title: z.string(), asksForDecision: z.boolean() }).optional(),
});
export type IncidentView = z.infer<typeof IncidentViewSchema>;

/** What people want to know of an incident at a glance. */
export function incidentView(cluster: ClusterDuty, incident: DutyIncident): IncidentView {
  const { desk, experience } = cluster;
  const { state } = incident;
  const { open, diagnose, gate, propose, revert } = state.results;
  const cause = diagnose?.diagnosis.rootCauses[0];
  const owner = gate?.proposal.owner ?? cluster.ownerOf(cause?.subject ?? open?.items[0]);
  const seen = experience.get(state.incident);
  const result = revert?.result ?? propose?.result;
  const pullRequest = result && isProposed(result) ? result.pullRequest : undefined;
  return {
    id: state.incident,
    cluster: desk.config.name,
    title: open?.title ?? state.incident,
    status: state.status ?? 'open',
    ...(open ? { severity: open.severity } : {}),
    openedAt: new Date(incident.openedAtMs).toISOString(),
    updatedAt: new Date(incident.updatedAtMs).toISOString(),
    now: whatItWaitsFor(incident),
    ...(cause ? { cause: { code: cause.cause, subject: cause.subject, message: cause.message, confidence: cause.confidence } } : {}),
    ...(seen ? { seenBefore: tellSeenBefore(seen) } : {}),
    ...(owner ? { owner } : {}),
    ...(gate ? { reach: affectedWorkloads(gate.proposal.blastRadius).length } : {}),
    ...(pullRequest
      ? {
          pullRequest: {
            number: pullRequest.number,
            url: pullRequest.url,
            title: pullRequest.title,
            asksForDecision: decisionAsked(incident) !== undefined,
          },
        }
      : {}),
  };
}

/** All incidents of all clusters, newest first. */
export function allIncidents(duty: Duty): readonly { readonly cluster: ClusterDuty; readonly incident: DutyIncident }[] {
  return duty.clusters
    .flatMap((cluster) => cluster.incidents.all().map((incident) => ({ cluster, incident })))
    .sort((a, b) => b.incident.openedAtMs - a.incident.openedAtMs);
}

/** The incident of an id, with its cluster; undefined when there is none. */
export function findIncidentOnDuty(duty: Duty, id: string) {
  return allIncidents(duty).find(({ incident }) => incident.state.incident === id);
}
