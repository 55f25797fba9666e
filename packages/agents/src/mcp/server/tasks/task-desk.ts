import { randomUUID } from 'node:crypto';
import type { CallToolResult } from '@modelcontextprotocol/server';
import type { ToolQuestion, ToolReply } from '../../../loop/guard/tool.ts';
import { readReply } from './read-reply.ts';

/** How a task ended. What a tool says of its own failure is a result; `failed` is for calls that never became one. */
export type TaskEnd =
  | { readonly status: 'completed'; readonly result: CallToolResult }
  | { readonly status: 'failed'; readonly error: { readonly code: number; readonly message: string } }
  | { readonly status: 'cancelled' };

/** What is done in a task: told when it is cancelled, and able to ask and to say how far it is. */
export type TaskWork = (around: TaskSurroundings) => Promise<TaskEnd>;

export interface TaskSurroundings {
  readonly signal: AbortSignal;
  readonly report: (words: string) => void;
  readonly ask: (question: ToolQuestion) => Promise<ToolReply>;
}

/** A task as its owner sees it. Times are ISO 8601, UTC. */
export interface TaskView {
  readonly taskId: string;
  readonly status: 'working' | 'input_required' | TaskEnd['status'];
  readonly statusMessage?: string;
  readonly createdAt: string;
  readonly lastUpdatedAt: string;
  readonly ttlMs: number;
  readonly pollIntervalMs: number;
}

/** With its questions while it waits for people, and with its end once it has one. */
export type DetailedTask = TaskView & {
  readonly inputRequests?: Readonly<Record<string, ToolQuestion>>;
  readonly result?: CallToolResult;
  readonly error?: { readonly code: number; readonly message: string };
};

/** Keeps tasks for as long as the process lives. A task is seen by whoever began it and is not there for anybody else. */
export interface TaskDesk {
  /** Undefined when the owner has too many open. */
  start(owner: string, work: TaskWork): TaskView | undefined;
  find(owner: string, taskId: string): DetailedTask | undefined;
  /** Takes the answers that were asked for and fit; false: there is no such task. Keys nobody asked for are left aside. */
  answer(owner: string, taskId: string, answers: Readonly<Record<string, unknown>>): boolean;
  /** Asks the work to stop; what it ended with is seen later. False: there is no such task. */
  cancel(owner: string, taskId: string): boolean;
  /** Cancels everything. */
  close(): void;
}

export interface TaskDeskOptions {
  /** Milliseconds since the epoch. Default: the clock. */
  readonly now?: (() => number) | undefined;
  /** Milliseconds from its beginning that a task can be asked for at least. Default one day. */
  readonly ttlMs?: number | undefined;
  /** Tasks one owner may have that have not ended. Default 32. */
  readonly open?: number | undefined;
  /** Milliseconds a client is asked to wait between two looks. Default 1,000. */
  readonly pollIntervalMs?: number | undefined;
}

interface Task {
  readonly taskId: string;
  readonly owner: string;
  readonly createdAt: number;
  readonly controller: AbortController;
  readonly questions: Map<string, { readonly question: ToolQuestion; readonly resolve: (reply: ToolReply) => void }>;
  updatedAt: number;
  words: string | undefined;
  end: TaskEnd | undefined;
}

/** A desk in memory. */
export function createTaskDesk(options: TaskDeskOptions = {}): TaskDesk {
  const { now = Date.now, ttlMs = 24 * 3_600_000, open = 32, pollIntervalMs = 1_000 } = options;
  const tasks = new Map<string, Task>();
  const of = (owner: string, taskId: string): Task | undefined => {
    forgetOld(tasks, now() - ttlMs);
    const task = tasks.get(taskId);
    return task?.owner === owner ? task : undefined;
  };
  const timing = { ttlMs, pollIntervalMs };
  return {
    start(owner, work) {
      forgetOld(tasks, now() - ttlMs);
      if (openOf(tasks, owner) >= open) return undefined;
      const task = newTask(owner, now());
      tasks.set(task.taskId, task);
      void carry(task, work, now);
      return { ...viewOf(task), ...timing };
    },
    find(owner, taskId) {
      const task = of(owner, taskId);
      return task && { ...viewOf(task), ...timing, ...detailsOf(task) };
    },
    answer(owner, taskId, answers) {
      const task = of(owner, taskId);
      if (task) for (const [key, said] of Object.entries(answers)) takeAnswer(task, { key, said, nowMs: now() });
      return task !== undefined;
    },
    cancel(owner, taskId) {
      const task = of(owner, taskId);
      task?.controller.abort(new Error('the task was cancelled'));
      return task !== undefined;
    },
    close() {
      for (const { controller } of tasks.values()) controller.abort(new Error('the server ended'));
      tasks.clear();
    },
  };
}

function newTask(owner: string, nowMs: number): Task {
  const controller = new AbortController();
  return {
    taskId: randomUUID(),
    owner,
    createdAt: nowMs,
    controller,
    questions: new Map(),
    updatedAt: nowMs,
    words: undefined,
    end: undefined,
  };
}

/** What has ended and is older than `beforeMs`. What still works is kept: its owner waits for it. */
function forgetOld(tasks: Map<string, Task>, beforeMs: number): void {
  for (const [taskId, { end, createdAt }] of tasks) if (end && createdAt < beforeMs) tasks.delete(taskId);
}

function openOf(tasks: ReadonlyMap<string, Task>, owner: string): number {
  return [...tasks.values()].filter((task) => task.owner === owner && !task.end).length;
}

/** Does the work to its end. A question that nobody can answer any more is answered with a no. */
async function carry(task: Task, work: TaskWork, now: () => number): Promise<void> {
  const { signal } = task.controller;
  const touch = () => {
    task.updatedAt = now();
  };
  const report = (words: string) => {
    task.words = words;
    touch();
  };
  const ask = (question: ToolQuestion) =>
    new Promise<ToolReply>((resolve) => {
      if (signal.aborted) return resolve({ action: 'cancel' });
      task.questions.set(randomUUID(), { question, resolve });
      touch();
    });
  signal.addEventListener('abort', () => dropQuestions(task), { once: true });
  task.end = await work({ signal, report, ask }).catch((): TaskEnd => ({ status: 'failed', error: INTERNAL }));
  dropQuestions(task);
  touch();
}

const INTERNAL = { code: -32_603, message: 'The call could not be carried out.' };

function dropQuestions({ questions }: Task): void {
  for (const { resolve } of questions.values()) resolve({ action: 'cancel' });
  questions.clear();
}

function takeAnswer(task: Task, { key, said, nowMs }: { readonly key: string; readonly said: unknown; readonly nowMs: number }): void {
  const asked = task.questions.get(key);
  const reply = asked && readReply(said, asked.question);
  if (!asked || !reply) return;
  task.questions.delete(key);
  task.updatedAt = nowMs;
  asked.resolve(reply);
}

function viewOf({ taskId, questions, words, createdAt, updatedAt, end }: Task): Omit<TaskView, 'ttlMs' | 'pollIntervalMs'> {
  return {
    taskId,
    status: end?.status ?? (questions.size > 0 ? 'input_required' : 'working'),
    ...(words === undefined ? {} : { statusMessage: words }),
    createdAt: new Date(createdAt).toISOString(),
    lastUpdatedAt: new Date(updatedAt).toISOString(),
  };
}

function detailsOf({ questions, end }: Task): Pick<DetailedTask, 'inputRequests' | 'result' | 'error'> {
  if (end?.status === 'completed') return { result: end.result };
  if (end?.status === 'failed') return { error: end.error };
  if (end || questions.size === 0) return {};
  return { inputRequests: Object.fromEntries([...questions].map(([key, { question }]) => [key, question])) };
}
