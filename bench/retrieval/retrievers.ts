import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createLatentEmbedder,
  fitHybrid,
  type HybridState,
  openHybrid,
  type RankerWeight,
  tokenize,
  toSections,
} from '@tier0/agents/patterns';
import { loadPeer } from '../frame/peer.ts';
import type { CorpusDocument } from './data.ts';

/** Answers a query with document ids, best first. */
export type Retrieve = (query: string) => readonly string[] | Promise<readonly string[]>;

/** A way to search a corpus. */
export interface Retriever {
  readonly name: string;
  open(documents: readonly CorpusDocument[]): Promise<Retrieve>;
}

// biome-ignore lint/suspicious/noExplicitAny: types must check where no peer is installed.
type Peer = any;

const LIMIT = 10;

/** What our rankers learned of a corpus; fitted once for all rows that use it. */
const states = new WeakMap<readonly CorpusDocument[], Promise<HybridState>>();

export function stateOf(documents: readonly CorpusDocument[]): Promise<HybridState> {
  const known = states.get(documents);
  if (known) return known;
  const state = fitHybrid(documents.map(({ title, text }) => ({ title: title ?? '', sections: toSections(text) })));
  states.set(documents, state);
  return state;
}

/** With the headings above them, as ours are read. */
function sectionsOf(text: string): readonly string[] {
  return toSections(text).map(({ headings, text: body }) => [...headings.filter((heading) => !body.includes(heading)), body].join('\n'));
}

/** Titles are used by ours, as the data allows for set a; the peers are given them as well where `withTitle` is set, so that nobody lacks them. */
function whole({ title, text }: CorpusDocument): string {
  return title === null ? text : `${title}\n${text}`;
}

/** tier0's own rankers, with the weights it measured or with others. */
function ours(name: string, reweigh: (weights: readonly RankerWeight[]) => readonly RankerWeight[]): Retriever {
  return {
    name,
    async open(documents) {
      const state = await stateOf(documents);
      const index = openHybrid({ ...state, weights: reweigh(state.weights) });
      return (query) => index.search(query, { limit: LIMIT }).map(({ text }) => (documents[text] as CorpusDocument).id);
    },
  };
}

const only = (pattern: RegExp) => (weights: readonly RankerWeight[]) =>
  weights.map((one) => ({ ...one, weight: pattern.test(one.name) ? 1 : 0 }));

/** MiniSearch: as it comes, or with our tokenizer. */
function miniSearch(name: string, options: { readonly ours: boolean }): Retriever {
  return {
    name,
    async open(documents) {
      const { default: MiniSearch } = await loadPeer<Peer>('minisearch');
      const tokenizer = options.ours ? { tokenize, processTerm: (term: string) => term } : {};
      const index = new MiniSearch({ fields: ['text'], ...tokenizer });
      index.addAll(documents.map((document) => ({ id: document.id, text: whole(document) })));
      return (query) =>
        index
          .search(query)
          .slice(0, LIMIT)
          .map((hit: Peer) => hit.id);
    },
  };
}

/** wink-bm25-text-search with the text preparation its documentation shows. */
const winkBm25: Retriever = {
  name: 'wink-bm25',
  async open(documents) {
    const { default: createEngine } = await loadPeer<Peer>('wink-bm25-text-search');
    const { default: nlp } = await loadPeer<Peer>('wink-nlp-utils');
    const engine = createEngine();
    engine.defineConfig({ fldWeights: { text: 1 } });
    engine.definePrepTasks([
      nlp.string.lowerCase,
      nlp.string.tokenize0,
      nlp.tokens.removeWords,
      nlp.tokens.stem,
      nlp.tokens.propagateNegations,
    ]);
    for (const document of documents) engine.addDoc({ text: whole(document) }, document.id);
    engine.consolidate();
    return (query) => engine.search(query, LIMIT).map(([id]: Peer) => id);
  },
};

/** vectra's own index and ranking over vectors of the sections. It brings no model: it gets those of the space that was fitted on the corpus. */
const vectraDense: Retriever = {
  name: 'vectra-dense',
  async open(documents) {
    const { LocalIndex } = await loadPeer<Peer>('vectra');
    const embedder = createLatentEmbedder(await stateOf(documents));
    const folder = mkdtempSync(join(tmpdir(), 'tier0-vectra-'));
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
    const index = new LocalIndex(folder);
    await index.createIndex({ version: 1 });
    const items = documents.flatMap((document) => {
      const head = document.title === null ? '' : `${document.title}\n`;
      const sections = sectionsOf(document.text).map((section) => head + section);
      return embedder.embed(sections).map((vector) => ({ vector: [...vector], metadata: { document: document.id } }));
    });
    await index.batchInsertItems(items);
    return async (query) => {
      const [vector] = embedder.embed([query]);
      const hits = await index.queryItems([...(vector as Float32Array)], query, 100);
      return [...new Set<string>(hits.map((hit: Peer) => hit.item.metadata.document))].slice(0, LIMIT);
    };
  },
};

/** tier0 first, then the peers, then its parts alone. */
export const RETRIEVERS: readonly Retriever[] = [
  ours('tier0', (weights) => weights),
  miniSearch('minisearch', { ours: false }),
  winkBm25,
  ours('dense-only', only(/^latent-section$/)),
  vectraDense,
  miniSearch('minisearch-our-tokenizer', { ours: true }),
  ours('bm25-our-tokenizer', only(/^bm25-document$/)),
];
