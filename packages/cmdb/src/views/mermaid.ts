import { type CmdbReader, RELATION_TYPES, type Relation } from '@tier0/core';

/** Which part of the graph is drawn. */
export interface MermaidOptions {
  /** Item in the middle. */
  readonly center: string;
  /** Relations walked from it, in either direction. Default 2. */
  readonly hops?: number | undefined;
  /** Items drawn at most. Default 60. */
  readonly limit?: number | undefined;
}

/** A slice of the graph as Mermaid text. Inferred relations are dashed; missing targets are marked. */
export function toMermaid(reader: CmdbReader, options: MermaidOptions): string {
  const { ids, truncated } = slice(reader, options);
  const names = new Map(ids.map((id, index) => [id, `n${index}`]));
  const nodes = ids.map((id) => `  ${names.get(id)}["${labelOf(reader, id)}"]`);
  const edges = ids
    .flatMap((id) => reader.relations(id, 'out'))
    .filter((relation) => names.has(relation.to))
    .map((relation) => `  ${names.get(relation.from)} ${arrow(relation)} ${names.get(relation.to)}`);
  const note = truncated ? ['  %% more items than could be drawn'] : [];
  return ['flowchart LR', ...nodes, ...edges, ...note, ''].join('\n');
}

function slice(
  reader: CmdbReader,
  { center, hops = 2, limit = 60 }: MermaidOptions,
): { readonly ids: readonly string[]; readonly truncated: boolean } {
  const seen = new Set([center]);
  let frontier = [center];
  for (let hop = 0; hop < hops; hop++) {
    const next = frontier.flatMap((id) => [
      ...reader.relations(id, 'out').map((relation) => relation.to),
      ...reader.relations(id, 'in').map((relation) => relation.from),
    ]);
    frontier = [...new Set(next)].filter((id) => !seen.has(id));
    for (const id of frontier) {
      if (seen.size >= limit) return { ids: [...seen], truncated: true };
      seen.add(id);
    }
  }
  return { ids: [...seen], truncated: false };
}

function arrow(relation: Relation): string {
  const { inverse } = RELATION_TYPES[relation.type];
  const label = `|"${relation.type} / ${inverse}"|`;
  return relation.confidence < 1 ? `-.->${label}` : `-->${label}`;
}

function labelOf(reader: CmdbReader, id: string): string {
  const found = reader.get(id);
  const text = found.state === 'found' ? `${found.item.kind} ${found.item.name}` : `${id} (${found.state})`;
  return text.replace(/["<>[\]{}|`#;]/g, (character) => `#${character.charCodeAt(0)};`);
}
