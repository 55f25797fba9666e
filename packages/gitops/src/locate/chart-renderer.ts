import type { CallContext, JsonValue } from '@tier0/core';
import { flawOfName } from '@tier0/core/files';
import { type Rendering, renderCaged } from './caged-program.ts';
import type { JsonRecord } from './kustomize.ts';

/** A release to render: the files of its chart, by their paths in the chart, and what it is given. */
export interface ChartRelease {
  readonly chart: ReadonlyMap<string, string>;
  readonly name: string;
  readonly namespace: string | undefined;
  readonly values: JsonRecord;
}

/** Turns a chart into the objects it makes. */
export interface ChartRenderer {
  /** Renders one release from what is handed over. Never reads anything else, and nothing from a network or a cluster. */
  render(release: ChartRelease, context: CallContext): Promise<Rendering>;
}

/** Names that Kubernetes and Helm allow: what begins with a dash would be an option. */
const NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;

/**
 * Renders with `helm template`, caged as `kubectl kustomize` is. Templates run nothing: Helm gives them no environment, looks no host up
 * and, without a cluster, `lookup` finds nothing.
 */
export function createHelmRenderer(): ChartRenderer {
  return {
    async render({ chart, name, namespace, values }, context) {
      const flaw = flawOfRelease(name, namespace, [...chart.keys()]);
      if (flaw !== undefined) return { status: 'failed', reason: `not rendered: ${flaw}` };
      const files = new Map([...chart].map(([path, content]) => [`chart/${path}`, content]));
      const args = ['template', name, 'files/chart', '--values', 'files/values.json', '--skip-tests'];
      const rendering = await renderCaged(
        {
          program: 'helm',
          args: namespace === undefined ? args : [...args, '--namespace', namespace],
          files: new Map([...files, ['values.json', JSON.stringify(values)]]),
        },
        context,
      );
      return rendering.status === 'rendered'
        ? { ...rendering, objects: rendering.objects.filter((one: JsonValue) => one !== null) }
        : rendering;
    },
  };
}

function flawOfRelease(name: string, namespace: string | undefined, files: readonly string[]): string | undefined {
  if (!NAME.test(name)) return `${JSON.stringify(name.slice(0, 60))} is no name of a release`;
  if (namespace !== undefined && !NAME.test(namespace)) return `${JSON.stringify(namespace.slice(0, 60))} is no namespace`;
  const bad = files.find((path) => path.split('/').some((part) => flawOfName(part) !== undefined));
  return bad === undefined ? undefined : `the chart has a file called ${JSON.stringify(bad.slice(0, 100))}`;
}
