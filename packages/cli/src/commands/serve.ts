import { readConfigFile } from '../duty/config/read-config.ts';
import { readSecret } from '../duty/config/secret.ts';
import { createDuty, type Duty } from '../duty/duty.ts';
import type { NumberedEvent } from '../duty/events.ts';
import type { Environment } from '../environment.ts';
import type { Token } from '../http/callers.ts';
import { createHttpHandler } from '../http/handler.ts';
import { listen } from '../http/listen.ts';
import { PROGRAM } from '../program-name.ts';
import { createTimeline } from '../terminal/timeline.ts';
import { versionOf } from '../version.ts';
import { type Command, parseOptions, refuseArguments } from './command.ts';
import { asksForJson, OUTPUT_OPTIONS } from './output-form.ts';

/** Shortest token that is taken, characters. */
const MIN_TOKEN = 24;

/** `tier0 serve`: on duty. */
export const serve: Command = {
  name: 'serve',
  usage: `Usage: ${PROGRAM} serve [--config FILE] [-o text|json]

Watches the clusters of the configuration, opens an incident for what lasts, finds its cause, proposes the fix as a pull request, waits for
people, watches it become live, judges whether the cause is gone, and learns or takes it back. Serves a page, an API, webhooks and metrics.
Nothing is lost when it is stopped or killed: started again, it goes on where its records end.

  --config FILE      what to watch                     (tier0.yaml)
  -o, --output FORM  text, or json: one object a line  (text)

Everything stands still while there is a file PAUSE in the state folder ("touch tier0-state/PAUSE"), while the namespace kube-system of a
cluster carries the annotation tier0.dev/pause, or after "Pause" on the page.

Exit code: 0 stopped by a signal, 2 could not start. "${PROGRAM} init" writes a configuration.`,
  async run(args, environment) {
    const { values, positionals } = parseOptions('serve', args, {
      config: { type: 'string', default: 'tier0.yaml' },
      ...OUTPUT_OPTIONS,
    });
    refuseArguments('serve', positionals);
    const isJson = asksForJson(values);
    const config = await readConfigFile(values.config);
    const duty = createDuty({ config, variables: environment.variables });
    const tokens = await tokensOf(duty, environment);
    const { oidc, hosts, origins } = config.http;
    const handler = createHttpHandler({ duty, tokens, oidc, version: await versionOf(), hosts, origins });
    const server = await listen(handler, config.http.listen, { hasTokens: tokens.length > 0 || oidc !== undefined });
    const tell = isJson ? jsonTeller(environment) : timelineTeller(environment);
    if (!isJson) begin(environment, { url: server.url, duty });
    const stop = duty.bus.listen(tell);
    try {
      await duty.run(environment.signal);
    } finally {
      stop();
      await server.close();
    }
    if (!isJson) environment.terminal.write(`\nStopped. What was begun is recorded; "${PROGRAM} serve" goes on with it.\n`);
    return 0;
  },
};

async function tokensOf({ config }: Duty, { variables, stderr }: Environment): Promise<readonly Token[]> {
  const tokens = await Promise.all(
    config.http.tokens.map(async ({ name, scopes, token }) => ({ name, scopes, token: await readSecret(token, variables) })),
  );
  for (const { name, token } of tokens)
    if (token.length < MIN_TOKEN) stderr(`tier0: the token of ${name} is shorter than ${MIN_TOKEN} characters: make a longer one.\n`);
  return tokens;
}

function begin({ terminal }: Environment, { url, duty }: { readonly url: string; readonly duty: Duty }): void {
  const clusters = duty.config.clusters.map(
    ({ name, delivery, repository }) => `  ${name}: ${repository.url}, delivered by ${delivery.kind}\n`,
  );
  terminal.write(`tier0 is on duty. Page and API: ${url}\n${clusters.join('')}\n`);
}

function jsonTeller({ terminal }: Environment) {
  return ({ at, event }: NumberedEvent) => {
    if (event.type === 'entry' && event.entry.phase === 'started') return;
    terminal.write(`${JSON.stringify({ at, ...event })}\n`);
  };
}

/** One line a step; what only repeats itself is left out. */
function timelineTeller({ terminal }: Environment) {
  const timeline = createTimeline(terminal);
  const said = new Map<string, string>();
  let speaker = '';
  const headed = (incident: string, cluster: string) => {
    if (speaker === incident) return;
    speaker = incident;
    timeline.blank();
    timeline.detail(`${incident} in ${cluster}`);
  };
  return ({ at, event }: NumberedEvent) => {
    if (event.type === 'notice') timeline.line(at, 'notice', `${event.cluster}: ${event.message}`, 'warn');
    if (event.type === 'pause')
      timeline.line(
        at,
        event.state ? 'paused' : 'goes on',
        event.state ? `${event.state.by}: ${event.state.reason}` : 'nothing holds tier0 any more',
        'warn',
      );
    if (event.type === 'entry' && event.entry.phase !== 'started') {
      headed(event.incident, event.cluster);
      timeline.entry(event.entry);
    }
    if (event.type === 'progress' && said.get(event.incident) !== event.message) {
      said.set(event.incident, event.message);
      headed(event.incident, event.cluster);
      timeline.detail(event.message);
    }
  };
}
