import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Tool, ToolError, type ToolContext, type ToolResult } from '../tool.js';
import { WorkspaceFiles } from '../workspace-files.js';

const path = z
  .string()
  .min(1)
  .max(400)
  .describe('Path in the workspace of this chat, for example "notes/summary.md"');
const readParameters = z.object({ path });
const writeParameters = z.object({ path, content: z.string().describe('The whole new content of the file') });
const listParameters = z.object({});

/** The chat's virtual file system, for notes and drafts that outlive a run. */
@Injectable()
export class WorkspaceTools {
  constructor(private readonly files: WorkspaceFiles) {}

  @Tool({
    name: 'read_file',
    description: 'Reads a file in the chat workspace.',
    parameters: readParameters,
    idempotent: true,
  })
  async readFile(args: z.output<typeof readParameters>, context: ToolContext): Promise<ToolResult> {
    const text = await this.files.read(context, args.path);
    if (text === undefined)
      throw new ToolError(`There is no file "${args.path}". list_files shows all files.`, 'file_not_found');
    return { text, summary: `Read ${args.path} (${text.length} characters)` };
  }

  @Tool({
    name: 'write_file',
    description:
      'Creates or replaces a file in the chat workspace. It is kept for later messages in this chat.',
    parameters: writeParameters,
    idempotent: true,
  })
  async writeFile(args: z.output<typeof writeParameters>, context: ToolContext): Promise<ToolResult> {
    const { path: written, bytes } = await this.files.write(context, args.path, args.content);
    return { text: `Wrote ${bytes} bytes to ${written}.`, summary: `Wrote ${written} (${bytes} bytes)` };
  }

  @Tool({
    name: 'list_files',
    description: 'Lists the files in the chat workspace with their sizes.',
    parameters: listParameters,
    idempotent: true,
  })
  async listFiles(_args: z.output<typeof listParameters>, context: ToolContext): Promise<ToolResult> {
    const files = await this.files.list(context);
    const lines = files.map((file) => `${file.path} (${file.bytes} bytes)`);
    return {
      text: lines.join('\n') || 'The workspace is empty.',
      summary: files.length === 1 ? '1 file' : `${files.length} files`,
    };
  }
}
