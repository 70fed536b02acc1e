import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AuditLog } from '../../audit/index.js';
import type { Scope } from '../../common/index.js';
import { ApiProblems, CurrentScope, InPerson, UserIdPipe } from '../../platform/http/index.js';
import { Log } from '../../platform/logging/index.js';
import { PersonalData } from '../personal-data.js';

const MEDIA_TYPE = 'application/x-ndjson';

/** What is stored about one person. */
@ApiTags('users')
@ApiParam({ name: 'user_id', example: 'alice@company.com' })
@Controller('users/:user_id/export')
export class PersonalDataController {
  private readonly logger = new Log(PersonalDataController.name);

  constructor(
    private readonly data: PersonalData,
    private readonly audit: AuditLog,
  ) {}

  @Get()
  @InPerson()
  @ApiOperation({
    summary: 'Everything that is stored about a user',
    description:
      'JSON Lines, as they are read: a header, a line for each document (`collection`, `record`), and an end with their number; without it the answer is incomplete. It has what erasing the user deletes, but no passwords and tokens. With the own login, not with a personal token.',
  })
  @ApiOkResponse({ description: 'JSON Lines.', content: { [MEDIA_TYPE]: { schema: { type: 'string' } } } })
  @ApiProblems('invalid_user_id', 'insufficient_scope', 'user_not_found')
  async export(
    @CurrentScope() scope: Scope,
    @Param('user_id', UserIdPipe) userId: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const person = await this.data.require(scope, userId);
    await this.audit.recordFirst(scope, { action: 'user_exported', user: userId });
    response.set({
      'Content-Type': MEDIA_TYPE,
      'Content-Disposition': 'attachment; filename="reprise-export.jsonl"',
      'Cache-Control': 'no-store',
    });
    if (request.method === 'HEAD') response.end();
    else await this.send(this.data.lines(person), response);
  }

  /** A response that has begun cannot become an error: it ends without its last line. */
  private async send(lines: AsyncIterable<string>, response: Response): Promise<void> {
    try {
      await pipeline(Readable.from(lines), response);
    } catch (error) {
      const hasLeft = (error as { code?: string }).code === 'ERR_STREAM_PREMATURE_CLOSE';
      if (!hasLeft) this.logger.error('an export of a user broke off', { err: error });
      response.destroy();
    }
  }
}
