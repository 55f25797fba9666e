import { spawn, spawnSync } from 'node:child_process';

/** What the API server said of an object. */
export interface Verdict {
  readonly accepted: boolean;
  readonly message: string;
}

/** kubectl against the cluster of KUBECONFIG; `TIER0_KUBECTL` is what runs before it, e.g. `nsenter --net=FILE kubectl`. */
export function kubectl(
  args: readonly string[],
  input?: unknown,
): { readonly ok: boolean; readonly stdout: string; readonly stderr: string } {
  const [program = 'kubectl', ...before] = (process.env.TIER0_KUBECTL ?? 'kubectl').split(' ');
  const result = spawnSync(program, [...before, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    ...(input === undefined ? {} : { input: JSON.stringify(input) }),
  });
  return { ok: result.status === 0, stdout: result.stdout ?? '', stderr: result.stderr ?? '' };
}

/** Whether a cluster answers. */
export function isClusterThere(): boolean {
  try {
    return kubectl(['get', '--raw', '/readyz']).ok;
  } catch {
    return false;
  }
}

/** One connection to the API server, for thousands of dry runs. */
export interface DryRuns {
  ask(method: 'POST' | 'PUT', object: Readonly<Record<string, unknown>>, path: string): Promise<Verdict & { readonly stored?: unknown }>;
  close(): void;
}

/**
 * Asks the API server by dry run, with the client certificate of KUBECONFIG. A process of its own does it, in the cluster's network where
 * `TIER0_KUBECTL` names one.
 */
export function openDryRuns(): DryRuns {
  const prefix = (process.env.TIER0_KUBECTL ?? 'kubectl').split(' ').slice(0, -1);
  const command = [...prefix, process.execPath, new URL('./dry-run-worker.ts', import.meta.url).pathname];
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting: { readonly resolve: (answer: { readonly status: number; readonly body: string }) => void }[] = [];
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n')) {
      waiting.shift()?.resolve(JSON.parse(text.slice(0, at)) as { status: number; body: string });
      text = text.slice(at + 1);
    }
  });
  return {
    async ask(method, object, path) {
      const answer = await new Promise<{ readonly status: number; readonly body: string }>((resolve) => {
        waiting.push({ resolve });
        child.stdin.write(`${JSON.stringify({ method, path, object })}\n`);
      });
      const body = parse(answer.body);
      const accepted = answer.status < 300;
      return {
        accepted,
        message: accepted ? '' : String(body.message ?? answer.body).slice(0, 300),
        ...(accepted ? { stored: body } : {}),
      };
    },
    close: () => child.stdin.end(),
  };
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}
