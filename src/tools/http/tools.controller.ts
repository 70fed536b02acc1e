import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ToolRegistry, type ToolInfo } from '../tool-registry.js';

/** The tools of this deployment. */
@ApiTags('agents')
@Controller('tools')
export class ToolsController {
  constructor(private readonly registry: ToolRegistry) {}

  @Get()
  @ApiOperation({
    summary: 'List the tools',
    description:
      'Every tool that an agent can call, with the JSON Schema of its arguments. If the server stops while a tool runs, an idempotent tool is run again; any other is reported to the model as failed.',
  })
  @ApiOkResponse({
    description: 'The tools, by name.',
    example: [
      {
        name: 'list_files',
        description: 'Lists the files in the chat workspace with their sizes.',
        parameters: { type: 'object', properties: {} },
        idempotent: true,
      },
    ],
    schema: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name', 'description', 'parameters', 'idempotent'],
        properties: {
          name: { type: 'string' },
          description: { type: 'string' },
          parameters: { type: 'object', additionalProperties: true },
          idempotent: { type: 'boolean' },
        },
      },
    },
  })
  list(): ToolInfo[] {
    return this.registry.list();
  }
}
