import { Controller, Get, Header, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Clock, type Page, type Scope } from '../../common/index.js';
import { ApiPage, ApiProblems, CurrentScope, ForAdmins, PageQueryDto } from '../../platform/http/index.js';
import { UserDirectory } from '../../users/index.js';
import { AdminViews } from '../admin-views.js';
import { periodOf } from '../usage/usage-query.dto.js';
import { NO_AMOUNTS, UsageSums } from '../usage/usage-sums.js';
import { AdminUserView, toAdminUserView } from './user.view.js';

/** The users of a tenant, for administrators. */
@ApiTags('admin')
@Controller('admin/users')
export class AdminUsersController {
  constructor(
    private readonly users: UserDirectory,
    private readonly sums: UsageSums,
    private readonly views: AdminViews,
    private readonly clock: Clock,
  ) {}

  @Get()
  @ForAdmins()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'List users',
    description: 'Those who were active last come first. For administrators; others get 403.',
  })
  @ApiPage(AdminUserView)
  @ApiProblems('validation_failed', 'insufficient_scope')
  async list(@CurrentScope() scope: Scope, @Query() query: PageQueryDto): Promise<Page<AdminUserView>> {
    await this.views.list(scope, 'users');
    const page = await this.users.page(scope, query);
    const users = page.items.map(({ user_id }) => user_id);
    const period = periodOf({ by: 'user' }, this.clock.now());
    const sums = await this.sums.by(scope.tenant, 'user', { ...period, users });
    const usageOf = new Map(sums.map(({ key, amounts }) => [key, amounts]));
    return {
      ...page,
      items: page.items.map((user) => toAdminUserView(user, usageOf.get(user.user_id) ?? NO_AMOUNTS)),
    };
  }
}
