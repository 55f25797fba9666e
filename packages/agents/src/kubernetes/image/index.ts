import type { Matter } from '../../findings/matter.ts';
import { addPullSecret } from './add-pull-secret.ts';
import { chooseArchitecture } from './choose-architecture.ts';
import { IMAGE_CODES } from './codes.ts';
import { imageRule } from './image.ts';
import { IMAGE_LEVERS } from './levers.ts';
import { restoreLastImage } from './remedy.ts';

/** Images: names, pulls, registries, architectures. */
export const imageMatter: Matter = {
  name: 'image',
  codes: IMAGE_CODES,
  rules: [imageRule],
  levers: IMAGE_LEVERS,
  remedies: {
    'image-not-found': [restoreLastImage],
    'image-pull-unauthorized': [addPullSecret, restoreLastImage],
    'image-registry-unreachable': [restoreLastImage],
    'image-wrong-architecture': [chooseArchitecture, restoreLastImage],
  },
};
