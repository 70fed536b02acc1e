import { Module } from '@nestjs/common';
import { ToolsModule } from '../tools/index.js';
import { McpServers } from './mcp-servers.js';

/** Tools of MCP servers, among the tools of this process. */
@Module({ imports: [ToolsModule], providers: [McpServers], exports: [McpServers] })
export class McpModule {}
