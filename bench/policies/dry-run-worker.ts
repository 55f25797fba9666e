import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { createInterface } from 'node:readline';
import { parse } from 'yaml';

/** Sends objects to the API server of KUBECONFIG as dry runs: a line in is `{ method, path, object }`, a line out `{ status, body }`, in their order. */
interface Kubeconfig {
  readonly clusters: readonly [{ readonly cluster: Readonly<Record<string, string>> }];
  readonly users: readonly [{ readonly user: Readonly<Record<string, string>> }];
}

const config = parse(readFileSync(process.env.KUBECONFIG ?? '', 'utf8')) as Kubeconfig;
const { cluster } = config.clusters[0];
const { user } = config.users[0];
const agent = new Agent({
  keepAlive: true,
  ca: material(cluster, 'certificate-authority'),
  cert: material(user, 'client-certificate'),
  key: material(user, 'client-key'),
});

function material(source: Readonly<Record<string, string>>, name: string): Buffer | undefined {
  const inline = source[`${name}-data`];
  if (inline) return Buffer.from(inline, 'base64');
  const file = source[name];
  return file ? readFileSync(file) : undefined;
}

for await (const line of createInterface({ input: process.stdin })) {
  const { method, path, object } = JSON.parse(line) as { readonly method: string; readonly path: string; readonly object: unknown };
  process.stdout.write(`${JSON.stringify(await send(method, path, object))}\n`);
}
agent.destroy();

function send(method: string, path: string, object: unknown): Promise<{ readonly status: number; readonly body: string }> {
  const url = new URL(`${path}?dryRun=All&fieldValidation=Strict`, cluster.server);
  return new Promise((resolve) => {
    const call = request(url, { method, agent, headers: { 'content-type': 'application/json' } }, (response) => {
      const parts: Buffer[] = [];
      response
        .on('data', (part: Buffer) => parts.push(part))
        .on('end', () => {
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString('utf8') });
        });
    });
    call.on('error', (error) => resolve({ status: 599, body: JSON.stringify({ message: error.message }) }));
    call.end(JSON.stringify(object));
  });
}
