import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AgentRegistry, type AgentInfo } from '../catalogue/agent-registry.js';

/** The available agents. */
@ApiTags('agents')
@Controller('agents')
export class AgentsController {
  constructor(private readonly agents: AgentRegistry) {}

  @Get()
  @ApiOperation({
    summary: 'List the agents',
    description:
      'Every agent that a message can name in `agent`: a model with its tools, a workflow of other agents, or a remote service. Without a name, the one marked `default` answers.',
  })
  @ApiOkResponse({
    description: 'The agents, in the order of the file.',
    example: [
      {
        name: 'assistant',
        kind: 'model',
        description: 'Answers questions about the documents of this deployment, with its sources.',
        version: '9f86d081884c',
        default: true,
        tools: ['update_plan', 'search_tender_corpus', 'get_file_content'],
        agents: [],
      },
    ],
    schema: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name', 'kind', 'description', 'version', 'default'],
        properties: {
          name: { type: 'string' },
          kind: { type: 'string', enum: ['model', 'workflow', 'remote'] },
          description: { type: 'string' },
          version: { type: 'string', description: 'Changes with the definition.' },
          default: { type: 'boolean', description: 'Answers messages that name no agent.' },
          tools: { type: 'array', items: { type: 'string' }, description: 'Of a model.' },
          agents: {
            type: 'array',
            items: { type: 'string' },
            description: 'Agents that it may start, or that a workflow starts.',
          },
          strategy: { type: 'string', enum: ['sequential', 'parallel', 'hierarchical'] },
        },
      },
    },
  })
  list(): AgentInfo[] {
    return this.agents.list();
  }
}
