import { z } from 'zod';
import { type AnyTool, defineTool } from '../guard/tool.ts';
import type { ArtifactStore } from './artifact-store.ts';
import { linesOf } from './excerpt.ts';

/** Characters one answer shows at most. */
const SHOWN = 6_000;

const Range = z.strictObject({
  artifact: z.string().max(200).describe('Handle from an earlier answer.'),
  from: z.int().min(0).describe('First character.'),
  length: z.int().min(1).max(SHOWN).default(SHOWN),
});

const Search = z.strictObject({
  artifact: z.string().max(200).describe('Handle from an earlier answer.'),
  text: z.string().min(1).max(200).describe('Words that a line must hold, in any case; no pattern.'),
  skip: z.int().min(0).default(0).describe('Matches to leave out from the beginning.'),
});

/** Tools to read what was too long to show. They look at the artifacts of their own run only. */
export function createArtifactTools(artifacts: ArtifactStore): readonly AnyTool[] {
  const read = defineTool({
    name: 'read_artifact',
    description: 'Reads a part of a long answer that was kept.',
    input: Range,
    risk: 'read',
    run: async ({ artifact, from, length }, { run }) => {
      const text = await artifacts.get(run, artifact);
      if (text === undefined) return unknown(artifact);
      return {
        text: `[characters ${from} to ${Math.min(text.length, from + length)} of ${text.length}]\n${text.slice(from, from + length)}`,
      };
    },
  });
  const search = defineTool({
    name: 'search_artifact',
    description: 'Finds lines in a long answer that was kept. Gives line number, character position and the line.',
    input: Search,
    risk: 'read',
    run: async ({ artifact, text: wanted, skip }, { run }) => {
      const text = await artifacts.get(run, artifact);
      return text === undefined ? unknown(artifact) : { text: searchLines(text, wanted, skip) };
    },
  });
  return [read, search];
}

function unknown(artifact: string) {
  return { text: `There is no artifact "${artifact.slice(0, 80)}" in this run.`, isError: true };
}

function searchLines(text: string, wanted: string, skip: number): string {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  const found: string[] = [];
  let total = 0;
  let used = 0;
  for (const { line, number, at } of linesOf(text)) {
    const lower = line.toLowerCase();
    if (!words.every((word) => lower.includes(word))) continue;
    total += 1;
    if (total <= skip || used > SHOWN) continue;
    const shown = `line ${number}, character ${at}: ${around(line, lower, words[0] ?? '')}`;
    used += shown.length;
    found.push(shown);
  }
  return [`[${total} lines match, ${found.length} shown, ${skip} skipped]`, ...found].join('\n');
}

/** A line may be as long as the text: the part around the first word is shown. */
function around(line: string, lower: string, word: string): string {
  const at = Math.max(0, lower.indexOf(word) - 150);
  return line.slice(at, at + 500);
}
