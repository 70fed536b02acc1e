import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { ToolRegistry } from '../../../tools/index.js';

/** A tool as clients of this door know it. */
export class TalkToolView {
  @ApiProperty({ example: 'list_files' })
  id!: string;

  @ApiProperty({ example: 'list_files' })
  name!: string;

  @ApiProperty({ example: 'Lists the files in the chat workspace with their sizes.' })
  description!: string;

  @ApiProperty({ example: 'built-in', description: '`built-in`, or the MCP server that provides it.' })
  category!: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'JSON Schema of the arguments.',
    example: { type: 'object', properties: {} },
  })
  input_schema!: Record<string, unknown>;

  @ApiProperty({ description: 'A person has to approve each call.' })
  requires_confirmation!: boolean;
}

/** All tools, and who provides them. */
export class TalkToolsView {
  @ApiProperty({ type: [TalkToolView] })
  tools!: TalkToolView[];

  @ApiProperty({ type: [String], example: ['built-in'], description: 'The categories of the tools.' })
  capabilities!: string[];
}

const OWN = 'built-in';

/** The tools of this deployment. */
@ApiTags('conversations')
@Controller('api/v1/tools')
export class TalkToolsController {
  constructor(private readonly registry: ToolRegistry) {}

  @Get()
  @ApiOperation({
    summary: 'List the tools of conversations',
    description: 'Every tool that an agent can call, by name.',
  })
  @ApiOkResponse({ type: TalkToolsView })
  list(): TalkToolsView {
    const tools = this.registry.list().map((tool) => ({
      id: tool.name,
      name: tool.name,
      description: tool.description,
      category: tool.source ?? OWN,
      input_schema: tool.parameters,
      requires_confirmation: tool.approval,
    }));
    return { tools, capabilities: [...new Set(tools.map(({ category }) => category))] };
  }
}
