export { ErasureModule } from './erasure.module.js';
export { ErasureRegistry, type ErasureHandler } from './erasure.registry.js';
