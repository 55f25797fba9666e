import type { Matter } from '../../findings/matter.ts';
import { relaxSpread } from '../scheduling/remedy.ts';
import { NODES_CODES } from './codes.ts';
import { NODES_LEVERS } from './levers.ts';
import { nodeRule } from './node.ts';
import { podEvictionRule } from './pod-eviction.ts';
import { uncordon } from './remedy.ts';

/** Nodes, and pods that lose theirs. */
export const nodesMatter: Matter = {
  name: 'nodes',
  codes: NODES_CODES,
  rules: [nodeRule, podEvictionRule],
  levers: NODES_LEVERS,
  remedies: {
    'node-cordoned': [uncordon, relaxSpread],
  },
};
