import { chosen } from './did-you-mean.ts';

/** `-o text|json`, and `--json` for those whose fingers know it: one spelling for every command that has both forms. */
export const OUTPUT_OPTIONS = {
  output: { type: 'string', short: 'o', default: 'text' },
  json: { type: 'boolean', default: false },
} as const;

/** Whether JSON is asked for. Throws INVALID_INPUT for a form that is none. */
export function asksForJson({ output, json }: { readonly output: string; readonly json: boolean }): boolean {
  return chosen({ name: '--output', given: output, known: ['text', 'json'] }) === 'json' || json;
}
