import { Tier0Error } from '@tier0/core';
import { pullRequestDigest } from '@tier0/gitops';
import { z } from 'zod';
import type { ClusterDuty } from '../duty/cluster-duty.ts';
import { decisionAsked } from '../duty/decision-asked.ts';
import type { Duty } from '../duty/duty.ts';
import { askGraph } from '../operations/ask-graph.ts';
import { diagnoseWorld } from '../operations/diagnose.ts';
import type { Graph } from '../operations/find-item.ts';
import { decideOnIncident } from './decide.ts';
import { eventStream } from './event-stream.ts';
import { allIncidents, findIncidentOnDuty, IncidentViewSchema, incidentView } from './incident-view.ts';
import { type Route, route } from './route.ts';

const LIMIT = z.coerce.number().int().min(1).max(500).default(100).describe('Entries at most.');
const HOUR_MS = 3_600_000;

const StatusSchema = z.object({
  ready: z.boolean(),
  draining: z.boolean(),
  paused: z.object({ by: z.string(), reason: z.string(), at: z.string().optional() }).optional(),
  clusters: z.array(
    z.object({
      name: z.string(),
      lookedAt: z.iso.datetime().optional(),
      lookSeconds: z.number().optional(),
      openIncidents: z.number().int(),
      unknowns: z.array(z.string()),
      seen: z.array(
        z.object({
          summary: z.string(),
          item: z.string().optional(),
          owner: z.string().optional(),
          verdict: z.enum(['opens', 'joins', 'waits', 'left-to-people']),
          why: z.string(),
        }),
      ),
    }),
  ),
});

const ItemQuery = z.object({
  item: z.string().min(1).max(1_000).describe('Item id or name: kubernetes:production/shop/Deployment/web, deploy/shop/web.'),
});

/** The API, one entry an operation. */
export const API: readonly Route[] = [
  route({
    method: 'get',
    path: '/api/v1/status',
    summary: 'Whether tier0 is on duty, and what it sees.',
    scope: 'read',
    answer: StatusSchema,
    handle: async ({ duty }) => ({
      ready: duty.isReady,
      draining: duty.isDraining,
      ...(duty.paused ? { paused: duty.paused } : {}),
      clusters: duty.clusters.map(({ desk, look, incidents, ownerOf }) => ({
        name: desk.config.name,
        ...(look ? { lookedAt: new Date(look.atMs).toISOString(), lookSeconds: look.tookMs / 1000 } : {}),
        openIncidents: incidents.open().length,
        unknowns: look?.unknowns.slice(0, 100).map(({ message }) => message) ?? [],
        seen: (look?.verdicts ?? []).slice(0, 500).map(({ alerts, kind, why }) => ({
          summary: alerts[0]?.summary ?? '',
          ...(alerts[0]?.item ? { item: alerts[0].item, owner: ownerOf(alerts[0].item) } : {}),
          verdict: kind,
          why,
        })),
      })),
    }),
  }),
  route({
    method: 'get',
    path: '/api/v1/incidents',
    summary: 'Incidents, newest first.',
    scope: 'read',
    query: z.object({
      status: z.enum(['open', 'ended', 'all']).default('all'),
      cluster: z.string().max(100).optional(),
      limit: LIMIT,
    }),
    answer: z.object({ incidents: z.array(IncidentViewSchema) }),
    handle: async ({ duty, query }) => ({
      incidents: allIncidents(duty)
        .filter(({ cluster }) => query.cluster === undefined || cluster.desk.config.name === query.cluster)
        .map(({ cluster, incident }) => incidentView(cluster, incident))
        .filter(({ status }) => query.status === 'all' || (status === 'open') === (query.status === 'open'))
        .slice(0, query.limit),
    }),
  }),
  route({
    method: 'get',
    path: '/api/v1/incidents/{incident}',
    summary: 'One incident: at a glance, its record, and what is asked of people.',
    scope: 'read',
    answer: z.object({ incident: IncidentViewSchema, entries: z.array(z.unknown()), shown: z.string().optional() }),
    async handle({ duty, path, signal }) {
      const { cluster, incident } = incidentOf(duty, path.incident);
      const context = { signal, now: Date.now };
      const asked = decisionAsked(incident);
      const pullRequest = asked && (await cluster.desk.forge.read(asked.number, context));
      return {
        incident: incidentView(cluster, incident),
        entries: await cluster.desk.ports.record.read(incident.state.incident, context),
        ...(pullRequest ? { shown: pullRequestDigest(pullRequest) } : {}),
      };
    },
  }),
  route({
    method: 'post',
    path: '/api/v1/incidents/{incident}/decision',
    summary: 'Approve or reject the pull request of an incident, on the local forge. The account is the one of the token.',
    scope: 'approve',
    body: z.object({
      decision: z.enum(['approve', 'reject']),
      reason: z.string().max(2_000).default(''),
      shown: z.string().min(1).max(200).describe('`shown` of the incident as it was read: the decision is about that and nothing else.'),
    }),
    answer: z.object({ status: z.enum(['merged', 'waiting', 'closed']), missing: z.array(z.string()) }),
    async handle({ duty, path, body, caller, signal }) {
      const { cluster, incident } = incidentOf(duty, path.incident);
      return decideOnIncident(cluster, incident, { ...body, by: caller.name }, { signal, now: Date.now });
    },
  }),
  route({
    method: 'get',
    path: '/api/v1/events',
    summary: 'What happens, as server-sent events. Last-Event-ID goes on where a connection was lost.',
    scope: 'read',
    query: z.object({ incident: z.string().max(200).optional() }),
    handle: async ({ duty, query, lastEventId, signal }) =>
      eventStream(duty.bus, {
        since: lastEventId,
        signal,
        wanted: ({ event }) => query.incident === undefined || ('incident' in event && event.incident === query.incident),
      }),
  }),
  route({
    method: 'get',
    path: '/api/v1/clusters/{cluster}/diagnosis',
    summary: 'Root causes of the cluster as it was read last, logs included, in the schema tier0.diagnosis/v1.',
    scope: 'read',
    answer: z.unknown(),
    async handle({ duty, path, signal }) {
      const { desk, reader } = clusterOf(duty, path.cluster);
      const { document } = await diagnoseWorld({ reader: reader(), readLog: desk.readLog }, {}, { signal, now: Date.now });
      return document;
    },
  }),
  route({
    method: 'get',
    path: '/api/v1/clusters/{cluster}/items',
    summary: 'Items that match a query, e.g. "kind:Deployment label:app=shop".',
    scope: 'read',
    query: z.object({ query: z.string().min(1).max(500), limit: LIMIT }),
    answer: z.object({ items: z.array(z.object({ id: z.string(), kind: z.string(), name: z.string() })), truncated: z.boolean() }),
    async handle({ duty, path, query }) {
      const { items: found } = askGraph(graphOf(duty, path.cluster), 'items', query);
      return {
        items: found.slice(0, query.limit).map(({ id, kind, name }) => ({ id, kind, name })),
        truncated: found.length > query.limit,
      };
    },
  }),
  route({
    method: 'get',
    path: '/api/v1/clusters/{cluster}/impact',
    summary: 'What a failure of an item can reach, nearest first, and who owns it.',
    scope: 'read',
    query: ItemQuery,
    answer: z.object({ item: z.string(), owner: z.unknown().optional(), impact: z.unknown() }),
    async handle({ duty, path, query }) {
      const graph = graphOf(duty, path.cluster);
      const { item, impact } = askGraph(graph, 'impact', query);
      const { owner } = askGraph(graph, 'owner', query);
      return { item, ...(owner ? { owner } : {}), impact };
    },
  }),
  route({
    method: 'get',
    path: '/api/v1/clusters/{cluster}/changes',
    summary: 'What changed near an item.',
    scope: 'read',
    query: ItemQuery.extend({
      hours: z.coerce.number().min(0.01).max(720).default(24),
      hops: z.coerce.number().int().min(0).max(8).default(3),
    }),
    answer: z.object({ item: z.string(), changes: z.array(z.unknown()) }),
    async handle({ duty, path, query }) {
      const asked = { item: query.item, windowMs: query.hours * HOUR_MS, hops: query.hops };
      const { item, changes } = askGraph(graphOf(duty, path.cluster), 'changes', asked);
      return { item, changes: changes.slice(0, 500) };
    },
  }),
  route({
    method: 'get',
    path: '/api/v1/clusters/{cluster}/audit',
    summary: 'The audit chain, and whether it is sound.',
    scope: 'read',
    query: z.object({ limit: LIMIT }),
    answer: z.object({ verdict: z.unknown(), records: z.array(z.unknown()) }),
    async handle({ duty, path, query, signal }) {
      const { desk } = clusterOf(duty, path.cluster);
      const context = { signal, now: Date.now };
      const records: object[] = [];
      const verdict = await desk.audit.verify(context);
      if (verdict.sound) for await (const record of desk.audit.read(context)) records.push(record);
      return { verdict, records: records.slice(-query.limit) };
    },
  }),
  route({
    method: 'post',
    path: '/api/v1/pause',
    summary: 'Stops every effect, here and after a restart.',
    scope: 'operate',
    body: z.object({ reason: z.string().trim().min(1).max(500) }),
    answer: z.object({ paused: z.literal(true) }),
    async handle({ duty, body, caller }) {
      await duty.pause(caller.name, body.reason);
      return { paused: true };
    },
  }),
  route({
    method: 'delete',
    path: '/api/v1/pause',
    summary: 'Goes on.',
    scope: 'operate',
    answer: z.object({ paused: z.literal(false) }),
    async handle({ duty, caller }) {
      await duty.resume(caller.name);
      return { paused: false };
    },
  }),
];

/** The cluster of a path. Throws NOT_FOUND. */
export function clusterOf(duty: Duty, name: string | undefined): ClusterDuty {
  const found = duty.clusters.find(({ desk }) => desk.config.name === name);
  if (found) return found;
  const known = duty.clusters.map(({ desk }) => desk.config.name).join(', ') || 'none yet';
  throw new Tier0Error({ code: 'NOT_FOUND', message: `There is no cluster "${name?.slice(0, 100)}".`, hint: `On duty for: ${known}.` });
}

/** The graph of the cluster of a path, as it was read last. Throws NOT_FOUND, and CONFLICT before the first reading. */
function graphOf(duty: Duty, name: string | undefined): Graph {
  return { reader: clusterOf(duty, name).reader() };
}

function incidentOf(duty: Duty, id: string | undefined) {
  const found = findIncidentOnDuty(duty, id ?? '');
  if (found) return found;
  throw new Tier0Error({
    code: 'NOT_FOUND',
    message: `There is no incident "${id?.slice(0, 100)}".`,
    hint: 'GET /api/v1/incidents lists them.',
  });
}
