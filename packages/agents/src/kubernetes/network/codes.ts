import { z } from 'zod';
import type { CodeTable } from '../../findings/code-entry.ts';
import { telling } from '../../findings/code-entry.ts';
import { BlockedConnectionSchema, sayBlocked } from './facts.ts';

/** Codes of the matter "network". A code is never given another meaning. */
export const NETWORK_CODES = {
  'T0-SERVICE-001': {
    title: 'Selector matches no pods',
    severity: 'fault',
    cause: 'service-selector-mismatch',
    depth: 0,
    meaning: 'The Service selects no pod, though a workload of nearly the same labels or name runs.',
    fix: 'Correct the selector.',
  },
  'T0-SERVICE-002': {
    title: 'Target port does not exist',
    severity: 'fault',
    cause: 'service-target-port-wrong',
    depth: 0,
    meaning: 'The Service sends to a port that none of the containers it selects declares.',
    fix: 'Correct targetPort.',
    telling: telling(
      z.strictObject({ service: z.string(), port: z.union([z.string(), z.number()]), declared: z.string() }),
      ({ service, port, declared }) => `Service ${service} sends to port ${port}, but its pods declare ${declared}`,
    ),
  },
  'T0-SERVICE-003': {
    title: 'No ready endpoints',
    severity: 'fault',
    cause: 'dependency-down',
    depth: 3,
    meaning: 'The Service selects pods, but none of them is ready.',
    fix: 'Look at the pods.',
  },
  'T0-SERVICE-004': {
    title: 'Selects pods of another application',
    severity: 'fault',
    cause: 'service-selector-mismatch',
    depth: 0,
    meaning:
      'The selector also matches pods of another workload that does not serve what the Service offers, so a part of the requests fails.',
    fix: 'Make the selector narrower.',
    telling: telling(
      z.strictObject({ service: z.string(), others: z.array(z.string()) }),
      ({ service, others }) => `Service ${service} also selects the pods of ${others.join(', ')}, which do not serve what it offers`,
    ),
  },
  'T0-SERVICE-005': {
    title: 'Service missing',
    severity: 'fault',
    cause: 'service-missing',
    depth: 0,
    meaning: 'Something is told to reach a Service that does not exist.',
    fix: 'Create the Service, or correct the name where it is used.',
  },
  'T0-SERVICE-006': {
    title: 'Host name leads nowhere',
    severity: 'fault',
    cause: 'dns-name-wrong',
    depth: 0,
    meaning: 'A pod template names a host that is no Service, while a Service of nearly the same name exists.',
    fix: 'Correct the host name in the pod template.',
  },
  'T0-SERVICE-007': {
    title: 'Host name in a ConfigMap leads nowhere',
    severity: 'fault',
    cause: 'configmap-content-wrong',
    depth: 0,
    meaning: 'A ConfigMap names a host that is no Service, while a Service of nearly the same name exists.',
    fix: 'Correct the host name in the ConfigMap.',
  },
  'T0-SERVICE-008': {
    title: 'ExternalName leads nowhere',
    severity: 'fault',
    cause: 'dns-name-wrong',
    depth: 0,
    meaning: 'A Service of type ExternalName points to a name inside the cluster that does not exist.',
    fix: 'Correct spec.externalName.',
    telling: telling(
      z.strictObject({ service: z.string(), host: z.string(), name: z.string(), namespace: z.string() }),
      ({ service, host, name, namespace }) =>
        `Service ${service} stands for ${host}, but there is no Service ${name} in namespace ${namespace}`,
    ),
  },
  'T0-SERVICE-009': {
    title: 'Traffic is kept on nodes without endpoints',
    severity: 'fault',
    cause: 'dependency-misconfigured',
    depth: 0,
    meaning:
      'internalTrafficPolicy is Local, and clients run on nodes where the Service has no ready endpoint: their requests are dropped.',
    fix: 'Set internalTrafficPolicy to Cluster, or run an endpoint on every node that has clients.',
    telling: telling(
      z.strictObject({ service: z.string(), nodes: z.array(z.string()) }),
      ({ service, nodes }) =>
        `Service ${service} keeps traffic on the node, but has no ready endpoint on ${nodes.join(', ')} where clients run`,
    ),
  },
  'T0-SERVICE-010': {
    title: 'Load balancer pending',
    severity: 'degraded',
    cause: 'needs-investigation',
    depth: 3,
    meaning: 'The Service asks for a load balancer and has had no address for more than ten minutes.',
    fix: 'Look at the events of the Service and at the controller that provides load balancers.',
    telling: telling(
      z.strictObject({ service: z.string(), since: z.string() }),
      ({ service, since }) => `Service ${service} has waited for an address of a load balancer since ${since}`,
    ),
  },
  'T0-SERVICE-011': {
    title: 'Cluster DNS is down',
    severity: 'fault',
    cause: 'dns-unavailable',
    depth: 2,
    meaning: 'No pod of the cluster DNS is ready, so no name can be resolved.',
    fix: 'Look at the pods of the cluster DNS.',
    telling: telling(
      z.strictObject({ workload: z.string() }),
      ({ workload }) => `the cluster DNS ${workload} has no ready pod: names cannot be resolved`,
    ),
  },
  'T0-SERVICE-012': {
    title: 'Told to use a port that the Service does not have',
    severity: 'fault',
    cause: 'dependency-misconfigured',
    depth: 0,
    meaning: 'A workload that fails is told a host and port, and the Service of that name does not offer the port.',
    fix: 'Correct the port in the variable.',
    telling: telling(
      z.strictObject({ variable: z.string(), port: z.number(), host: z.string(), offered: z.array(z.number()) }),
      ({ variable, port, host, offered }) =>
        `${variable} names port ${port} of ${host}, but that Service offers ${offered.join(', ')} only`,
    ),
  },
  'T0-SERVICE-013': {
    title: 'ConfigMap names a port that the Service does not have',
    severity: 'fault',
    cause: 'configmap-content-wrong',
    depth: 0,
    meaning: 'A ConfigMap tells a workload that fails a host and port, and the Service of that name does not offer the port.',
    fix: 'Correct the port in the ConfigMap and restart the pods.',
    telling: telling(
      z.strictObject({ variable: z.string(), port: z.number(), host: z.string(), offered: z.array(z.number()) }),
      ({ variable, port, host, offered }) =>
        `${variable} names port ${port} of ${host}, but that Service offers ${offered.join(', ')} only`,
    ),
  },
  'T0-SERVICE-014': {
    title: 'Sends another protocol than the pods take',
    severity: 'fault',
    cause: 'service-target-port-wrong',
    depth: 0,
    meaning: 'A port of the Service is UDP and the containers declare it for TCP, or the other way round.',
    fix: 'Correct the protocol in the Service or in the container.',
  },
  'T0-SERVICE-015': {
    title: 'Headless, so its port is not translated',
    severity: 'fault',
    cause: 'service-target-port-wrong',
    depth: 0,
    meaning:
      'The Service has no address of its own, so its clients reach the pods themselves at its port, and the pods listen on another one.',
    fix: 'Give the Service an address of its own (no clusterIP: None), or make port and targetPort the same.',
  },
  'T0-SERVICE-016': {
    title: 'Selects another workload than it is called after',
    severity: 'fault',
    cause: 'service-selector-mismatch',
    depth: 0,
    meaning: 'The Service has the name of one workload and leads to another one, which refuses what the callers ask.',
    fix: 'Correct the selector.',
  },
  'T0-SERVICE-017': {
    title: 'Load balancer cannot be built',
    severity: 'fault',
    cause: 'needs-investigation',
    depth: 1,
    meaning: 'Whoever provides load balancers says again and again why this Service gets none: no address left, no subnet, no right.',
    fix: 'Give it what the warning names: addresses in the pool, tags, a class, permissions; or take an address from a Service that needs none.',
    telling: telling(
      z.strictObject({ service: z.string(), why: z.string() }),
      ({ service, why }) => `Service ${service} gets no load balancer: ${why}`,
    ),
  },
  'T0-NETWORKPOLICY-001': {
    title: 'Policy blocks traffic that is needed',
    severity: 'fault',
    cause: 'network-policy-blocks',
    depth: 0,
    meaning:
      'A workload is told to use a Service, network policies do not let its packets through, and it shows or the policy plainly meant to.',
    fix: 'Allow the traffic in the policy: labels of the client, namespace, port, and DNS for egress.',
    telling: telling(BlockedConnectionSchema, sayBlocked),
  },
  'T0-NETWORKPOLICY-002': {
    title: 'Policy selects no pods',
    severity: 'hygiene',
    cause: 'network-policy-blocks',
    depth: 0,
    meaning: 'The podSelector of the policy matches no pod, so it protects nothing.',
    fix: 'Correct the selector or remove the policy.',
  },
  'T0-ENDPOINTSLICE-001': {
    title: 'Endpoint written by hand leads nowhere',
    severity: 'fault',
    cause: 'endpoint-manual-wrong',
    depth: 0,
    meaning: 'A Service without a selector has an address of the pod network that no pod has.',
    fix: 'Correct the address, or give the Service a selector.',
    telling: telling(
      z.strictObject({ service: z.string(), addresses: z.array(z.string()) }),
      ({ service, addresses }) => `Service ${service} sends to ${addresses.join(', ')}, written by hand, and no pod has that address`,
    ),
  },
  'T0-ENDPOINTSLICE-002': {
    title: 'Port of an endpoint written by hand wrong',
    severity: 'fault',
    cause: 'endpoint-manual-wrong',
    depth: 0,
    meaning: 'A Service without a selector sends to a pod on a port that the pod does not declare.',
    fix: 'Correct the port, or give the Service a selector.',
    telling: telling(
      z.strictObject({ service: z.string(), ports: z.array(z.number()), declared: z.array(z.number()) }),
      ({ service, ports, declared }) =>
        `Service ${service} sends to port ${ports.join(', ')}, written by hand, and the pod there declares ${declared.join(', ')}`,
    ),
  },
  'T0-MESH-001': {
    title: 'Authorization policy blocks a client',
    severity: 'fault',
    cause: 'mesh-authorization-blocks',
    depth: 0,
    meaning: 'Policies of the mesh do not let a client reach a Service that it is told to use.',
    fix: 'Allow the client by its service account or namespace.',
    telling: telling(
      z.strictObject({ policy: z.string(), client: z.string(), service: z.string() }),
      ({ policy, client, service }) => `AuthorizationPolicy ${policy} keeps ${client} from Service ${service}`,
    ),
  },
  'T0-MESH-002': {
    title: 'Client without a sidecar before strict mTLS',
    severity: 'fault',
    cause: 'mesh-mtls-mismatch',
    depth: 0,
    meaning: 'The workload takes mutual TLS only, and a client that needs it is not part of the mesh.',
    fix: 'Take the client into the mesh, or make the mode PERMISSIVE.',
    telling: telling(
      z.strictObject({ policy: z.string(), service: z.string(), client: z.string() }),
      ({ policy, service, client }) => `PeerAuthentication ${policy} wants mutual TLS for Service ${service}, and ${client} has no sidecar`,
    ),
  },
} as const satisfies CodeTable;

export type NetworkCode = keyof typeof NETWORK_CODES;
