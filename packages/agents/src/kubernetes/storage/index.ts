import type { Matter } from '../../findings/matter.ts';
import { useClosestExisting } from '../configuration/closest-reference.ts';
import { STORAGE_CODES } from './codes.ts';
import { STORAGE_LEVERS } from './levers.ts';
import { persistentVolumeRule } from './persistentvolume.ts';
import { persistentVolumeClaimRule } from './persistentvolumeclaim.ts';
import { enlargeClaim, recreatePods, useDefaultStorageClass, useProvenStorageClass } from './remedy.ts';
import { storageClassRule } from './storageclass.ts';

/** Claims, volumes and their classes. */
export const storageMatter: Matter = {
  name: 'storage',
  codes: STORAGE_CODES,
  rules: [persistentVolumeClaimRule, persistentVolumeRule, storageClassRule],
  levers: STORAGE_LEVERS,
  remedies: {
    'storage-class-missing': [useClosestExisting, useDefaultStorageClass],
    'volume-provisioning-failed': [useProvenStorageClass],
    'volume-attach-conflict': [recreatePods],
    'disk-full': [enlargeClaim],
  },
};
