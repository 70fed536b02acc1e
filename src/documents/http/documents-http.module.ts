import { Module } from '@nestjs/common';
import { DocumentsModule } from '../documents.module.js';
import { DocumentsController } from './documents.controller.js';

/** Documents over HTTP. */
@Module({ imports: [DocumentsModule], controllers: [DocumentsController] })
export class DocumentsHttpModule {}
