import { Module } from '@nestjs/common';
import { ToolsModule } from '../tools.module.js';
import { ToolsController } from './tools.controller.js';

/** The list of tools over HTTP. */
@Module({ imports: [ToolsModule], controllers: [ToolsController] })
export class ToolsHttpModule {}
