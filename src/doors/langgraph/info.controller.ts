import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ForAnybody } from '../../platform/http/index.js';
import { LangGraphRoute } from './api-docs.js';

/** What clients ask first. */
@LangGraphRoute()
@Controller('langgraph')
export class LangGraphInfoController {
  @Get('info')
  @ForAnybody()
  @ApiOperation({ summary: 'What this door can do', description: 'Agent Chat UI asks it before it begins.' })
  @ApiOkResponse({ schema: { example: { version: '1', flags: { assistants: true, crons: false } } } })
  info(): object {
    return { version: '1', flags: { assistants: true, crons: false, langsmith: false, store: false } };
  }

  @Get('ok')
  @ForAnybody()
  @ApiOperation({ summary: 'Whether the door is open', description: 'Answers as soon as the server does.' })
  @ApiOkResponse({ schema: { example: { ok: true } } })
  ok(): { ok: true } {
    return { ok: true };
  }
}
