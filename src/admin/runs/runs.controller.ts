import { Controller, Get, Header, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Scope } from '../../common/index.js';
import { ApiProblems, CurrentScope, ForAdmins } from '../../platform/http/index.js';
import { AdminViews } from '../admin-views.js';
import { RunList, type RunPlace } from './run-list.js';
import { AdminRunsView, toRunsView } from './run.view.js';
import { CURSOR, RunsQueryDto } from './runs-query.dto.js';

/** Runs of a tenant, for administrators. */
@ApiTags('admin')
@Controller('admin/runs')
export class AdminRunsController {
  constructor(
    private readonly runs: RunList,
    private readonly views: AdminViews,
  ) {}

  @Get()
  @ForAdmins()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'List runs',
    description:
      'Runs of all users of the tenant, newest first, without what was asked and answered: `GET /api/messages/{message_id}` has that. For administrators; others get 403.',
  })
  @ApiOkResponse({ type: AdminRunsView })
  @ApiProblems('validation_failed', 'insufficient_scope')
  async list(
    @CurrentScope() scope: Scope,
    @Query() { cursor, page_size, ...filter }: RunsQueryDto,
  ): Promise<AdminRunsView> {
    await this.views.list(scope, 'runs');
    const part = { place: placeOf(cursor), limit: page_size + 1 };
    return toRunsView(await this.runs.after(scope.tenant, filter, part), page_size);
  }
}

function placeOf(cursor: string | undefined): RunPlace | undefined {
  const [, ms, id] = CURSOR.exec(cursor ?? '') ?? [];
  return id === undefined ? undefined : { created_at: new Date(Number(ms)), id };
}
