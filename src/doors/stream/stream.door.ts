import { Module } from '@nestjs/common';
import { StreamsModule } from '../../streams/index.js';
import { StreamController } from './stream.controller.js';

/** The live door: `GET …/stream`. */
@Module({ imports: [StreamsModule], controllers: [StreamController] })
export class StreamDoor {}
