import { Module } from '@nestjs/common';
import { StreamsModule } from '../../streams/index.js';
import { ReplayController } from './replay.controller.js';

/** The log as JSON: `GET …/events`. */
@Module({ imports: [StreamsModule], controllers: [ReplayController] })
export class ReplayDoor {}
