import { Global, Module } from '@nestjs/common';
import { ErasureRegistry } from './erasure.registry.js';

/** The one {@link ErasureRegistry} of the application. */
@Global()
@Module({ providers: [ErasureRegistry], exports: [ErasureRegistry] })
export class ErasureModule {}
