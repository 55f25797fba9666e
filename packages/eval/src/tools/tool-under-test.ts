import type { CallContext } from '@tier0/core';
import type { RecordedSeries, SubjectRef } from '../scenario/scenario.ts';

/** What a tool is, for tables and manifests. */
export interface ToolDescription {
  /** Short and unique in a run, e.g. `k8sgpt`. */
  readonly name: string;
  /** As the tool reports it; `unknown` when it cannot be asked. */
  readonly version: string;
  /** `baseline`: what people have without a tool; `own`: fielded by the authors of this evaluation. */
  readonly kind: 'own' | 'peer' | 'baseline';
}

/** Whether the tool can run here and, if not, what a reader does to add it. */
export type ToolAvailability =
  | { readonly status: 'available' }
  | { readonly status: 'not-run'; readonly reason: string; readonly howToAdd: string };

/** All that a tool is given about an incident. Every tool gets the same; what is expected is never part of it. */
export interface ScenarioAccess {
  /** Kubeconfig as YAML text. */
  readonly kubeconfig: string;
  /** The same in a file, for programs. */
  readonly kubeconfigFile: string;
  /** Address of the cluster's API, `http://127.0.0.1:PORT`. */
  readonly apiUrl: string;
  /** Name of the cluster. */
  readonly cluster: string;
  /** The moment of the recording; the cluster's clock stands still there. ISO 8601, UTC. */
  readonly now: string;
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

/** What a tool said about an incident. */
export interface DiagnosisAnswer {
  readonly rootCauses: readonly AnsweredRootCause[];
  /** Everything it puts before a person, root causes and symptoms together. */
  readonly findings: number;
  /** What it could not look at, in its words. */
  readonly unknowns?: readonly string[] | undefined;
  /** Its answer as it came, for the record. */
  readonly raw: string;
}

/** A contestant. A new one needs this and nothing else. */
export interface ToolUnderTest {
  describe(): Promise<ToolDescription> | ToolDescription;
  availability(): Promise<ToolAvailability>;
  /**
   * Looks at the cluster of the trial and answers; an answer without one request to it is a failed trial. Throws when the tool failed; that is
   * recorded as a failed trial, not as a crash of the evaluation.
   */
  diagnose(access: ScenarioAccess, context: CallContext): Promise<DiagnosisAnswer>;
}
