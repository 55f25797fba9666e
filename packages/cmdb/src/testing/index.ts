export { type CrashOptions, type CrashReport, crashRounds } from './crash-rounds.ts';
export { createObjectsSource, type ObjectsSourceOptions } from './objects-source.ts';
export { SHOP_NOW, type ShopOptions, shopObjects } from './shop-objects.ts';
