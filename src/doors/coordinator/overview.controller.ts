import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AgentRegistry, type AgentInfo } from '../../agent/index.js';
import type { Scope } from '../../common/index.js';
import { DoorRuns } from '../../messages/index.js';
import { ApiProblems, CurrentScope, ForAdmins } from '../../platform/http/index.js';
import { FIGURES_EXAMPLE, summed, summedBy, type Figures } from './figures.js';
import { COORDINATOR_DOOR } from './workflow-runs.js';

const LIST = { type: 'array', items: { type: 'object', additionalProperties: true } } as const;
const REVIEW = {
  name: 'review',
  kind: 'workflow',
  description: 'Researches a subject and checks the findings.',
  version: '9f86d081884c',
  default: false,
  strategy: 'sequential',
  agents: ['researcher', 'critic'],
};

/** What can be run, and what was. */
@ApiTags('coordinator')
@Controller('coordinator')
export class CoordinatorOverviewController {
  constructor(
    private readonly agents: AgentRegistry,
    private readonly runs: DoorRuns,
  ) {}

  @Get('workflows')
  @ApiOperation({ summary: 'List the workflows', description: 'The agents of kind `workflow`.' })
  @ApiOkResponse({ description: 'The workflows.', schema: LIST, example: [REVIEW] })
  workflows(): AgentInfo[] {
    return this.agents.list().filter(({ kind }) => kind === 'workflow');
  }

  @Get('agents')
  @ApiOperation({ summary: 'List the agents', description: 'The same as `GET /api/agents`.' })
  @ApiOkResponse({ description: 'The agents.', schema: LIST, example: [REVIEW] })
  list(): AgentInfo[] {
    return this.agents.list();
  }

  @Get('stats')
  @ApiOperation({
    summary: 'Figures of workflows',
    description:
      "The tenant's workflows that were run through `/api/coordinator` since the last reset, as they are stored.",
  })
  @ApiOkResponse({
    description: 'The figures.',
    schema: { type: 'object', additionalProperties: true },
    example: {
      since: null,
      ...FIGURES_EXAMPLE,
      by_strategy: { sequential: FIGURES_EXAMPLE },
      by_workflow: { review: FIGURES_EXAMPLE },
    },
  })
  async stats(@CurrentScope() scope: Scope): Promise<
    Figures & {
      since: Date | null;
      by_strategy: Record<string, Figures>;
      by_workflow: Record<string, Figures>;
    }
  > {
    const { since, runs } = await this.runs.figures(scope, COORDINATOR_DOOR);
    return {
      since,
      ...summed(runs),
      by_strategy: summedBy(runs, ({ label }) => label),
      by_workflow: summedBy(runs, ({ agent }) => agent),
    };
  }

  @Post('stats/reset')
  @HttpCode(200)
  @ForAdmins()
  @ApiOperation({
    summary: 'Let the figures begin anew',
    description: 'Moves a mark: the runs stay as they are. For administrators of the tenant.',
  })
  @ApiOkResponse({
    description: 'Since when runs count.',
    example: { since: '2025-10-12T10:00:00.000Z' },
    schema: { type: 'object', additionalProperties: true },
  })
  @ApiProblems('insufficient_scope', 'cross_site')
  async reset(@CurrentScope() scope: Scope): Promise<{ since: Date }> {
    return { since: await this.runs.reset(scope, COORDINATOR_DOOR) };
  }
}
