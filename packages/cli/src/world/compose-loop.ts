import { readFile } from 'node:fs/promises';
import {
  createDiagnostician,
  createFilePatternLibrary,
  createFileTracker,
  createRehearsal,
  createRemediator,
  createVerifier,
  MATTERS,
  SEED_PATTERNS,
} from '@tier0/agents';
import { createBackstageSource, createCmdb, createKubernetesSource, type KubernetesWatch } from '@tier0/cmdb';
import {
  type AuditLog,
  type Cmdb,
  type CmdbStore,
  createFileIncidentRecord,
  type Detector,
  type EvidenceSource,
  type Forge,
  type IncidentRecord,
  type LanguageModel,
  type LoopPorts,
  type Pattern,
  PatternSchema,
  type Reconciler,
  Tier0Error,
} from '@tier0/core';
import {
  createFileAuditLog,
  createForgeApprovals,
  createGate,
  createHelmRenderer,
  createKubectlRenderer,
  createLocator,
  createProposalWriter,
  type LocalForgeDesk,
  type Members,
  type Mirror,
  type ProposalJournal,
  type ProposalLimits,
} from '@tier0/gitops';
import { z } from 'zod';
import { detectorsOf, WINDOW_MS } from '../operations/watch.ts';
import { auditSigner } from './audit-key.ts';
import type { StateFolder } from './state-folder.ts';

export interface CmdbInput {
  /** YAML. */
  readonly kubeconfig: string;
  readonly context?: string | undefined;
  readonly cluster: string;
  /** Milliseconds one request to the cluster may take. Default 30,000. */
  readonly requestTimeoutMs?: number | undefined;
  /** Path of a Backstage catalog file; absent: nobody owns anything. */
  readonly catalog?: string | undefined;
  /** Remembers what was seen beyond this run. */
  readonly store?: CmdbStore | undefined;
  /** Milliseconds of history that are kept. Default: all. */
  readonly historyMs?: number | undefined;
  /** Stands in for reading the cluster at every refresh. */
  readonly watch?: KubernetesWatch | undefined;
}

/** The CMDB of one cluster and its catalog. */
export function composeCmdb(input: CmdbInput): Cmdb {
  const { kubeconfig, context, cluster, catalog, requestTimeoutMs } = input;
  const sources = [
    input.watch ?? createKubernetesSource({ kubeconfig, context, cluster, requestTimeoutMs }),
    ...(catalog ? [createBackstageSource({ file: catalog })] : []),
  ];
  return createCmdb({ sources, store: input.store, historyMs: input.historyMs });
}

export interface LoopInput {
  readonly cmdb: Cmdb;
  readonly evidence: readonly EvidenceSource[];
  /** Whether limits that will be reached are looked for; that needs metrics. Default true. */
  readonly forecasts?: boolean | undefined;
  readonly mirror: Mirror;
  readonly baseBranch: string;
  /** Folder of the repository that declares the cluster. */
  readonly path?: string | undefined;
  readonly forge: Forge;
  /** Where standing rules hand in their approval, and nothing else can be done; absent: they cannot. */
  readonly submitStandingApproval?: LocalForgeDesk['submitStandingApproval'] | undefined;
  readonly members: Members;
  readonly reconciler: Reconciler;
  readonly folder: StateFolder;
  /** Patterns known beside the built-in ones. */
  readonly patterns: readonly Pattern[];
  readonly model?: LanguageModel | undefined;
  /** How often is looked, and for how long. Default: as suits a person who waits at a terminal. */
  readonly rhythm?: LoopRhythm | undefined;
  /** How much may be proposed. Default: as `ProposalLimits` says. */
  readonly limits?: ProposalLimits | undefined;
  /** Where proposals write down what they are about to do. Default: in memory. */
  readonly journal?: ProposalJournal | undefined;
  /** Waits between two looks at the forge; may come back early. */
  readonly rest?: ((milliseconds: number, signal: AbortSignal) => Promise<void>) | undefined;
  /** Where incidents are kept. Default: files of the folder. */
  readonly record?: IncidentRecord | undefined;
}

/** Milliseconds; `approvalPollMs` and `verifyPollMs` of real time, the others by the clock of the context. */
export interface LoopRhythm {
  /** Between two looks at the forge. */
  readonly approvalPollMs: number;
  /** Between two looks at the symptom. */
  readonly verifyPollMs: number;
  /** How long the symptom must stay away. */
  readonly holdMs: number;
  readonly giveUpAfterMs: number;
}

const AT_A_TERMINAL: LoopRhythm = { approvalPollMs: 150, verifyPollMs: 250, holdMs: 2 * 60_000, giveUpAfterMs: 4 * 60 * 60 * 1000 };

/** The parts of the loop, put together. Everything tier0 does in `npm start` and in `tier0 run` goes through these. */
export async function composeLoop(input: LoopInput): Promise<{
  readonly ports: LoopPorts;
  readonly detectors: readonly Detector[];
  readonly audit: AuditLog;
}> {
  const { cmdb, evidence, mirror, forge, submitStandingApproval, members, reconciler, folder, model, limits, journal } = input;
  const { approvalPollMs, verifyPollMs, holdMs, giveUpAfterMs } = input.rhythm ?? AT_A_TERMINAL;
  const matters = MATTERS;
  const patterns = createFilePatternLibrary({ file: folder.patterns, seed: [...SEED_PATTERNS, ...input.patterns] });
  const audit = createFileAuditLog({ file: folder.audit, signer: await auditSigner(folder.audit), checkpointEvery: 1 });
  const ports: LoopPorts = {
    cmdb,
    diagnostician: createDiagnostician({ evidence, patterns, matters, model, windowMs: WINDOW_MS }),
    remediator: createRemediator({ patterns, evidence, windowMs: WINDOW_MS }),
    locator: createLocator({
      mirror,
      branch: input.baseBranch,
      path: input.path,
      renderer: createKubectlRenderer(),
      chartRenderer: createHelmRenderer(),
    }),
    rehearsal: createRehearsal({ matters, evidence, windowMs: WINDOW_MS }),
    gate: createGate({ mirror, patterns }),
    tracker: createFileTracker({ file: folder.tickets }),
    writer: createProposalWriter({ mirror, forge, limits, journal }),
    approvals: createForgeApprovals({
      forge,
      mirror,
      members,
      pollMs: approvalPollMs,
      rest: input.rest,
      submitStandingApproval,
    }),
    reconciler,
    verifier: createVerifier({ evidence, matters, pollMs: verifyPollMs, holdMs, giveUpAfterMs }),
    patterns,
    audit,
    record: input.record ?? createFileIncidentRecord({ directory: folder.incidents }),
  };
  return { ports, detectors: detectorsOf({ matters, evidence, forecasts: input.forecasts }), audit };
}

/** Reads patterns from a JSON file: an array as `patterns.json` of a scenario holds it. Throws INVALID_INPUT. */
export async function readPatterns(file: string): Promise<readonly Pattern[]> {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new Tier0Error({ code: 'NOT_FOUND', message: `There is no pattern file ${file}.`, hint: 'Check the path.', cause });
  });
  const result = z.array(PatternSchema).safeParse(parseJson(text, file));
  // A track record is earned, or given openly by --track-record; it does not come with the patterns.
  if (result.success) return result.data.map((pattern) => ({ ...pattern, occurrences: [] }));
  const [issue] = result.error.issues;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `${file} does not hold patterns: ${issue?.path.join('.')}: ${issue?.message}.`,
    hint: 'It must be a JSON array of patterns; scenarios/README.md says where an example is.',
  });
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Tier0Error({ code: 'INVALID_INPUT', message: `${file} is not JSON.`, hint: 'Correct the file.', cause });
  }
}
