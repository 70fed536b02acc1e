import { Module } from '@nestjs/common';
import { StreamsModule } from '../streams.module.js';
import { AnswerStreams } from './answer-streams.js';

/** Streams as answers to requests. Needs a global provider of `StreamUrls`. */
@Module({ imports: [StreamsModule], providers: [AnswerStreams], exports: [AnswerStreams] })
export class StreamsHttpModule {}
