import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AgentRegistry, type AgentDefinition } from '../agents.js';

/** The available agents. */
@ApiTags('agents')
@Controller('agents')
export class AgentsController {
  constructor(private readonly agents: AgentRegistry) {}

  @Get()
  @ApiOperation({
    summary: 'List the agents',
    description:
      'Every agent that a message can name in `agent`, with the tools it can use. Without a name, `assistant` answers.',
  })
  @ApiOkResponse({
    description: 'The agents, by name.',
    example: [
      {
        name: 'assistant',
        description: 'Answers questions about the documents of this deployment, with its sources.',
        tools: ['update_plan', 'search_tender_corpus', 'get_file_content'],
      },
    ],
    schema: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name', 'description', 'tools'],
        properties: {
          name: { type: 'string' },
          description: { type: 'string' },
          tools: { type: 'array', items: { type: 'string' } },
        },
      },
    },
  })
  list(): Omit<AgentDefinition, 'instructions'>[] {
    return this.agents.list();
  }
}
