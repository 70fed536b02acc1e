export { DialectRegistry } from './dialect-registry.js';
export type { Dialect } from './dialect.js';
export { v1, v1Unnamed } from './v1.js';
