export { createObjectsSource, type ObjectsSourceOptions } from './objects-source.ts';
export { SHOP_NOW, type ShopOptions, shopObjects } from './shop-objects.ts';
