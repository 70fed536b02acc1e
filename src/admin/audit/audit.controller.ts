import { Controller, Get, Header, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { AuditReader } from '../../audit/index.js';
import type { Page, Scope } from '../../common/index.js';
import { ApiPage, ApiProblems, CurrentScope, ForAdmins } from '../../platform/http/index.js';
import { AdminViews } from '../admin-views.js';
import { AuditEntryView, toAuditEntryView } from './audit-entry.view.js';
import { AuditQueryDto } from './audit-query.dto.js';

/** The audit log for administrators. */
@ApiTags('admin')
@Controller('admin/audit')
export class AuditController {
  constructor(
    private readonly reader: AuditReader,
    private readonly views: AdminViews,
  ) {}

  @Get()
  @ForAdmins()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'Who did what',
    description: 'The audit log of the tenant, newest first. For administrators; others get 403.',
  })
  @ApiPage(AuditEntryView)
  @ApiProblems('validation_failed', 'insufficient_scope')
  async list(@CurrentScope() scope: Scope, @Query() query: AuditQueryDto): Promise<Page<AuditEntryView>> {
    await this.views.list(scope, 'audit');
    const page = await this.reader.page(scope.tenant, query, query);
    return { ...page, items: page.items.map(toAuditEntryView) };
  }
}
