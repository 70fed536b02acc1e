import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { MongooseModule } from '@nestjs/mongoose';
import { ErasureRegistry } from '../platform/erasure/index.js';
import { CorpusTools } from './builtin/corpus.tools.js';
import { PlanTools } from './builtin/plan.tools.js';
import { WorkspaceTools } from './builtin/workspace.tools.js';
import { ToolRegistry } from './tool-registry.js';
import { WorkspaceFile, WorkspaceFiles, WorkspaceFileSchema } from './workspace-files.js';

/** The tools and their registry. Needs a global provider of `Corpus`; tools in other modules are found too. */
@Module({
  imports: [
    DiscoveryModule,
    MongooseModule.forFeature([{ name: WorkspaceFile.name, schema: WorkspaceFileSchema }]),
  ],
  providers: [ToolRegistry, WorkspaceFiles, PlanTools, CorpusTools, WorkspaceTools],
  exports: [ToolRegistry, WorkspaceFiles],
})
export class ToolsModule {
  constructor(erasure: ErasureRegistry, files: WorkspaceFiles) {
    erasure.register({ chats: (tenant, chatIds) => files.deleteByChats(tenant, chatIds) });
  }
}
