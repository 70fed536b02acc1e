import { Module } from '@nestjs/common';
import { RunsModule } from '../runs.module.js';
import { RunsController } from './runs.controller.js';

/** Runs over HTTP. */
@Module({ imports: [RunsModule], controllers: [RunsController] })
export class RunsHttpModule {}
