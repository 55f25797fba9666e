// A real Prometheus and a real Alertmanager, where their programs are on PATH (Debian: prometheus, prometheus-alertmanager).
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';

export interface Monitoring {
  /** Address of Prometheus. */
  readonly url: string;
  close(): Promise<void>;
}

/** What is watched, and who is told. */
export interface MonitoringOptions {
  readonly folder: string;
  /** `HOST:PORT` of a Prometheus target. */
  readonly target: string;
  /** Where Alertmanager posts. */
  readonly webhook: string;
  readonly token: string;
}

/** Under its own name, and the one Debian gives it. */
const ALERTMANAGERS = ['alertmanager', 'prometheus-alertmanager'];

/** Programs that are missing on this machine; empty: both can be started. */
export function missingPrograms(): readonly string[] {
  const missing = isThere('prometheus') ? [] : ['prometheus'];
  return ALERTMANAGERS.some(isThere) ? missing : [...missing, 'alertmanager'];
}

function isThere(program: string): boolean {
  return spawnSync(program, ['--version']).status === 0;
}

/** Starts both: a scrape each second, one rule, one receiver. They are ended by `close`. */
export async function startMonitoring({ folder, target, webhook, token }: MonitoringOptions): Promise<Monitoring> {
  const [port, alertPort] = [await freePort(), await freePort()];
  const [rules, config, alerting, tokenFile] = ['rules.yml', 'prometheus.yml', 'alertmanager.yml', 'token'].map((name) =>
    join(folder, name),
  );
  await writeFile(tokenFile!, token, { mode: 0o600 });
  await writeFile(rules!, RULES);
  await writeFile(config!, prometheusConfig({ rules: rules!, target, alertPort }));
  await writeFile(alerting!, alertmanagerConfig(webhook, tokenFile!));
  const loopback = (port: number) => `--web.listen-address=127.0.0.1:${port}`;
  const children = [
    start(ALERTMANAGERS.find(isThere)!, [
      `--config.file=${alerting}`,
      `--storage.path=${join(folder, 'alertmanager')}`,
      '--cluster.listen-address=',
      loopback(alertPort),
    ]),
    start('prometheus', [`--config.file=${config}`, `--storage.tsdb.path=${join(folder, 'prometheus')}`, loopback(port)]),
  ];
  return { url: `http://127.0.0.1:${port}`, close: async () => void (await Promise.all(children.map(end))) };
}

/** What the mixins of the community warn of, without their patience. */
const RULES = JSON.stringify({
  groups: [
    {
      name: 'deployments',
      rules: [
        {
          alert: 'DeploymentUnavailable',
          expr: 'kube_deployment_status_replicas_unavailable > 0',
          labels: { severity: 'critical' },
          annotations: { summary: '{{ $labels.namespace }}/{{ $labels.deployment }} lacks {{ $value }} of its pods' },
        },
      ],
    },
  ],
});

function prometheusConfig({ rules, target, alertPort }: { readonly rules: string; readonly target: string; readonly alertPort: number }) {
  return JSON.stringify({
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [rules],
    // The target says itself which objects its metrics are about.
    scrape_configs: [{ job_name: 'cluster', honor_labels: true, static_configs: [{ targets: [target] }] }],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${alertPort}`] }] }] },
  });
}

function alertmanagerConfig(url: string, tokenFile: string) {
  const http_config = { authorization: { credentials_file: tokenFile } };
  return JSON.stringify({
    route: { receiver: 'tier0', group_by: ['...'], group_wait: '0s', group_interval: '1s', repeat_interval: '1m' },
    receivers: [{ name: 'tier0', webhook_configs: [{ url, send_resolved: true, http_config }] }],
  });
}

/** What it says is of interest only when it does not live. */
function start(program: string, args: readonly string[]): ChildProcess {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr?.on('data', (chunk) => {
    said = `${said}${chunk}`.slice(-4_000);
  });
  child.once('exit', (code, signal) => {
    if (signal === null && code !== 0) console.error(`${program} ended with ${code}: ${said}`);
  });
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { readonly port: number };
  server.close();
  await once(server, 'close');
  return port;
}
