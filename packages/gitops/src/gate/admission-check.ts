import type { CallContext, CmdbReader, GateCheck } from '@tier0/core';
import type { Mirror } from '../git/mirror.ts';
import { readManifests, readManifestTexts } from '../kubernetes/manifests.ts';
import { admissionRequests } from './admission/admission-request.ts';
import { constraintKinds } from './admission/gatekeeper-constraints.ts';
import { type AdmissionResult, judgeAdmission } from './admission/judge-admission.ts';
import { POLICY_KINDS, readAdmissionPolicies } from './admission/read-policies.ts';
import { createOpaEngine } from './gatekeeper/opa.ts';
import type { TouchedObject } from './manifest-check.ts';
import { isMap } from './schema/schema-flaws.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Where an organisation keeps its admission policies when it says nothing else. */
export const POLICY_FOLDER = '.tier0/policies';

/** Policies as objects, and what could not be read of them. */
export interface PolicyObjects {
  readonly objects: readonly Fields[];
  /** One line for each file that could not be read: what may be a policy cannot be passed over. */
  readonly unreadable: readonly string[];
}

/** Reads policies from folders of a commit, with their parameters. */
export async function readPolicyObjects(
  mirror: Mirror,
  at: { readonly commit: string; readonly folders: readonly string[] },
  context: CallContext,
): Promise<PolicyObjects> {
  const readings = await Promise.all(
    at.folders.map(async (folder) => readManifests(await readManifestTexts(mirror, { commit: at.commit, folder }, context))),
  );
  return {
    objects: readings.flatMap((reading) => reading.manifests.map((manifest) => manifest.object)),
    unreadable: readings.flatMap((reading) => reading.unreadable),
  };
}

/** Policies that the CMDB saw in the cluster, where a source lists their kinds. */
export function clusterPolicyObjects(reader: CmdbReader): readonly Fields[] {
  const objectsOf = (kinds: readonly string[]) =>
    kinds
      .flatMap((kind) => reader.items({ kind }).items)
      .map((item) => reader.object(item.id))
      .filter(isMap);
  const policies = objectsOf([...POLICY_KINDS, 'CustomResourceDefinition']);
  return [...policies, ...objectsOf(constraintKinds(policies))];
}

/** Whether the policies of repository and cluster let the objects in. What they cannot decide here denies. */
export function admissionCheck(touched: readonly TouchedObject[], policyObjects: PolicyObjects, reader: CmdbReader): GateCheck {
  const { policies, notEvaluated } = readAdmissionPolicies(policyObjects.objects, { rego: createOpaEngine });
  const results = touched
    .flatMap(({ before, after }) => admissionRequests(after, before, { namespaceObject: (name) => namespaceObject(reader, name) }))
    .flatMap((request) => judgeAdmission(policies, request));
  const failed = results.filter((result) => result.enforcement === 'deny' && result.outcome !== 'passed');
  const hints = results.filter((result) => result.enforcement !== 'deny' && result.outcome !== 'passed');
  const passed = results.filter((result) => result.outcome === 'passed').length;
  const flaws = [...policyObjects.unreadable.map((line) => `a policy cannot be read: ${line}`), ...failed.map(toText)];
  const said =
    flaws.length > 0 ? flaws : [policies.length === 0 ? 'there are no admission policies' : `${passed} admission policies agree`];
  const asides = [...hints.map((hint) => `${hint.enforcement}: ${toText(hint)}`), ...notEvaluated];
  return { name: 'admission', passed: flaws.length === 0, detail: [...said, ...asides].join('; ') };
}

function toText(result: AdmissionResult): string {
  const word = result.outcome === 'violated' ? 'refuses' : 'cannot be decided for';
  return `${result.policy} ${word} ${result.subject}: ${result.message}`;
}

function namespaceObject(reader: CmdbReader, name: string): Fields | undefined {
  const found = reader.items({ kind: 'Namespace', name }).items;
  const object = found.length === 1 && found[0] ? reader.object(found[0].id) : undefined;
  return isMap(object) ? object : undefined;
}
