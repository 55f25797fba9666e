import { testContext } from '@tier0/core/testing';
import { expect, test } from 'vitest';
import { createCmdb } from '../graph/cmdb.ts';
import { createObjectsSource, SHOP_NOW, shopObjects } from '../testing/index.ts';
import { createToldSource } from '../testing/told-source.ts';
import { toDot } from './dot.ts';
import { sliceGraph } from './graph-slice.ts';
import { toGraphMl } from './graphml.ts';
import { fromGraphology, toGraphology } from './graphology.ts';

async function shop() {
  const cmdb = createCmdb({ sources: [createObjectsSource({ cluster: 'production', objects: () => shopObjects() })] });
  await cmdb.refresh(testContext(SHOP_NOW));
  return cmdb.reader();
}

test('a slice goes to graphology and comes back the same', async () => {
  const slice = sliceGraph(await shop());
  const graph = toGraphology(slice);
  expect(graph.order).toBe(slice.nodes.length);
  expect(graph.size).toBe(slice.relations.length);
  expect(graph.size).toBeGreaterThan(5);
  const back = fromGraphology(graph);
  expect(back.nodes).toEqual(slice.nodes);
  expect([...back.relations].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))).toEqual(
    [...slice.relations].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
  );
});

test('a foreign graphology graph is refused with what is missing', async () => {
  const graph = toGraphology(sliceGraph(await shop()));
  graph.addNode('x', { item: { id: 'y' } });
  expect(() => fromGraphology(graph)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT', message: expect.stringContaining('"x"') }));
});

test('a slice around an item is bounded and says so', async () => {
  const reader = await shop();
  const center = reader.query('kind:Deployment')[0]?.id ?? '';
  const whole = sliceGraph(reader, { center, hops: 1 });
  expect(whole.truncated).toBe(false);
  expect(whole.nodes.map(({ id }) => id)).toContain(center);
  expect(sliceGraph(reader, { center, hops: 1, limit: 2 })).toMatchObject({ truncated: true, nodes: [{}, {}] });
});

test('names with quotes, markup and control characters stay text in DOT and GraphML', async () => {
  const odd = 'a"]; evil [x="\\\n<script>&\u0001';
  const told = createToldSource('odd', [{ id: 'odd:1', name: odd }, { id: 'odd:2' }]);
  const cmdb = createCmdb({ sources: [told.source] });
  told.tell([{ id: 'odd:1', name: odd }, { id: 'odd:2' }], {
    relations: [{ from: 'odd:1', to: 'odd:2', type: 'dependsOn', confidence: 0.5, properties: {}, source: 'odd' }],
  });
  await cmdb.refresh(testContext());
  const slice = sliceGraph(cmdb.reader());
  const dot = toDot(slice);
  expect(dot).toContain('[label="Server a\\"]; evil [x=\\"\\\\ <script>& "]');
  expect(dot).toContain('"odd:1" -> "odd:2" [label="dependsOn", style=dashed];');
  const graphml = toGraphMl(slice);
  expect(graphml).toContain('a&#34;]; evil [x=&#34;\\&#10;&#60;script&#62;&#38;\ufffd');
  expect(graphml).toContain('<edge id="e0" source="odd:1" target="odd:2">');
});
