import { Controller, Get, Header, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Clock, type Scope } from '../../common/index.js';
import { ApiProblems, CurrentScope, ForAdmins } from '../../platform/http/index.js';
import { AdminViews } from '../admin-views.js';
import { periodOf, UsageQueryDto } from './usage-query.dto.js';
import { UsageSums } from './usage-sums.js';
import { toUsageView, UsageView } from './usage.view.js';

/** What a tenant has used, for administrators. */
@ApiTags('admin')
@Controller('admin/usage')
export class UsageController {
  constructor(
    private readonly sums: UsageSums,
    private readonly views: AdminViews,
    private readonly clock: Clock,
  ) {}

  @Get()
  @ForAdmins()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'What was used',
    description:
      'Messages, tokens and cost of the messages that are stored: what was deleted does not count. For administrators; others get 403.',
  })
  @ApiOkResponse({ type: UsageView })
  @ApiProblems('validation_failed', 'insufficient_scope')
  async get(@CurrentScope() scope: Scope, @Query() query: UsageQueryDto): Promise<UsageView> {
    const period = periodOf(query, this.clock.now());
    await this.views.list(scope, 'usage');
    return toUsageView(query.by, period, await this.sums.by(scope.tenant, query.by, period));
  }
}
