import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AgentRegistry, type AgentInfo } from '../../agent/index.js';
import { ToolRegistry, type ToolInfo } from '../../tools/index.js';

/** What can be asked, and with which tools it is answered. */
interface Discovery {
  tools: ToolInfo[];
  agents: AgentInfo[];
  /** Of the tools. */
  count: number;
}

/** The tools of this deployment, as clients of sessions ask for them. */
@ApiTags('sessions')
@Controller('discover')
export class DiscoveryController {
  constructor(
    private readonly tools: ToolRegistry,
    private readonly agents: AgentRegistry,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'List tools and agents',
    description: 'The same as `GET /api/tools` and `GET /api/agents`, in one answer.',
  })
  @ApiOkResponse({
    description: 'The tools by name, the agents in the order of their file.',
    schema: {
      type: 'object',
      required: ['tools', 'agents', 'count'],
      properties: {
        tools: { type: 'array', items: { type: 'object', additionalProperties: true } },
        agents: { type: 'array', items: { type: 'object', additionalProperties: true } },
        count: { type: 'integer', example: 6 },
      },
    },
  })
  discover(): Discovery {
    const tools = this.tools.list();
    return { tools, agents: this.agents.list(), count: tools.length };
  }
}
