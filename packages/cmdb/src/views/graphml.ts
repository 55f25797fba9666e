import type { GraphSlice } from './graph-slice.ts';

const KEYS = [
  ['node', 'kind', 'string'],
  ['node', 'name', 'string'],
  ['node', 'scope', 'string'],
  ['edge', 'type', 'string'],
  ['edge', 'confidence', 'double'],
] as const;

/** A slice as GraphML (graphml.graphdrawing.org), which yEd, Gephi and NetworkX read. */
export function toGraphMl({ nodes, relations }: GraphSlice): string {
  const keys = KEYS.map(([on, name, type]) => `  <key id="${on}-${name}" for="${on}" attr.name="${name}" attr.type="${type}"/>`);
  const items = nodes.map(({ id, item }) => {
    const data = item ? datum('node-kind', item.kind) + datum('node-name', item.name) + datum('node-scope', item.scope) : '';
    return `    <node id="${escaped(id)}">${data}</node>`;
  });
  const edges = relations.map(({ from, to, type, confidence }, index) => {
    const data = datum('edge-type', type) + datum('edge-confidence', String(confidence));
    return `    <edge id="e${index}" source="${escaped(from)}" target="${escaped(to)}">${data}</edge>`;
  });
  const head = ['<?xml version="1.0" encoding="UTF-8"?>', '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">', ...keys];
  return [...head, '  <graph id="tier0" edgedefault="directed">', ...items, ...edges, '  </graph>', '</graphml>', ''].join('\n');
}

function datum(key: string, value: string): string {
  return `<data key="${key}">${escaped(value)}</data>`;
}

/** XML text. Characters that XML 1.0 does not know at all become the replacement character. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"'\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}
