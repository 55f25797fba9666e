import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { forecastMemory, type MemoryForecast } from '@tier0/agents';
import {
  type AuditLog,
  type AuditRecord,
  type CallContext,
  type CmdbReader,
  type EvidenceSource,
  type IncidentEntry,
  type IncidentState,
  parseKubernetesItemId,
  type TimeSeries,
  toTier0Error,
} from '@tier0/core';
import { incidentPage } from './incident-page.ts';
import type { BandPoint, GraphEdge, GraphNode, IncidentPageData, PodMemorySeries } from './page-data.ts';

/** Nodes the dependency picture shows at most; more would be a wall. */
const PICTURE_NODES = 24;

export interface PageInput {
  readonly title: string;
  readonly note: string;
  readonly state: IncidentState;
  readonly entries: readonly IncidentEntry[];
  readonly clockSpeed: number;
  readonly detectSeconds?: number | undefined;
  readonly evidence: readonly EvidenceSource[];
  readonly audit: AuditLog;
  readonly reader: CmdbReader;
}

/** Gathers what the page shows and writes it. */
export async function writeIncidentPage(input: PageInput & { readonly file: string }, context: CallContext): Promise<void> {
  const data = await incidentPageData(input, context);
  await mkdir(dirname(input.file), { recursive: true });
  await writeFile(input.file, incidentPage(data));
}

/** What the page of an incident shows. */
export async function incidentPageData(input: PageInput, context: CallContext): Promise<IncidentPageData> {
  const { title, note, state, entries, clockSpeed, detectSeconds } = input;
  const labels = state.results.open?.alerts[0]?.labels ?? {};
  return {
    title,
    note,
    state,
    entries,
    clockSpeed,
    detectSeconds,
    container: labels.container,
    memory: labels.container && labels.namespace ? await memoryOf(labels.namespace, labels.container, input, context) : [],
    graph: graphOf(input),
    audit: { records: await auditRecords(input.audit, context), verdict: await input.audit.verify(context) },
  };
}

/** The records up to the first that is damaged; the verdict beside them says which that is. */
async function auditRecords(audit: AuditLog, context: CallContext): Promise<readonly AuditRecord[]> {
  const records: AuditRecord[] = [];
  try {
    for await (const record of audit.read(context)) records.push(record);
  } catch (error) {
    if (toTier0Error(error).code !== 'MALFORMED_RESPONSE') throw error;
  }
  return records;
}

async function memoryOf(namespace: string, container: string, input: PageInput, context: CallContext): Promise<readonly PodMemorySeries[]> {
  const used = await seriesOf('container_memory_working_set_bytes', { namespace, container }, input, context);
  const limits = await seriesOf('kube_pod_container_resource_limits', { namespace, container, resource: 'memory' }, input, context);
  return used
    .flatMap((series) => {
      const pod = series.labels.pod ?? '';
      const limitBytes = limits.find((limit) => limit.labels.pod === pod)?.points.at(-1)?.[1];
      if (limitBytes === undefined) return [];
      const forecast = forecastMemory(series.points, limitBytes, { restartsAtMs: [] });
      return [{ pod, points: series.points, band: bandOf(forecast), limitBytes }];
    })
    .sort((a, b) => (a.points[0]?.[0] ?? 0) - (b.points[0]?.[0] ?? 0));
}

/** How far ahead the chart looks at a pod that is not about to reach its limit. */
const LOOK_AHEAD_MS = 12 * 60 * 60 * 1000;

/** The forecast's own band; for a pod that grows too slowly to be one, the straight lines of its measured slope. */
function bandOf(forecast: MemoryForecast): readonly BandPoint[] {
  if (forecast.trend === 'insufficient') return [];
  if (forecast.band.length > 0) return forecast.band;
  const at = (aheadMs: number): BandPoint => ({
    atMs: forecast.toMs + aheadMs,
    low: forecast.level + forecast.slopeLow * aheadMs,
    middle: forecast.level + forecast.slopePerMs * aheadMs,
    high: forecast.level + forecast.slopeHigh * aheadMs,
  });
  return [at(0), at(LOOK_AHEAD_MS)];
}

async function seriesOf(
  metric: string,
  labels: Readonly<Record<string, string>>,
  input: PageInput,
  context: CallContext,
): Promise<readonly TimeSeries[]> {
  const toMs = context.now();
  const query = { kind: 'metrics' as const, metric, labels, fromMs: toMs - 24 * 60 * 60 * 1000, toMs, stepMs: 60_000 };
  for (const source of input.evidence.filter((candidate) => candidate.kinds.includes('metrics'))) {
    const observation = await source.observe(query, context);
    if (observation.state === 'observed') return observation.series;
  }
  return [];
}

function graphOf(input: PageInput): { readonly nodes: readonly GraphNode[]; readonly edges: readonly GraphEdge[] } {
  const radius = input.state.results.gate?.proposal.blastRadius;
  if (!radius) return { nodes: [], edges: [] };
  const shown = radius.items.filter((item) => !/\/(Pod|ReplicaSet|EndpointSlice)\//.test(item.item)).slice(0, PICTURE_NODES);
  const nodes = [{ id: radius.subject, distance: 0 }, ...shown.map((item) => ({ id: item.item, distance: item.distance }))];
  const known = new Set(nodes.map((node) => node.id));
  const edges = shown.map((item) => {
    // The nearest item on the path that is in the picture: hidden pods do not break the line.
    const from = item.path.slice(0, -1).findLast((id) => known.has(id)) ?? radius.subject;
    return { from, to: item.item, type: item.via.join(', ') };
  });
  return { nodes: withColumns(nodes, edges).map((node) => ({ ...node, ...nameOf(node.id, input.reader) })), edges };
}

/** Columns count the steps that are shown, not those that were walked through hidden items. */
function withColumns(nodes: readonly { readonly id: string }[], edges: readonly GraphEdge[]) {
  const column = new Map<string, number>();
  const depth = (id: string): number => {
    const known = column.get(id);
    if (known !== undefined) return known;
    const edge = edges.find((candidate) => candidate.to === id);
    const found = edge ? depth(edge.from) + 1 : 0;
    column.set(id, found);
    return found;
  };
  return nodes.map((node) => ({ id: node.id, distance: depth(node.id) }));
}

function nameOf(id: string, reader: CmdbReader): { readonly kind: string; readonly name: string } {
  const found = reader.get(id);
  if (found.state === 'found') return { kind: found.item.kind, name: found.item.name };
  const identity = parseKubernetesItemId(id);
  return identity ? { kind: identity.kind, name: identity.name } : { kind: '', name: id };
}
