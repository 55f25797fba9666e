import type { BlastRadius, CmdbDiff, ConfigurationItem, ImpactFlow, NearbyChange, Ownership } from '@tier0/core';
import { findItem, type Graph, type ItemWish } from './find-item.ts';
import { instantOf } from './instant.ts';

/** What a graph can be asked, by the name of the question. */
export interface GraphQuestions {
  /** Which items match a query, e.g. `kind:Deployment label:app=shop`. */
  readonly items: { readonly query: string };
  /** Which team answers for an item. */
  readonly owner: ItemWish;
  /** What a failure of an item reaches (`downstream`, the default), or what can harm it (`upstream`). */
  readonly impact: ItemWish & { readonly direction?: ImpactFlow | undefined; readonly hops?: number | undefined };
  /** What changed at an item or near it. `windowMs`: how far back, a day by default; `hops`: relations walked, 3 by default. */
  readonly changes: ItemWish & { readonly windowMs?: number | undefined; readonly hops?: number | undefined };
  /** What differs between two moments, each an instant or a time ago (`24h`); `to` is the newest by default. */
  readonly diff: { readonly from: string; readonly to?: string | undefined; readonly scope?: string | undefined };
}

/** What a graph answers, by the name of the question. Each is true for the moment `at`. ISO 8601, UTC. */
export interface GraphAnswers {
  readonly items: { readonly at: string; readonly items: readonly ConfigurationItem[] };
  /** `owner` is absent where nobody is known; `isKnown`: the team itself is in what was read. */
  readonly owner: { readonly at: string; readonly item: string; readonly owner?: Ownership | undefined; readonly isKnown: boolean };
  readonly impact: { readonly at: string; readonly item: string; readonly impact: BlastRadius };
  /** `older`: where nothing changed in the window, the newest change before it. */
  readonly changes: {
    readonly at: string;
    readonly item: string;
    readonly changes: readonly NearbyChange[];
    readonly older?: NearbyChange | undefined;
  };
  readonly diff: { readonly from: string; readonly to: string; readonly diff: CmdbDiff };
}

/** Name of a question to a graph. */
export type GraphAsk = keyof GraphQuestions;

const DAY_MS = 86_400_000;
const NEAR_HOPS = 3;

/**
 * Answers a question from a graph that was read: what the commands, HTTP and the pages all show. Nothing is recorded.
 * Throws NOT_FOUND and INVALID_INPUT for an item that is not there or not the only one, and for what is no query or no instant.
 */
export function askGraph<Ask extends GraphAsk>(graph: Graph, ask: Ask, question: GraphQuestions[Ask]): GraphAnswers[Ask] {
  return ANSWERS[ask](graph, question);
}

const ANSWERS: { readonly [Ask in GraphAsk]: (graph: Graph, question: GraphQuestions[Ask]) => GraphAnswers[Ask] } = {
  items: ({ reader }, { query }) => ({ at: reader.at, items: reader.query(query) }),
  owner(graph, question) {
    const { reader } = graph;
    const item = findItem(graph, question);
    const owner = reader.owner(item);
    return { at: reader.at, item, owner, isKnown: owner !== undefined && reader.get(owner.team).state === 'found' };
  },
  impact(graph, question) {
    const { direction = 'downstream', hops } = question;
    const item = findItem(graph, question);
    return { at: graph.reader.at, item, impact: graph.reader.impact(item, { direction, ...(hops === undefined ? {} : { hops }) }) };
  },
  changes(graph, question) {
    const { windowMs = DAY_MS, hops = NEAR_HOPS } = question;
    const { reader } = graph;
    const item = findItem(graph, question);
    const changes = reader.whatChanged(item, { windowMs, hops });
    const before = changes.length > 0 ? [] : reader.whatChanged(item, { windowMs: Number.POSITIVE_INFINITY, hops });
    return { at: reader.at, item, changes, older: newestOf(before) };
  },
  diff({ reader, newest = reader }, { from, to, scope }) {
    const after = to === undefined ? newest : newest.asOf(instantOf(to, newest.at));
    const before = newest.asOf(instantOf(from, newest.at));
    return { from: before.at, to: after.at, diff: after.diff(before, scope) };
  },
};

function newestOf(changes: readonly NearbyChange[]): NearbyChange | undefined {
  return [...changes].sort((a, b) => (a.change.at < b.change.at ? 1 : -1))[0];
}
