import type { Levers } from '../../findings/lever.ts';

/** The fields that the causes of this matter depend on. */
export const STORAGE_LEVERS: Levers = {
  'storage-class-missing': ['PersistentVolumeClaim:spec.storageClassName', 'workload:spec.volumeClaimTemplates'],
  'volume-provisioning-failed': ['PersistentVolumeClaim:spec', 'StorageClass:parameters'],
  'volume-attach-conflict': ['workload:spec.strategy', 'workload:spec.replicas', 'pod:affinity', 'PersistentVolumeClaim:spec.accessModes'],
  'volume-node-affinity-conflict': ['pod:nodeSelector', 'pod:affinity', 'PersistentVolume:spec.nodeAffinity'],
  'volume-lost': ['PersistentVolumeClaim:spec.volumeName'],
  'disk-full': ['PersistentVolumeClaim:spec.resources', 'container:env', 'container:args'],
};
