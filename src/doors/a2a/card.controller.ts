import { Controller, Get, Header, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { AgentRegistry } from '../../agent/index.js';
import { Settings } from '../../platform/config/index.js';
import { ApiProblems, ForAnybody } from '../../platform/http/index.js';
import { A2A_VERSION } from './wire.js';

/** How other agents learn of this one. */
@ApiTags('doors')
@Controller('.well-known/agent-card.json')
export class CardController {
  constructor(
    private readonly agents: AgentRegistry,
    private readonly settings: Settings,
  ) {}

  @Get()
  @ForAnybody()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'The agent card (A2A 1.0)',
    description:
      'Describes the default agent; `metadata.agent` of a message picks another one of `GET /api/agents`.',
  })
  @ApiOkResponse({ description: 'The card.', schema: { type: 'object', additionalProperties: true } })
  @ApiProblems()
  card(@Req() request: Request): object {
    const name = this.agents.defaultAgent;
    const agent = this.agents.list().find((one) => one.name === name);
    const description = agent?.description ?? name;
    const url = `${request.protocol}://${request.get('host') ?? 'localhost'}/a2a`;
    return {
      name,
      description,
      version: agent?.version ?? '1',
      supportedInterfaces: [{ url, protocolBinding: 'JSONRPC', protocolVersion: A2A_VERSION }],
      capabilities: { streaming: true, pushNotifications: false },
      defaultInputModes: ['text/plain', 'application/json'],
      defaultOutputModes: ['text/plain'],
      skills: [{ id: name, name, description, tags: [agent?.kind ?? 'model'] }],
      ...(this.settings.AUTH_MODE !== 'none' && {
        securitySchemes: { bearer: { httpAuthSecurityScheme: { scheme: 'Bearer' } } },
        securityRequirements: [{ schemes: { bearer: { list: [] } } }],
      }),
    };
  }
}
