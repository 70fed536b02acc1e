import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { AgentRegistry } from '../../agent/index.js';
import { AppError, clip } from '../../common/index.js';
import { ApiProblems } from '../../platform/http/index.js';
import { LangGraphRoute } from './api-docs.js';
import { picked } from './picked.js';
import { schemasOf, toAssistant, type Assistant } from './assistants.js';
import { SearchAssistantsDto } from './dto/assistants.dto.js';

const EXAMPLE = {
  assistant_id: 'assistant',
  graph_id: 'assistant',
  name: 'assistant',
  description: 'Answers questions about the documents of this deployment, with its sources.',
  config: {},
  metadata: { created_by: 'system' },
};

/** Agents as assistants. */
@LangGraphRoute()
@Controller('langgraph/assistants')
export class LangGraphAssistantsController {
  constructor(private readonly agents: AgentRegistry) {}

  @Post('search')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Find assistants',
    description: 'The agents of this deployment, in the order of its file.',
  })
  @ApiOkResponse({ schema: { type: 'array', items: { type: 'object' } }, example: [EXAMPLE] })
  @ApiProblems('validation_failed', 'invalid_json', 'body_too_large', 'unsupported_media_type')
  search(@Body() body: SearchAssistantsDto): Partial<Assistant>[] {
    const { offset, limit, sort_by, sort_order, select } = body;
    const found = this.agents.list().map(toAssistant).filter(fits(body));
    if (sort_by != null) found.sort((a, b) => (a[sort_by] < b[sort_by] ? -1 : 1));
    if (sort_by != null && sort_order !== 'asc') found.reverse();
    const from = offset ?? 0;
    return found.slice(from, from + (limit ?? 10)).map((assistant) => picked(assistant, select));
  }

  @Get(':assistant_id')
  @ApiParam({ name: 'assistant_id', example: 'assistant' })
  @ApiOperation({ summary: 'An assistant', description: 'An agent of this deployment.' })
  @ApiOkResponse({ schema: { type: 'object', example: EXAMPLE } })
  @ApiProblems('assistant_not_found')
  get(@Param('assistant_id') id: string): Assistant {
    return this.require(id);
  }

  @Get(':assistant_id/schemas')
  @ApiParam({ name: 'assistant_id', example: 'assistant' })
  @ApiOperation({
    summary: 'The shapes of an assistant',
    description: 'JSON Schemas of its input and of its state.',
  })
  @ApiOkResponse({ schema: { type: 'object' }, example: { graph_id: 'assistant', input_schema: {} } })
  @ApiProblems('assistant_not_found')
  schemas(@Param('assistant_id') id: string): object {
    return schemasOf(this.require(id));
  }

  /** @throws AppError 404 `assistant_not_found`. */
  private require(id: string): Assistant {
    const agent = this.agents.list().find(({ name }) => name === id);
    if (!agent) throw new AppError('assistant_not_found', { id: clip(id, 100) });
    return toAssistant(agent);
  }
}

function fits({ graph_id, name, metadata }: SearchAssistantsDto): (assistant: Assistant) => boolean {
  return (assistant) =>
    (graph_id == null || assistant.graph_id === graph_id) &&
    (name == null || assistant.name.toLowerCase().includes(name.toLowerCase())) &&
    Object.entries(metadata ?? {}).every(([key, value]) => assistant.metadata[key] === value);
}
