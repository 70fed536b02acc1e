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
        label: 'List files',
        idempotent: true,
        approval: false,
        parallel: true,
      },
    ],
    schema: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name', 'label', 'description', 'parameters', 'idempotent', 'approval', 'parallel'],
        properties: {
          name: { type: 'string' },
          label: { type: 'string', description: 'For people.' },
          description: { type: 'string', description: 'For the model.' },
          parameters: { type: 'object', additionalProperties: true },
          idempotent: { type: 'boolean', description: 'Running it twice does no harm.' },
          approval: { type: 'boolean', description: 'A person has to approve each call.' },
          parallel: { type: 'boolean', description: 'May run beside other calls of its turn.' },
          timeout_ms: { type: 'integer' },
          source: { type: 'string', description: 'Name of the MCP server that provides it.' },
        },
      },
    },
  })
  list(): ToolInfo[] {
    return this.registry.list();
  }
}
