import { parse, stringify } from 'yaml';
import type { LiveObject } from './render.ts';
import { parseObjects } from './render.ts';

export type ChartValues = { readonly [key: string]: unknown };

/**
 * Renders the one template of the bench's own charts. It knows `{{ .Values.a.b }}`, `{{ .Release.Name }}` and
 * `{{- toYaml .Values.x | nindent N }}` and nothing else of Helm: it stands in for it only as far as these charts go.
 */
export function renderChart(template: string, release: string, values: ChartValues, namespace: string): readonly LiveObject[] {
  const at = (path: string) => path.split('.').reduce<unknown>((value, key) => (value as ChartValues | undefined)?.[key], values);
  const text = template
    .replace(/\s*\{\{- toYaml \.Values\.([\w.]+) \| nindent (\d+) \}\}/g, (_, path: string, spaces: string) => {
      const lines = stringify(at(path)).trimEnd().split('\n');
      return lines.map((line) => `\n${' '.repeat(Number(spaces))}${line}`).join('');
    })
    .replace(/\{\{ \.Values\.([\w.]+) \}\}/g, (_, path: string) => String(at(path)))
    .replaceAll('{{ .Release.Name }}', release);
  return parseObjects(new Map([['rendered.yaml', text]]), namespace);
}

/** Maps are merged, everything else is replaced, as Helm does. */
export function mergeValues(defaults: ChartValues, own: ChartValues | undefined): ChartValues {
  const merged: Record<string, unknown> = parse(JSON.stringify(defaults));
  for (const [key, value] of Object.entries(own ?? {})) {
    const below = merged[key];
    merged[key] = isMap(value) && isMap(below) ? mergeValues(below, value) : value;
  }
  return merged;
}

function isMap(value: unknown): value is ChartValues {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
