import { type CallContext, formatFieldPath, type ItemEdit, type JsonValue, type KubernetesIdentity, readField } from '@tier0/core';
import type { ChartRenderer } from './chart-renderer.ts';
import { tryValues } from './chart-trials.ts';
import { join, text } from './kustomize.ts';
import type { Owner } from './owner.ts';
import { changeValue, type ValueChange, type WantedValue } from './values-change.ts';
import { type Convention, conventionalPaths, valuesByConvention } from './values-conventions.ts';
import { type Layered, layersOf, mergeLayers, placeOfOwner, unreadSource, type ValuesLayer } from './values-layers.ts';

export interface ValuesRequest extends Layered {
  readonly edit: ItemEdit;
  readonly identity: KubernetesIdentity;
  /** All files of a chart in the repository, by their paths in it; empty where the folder is no chart. */
  readonly readChart: (folder: string) => Promise<ReadonlyMap<string, string>>;
  /** Default: nothing is rendered, and the reason says so. */
  readonly renderer?: ChartRenderer | undefined;
}

/** Where the value of a live field stands among the values of a release. */
export type ValuesFinding =
  | {
      readonly status: 'found';
      readonly change: Exclude<ValueChange, { status: 'refused' }>;
      readonly reason: string;
      /** What the declared values make of the field, where that is known and not what the cluster has. */
      readonly drifted?: { readonly rendered: JsonValue | undefined } | undefined;
    }
  | { readonly status: 'ambiguous'; readonly candidates: readonly string[]; readonly reason: string }
  | { readonly status: 'not-found'; readonly reason: string };

/** Finds the value by rendering the chart with one value after the other changed; without a renderer or chart, by the conventions of charts. */
export async function locateInValues(request: ValuesRequest, context: CallContext): Promise<ValuesFinding> {
  const { owner } = request;
  const place = placeOfOwner(owner);
  const unread = unreadSource(owner);
  if (unread) return { status: 'ambiguous', candidates: [place], reason: `${place} ${unread}` };
  const layers = layersOf(request);
  const convention = { owner, edit: request.edit, name: request.identity.name, layers, texts: request.texts };
  const tried = await tryChart(request, convention, context);
  return 'unrendered' in tried ? byConvention(convention, layers, tried.unrendered) : tried;
}

async function tryChart(
  request: ValuesRequest,
  convention: Convention,
  context: CallContext,
): Promise<ValuesFinding | { readonly unrendered: string }> {
  const { owner, edit, identity, renderer, readChart } = request;
  if (!renderer) return { unrendered: 'no chart renderer is used' };
  if (owner.folder === undefined) return { unrendered: 'the chart is not in the repository' };
  const chart = await readChart(owner.folder);
  if (chart.size === 0) return { unrendered: 'the chart is not in the repository' };
  const release = { chart, name: releaseNameOf(owner), namespace: owner.namespace, values: mergeLayers(convention.layers) };
  const trial = { release, edit, kind: identity.kind, name: identity.name, conventional: conventionalPaths(convention) };
  const found = await tryValues(trial, renderer, context);
  const place = placeOfOwner(owner);
  if (found.status === 'not-rendered') return { unrendered: found.reason };
  if (found.status === 'none') return { status: 'not-found', reason: `${place}: ${found.reason} (${join(owner.folder, 'templates')})` };
  if (found.status === 'ambiguous')
    return {
      status: 'ambiguous',
      candidates: found.paths.map((path) => shownIn(convention.layers, path)),
      reason: `${place}: ${found.reason}`,
    };
  const drifted = isDeclared(found.rendered, edit) ? undefined : { rendered: found.rendered };
  return changed(convention, found.value, `verified by rendering the chart ${owner.folder} before and after`, drifted);
}

function isDeclared(rendered: JsonValue | undefined, { expectOld }: ItemEdit): boolean {
  return JSON.stringify(rendered) === JSON.stringify(expectOld) || (rendered === null && expectOld === undefined);
}

function byConvention(convention: Convention, layers: readonly ValuesLayer[], unrendered: string): ValuesFinding {
  const { edit, owner } = convention;
  const place = placeOfOwner(owner);
  if (edit.value === undefined)
    return { status: 'not-found', reason: `to take a value of ${place} away may bring a default of the chart back; ${unrendered}` };
  const [only, ...others] = valuesByConvention(convention);
  if (!only) {
    const wanted = `${formatFieldPath(edit.fieldPath)} to ${JSON.stringify(edit.expectOld)}`;
    return { status: 'not-found', reason: `no value of ${place} is known by convention to set ${wanted}; ${unrendered}` };
  }
  if (others.length > 0) {
    const candidates = [only, ...others].map(({ path }) => shownIn(layers, path));
    return { status: 'ambiguous', candidates, reason: `${others.length + 1} values of ${place} could set it; ${unrendered}` };
  }
  return changed(convention, only, `by the conventions of charts, not verified: ${unrendered}`, undefined);
}

function changed(
  { layers, owner }: Convention,
  wanted: WantedValue,
  how: string,
  drifted: { readonly rendered: JsonValue | undefined } | undefined,
): ValuesFinding {
  const change = changeValue(layers, owner, wanted);
  if (change.status === 'refused') return { status: 'ambiguous', candidates: change.candidates, reason: change.reason };
  return { status: 'found', change, reason: `${change.why}, for ${placeOfOwner(owner)}; ${how}`, ...(drifted ? { drifted } : {}) };
}

function shownIn(layers: readonly ValuesLayer[], path: WantedValue['path']): string {
  const layer = layers.find(({ value }) => readField(value, path) !== undefined);
  const at = layer?.pathOf(path) ?? path;
  return `${layer?.label ?? 'no values'} ${formatFieldPath(at)}`;
}

/** Argo CD calls a release after the Application unless it says otherwise. */
function releaseNameOf({ kind, name, manifest, source }: Owner): string {
  const said = kind === 'Application' && source ? text(readField(manifest.object, [...source, 'helm', 'releaseName'])) : '';
  return said || name;
}
