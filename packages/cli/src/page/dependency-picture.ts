import { type Html, html } from './html.ts';
import type { GraphNode, IncidentPageData } from './page-data.ts';

const COLUMN = 158;
const ROW = 46;
const BOX_WIDTH = 138;
const BOX_HEIGHT = 34;

/** The subject on the left and what its failure can reach to the right, one column for each relation walked. */
export function dependencyPicture(data: IncidentPageData): Html {
  const { nodes, edges } = data.graph;
  if (nodes.length === 0) return html``;
  const columns = groupByDistance(nodes);
  const places = new Map(
    columns.flatMap((column, x) => column.map((node, y) => [node.id, { x: 10 + x * COLUMN, y: 10 + y * ROW }] as const)),
  );
  const height = 20 + ROW * Math.max(...columns.map((column) => column.length));
  const width = 20 + COLUMN * columns.length;
  return html`<section><h2>What depends on it</h2>
<p class="hint">From the root cause outward, along the relations a failure travels. ${nodes.length - 1} items are in the blast radius.</p>
<div class="wide"><svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" class="picture" role="img" aria-label="Dependency picture">
${edges.map((edge) => edgeOf(places.get(edge.from), places.get(edge.to), edge.type))}
${nodes.map((node) => nodeOf(node, places.get(node.id)))}
</svg></div></section>`;
}

function groupByDistance(nodes: readonly GraphNode[]): readonly (readonly GraphNode[])[] {
  const furthest = Math.max(...nodes.map((node) => node.distance));
  return Array.from({ length: furthest + 1 }, (_, distance) => nodes.filter((node) => node.distance === distance));
}

interface Place {
  readonly x: number;
  readonly y: number;
}

function edgeOf(from: Place | undefined, to: Place | undefined, type: string): Html {
  if (!from || !to) return html``;
  const startX = from.x + BOX_WIDTH;
  const startY = from.y + BOX_HEIGHT / 2;
  const endY = to.y + BOX_HEIGHT / 2;
  const bend = (startX + to.x) / 2;
  return html`<path class="edge" d="M${startX},${startY} C${bend},${startY} ${bend},${endY} ${to.x},${endY}"><title>${type}</title></path>`;
}

function nodeOf(node: GraphNode, place: Place | undefined): Html {
  if (!place) return html``;
  const name = node.name.length > 18 ? `${node.name.slice(0, 17)}…` : node.name;
  return html`<g class="node${node.distance === 0 ? ' cause' : ''}"><title>${node.id}</title><rect x="${place.x}" y="${place.y}" width="${BOX_WIDTH}" height="${BOX_HEIGHT}" rx="6"/><text x="${place.x + 9}" y="${place.y + 14}" class="kind">${node.kind}</text><text x="${place.x + 9}" y="${place.y + 27}">${name}</text></g>`;
}
