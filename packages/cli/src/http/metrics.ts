import type { Duty } from '../duty/duty.ts';
import { allIncidents } from './incident-view.ts';

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * What Prometheus may know of a duty: text exposition 0.0.4, or OpenMetrics 1.0, where a counter's family is named without `_total` and the
 * end is marked.
 */
export function metricsText(duty: Duty, form: 'text' | 'openmetrics' = 'text'): string {
  const perCluster = (value: (cluster: Duty['clusters'][number]) => number | undefined): readonly Sample[] =>
    duty.clusters.flatMap((cluster) => {
      const number = value(cluster);
      return number === undefined ? [] : [{ labels: { cluster: cluster.desk.config.name }, value: number }];
    });
  const statuses = ['open', 'resolved', 'rolled-back', 'handed-over', 'failed'] as const;
  const incidents = duty.clusters.flatMap((cluster) =>
    statuses.map((status) => ({
      labels: { cluster: cluster.desk.config.name, status },
      value: cluster.incidents.all().filter(({ state }) => (state.status ?? 'open') === status).length,
    })),
  );
  const waiting = allIncidents(duty).filter(({ incident }) => incident.state.interrupted?.startsWith('decide')).length;
  const family = (name: string, type: 'gauge' | 'counter', help: string, samples: readonly Sample[]) =>
    familyText(form === 'openmetrics' ? name.replace(/_total$/, '') : name, { name, type, help, samples });
  return [
    family('tier0_paused', 'gauge', 'Whether every effect is stopped.', [{ labels: {}, value: duty.paused ? 1 : 0 }]),
    family('tier0_incidents', 'gauge', 'Incidents on record by status.', incidents),
    family('tier0_incidents_waiting_for_people', 'gauge', 'Incidents whose pull request waits for a decision.', [
      { labels: {}, value: waiting },
    ]),
    family(
      'tier0_incidents_carried',
      'gauge',
      'Incidents that are being carried now.',
      perCluster((cluster) => cluster.carried.length),
    ),
    family(
      'tier0_looks_total',
      'counter',
      'Looks at a cluster since the start.',
      perCluster((cluster) => cluster.looks),
    ),
    family(
      'tier0_look_duration_seconds',
      'gauge',
      'How long the newest look took.',
      perCluster((cluster) => cluster.look && cluster.look.tookMs / 1000),
    ),
    family(
      'tier0_look_timestamp_seconds',
      'gauge',
      'When the newest look was.',
      perCluster((cluster) => cluster.look && cluster.look.atMs / 1000),
    ),
    family(
      'tier0_unknowns',
      'gauge',
      'Things that could not be looked at.',
      perCluster((cluster) => cluster.look?.unknowns.length),
    ),
    form === 'openmetrics' ? '# EOF\n' : '',
  ].join('');
}

interface Family {
  /** Name of its samples. */
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  readonly samples: readonly Sample[];
}

function familyText(familyName: string, { name, type, help, samples }: Family): string {
  const lines = samples.map(({ labels, value }) => {
    const pairs = Object.entries(labels).map(
      ([label, text]) => `${label}="${text.replace(/[\\"\n]/g, (one) => (one === '\n' ? '\\n' : `\\${one}`))}"`,
    );
    return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}\n`;
  });
  return `# HELP ${familyName} ${help}\n# TYPE ${familyName} ${type}\n${lines.join('')}`;
}
