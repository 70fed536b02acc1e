import { Controller, Get, Param } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { AgentRegistry } from '../../agent/index.js';
import { AppError, clip } from '../../common/index.js';

const OWNER = 'reprise';
/** Agents have no time of their own. */
const CREATED = Math.floor(Date.now() / 1000);

/** The agents, which these clients call models. The one that answers by default comes first: front ends choose that. */
@ApiExcludeController()
@Controller('v1/models')
export class ModelsController {
  constructor(private readonly agents: AgentRegistry) {}

  @Get()
  list(): object {
    const agents = [...this.agents.list()].sort((a, b) => Number(b.default) - Number(a.default));
    return { object: 'list', data: agents.map(({ name }) => modelOf(name)) };
  }

  @Get(':model')
  get(@Param('model') name: string): object {
    if (!this.agents.find(name)) throw new AppError('model_not_found', { id: clip(name, 100) });
    return modelOf(name);
  }
}

const modelOf = (id: string): object => ({ id, object: 'model', created: CREATED, owned_by: OWNER });
