import { groupKindOf } from '../../kubernetes/group-kind.ts';
import { isMap } from '../schema/schema-flaws.ts';

type Fields = Readonly<Record<string, unknown>>;

/** How a kind is served: what URLs and policies call it. */
export interface RestResource {
  /** `''` for the core group. */
  readonly group: string;
  /** Plural, as in URLs: `networkpolicies`. */
  readonly resource: string;
  readonly namespaced: boolean;
  /** Versions that are served; undefined where that is not known. */
  readonly versions?: readonly string[] | undefined;
}

/** The resource of a kind, and whether a resource is known to belong to some kind. */
export interface RestMapping {
  readonly of: (group: string, kind: string) => RestResource | undefined;
  readonly isKnown: (group: string, resource: string) => boolean;
}

/** Built-in kinds as Kubernetes 1.34 serves them: group/versions, then `resource=Kind`; those of the cluster are marked with `!`. */
const BUILT_IN = `
core/v1 bindings=Binding componentstatuses=!ComponentStatus configmaps=ConfigMap endpoints=Endpoints events=Event limitranges=LimitRange namespaces=!Namespace nodes=!Node persistentvolumeclaims=PersistentVolumeClaim persistentvolumes=!PersistentVolume pods=Pod podtemplates=PodTemplate replicationcontrollers=ReplicationController resourcequotas=ResourceQuota secrets=Secret serviceaccounts=ServiceAccount services=Service
apps/v1 controllerrevisions=ControllerRevision daemonsets=DaemonSet deployments=Deployment replicasets=ReplicaSet statefulsets=StatefulSet
batch/v1 cronjobs=CronJob jobs=Job
autoscaling/v1,v2 horizontalpodautoscalers=HorizontalPodAutoscaler
policy/v1 poddisruptionbudgets=PodDisruptionBudget
networking.k8s.io/v1 ingressclasses=!IngressClass ingresses=Ingress ipaddresses=!IPAddress networkpolicies=NetworkPolicy servicecidrs=!ServiceCIDR
rbac.authorization.k8s.io/v1 clusterrolebindings=!ClusterRoleBinding clusterroles=!ClusterRole rolebindings=RoleBinding roles=Role
storage.k8s.io/v1 csidrivers=!CSIDriver csinodes=!CSINode csistoragecapacities=CSIStorageCapacity storageclasses=!StorageClass volumeattachments=!VolumeAttachment volumeattributesclasses=!VolumeAttributesClass
admissionregistration.k8s.io/v1 mutatingwebhookconfigurations=!MutatingWebhookConfiguration validatingadmissionpolicies=!ValidatingAdmissionPolicy validatingadmissionpolicybindings=!ValidatingAdmissionPolicyBinding validatingwebhookconfigurations=!ValidatingWebhookConfiguration
apiextensions.k8s.io/v1 customresourcedefinitions=!CustomResourceDefinition
apiregistration.k8s.io/v1 apiservices=!APIService
scheduling.k8s.io/v1 priorityclasses=!PriorityClass
coordination.k8s.io/v1 leases=Lease
node.k8s.io/v1 runtimeclasses=!RuntimeClass
discovery.k8s.io/v1 endpointslices=EndpointSlice
events.k8s.io/v1 events=Event
certificates.k8s.io/v1 certificatesigningrequests=!CertificateSigningRequest
flowcontrol.apiserver.k8s.io/v1 flowschemas=!FlowSchema prioritylevelconfigurations=!PriorityLevelConfiguration
resource.k8s.io/v1 deviceclasses=!DeviceClass resourceclaims=ResourceClaim resourceclaimtemplates=ResourceClaimTemplate resourceslices=!ResourceSlice`;

/** Kinds of widespread add-ons, as their own definitions publish them; which versions a cluster serves is not known. */
const ADD_ONS = `
cert-manager.io certificates=Certificate certificaterequests=CertificateRequest issuers=Issuer clusterissuers=!ClusterIssuer
argoproj.io applications=Application applicationsets=ApplicationSet appprojects=AppProject rollouts=Rollout workflows=Workflow
kustomize.toolkit.fluxcd.io kustomizations=Kustomization
helm.toolkit.fluxcd.io helmreleases=HelmRelease
source.toolkit.fluxcd.io gitrepositories=GitRepository helmrepositories=HelmRepository helmcharts=HelmChart ocirepositories=OCIRepository buckets=Bucket
monitoring.coreos.com servicemonitors=ServiceMonitor podmonitors=PodMonitor prometheusrules=PrometheusRule prometheuses=Prometheus alertmanagers=Alertmanager probes=Probe
gateway.networking.k8s.io gatewayclasses=!GatewayClass gateways=Gateway httproutes=HTTPRoute grpcroutes=GRPCRoute tlsroutes=TLSRoute tcproutes=TCPRoute udproutes=UDPRoute referencegrants=ReferenceGrant
networking.istio.io virtualservices=VirtualService destinationrules=DestinationRule gateways=Gateway serviceentries=ServiceEntry sidecars=Sidecar
security.istio.io authorizationpolicies=AuthorizationPolicy peerauthentications=PeerAuthentication requestauthentications=RequestAuthentication
security.openshift.io securitycontextconstraints=!SecurityContextConstraints
route.openshift.io routes=Route
external-secrets.io externalsecrets=ExternalSecret secretstores=SecretStore clustersecretstores=!ClusterSecretStore
keda.sh scaledobjects=ScaledObject scaledjobs=ScaledJob
bitnami.com sealedsecrets=SealedSecret`;

let known: ReadonlyMap<string, RestResource> | undefined;

function builtIn(): ReadonlyMap<string, RestResource> {
  known ??= new Map([...rowsOf(BUILT_IN), ...rowsOf(ADD_ONS)]);
  return known;
}

function rowsOf(table: string): readonly (readonly [string, RestResource])[] {
  return table
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [head = '', ...entries] = line.split(' ');
      const [name = '', versions] = head.split('/');
      const group = name === 'core' ? '' : name;
      return entries.map((entry) => {
        const [resource = '', kind = ''] = entry.split('=');
        const found = { group, resource, namespaced: !kind.startsWith('!'), versions: versions?.split(',') };
        return [`${group}/${kind.replace('!', '')}`, found] as const;
      });
    });
}

/** The mapping that a cluster has: built-in kinds, those of widespread add-ons, and what the CustomResourceDefinitions among the objects say. */
export function restMapping(objects: readonly Fields[]): RestMapping {
  const own = new Map(
    objects.filter((object) => groupKindOf(object) === 'apiextensions.k8s.io/CustomResourceDefinition').flatMap(fromDefinition),
  );
  const all = () => [...own.values(), ...builtIn().values()];
  return {
    of: (group, kind) => own.get(`${group}/${kind}`) ?? builtIn().get(`${group}/${kind}`),
    isKnown: (group, resource) => all().some((one) => one.resource === resource && (group === '*' || one.group === group)),
  };
}

function fromDefinition(definition: Fields): readonly (readonly [string, RestResource])[] {
  const spec = isMap(definition.spec) ? definition.spec : {};
  const names = isMap(spec.names) ? spec.names : {};
  if (typeof spec.group !== 'string' || typeof names.plural !== 'string' || typeof names.kind !== 'string') return [];
  const versions = (Array.isArray(spec.versions) ? spec.versions : []).filter((one) => isMap(one) && one.served !== false);
  const resource = {
    group: spec.group,
    resource: names.plural,
    namespaced: spec.scope !== 'Cluster',
    versions: versions.map((one) => String(one.name)),
  };
  return [[`${spec.group}/${names.kind}`, resource]];
}
