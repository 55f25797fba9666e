import { spawn } from 'node:child_process';
import { redact, Tier0Error, type Tier0ErrorCode } from '@tier0/core';

/** One call of the git command. */
export interface GitCall {
  readonly args: readonly string[];
  /** Folder it runs in; must exist. */
  readonly directory: string;
  readonly input?: string | Uint8Array | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds after which it is killed. Default 60,000. */
  readonly timeoutMs?: number | undefined;
  /** Bytes of output accepted. Default 64 MiB. */
  readonly maxBytes?: number | undefined;
  /** Exit codes that are answers, not failures. Default only 0. */
  readonly answers?: readonly number[] | undefined;
  readonly environment?: Readonly<Record<string, string>> | undefined;
}

export interface GitAnswer {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

const DEFAULT_TIMEOUT_MS = 60_000;
/** Real milliseconds git has to clean up before it is killed. */
const STOP_GRACE_MS = 1_000;
const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;

/** Same answers on every machine: no prompts, no translations, no settings of the user or the system, no hooks of a work tree. */
const ISOLATION: Readonly<Record<string, string>> = {
  GIT_TERMINAL_PROMPT: '0',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: process.platform === 'win32' ? 'NUL' : '/dev/null',
  GIT_OPTIONAL_LOCKS: '0',
  LC_ALL: 'C',
  TZ: 'UTC',
};

/** Runs git without a shell. Throws a Tier0Error that says what git said, without credentials. */
export async function runGit(call: GitCall): Promise<GitAnswer> {
  const answer = await spawnGit(call);
  if ((call.answers ?? [0]).includes(answer.exitCode)) return answer;
  throw gitFailure(call, answer);
}

function spawnGit(call: GitCall): Promise<GitAnswer> {
  return new Promise((resolve, reject) => {
    call.signal?.throwIfAborted();
    const child = spawn('git', [...call.args], { cwd: call.directory, env: environmentFor(call), stdio: 'pipe' });
    const stdout: Buffer[] = [];
    let stderr = '';
    let size = 0;
    const stop = (error: unknown) => {
      // On SIGTERM git removes its lock files; a repository that is left locked could not be resumed.
      child.kill('SIGTERM');
      setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS).unref();
      reject(error);
    };
    const timer = setTimeout(() => stop(timedOut(call)), call.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    const abort = () => stop(call.signal?.reason);
    call.signal?.addEventListener('abort', abort, { once: true });
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > (call.maxBytes ?? DEFAULT_MAX_BYTES)) stop(tooLarge(call));
      else stdout.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      if (stderr.length < 16_384) stderr += chunk.toString('utf8');
    });
    child.on('error', (error) => stop(startFailure(error)));
    child.on('close', (code) => {
      clearTimeout(timer);
      call.signal?.removeEventListener('abort', abort);
      resolve({ exitCode: code ?? -1, stdout: Buffer.concat(stdout), stderr });
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(call.input ?? '');
  });
}

/** What git is given of this process's environment: how to find programs, the network and certificates. No tokens, no git settings. */
const HANDED_ON =
  /^(PATH|HOME|USERPROFILE|SYSTEMROOT|TMPDIR|TEMP|TMP|SSH_AUTH_SOCK|SSL_CERT_(FILE|DIR)|CURL_CA_BUNDLE|(HTTPS?|NO|ALL)_PROXY)$/i;

function environmentFor(call: GitCall): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => HANDED_ON.test(name));
  return { ...Object.fromEntries(inherited), ...ISOLATION, ...call.environment };
}

/** A failure that git words in its own way, in ours. */
interface KnownFailure {
  readonly pattern: RegExp;
  readonly code: Tier0ErrorCode;
  /** What it means, as a sentence. */
  readonly meaning: string;
  readonly hint: string;
}

/** First match wins. */
const KNOWN_FAILURES: readonly KnownFailure[] = [
  {
    pattern: /could not read Username|Authentication failed|returned error: 40[13]|Permission denied/i,
    code: 'PERMISSION_DENIED',
    meaning: 'The repository does not let this account in.',
    hint: 'Give the account access to the repository, or pass its Authorization header in the options of the mirror.',
  },
  {
    pattern: /dubious ownership/i,
    code: 'PERMISSION_DENIED',
    meaning: 'The repository belongs to another user of this machine, so git does not read it.',
    hint: 'Run tier0 as its owner, or give the repository to the account that runs tier0.',
  },
  {
    pattern: /certificate|SSL_|server certificate verification/i,
    code: 'UNAVAILABLE',
    meaning: "The certificate of the repository's server is not trusted here.",
    hint: 'Add the authority that signed it to those of this machine, or name its file in SSL_CERT_FILE.',
  },
  {
    pattern: /Could not resolve host/i,
    code: 'UNAVAILABLE',
    meaning: "The host name in the repository's address is not known here.",
    hint: 'Check the repository URL for typing errors, and that this machine can resolve the name.',
  },
  {
    pattern: /does not appear to be a git repository|repository .* (?:not found|does not exist)|returned error: 404/i,
    code: 'UNAVAILABLE',
    meaning: 'There is no Git repository at this address, or this account may not see it.',
    hint: 'Check the repository URL and that it can be reached from here, then try again.',
  },
  {
    pattern: /No space left on device|Disk quota exceeded/i,
    code: 'UNAVAILABLE',
    meaning: 'There is no room left where the mirror is kept.',
    hint: 'Make room, or keep the mirror elsewhere. What was begun is not there; run the same again.',
  },
  {
    pattern:
      /unable to access|Connection (?:refused|reset|timed out)|Could not read from remote|not found|unexpected disconnect|early EOF|RPC failed/i,
    code: 'UNAVAILABLE',
    meaning: 'The repository cannot be reached.',
    hint: 'Check the repository URL and that it can be reached from here, then try again.',
  },
  {
    pattern: /\.lock': File exists|cannot lock ref/i,
    code: 'CONFLICT',
    meaning: 'Another process works on the same mirror.',
    hint: 'If none does, delete the mirror directory: it is a cache and is made again.',
  },
  {
    pattern: /object file .* is empty|loose object .* is corrupt|packfile .* cannot be|bad (?:object|tree)|not a git repository/i,
    code: 'INTERNAL',
    meaning: 'The mirror is damaged.',
    hint: 'Delete the mirror directory: it is a cache and is made again.',
  },
];

function gitFailure(call: GitCall, answer: GitAnswer): Tier0Error {
  const said = redact(answer.stderr.trim() || answer.stdout.subarray(0, 2000).toString('utf8').trim());
  const { code, meaning, hint } = KNOWN_FAILURES.find((failure) => failure.pattern.test(said)) ?? {
    code: 'INTERNAL' as const,
    meaning: 'Git did not do what it was asked to.',
    hint: 'Run the same git command by hand in the mirror directory to see more.',
  };
  const told = `git ${verbOf(call)} ended with exit code ${answer.exitCode}: ${said || 'it said nothing'}`;
  return new Tier0Error({ code, message: `${meaning} (${told})`, hint });
}

function startFailure(error: Error): Tier0Error {
  const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
  return new Tier0Error({
    code: missing ? 'MISSING_DEPENDENCY' : 'INTERNAL',
    message: `The git command could not be started: ${error.message}.`,
    hint: 'Install git 2.30 or newer and make sure it is on PATH, and that the mirror directory exists.',
    cause: error,
  });
}

function timedOut(call: GitCall): Tier0Error {
  return new Tier0Error({
    code: 'TIMEOUT',
    message: `git ${verbOf(call)} did not finish within ${call.timeoutMs ?? DEFAULT_TIMEOUT_MS} ms and was stopped.`,
    hint: 'Check the connection to the repository, or raise the timeout in the options of the mirror.',
  });
}

function tooLarge(call: GitCall): Tier0Error {
  return new Tier0Error({
    code: 'BUDGET_EXCEEDED',
    message: `git ${verbOf(call)} answered more than ${call.maxBytes ?? DEFAULT_MAX_BYTES} bytes.`,
    hint: 'Point tier0 at a smaller folder or repository.',
  });
}

function verbOf(call: GitCall): string {
  return call.args.find((argument) => !argument.startsWith('-') && !argument.includes('=')) ?? 'command';
}
