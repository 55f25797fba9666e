import type { CallContext } from '@tier0/core';
import type { RecordedSeries, SubjectRef } from '../scenario/scenario.ts';

/** What a tool is, for tables and manifests. */
export interface ToolDescription {
  /** Unique in a run and stable from run to run, e.g. `k8sgpt`. Lower-case letters, digits and hyphens. */
  readonly id: string;
  /** As people call it. */
  readonly name: string;
  /** As the tool reports it; `unknown` when it cannot be asked. */
  readonly version: string;
  /** `baseline`: what people have without a tool; `own`: fielded by the authors of this evaluation. */
  readonly kind: 'own' | 'peer' | 'baseline';
  /** What it is asked: a root cause, or (for a set of tools without a model) only whether the evidence can be reached. Default `root-cause`. */
  readonly asked?: 'root-cause' | 'evidence' | undefined;
  /** The model that answers behind it, by its id; undefined: none. */
  readonly model?: string | undefined;
  /** How it is asked, in one sentence. */
  readonly note?: string | undefined;
  /** Trials of each scenario at most; a slow tool without luck in it needs one. Default: as often as the run says. */
  readonly repeats?: number | undefined;
  /** Set for a recorded answer: when, where and by which command it was given. */
  readonly recorded?: Provenance | undefined;
}

/** Where a recorded answer comes from. */
export interface Provenance {
  /** ISO 8601, a day or a moment. */
  readonly date: string;
  readonly machine: string;
  readonly command: string;
}

/** Whether the tool can run here and, if not, what a reader does to add it. */
export type ToolAvailability =
  | { readonly status: 'available' }
  | { readonly status: 'not-run'; readonly reason: string; readonly howToAdd: string };

/** All that a tool is given about an incident. Every tool gets the same; what is expected is never part of it. */
export interface ScenarioAccess {
  /** Kubeconfig as YAML text. */
  readonly kubeconfig: string;
  /** The same in a file, for programs. The file stands in a folder of its own that the tool may write to. */
  readonly kubeconfigFile: string;
  /** Address of the cluster's API, `http://127.0.0.1:PORT`. */
  readonly apiUrl: string;
  /** Name of the cluster. */
  readonly cluster: string;
  /** The moment of the recording; the cluster's clock stands still there. ISO 8601, UTC. */
  readonly now: string;
  /** Digest of the recording: the key under which a recorded answer is found. It says nothing about the incident. */
  readonly digest: string;
  /** Namespaces to look at; undefined: all. */
  readonly namespaces?: readonly string[] | undefined;
  /** Recorded metrics, for tools that can read series. Logs come from the API, as everywhere. */
  readonly metrics: readonly RecordedSeries[];
}

/** One root cause as a tool named it. */
export interface AnsweredRootCause {
  /** Word of the closed vocabulary; undefined when the answer could not be mapped to one. */
  readonly cause?: string | undefined;
  readonly subject: SubjectRef;
  /** In the tool's words. */
  readonly text: string;
  /** 0 to 1, when the tool states one. */
  readonly confidence?: number | undefined;
}

/** A field that a tool wants changed. */
export interface ProposedEdit {
  readonly subject: SubjectRef;
  /** Field path as `tier0 edit` takes it: `spec.template.spec.containers[name=web].image`. */
  readonly path: string;
  /** Value it shall have; undefined: it shall be removed. */
  readonly value?: unknown;
}

/** One way to repair it, as a tool proposed it. It is applied to a copy of the recording, never to a cluster. */
export interface ProposedFix {
  readonly title: string;
  readonly edits: readonly ProposedEdit[];
}

/** What the model behind a tool was sent and said, where the tool lets that be seen. */
export interface ModelUse {
  readonly calls: number;
  readonly inputTokens?: number | undefined;
  readonly outputTokens?: number | undefined;
  readonly costUsd?: number | undefined;
  /** Everything that was sent to the model, for the gate that looks for secrets. Not kept in the log. */
  readonly sent?: string | undefined;
}

/** What a tool said about an incident. */
export interface DiagnosisAnswer {
  readonly rootCauses: readonly AnsweredRootCause[];
  /** Everything it puts before a person, root causes and symptoms together. */
  readonly findings: number;
  /** What it could not look at, in its words. */
  readonly unknowns?: readonly string[] | undefined;
  /** Repairs in the order the tool prefers them; undefined: it proposes none, by design. */
  readonly fixes?: readonly ProposedFix[] | undefined;
  readonly modelUse?: ModelUse | undefined;
  /** What a model would have read, for a tool that is asked for evidence only. */
  readonly evidenceText?: string | undefined;
  /** Its answer as it came, for the record. */
  readonly raw: string;
}

/** A contestant. A new one needs this and nothing else. */
export interface ToolUnderTest {
  /** What it is, as the report names it. */
  describe(): Promise<ToolDescription> | ToolDescription;
  /** Whether it can run here, and else how to add it. */
  availability(): Promise<ToolAvailability>;
  /**
   * Looks at the cluster of the trial and answers; an answer without one request to it is a failed trial, unless it is a recorded one. Throws when
   * the tool failed; that is recorded as a failed trial, not as a crash of the evaluation.
   */
  diagnose(access: ScenarioAccess, context: CallContext): Promise<DiagnosisAnswer>;
  /** Ends what it keeps running between trials. */
  close?(): Promise<void>;
}
