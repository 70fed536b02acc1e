import { Global, Module } from '@nestjs/common';
import { ErasureRegistry } from './erasure.registry.js';

/** The application's single {@link ErasureRegistry}. */
@Global()
@Module({ providers: [ErasureRegistry], exports: [ErasureRegistry] })
export class ErasureModule {}
