import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { redact, Tier0Error } from '@tier0/core';
import { entriesIn, isEntry, type KubeconfigEntry, textIn } from './kubeconfig.ts';

/** What a credential plugin answered. */
export interface ExecCredential {
  readonly token?: string | undefined;
  /** PEM. */
  readonly certificate?: string | undefined;
  /** PEM. */
  readonly key?: string | undefined;
  /** Milliseconds since the epoch; undefined where it lasts as long as this process. */
  readonly expiresAtMs?: number | undefined;
}

/** A plugin may open a browser and wait for a person. Milliseconds. */
const PLUGIN_TIMEOUT_MS = 60_000;
/** Bytes of one answer at most: a token and two certificates are a few kilobytes. */
const MAX_ANSWER = 1024 * 1024;
const MAX_COMPLAINT = 300;

/**
 * Asks the credential plugin of a kubeconfig, and again when what it said has expired; requests of one moment share one question. Throws
 * MISSING_DEPENDENCY for a program that is not there, PERMISSION_DENIED where it fails. Source: client.authentication.k8s.io/v1.
 */
export function createExecCredential(exec: KubeconfigEntry, cluster: KubeconfigEntry): () => Promise<ExecCredential> {
  let asked: Promise<ExecCredential> | undefined;
  let expiresAtMs: number | undefined;
  return async () => {
    if (asked === undefined || (expiresAtMs !== undefined && expiresAtMs <= Date.now())) {
      expiresAtMs = undefined;
      asked = ask(exec, cluster);
      asked.catch(() => {
        asked = undefined;
      });
    }
    const credential = await asked;
    expiresAtMs = credential.expiresAtMs;
    return credential;
  };
}

async function ask(exec: KubeconfigEntry, cluster: KubeconfigEntry): Promise<ExecCredential> {
  const command = textIn(exec, 'command');
  const apiVersion = textIn(exec, 'apiVersion');
  if (command === undefined || apiVersion === undefined) throw failed('?', 'it names no command, or no apiVersion', exec);
  if (exec.interactiveMode === 'Always') throw failed(command, 'it needs a person at a terminal (interactiveMode: Always)', exec);
  const spec = { interactive: false, ...(exec.provideClusterInfo === true ? { cluster: clusterInfo(cluster) } : {}) };
  const question = JSON.stringify({ apiVersion, kind: 'ExecCredential', spec });
  const { code, stdout, stderr } = await runPlugin(command, exec, question);
  if (code === null)
    throw failed(command, `it was ended, after ${PLUGIN_TIMEOUT_MS / 1000} s or ${MAX_ANSWER} characters${complaint(stderr)}`, exec);
  if (code !== 0) throw failed(command, `it ended with exit code ${code}${complaint(stderr)}`, exec);
  return read(stdout, apiVersion) ?? fail(failed(command, `its answer is no ${apiVersion} ExecCredential with a status`, exec));
}

function read(text: string, apiVersion: string): ExecCredential | undefined {
  const answer = parse(text);
  if (!isEntry(answer) || answer.apiVersion !== apiVersion || answer.kind !== 'ExecCredential' || !isEntry(answer.status)) return undefined;
  const { status } = answer;
  const expiresAtMs = Date.parse(textIn(status, 'expirationTimestamp') ?? '');
  const credential = {
    token: textIn(status, 'token'),
    certificate: textIn(status, 'clientCertificateData'),
    key: textIn(status, 'clientKeyData'),
    expiresAtMs: Number.isNaN(expiresAtMs) ? undefined : expiresAtMs,
  };
  return credential.token === undefined && credential.certificate === undefined ? undefined : credential;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a plugin is told of the cluster when it asks to be. Extensions of the entry carry what it was configured with. */
function clusterInfo(cluster: KubeconfigEntry): KubeconfigEntry {
  const told = ['server', 'tls-server-name', 'insecure-skip-tls-verify', 'certificate-authority-data', 'proxy-url'];
  const [own] = entriesIn(cluster.extensions).filter(({ name }) => name === 'client.authentication.k8s.io/exec');
  return {
    ...Object.fromEntries(told.filter((field) => cluster[field] !== undefined).map((field) => [field, cluster[field]])),
    ...(own === undefined ? {} : { config: own.extension }),
  };
}

interface PluginEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the plugin as kubectl would: its own environment and what the kubeconfig adds, no shell, no input. */
function runPlugin(command: string, exec: KubeconfigEntry, question: string): Promise<PluginEnd> {
  const added = Object.fromEntries(entriesIn(exec.env).map(({ name, value }) => [String(name), String(value)]));
  const args = Array.isArray(exec.args) ? exec.args.map(String) : [];
  return new Promise((resolve, reject) => {
    const child: ChildProcessByStdio<null, Readable, Readable> = spawn(command, args, {
      env: { ...process.env, ...added, KUBERNETES_EXEC_INFO: question },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: PLUGIN_TIMEOUT_MS,
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (stdout.length > MAX_ANSWER) child.kill();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-4 * MAX_COMPLAINT);
    });
    child.once('error', (cause) => reject(notThere(command, exec, cause)));
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** The last thing it said, without what could be a secret. */
function complaint(stderr: string): string {
  const said = redact(stderr.trim().split('\n').at(-1) ?? '').slice(0, MAX_COMPLAINT);
  return said === '' ? '' : `: ${said}`;
}

function notThere(command: string, exec: KubeconfigEntry, cause: unknown): Tier0Error {
  return new Tier0Error({
    code: 'MISSING_DEPENDENCY',
    message: `The kubeconfig gets its credentials from the program "${command}", which cannot be started: ${(cause as Error).message}.`,
    hint:
      textIn(exec, 'installHint')?.trim() ??
      `Install "${command}" and put it on PATH, or use a kubeconfig of a service account with a token.`,
    cause,
  });
}

function failed(command: string, why: string, exec: KubeconfigEntry): Tier0Error {
  const args = Array.isArray(exec.args) ? exec.args.map(String) : [];
  return new Tier0Error({
    code: 'PERMISSION_DENIED',
    message: `The credential plugin "${command}" of the kubeconfig gave no credentials: ${why}.`,
    hint: `Run it by hand to see what it needs (a login, usually): ${redact([command, ...args].join(' '))}`,
  });
}

function fail(error: Tier0Error): never {
  throw error;
}
