export { type JoinQuality, judgeJoins } from './join-quality.ts';
export { type MadeHosts, type MadeHostsOptions, makeHosts } from './made-hosts.ts';
export { type MadeIncident, type MadeOwner, type MadeYear, type MadeYearOptions, makeYear } from './made-year.ts';
export { createObjectsSource, type ObjectsSourceOptions } from './objects-source.ts';
export { hasPostgres, type PostgresServer, startPostgres } from './postgres-server.ts';
export { SHOP_NOW, type ShopOptions, shopObjects } from './shop-objects.ts';
